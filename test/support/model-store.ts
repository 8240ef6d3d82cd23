import type { Index, Table } from '../../src/catalog/catalog.ts';
import type { NewRow, Row } from '../../src/model/row.ts';
import { valueToJson } from '../../src/model/value.ts';
import { compareKeys, encodeIndexKey, keyText } from '../../src/store/keys.ts';
import type { KeyRange, Reader } from '../../src/store/store.ts';

/** One table as a Map: what the store must look like, without LMDB, buffers or indexes. */
export interface ModelTable {
  rows: ReadonlyMap<string, NewRow>;
  takenOver: number;
}

export const emptyModel: ModelTable = { rows: new Map(), takenOver: 0 };

export function modelUpsert(model: ModelTable, row: NewRow): void {
  const before = model.rows.get(keyText(row.key));
  if (before !== undefined && before.partition !== row.partition) model.takenOver += 1;
  model.rows = new Map(model.rows).set(keyText(row.key), row);
}

export function modelDelete(model: ModelTable, key: Uint8Array): void {
  const rows = new Map(model.rows);
  rows.delete(keyText(key));
  model.rows = rows;
}

/** A row as text that is equal where the columns are. */
export function modelText(table: Table, row: NewRow): string {
  return table.columns.map(({ type, ordinal }) => valueToJson(type, row.values[ordinal] ?? null)).join('|');
}

function within({ lower, upper }: KeyRange, key: Uint8Array): boolean {
  return (lower === undefined || compareKeys(key, lower) >= 0) && (upper === undefined || compareKeys(key, upper) < 0);
}

export function modelScan(table: Table, model: ModelTable, range: KeyRange): string[] {
  const rows = [...model.rows.values()]
    .filter((row) => within(range, row.key))
    .toSorted((a, b) => compareKeys(a.key, b.key));
  return (range.reverse === true ? rows.toReversed() : rows).map((row) => modelRowText(table, row));
}

function modelRowText(table: Table, row: NewRow): string {
  return `${modelText(table, row)}@${row.partition}:${row.offset}:${row.timestampMs}`;
}

function readRowText(table: Table, row: Row): string {
  const columns = table.columns.map((column) => row.json(column)).join('|');
  return `${columns}@${row.partition}:${row.offset}:${row.timestampMs}`;
}

export function readScan(table: Table, reader: Reader, range: KeyRange): string[] {
  return [...reader.scan(table, range)].map((row) => readRowText(table, row));
}

export function modelScanIndex(table: Table, model: ModelTable, index: Index, range: KeyRange): string[] {
  const entries = [...model.rows.values()]
    .map((row) => ({
      row,
      ...encodeIndexKey(
        index,
        index.columns.map(({ ordinal }) => row.values[ordinal] ?? null),
      ),
    }))
    .filter(({ bytes, row }) => within(range, Buffer.concat([bytes, row.key])))
    .toSorted((a, b) => compareKeys(a.bytes, b.bytes) || compareKeys(a.row.key, b.row.key))
    .map(
      ({ bytes, cut, row }) =>
        `${keyText(bytes)}|${keyText(row.key)}|${cut}|${index.covering ? modelRowText(table, row) : ''}`,
    );
  return range.reverse === true ? entries.toReversed() : entries;
}

export function readScanIndex(table: Table, reader: Reader, index: Index, range: KeyRange): string[] {
  return [...reader.scanIndex(table, index, range)].map(
    ({ indexKey, rowKey, cut, row }) =>
      `${keyText(indexKey)}|${keyText(rowKey)}|${cut}|${row === undefined ? '' : readRowText(table, row())}`,
  );
}
