import { useEffect, useRef } from 'react';
import type { ReactNode } from 'react';
import type { Live } from './live.tsx';

export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => unknown;
  /** Numbers stand on the right. */
  readonly align?: 'right';
}

export interface LiveTableProps<Data, Row> {
  readonly title: string;
  readonly live: Live<Data>;
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
  /** What to say where there are no rows. */
  readonly empty: ReactNode;
}

/** Rows of a live query: waiting for them, live, stale or refused, and always saying which. */
export function LiveTable<Data, Row extends { readonly id: string }>(props: LiveTableProps<Data, Row>) {
  const { title, live, rows, columns, empty } = props;
  const { state, error } = live;
  const hasBegun = useRef(false);
  useEffect(() => {
    hasBegun.current ||= state === 'live';
  }, [state]);

  if (state === 'loading') {
    return (
      <p className="notice waiting" role="status">
        Waiting for the gateway…
      </p>
    );
  }
  if (state === 'failed') {
    return (
      <p className="notice" role="alert">
        The gateway refused this: {error?.message}
      </p>
    );
  }
  if (rows.length === 0) return <div className="notice">{empty}</div>;
  return (
    // Wide tables scroll by themselves, also by keyboard.
    <section className="scroll" data-state={state} tabIndex={0} aria-label={title}>
      <table>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.title} scope="col" data-align={column.align}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <LiveRow key={row.id} row={row} columns={columns} isNew={hasBegun.current} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface LiveRowProps<Row> {
  readonly row: Row;
  readonly columns: readonly Column<Row>[];
  readonly isNew: boolean;
}

/** Lights up when it arrives, and when something in it changes. */
function LiveRow<Row>({ row, columns, isNew }: LiveRowProps<Row>) {
  const element = useRef<HTMLTableRowElement>(null);
  const text = JSON.stringify(row);
  const shown = useRef(isNew ? undefined : text);
  useEffect(() => {
    if (shown.current === text) return;
    shown.current = text;
    const isCalm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    if (!isCalm) element.current?.animate({ backgroundColor: ['var(--flash)', 'transparent'] }, 1_400);
  }, [text]);
  return (
    <tr ref={element}>
      {columns.map((column) => (
        <td key={column.title} data-align={column.align}>
          <Cell value={column.value(row)} />
        </td>
      ))}
    </tr>
  );
}

/** Digits stay as the gateway sends them: a Decimal or BigInt is a text, and exact. */
function Cell({ value }: { readonly value: unknown }) {
  if (value === null || value === undefined || value === '') return <span className="none">–</span>;
  if (typeof value === 'boolean') return value ? '✓' : '✗';
  if (typeof value === 'object') return <code>{JSON.stringify(value)}</code>;
  const text = String(value);
  if (!instant.test(text)) return text;
  return (
    <time dateTime={text} title={text}>
      {clock.format(new Date(text))}
    </time>
  );
}

/** As a DateTime comes. */
const instant = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;
const clock = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
