import type { Catalog, DerivedTable } from '../catalog/catalog.ts';
import type { Row } from '../model/row.ts';
import type { Store } from '../store/store.ts';
import type { Derive } from './derive.ts';
import { memoryKeys } from './memory-keys.ts';
import { sourceOf } from './operator.ts';

/** Rows of a source that one transaction takes over. */
const rowsPerCommit = 20_000;

/**
 * Makes derived tables that are new of the rows that their sources have, before the first record is applied. A table whose making was
 * cut short is begun again. Those that must see records again start empty: their sources do, too (`builtAnewWith`).
 */
export function buildDerived(store: Store, catalog: Catalog, derive: Derive): void {
  for (const table of catalog.derivedTables) buildTable(store, catalog, derive, table);
}

function buildTable(store: Store, catalog: Catalog, derive: Derive, table: DerivedTable): void {
  const source = sourceOf(catalog, table);
  let last: Uint8Array | undefined;
  for (let built = false; !built;) {
    store.write((tx) => {
      if (last === undefined) {
        built = tx.memory(table).get(memoryKeys.built) !== undefined;
        if (built) return;
        tx.clear(table);
      }
      const rows: Row[] = [];
      // The scan begins with the row that the commit before ended with.
      for (const row of source.kept ? tx.scan(source, { lower: last }) : []) {
        if (last !== undefined && Buffer.compare(row.key, last) === 0) continue;
        rows.push(row);
        if (rows.length === rowsPerCommit) break;
      }
      derive.build(tx, table, rows);
      last = rows.at(-1)?.key ?? last;
      built = rows.length < rowsPerCommit;
      if (built) tx.memory(table).put(memoryKeys.built, Buffer.from([1]));
    });
  }
}
