import { gql } from '@apollo/client';
import { useId, useMemo, useState } from 'react';
import { useConnectionKind } from '../page/live-client.tsx';
import { ChangesBrowser } from './changes-browser.tsx';
import type { Column, TableDefinition, TableStatus } from './documents.ts';
import { MatchCount } from './match-count.tsx';
import { Pages } from './pages.tsx';
import { Refusal } from './refusal.tsx';
import { RowFilters } from './row-filters.tsx';
import { RowsTable } from './rows-table.tsx';
import type { Row } from './rows-table.tsx';
import { rowsText, whereOf } from './row-query.ts';
import type { AskedTable, RowOrder } from './row-query.ts';
import type { RowView } from './row-view.ts';
import { filterColumns, orderColumns, selectionOf } from './sdl.ts';
import type { Sdl } from './sdl.ts';
import { useKept } from './use-kept.ts';
import { useRowView } from './use-row-view.ts';

export interface RowBrowserProps {
  readonly table: TableStatus;
  readonly columns: readonly Column[];
  readonly fields: NonNullable<TableDefinition['fields']>;
  readonly sdl: Sdl;
}

/** The rows of a table, live, or its changes as they arrive. */
export function RowBrowser({ table, columns, fields, sdl }: RowBrowserProps) {
  const heading = useId();
  const [view, change] = useRowView();
  const { filters } = view;
  const [attempt, setAttempt] = useState(0);
  const again = (): void => setAttempt(attempt + 1);
  const [chosen, choose] = useState<'rows' | 'changes'>('rows');
  const { list, connection, changes } = fields;
  const asked = useMemo((): AskedTable => {
    const names = columns.map(({ name }) => name);
    return { name: table.name, selection: selectionOf(sdl, table.name, names) };
  }, [table.name, columns, sdl]);
  const filterable = useMemo(
    () =>
      filterColumns(
        sdl,
        table.name,
        columns.map(({ name }) => name),
      ),
    [table.name, columns, sdl],
  );
  const shown = list === null ? 'changes' : changes === null ? 'rows' : chosen;
  const stale = useConnectionKind() !== 'live';
  return (
    <section aria-labelledby={heading} data-state={stale ? 'stale' : 'live'} className="browser">
      <header>
        <h2 id={heading}>{shown === 'rows' ? 'Rows' : 'Changes, as they arrive'}</h2>
        {list !== null && changes !== null && (
          <fieldset className="choice">
            <legend className="hidden">What is shown</legend>
            {(['rows', 'changes'] as const).map((each) => (
              <label key={each}>
                <input type="radio" name="shown" checked={chosen === each} onChange={() => choose(each)} />
                {each === 'rows' ? 'Rows' : 'Changes'}
              </label>
            ))}
          </fieldset>
        )}
        {stale && <p className="note stale">stale</p>}
      </header>
      <RowFilters columns={filterable} filters={filters} onChange={(next) => change({ filters: next })} />
      {shown === 'rows' && list !== null && (
        <Rows
          key={attempt}
          asked={asked}
          list={list}
          connection={connection}
          columns={columns}
          orderable={orderColumns(sdl, table.name)}
          view={view}
          onView={change}
          newestFirst={table.mode === 'APPEND'}
          onRetry={again}
        />
      )}
      {shown === 'changes' && changes !== null && (
        <ChangesBrowser
          key={JSON.stringify([attempt, filters])}
          onRetry={again}
          asked={asked}
          field={changes}
          columns={columns}
          filters={filters}
        />
      )}
      {list === null && changes === null && (
        <p className="notice">The schema exposes neither rows nor changes of it.</p>
      )}
    </section>
  );
}

interface RowsProps {
  readonly asked: AskedTable;
  readonly list: string;
  readonly connection: string | null;
  readonly columns: readonly Column[];
  readonly orderable: ReadonlySet<string>;
  readonly view: RowView;
  onView(change: Partial<RowView>): void;
  /** Records are never replaced: what is new is what is looked for. */
  readonly newestFirst: boolean;
  onRetry(): void;
}

function Rows({ asked, list, connection, columns, orderable, view, onView, newestFirst, onRetry }: RowsProps) {
  const { filters, limit } = view;
  const time = newestFirst ? columns.find(({ type, indexed }) => indexed && /^DateTime!?$/.test(type)) : undefined;
  const first: RowOrder | undefined = time === undefined ? undefined : { column: time.name, direction: 'DESC' };
  const order = view.order === 'none' ? undefined : (view.order ?? first);
  const [page, setPage] = useState({ number: 0, of: view });
  // Other rows begin on their first page.
  const number = page.of === view ? page.number : 0;
  const where = whereOf(filters);
  const query = useMemo(() => gql(rowsText(asked, list)), [asked, list]);
  const variables = {
    limit,
    offset: number * limit,
    ...(where !== undefined && { where }),
    ...(order !== undefined && { orderBy: [{ [order.column]: order.direction }] }),
  };
  const { state, data, error } = useKept<{ readonly rows: readonly Row[] }>(query, variables);
  return (
    <>
      {state === 'failed' && <Refusal error={error} onRetry={onRetry} />}
      {data === undefined && state !== 'failed' && <p className="notice waiting">Waiting for the rows…</p>}
      {data !== undefined && (
        <RowsTable
          rows={data.rows}
          columns={columns}
          orderable={orderable}
          order={order}
          onOrder={(next) => onView({ order: next ?? (first === undefined ? undefined : 'none') })}
          busy={state === 'loading'}
        />
      )}
      {data !== undefined && (
        <Pages
          number={number}
          limit={limit}
          count={data.rows.length}
          onPage={(to) => setPage({ number: to, of: view })}
          onLimit={(size) => onView({ limit: size })}
        >
          {where !== undefined && connection !== null && (
            <MatchCount key={JSON.stringify(where)} asked={asked} connection={connection} where={where} />
          )}
        </Pages>
      )}
    </>
  );
}
