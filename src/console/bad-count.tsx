import { inWhole } from '../page/format.ts';
import type { TableStatus } from './documents.ts';
import { totalBad } from './measured.ts';
import { deadLettersHref } from './route.ts';

/** How many records could not become rows, of all reasons together: the way to them. */
export function BadCount({ table }: { readonly table: TableStatus }) {
  const count = totalBad(table);
  if (count === undefined) return <span className="none">hidden</span>;
  if (count === 0) return <span className="none">0</span>;
  return (
    <a className="bad" href={deadLettersHref(table.name)}>
      {inWhole(count)}
      <span className="hidden"> dead letters of {table.name}</span>
    </a>
  );
}
