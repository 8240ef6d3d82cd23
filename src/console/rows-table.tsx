import { useEffect, useRef, useState } from 'react';
import { mayMove } from '../page/motion.ts';
import { Cell, isNumeric } from './cell.tsx';
import type { Column } from './documents.ts';
import { plain } from './plain.ts';
import type { RowOrder } from './row-query.ts';
import { Scroll } from './scroll.tsx';

export type Row = Readonly<Record<string, unknown>>;

export interface RowsTableProps {
  readonly rows: readonly Row[];
  readonly columns: readonly Column[];
  readonly orderable: ReadonlySet<string>;
  readonly order: RowOrder | undefined;
  onOrder(order: RowOrder | undefined): void;
  /** Other rows are on their way. */
  readonly busy: boolean;
}

export function RowsTable({ rows, columns, orderable, order, onOrder, busy }: RowsTableProps) {
  const keys = columns.filter(({ key }) => key);
  return (
    <Scroll label="Rows">
      <table className="list rows" aria-busy={busy}>
        <thead>
          <tr>
            <td />
            {columns.map((column) => (
              <ColumnHead
                key={column.name}
                column={column}
                order={order?.column === column.name ? order.direction : undefined}
                onOrder={orderable.has(column.name) ? onOrder : undefined}
              />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const key = JSON.stringify(keys.map(({ name }) => row[name]));
            return <RowLines key={key} row={row} columns={columns} />;
          })}
        </tbody>
      </table>
      {rows.length === 0 && <p className="notice">No row is here.</p>}
    </Scroll>
  );
}

interface ColumnHeadProps {
  readonly column: Column;
  readonly order: 'ASC' | 'DESC' | undefined;
  readonly onOrder: ((order: RowOrder | undefined) => void) | undefined;
}

function ColumnHead({ column: { name, type, key }, order, onOrder }: ColumnHeadProps) {
  const className = isNumeric(type) ? 'number' : undefined;
  const label = (
    <>
      {name}
      {key && <span className="tag">key</span>}
    </>
  );
  if (onOrder === undefined) {
    return (
      <th scope="col" className={className} title={type}>
        {label}
      </th>
    );
  }
  const next = order === undefined ? 'ASC' : order === 'ASC' ? 'DESC' : undefined;
  const sort = order === 'ASC' ? 'ascending' : order === 'DESC' ? 'descending' : 'none';
  return (
    <th scope="col" className={className} title={type} aria-sort={sort}>
      <button type="button" onClick={() => onOrder(next === undefined ? undefined : { column: name, direction: next })}>
        {label}
        {order !== undefined && (
          <span className="arrow" aria-hidden="true">
            {order === 'ASC' ? '↑' : '↓'}
          </span>
        )}
      </button>
    </th>
  );
}

const flashMs = 900;

/** A row, and all of it below where it is asked for. It flashes when it changes. */
function RowLines({ row, columns }: { readonly row: Row; readonly columns: readonly Column[] }) {
  const [open, setOpen] = useState(false);
  const line = useRef<HTMLTableRowElement>(null);
  const text = JSON.stringify(row);
  const before = useRef(text);

  useEffect(() => {
    if (before.current === text) return;
    before.current = text;
    if (line.current === null || !mayMove()) return;
    line.current.animate([{ backgroundColor: 'var(--flash-wash)' }, { backgroundColor: 'transparent' }], {
      duration: flashMs,
      easing: 'ease-out',
    });
  }, [text]);

  return (
    <>
      <tr ref={line}>
        <td>
          <button type="button" className="disclose" aria-expanded={open} onClick={() => setOpen(!open)}>
            <span className="hidden">The whole row</span>
          </button>
        </td>
        {columns.map(({ name, type }) => (
          <Cell key={name} value={row[name]} type={type} />
        ))}
      </tr>
      {open && (
        <tr className="whole">
          <td colSpan={columns.length + 1}>
            <pre>{JSON.stringify(plain(row), undefined, 2)}</pre>
          </td>
        </tr>
      )}
    </>
  );
}
