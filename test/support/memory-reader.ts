import type { Catalog, Index, Table } from '../../src/catalog/catalog.ts';
import { must } from '../../src/common/errors.ts';
import type { Work } from '../../src/common/work.ts';
import type { NewRow, Row } from '../../src/model/row.ts';
import { valueToJson } from '../../src/model/value.ts';
import { compareKeys, encodeIndexKey } from '../../src/store/keys.ts';
import type { IndexEntry, KeyRange, Snapshot, TableState } from '../../src/store/store.ts';

/** A snapshot of rows in arrays: what a query needs of a store, at the price of a sort. */
export function makeMemorySnapshot(
  catalog: Catalog,
  rowsByTable: ReadonlyMap<Table, readonly NewRow[]>,
  work: Work,
): Snapshot {
  const tables = new Map(catalog.tables.map((table) => [table, makeTable(table, rowsByTable.get(table) ?? [])]));
  const contents = (table: Table): MemoryTable => must(tables.get(table), `no table ${table.name}`);
  const live: TableState = {
    phase: 'live',
    caughtUpMs: 0,
    gaps: 0,
    takenOver: 0,
    repeats: 0,
    bad: {},
  };
  return {
    storeId: 'memory',
    version: 1,
    get(table, key) {
      work.rowsRead += 1;
      return contents(table).rows.find((row) => compareKeys(row.key, key) === 0);
    },
    *scan(table, range) {
      for (const row of within(contents(table).rows, range, (each) => each.key)) {
        work.rowsRead += 1;
        yield row;
      }
    },
    *scanIndex(table, index, range) {
      const entries = must(contents(table).entries.get(index), `no index ${index.name}`);
      for (const { entry } of within(entries, range, (each) => each.key)) {
        work.indexEntriesRead += 1;
        yield entry;
      }
    },
    count: (table) => contents(table).rows.length,
    position: () => ({ storeId: 'memory', version: 1, offsets: new Map() }),
    offsets: () => new Map(),
    state: () => live,
    feedHorizon: () => 0,
    filledVersion: () => 0,
    feed: () => [],
    feedBytes: () => 0,
    changesFrom: () => [],
    changesHorizon: () => 0,
    sinkState: () => undefined,
    sinkLag: () => 0,
    deadLetters: () => [],
    release() {},
  };
}

interface MemoryTable {
  readonly rows: readonly Row[];
  readonly entries: ReadonlyMap<Index, readonly { readonly key: Uint8Array; readonly entry: IndexEntry }[]>;
}

function makeTable(table: Table, newRows: readonly NewRow[]): MemoryTable {
  const rows = newRows.map(toRow).toSorted((a, b) => compareKeys(a.key, b.key));
  const entriesOf = (index: Index) =>
    rows
      .map((row) => {
        const { bytes, cut } = encodeIndexKey(
          index,
          index.columns.map((column) => row.value(column)),
        );
        return { key: Buffer.concat([bytes, row.key]), entry: { indexKey: bytes, rowKey: row.key, cut } };
      })
      .toSorted((a, b) => compareKeys(a.key, b.key));
  return { rows, entries: new Map(table.indexes.map((index) => [index, entriesOf(index)])) };
}

/** Rows that have not gone through a store. */
export function toRow({ key, values, partition, offset, timestampMs }: NewRow): Row {
  return {
    key,
    value: ({ ordinal }) => values[ordinal] ?? null,
    json: ({ type, ordinal }) => valueToJson(type, values[ordinal] ?? null),
    // Nobody asks how much memory it takes.
    size: 0,
    partition,
    offset,
    timestampMs,
  };
}

function within<T>(sorted: readonly T[], { lower, upper, reverse }: KeyRange, keyOf: (each: T) => Uint8Array): T[] {
  const found = sorted.filter((each) => {
    const key = keyOf(each);
    return (
      (lower === undefined || compareKeys(key, lower) >= 0) && (upper === undefined || compareKeys(key, upper) < 0)
    );
  });
  return reverse === true ? found.reverse() : found;
}
