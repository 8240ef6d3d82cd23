import type { Index, Table } from '../catalog/catalog.ts';
import type { Column } from '../catalog/column.ts';
import type { Row } from '../model/row.ts';
import { equalValues, type Value } from '../model/value.ts';
import { encodeBound, encodeIndexKey, maxKeyBytes, prefixRange } from './keys.ts';
import type { IndexEntry, Reader } from './store.ts';

/** How rows with given values in some columns are found. */
export type AccessPath =
  | { readonly kind: 'key'; readonly columns: readonly Column[] }
  | { readonly kind: 'index'; readonly index: Index; readonly columns: readonly Column[] }
  | { readonly kind: 'scan' };

/** The best way to the rows that have values in all, or as many as possible, of these columns. */
export function accessPath(table: Table, columns: ReadonlySet<Column>): AccessPath {
  let best: AccessPath = { kind: 'scan' };
  let length = 0;
  const candidates = [undefined, ...table.indexes];
  for (const index of candidates) {
    const ordered = index?.columns ?? table.key;
    const end = ordered.findIndex((column) => !columns.has(column));
    const prefix = end === -1 ? ordered : ordered.slice(0, end);
    if (prefix.length <= length) continue;
    length = prefix.length;
    best = index === undefined ? { kind: 'key', columns: prefix } : { kind: 'index', index, columns: prefix };
  }
  return best;
}

/** Rows whose columns equal these values (none of them null); through the key or an index, else by a scan. */
export function* findRows(reader: Reader, table: Table, values: ReadonlyMap<Column, Value>): Generator<Row> {
  const path = accessPath(table, new Set(values.keys()));
  for (const row of rowsOn(reader, table, path, values)) {
    if ([...values].every(([column, value]) => isEqual(column, row.value(column), value))) yield row;
  }
}

/** All rows that the path leads to; more than asked for where it covers only some of the columns. */
export function* rowsOn(
  reader: Reader,
  table: Table,
  path: AccessPath,
  values: ReadonlyMap<Column, Value>,
): Generator<Row> {
  switch (path.kind) {
    case 'key': {
      const prefix = encodeBound(path.columns, pick(path.columns, values));
      // No row has a longer key, and lmdb throws where it is asked for one.
      if (prefix.length <= maxKeyBytes) yield* reader.scan(table, prefixRange(prefix));
      return;
    }
    case 'index': {
      const range = prefixRange(encodeIndexKey(path.index, pick(path.columns, values)).bytes);
      for (const entry of reader.scanIndex(table, path.index, range)) {
        const row = rowOfEntry(reader, table, entry);
        if (row !== undefined) yield row;
      }
      return;
    }
    case 'scan':
      yield* reader.scan(table, {});
  }
}

/** The row that an entry of an index is of: out of the entry where that has it. */
export function rowOfEntry(reader: Reader, table: Table, entry: IndexEntry): Row | undefined {
  return entry.row === undefined ? reader.get(table, entry.rowKey) : entry.row();
}

function pick(columns: readonly Column[], values: ReadonlyMap<Column, Value>): readonly Value[] {
  return columns.map((column) => values.get(column) ?? null);
}

function isEqual(column: Column, a: Value, b: Value): boolean {
  return a !== null && b !== null && equalValues(column.type, a, b);
}
