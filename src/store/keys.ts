import type { Index } from '../catalog/catalog.ts';
import type { Column } from '../catalog/column.ts';
import { assert } from '../common/errors.ts';
import type { ColumnReader } from '../model/predicate.ts';
import type { ColumnType, Value } from '../model/value.ts';
import { readValue, writeNullable } from './key-codec.ts';
import { createByteReader, createByteWriter } from './key-bytes.ts';
import type { KeyRange } from './key-range.ts';

/**
 * Keys as bytes whose order is the order of their values: column after column, each by `compareValues`, nulls last.
 * No key is a prefix of another, so the bytes of the first n columns are the prefix of exactly the keys that have them.
 *
 *   row key    column column …                        at most 1024 bytes, else KeyTooLong
 *   index key  column column …                        long columns cut, so that index key + row key always fit LMDB
 *   column     01 value | 02 (null)
 *   cut column 01 first bytes of the value, FF        behind the uncut value that is as long, before anything greater
 */
export const maxKeyBytes = 1_024;

/** What LMDB takes as a key with pages of 4 KiB. */
const maxStoredKeyBytes = 1_978;

/** No column of an index takes more than this (without its first byte and the mark of a cut). */
const maxIndexColumnBytes = 512;

/** A bad record (KEY_TOO_LONG) where a record brings it; BAD_USER_INPUT, or simply no row, where a client does. */
export class KeyTooLong extends Error {
  override readonly name = 'KeyTooLong';
  constructor(bytes: number) {
    super(`The key takes ${bytes} bytes; at most ${maxKeyBytes} are stored. Use a shorter key.`);
  }
}

export interface IndexKey {
  readonly bytes: Uint8Array;
  /** True where a column was cut: rows with these bytes may differ, and must be compared on the row. */
  readonly cut: boolean;
}

const writer = createByteWriter();

/** The row key. One value per column. Throws KeyTooLong. */
export function encodeKey(columns: readonly Column[], values: readonly Value[]): Uint8Array {
  assert(columns.length === values.length, 'a row key needs a value for every key column');
  const bytes = encodeBound(columns, values);
  if (bytes.length > maxKeyBytes) throw new KeyTooLong(bytes.length);
  return bytes;
}

/** The same for keys that nothing keeps beyond the commit that they are made for: half as much memory, and made in half the time. */
export function encodeBriefKey(columns: readonly Column[], values: readonly Value[]): Uint8Array {
  assert(columns.length === values.length, 'a row key needs a value for every key column');
  writeColumns(columns, values);
  if (writer.length > maxKeyBytes) throw new KeyTooLong(writer.length);
  return writer.takeBriefly();
}

/**
 * The prefix of row keys whose first columns have these values; `values` may be fewer than `columns`. Never too long: no row
 * is in such a range. For an index use `encodeIndexKey`, which cuts long values as the stored entries are cut; only for
 * values that are not cut are the two the same.
 */
export function encodeBound(columns: readonly Column[], values: readonly Value[]): Uint8Array {
  writeColumns(columns, values);
  return writer.take();
}

function writeColumns(columns: readonly Column[], values: readonly Value[]): void {
  writer.reset();
  for (let i = 0; i < values.length; i += 1) writeNullable(writer, typeOf(columns, i), values[i] ?? null);
}

/** The index key of a row, or its prefix where `values` are fewer than the index has columns. */
export function encodeIndexKey(index: Index, values: readonly Value[]): IndexKey {
  const limit = columnLimit(index);
  writer.reset();
  let cut = false;
  values.forEach((value, i) => {
    if (writeIndexColumn(typeOf(index.columns, i), value, limit)) cut = true;
  });
  return { bytes: writer.take(), cut };
}

/** What an index has of a row: the index key with the row key behind it. */
export interface IndexEntryKey {
  readonly bytes: Uint8Array;
  readonly indexKeyBytes: number;
  readonly cut: boolean;
}

export function encodeIndexEntry(index: Index, row: ColumnReader, rowKey: Uint8Array): IndexEntryKey {
  const limit = columnLimit(index);
  writer.reset();
  let cut = false;
  for (const column of index.columns) {
    if (writeIndexColumn(column.type, row.value(column), limit)) cut = true;
  }
  const indexKeyBytes = writer.length;
  writer.bytes(rowKey);
  return { bytes: writer.takeBriefly(), indexKeyBytes, cut };
}

/** True where it was cut. */
function writeIndexColumn(type: ColumnType, value: Value, limit: number): boolean {
  const start = writer.length;
  writeNullable(writer, type, value, limit);
  if (writer.length - start <= limit + 1) return false;
  writer.truncate(start + 1 + limit);
  writer.byte(0xff);
  return true;
}

/**
 * The prefix of index keys that have `values` in their first columns and, in the next one (a string), text that begins with
 * `prefix`. `cut` as in `encodeIndexKey`.
 */
export function encodeIndexStartsWith(index: Index, values: readonly Value[], prefix: string): IndexKey {
  const limit = columnLimit(index);
  const before = encodeIndexKey(index, values);
  const next = encodeText(typeOf(index.columns, values.length), prefix, limit);
  const cut = next.length > limit + 1;
  return { bytes: Buffer.concat([before.bytes, cut ? next.subarray(0, limit + 1) : next]), cut: before.cut || cut };
}

/** The same for row keys, which are never cut. */
export function encodeKeyStartsWith(columns: readonly Column[], values: readonly Value[], prefix: string): Uint8Array {
  return Buffer.concat([encodeBound(columns, values), encodeText(typeOf(columns, values.length), prefix, Infinity)]);
}

/** The bytes of a text without the terminator. */
function encodeText(type: ColumnType, text: string, limit: number): Uint8Array {
  assert(type.kind === 'scalar', 'only strings begin with text');
  writer.reset();
  writeNullable(writer, type, text, limit);
  writer.truncate(writer.length - 1);
  return writer.take();
}

/** All keys that begin with these bytes. */
export function prefixRange(bytes: Uint8Array): KeyRange {
  return { lower: bytes, upper: afterPrefix(bytes) };
}

/** The smallest key greater than every key that begins with these bytes; undefined where there is none. */
export function afterPrefix(bytes: Uint8Array): Uint8Array | undefined {
  let length = bytes.length;
  while (length > 0 && bytes[length - 1] === 0xff) length -= 1;
  if (length === 0) return undefined;
  const after = Buffer.from(bytes.subarray(0, length));
  after[length - 1] = (after[length - 1] ?? 0) + 1;
  return after;
}

/** A key as the key of a Map: one character a byte. */
export function keyText(bytes: Uint8Array): string {
  return buffer(bytes).latin1Slice(0, bytes.length);
}

/** The key columns' values. A Decimal comes back in its canonical form. */
export function decodeKey(columns: readonly Column[], bytes: Uint8Array): Value[] {
  const reader = createByteReader(bytes);
  return columns.map((column) => readValue(reader, column.type));
}

/** -1, 0 or 1: the order of LMDB. */
export function compareKeys(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(a, b);
}

function columnLimit(index: Index): number {
  const limit = Math.floor((maxStoredKeyBytes - maxKeyBytes) / index.columns.length) - 2;
  assert(limit >= 16, `index "${index.name}" has too many columns`);
  return Math.min(maxIndexColumnBytes, limit);
}

function typeOf(columns: readonly Column[], i: number): ColumnType {
  const column = columns[i];
  assert(column !== undefined, 'more values than columns');
  return column.type;
}

function buffer(bytes: Uint8Array): Buffer & { latin1Slice(start: number, end: number): string } {
  const view = bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return view as Buffer & { latin1Slice(start: number, end: number): string };
}
