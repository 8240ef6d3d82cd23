import { useState } from 'react';
import { asDuration, inWhole } from '../page/format.ts';
import { LiveNumber } from '../page/live-number.tsx';
import type { LiveQuery } from './documents.ts';
import { List } from './list.tsx';
import type { ListHead } from './list.tsx';
import { Rate } from './rate.tsx';
import { tableHref } from './route.ts';
import { asBytes } from './units.ts';

const heads: readonly ListHead[] = [
  { name: '' },
  { name: 'Operation' },
  { name: 'Tables', className: 'narrow' },
  { name: 'Listeners', className: 'number' },
  { name: 'Evaluations', className: 'number' },
  { name: 'Rows read', className: 'number' },
  { name: 'Rows/s', className: 'number narrow' },
  { name: 'Frames sent', className: 'number' },
  { name: 'Frame size', className: 'number narrow' },
  { name: 'Last frame', className: 'number narrow' },
  { name: 'Open for', className: 'number narrow' },
];

export interface LiveQueriesListProps {
  readonly queries: readonly LiveQuery[];
  /** By the gateway's clock, ms. */
  readonly at: number;
  /** Rows that one reads a second. */
  readRate(id: string): number | undefined;
}

export function LiveQueriesList({ queries, at, readRate }: LiveQueriesListProps) {
  return (
    <List label="Open live queries" kind="queries" heads={heads}>
      <tbody>
        {queries.map((query) => (
          <QueryLines key={query.id} query={query} at={at} reads={readRate(query.id)} />
        ))}
      </tbody>
    </List>
  );
}

interface QueryLinesProps {
  readonly query: LiveQuery;
  readonly at: number;
  readonly reads: number | undefined;
}

/** What it costs, and what it is where that is asked for. */
function QueryLines({ query, at, reads }: QueryLinesProps) {
  const [open, setOpen] = useState(false);
  const { kind, operation, document, variables, claims, routed, tables, frameBytes, lastFrameAt, since } = query;
  const ago = (time: string) => asDuration(at - Date.parse(time));
  return (
    <>
      <tr>
        <td>
          <button type="button" className="disclose" aria-expanded={open} onClick={() => setOpen(!open)}>
            <span className="hidden">The document</span>
          </button>
        </td>
        <th scope="row">
          {operation ?? <span className="cell json">{document.replaceAll(/\s+/g, ' ')}</span>}{' '}
          {kind === 'CHANGES' && <span className="tag">changes</span>}
          {!isEmpty(variables) && <span className="cell json from">{JSON.stringify(variables)}</span>}
        </th>
        <td className="narrow from">
          {tables.map((name) => (
            <a key={name} className="table-name" href={tableHref(name)}>
              {name}
            </a>
          ))}
        </td>
        <td className="number">
          <LiveNumber value={query.subscribers} format={inWhole} />
        </td>
        <td className="number">
          <LiveNumber value={query.evaluations} format={inWhole} />
        </td>
        <td className="number">
          <LiveNumber value={query.rowsRead} format={inWhole} />
        </td>
        <td className="number narrow">
          <Rate perSecond={reads} />
        </td>
        <td className="number">
          <LiveNumber value={query.framesSent} format={inWhole} />
        </td>
        <td className="number narrow">
          {frameBytes === null ? '–' : <LiveNumber value={frameBytes} format={asBytes} />}
        </td>
        <td className="number narrow">{lastFrameAt === null ? '–' : `${ago(lastFrameAt)} ago`}</td>
        <td className="number narrow">{ago(since)}</td>
      </tr>
      {open && (
        <tr className="whole">
          <td colSpan={heads.length}>
            {routed !== null && <p>How a change finds it: {routed}.</p>}
            <pre>{document.trim()}</pre>
            <Json name="Variables" value={variables} />
            <Json name="Claims that its rules went by" value={claims} />
          </td>
        </tr>
      )}
    </>
  );
}

function isEmpty(value: unknown): boolean {
  return value === null || JSON.stringify(value) === '{}';
}

function Json({ name, value }: { readonly name: string; readonly value: unknown }) {
  if (isEmpty(value)) return null;
  return (
    <>
      <p>{name}</p>
      <pre>{JSON.stringify(value, undefined, 2)}</pre>
    </>
  );
}
