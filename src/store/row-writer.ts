import type { Column } from '../catalog/column.ts';
import { backslash, quote } from '../common/json-bytes.ts';
import type { NewRow } from '../model/row.ts';
import { formatDateTime } from '../model/time.ts';
import { valueToJson } from '../model/value.ts';
import type { ColumnType, ScalarName, Value } from '../model/value.ts';
import { ascii, checksum, headerBytes, keyChecksum, rowFormat, wideEnds } from './row-codec.ts';
import type { RowLayout } from './row-codec.ts';
import { slabWithRoom } from './slab.ts';
import type { Slab, Slice } from './slab.ts';

/** Writes a row's bytes (`row-codec.ts` says what they are), every fragment straight to its place. */
export type RowWriter = (row: NewRow) => Slice;

export function createRowWriter({ table, columnIds, columnCount }: RowLayout): RowWriter {
  const columns: (Column | undefined)[] = Array.from({ length: columnCount }, () => undefined);
  for (const column of table.columns) {
    const id = columnIds[column.ordinal];
    if (id !== undefined) columns[id] = column;
  }
  const ends = new Uint32Array(columnCount);
  const textStart = headerBytes + 2 * columnCount;

  return ({ key, values, partition, offset, timestampMs }) => {
    begin(textStart);
    for (let id = 0; id < columnCount; id += 1) {
      const column = columns[id];
      if (column !== undefined) writeFragment(column.type, values[column.ordinal] ?? null);
      ends[id] = units;
    }
    const isAscii = at - start - textStart === units;
    const wide = units > 0xffff;
    if (wide) makeRoomForWideEnds(textStart, columnCount);
    const { bytes, view } = slab;
    bytes[start] = rowFormat;
    bytes[start + 1] = (wide ? wideEnds : 0) | (isAscii ? ascii : 0);
    view.setUint16(start + 2, columnCount, true);
    view.setUint32(start + 8, partition, true);
    view.setFloat64(start + 12, offset, true);
    view.setFloat64(start + 20, timestampMs, true);
    for (let id = 0; id < columnCount; id += 1) {
      if (wide) view.setUint32(start + headerBytes + 4 * id, ends[id] ?? 0, true);
      else view.setUint16(start + headerBytes + 2 * id, ends[id] ?? 0, true);
    }
    view.setInt32(start + 4, checksum(view, start, at) ^ keyChecksum(key), true);
    slab.used = at;
    return { slab, start, end: at };
  };
}

// The row being written; there is one at a time.
let slab: Slab = slabWithRoom(0);
let start = 0;
let at = 0;
/** UTF-16 units of text so far. */
let units = 0;

function begin(textStart: number): void {
  slab = slabWithRoom(textStart);
  start = slab.used;
  at = start + textStart;
  units = 0;
}

/** Room for more bytes; what there is of the row moves where the slab has none. */
function reserve(bytes: number): void {
  if (at + bytes <= slab.bytes.length) return;
  const before = slab;
  const length = at - start;
  slab = slabWithRoom(Math.max(2 * length, length + bytes));
  before.bytes.copy(slab.bytes, slab.used, start, at);
  start = slab.used;
  at = start + length;
}

function makeRoomForWideEnds(textStart: number, columnCount: number): void {
  reserve(2 * columnCount);
  slab.bytes.copyWithin(start + textStart + 2 * columnCount, start + textStart, at);
  at += 2 * columnCount;
}

/** What `valueToJson` says; nothing for null. */
function writeFragment(type: ColumnType, value: Value): void {
  if (value === null) return;
  if (type.kind === 'scalar') writeScalar(type.scalar, value);
  else if (type.kind === 'enum') writeString(value as string);
  else writeText(valueToJson(type, value));
}

function writeScalar(scalar: ScalarName, value: Value): void {
  switch (scalar) {
    case 'ID':
    case 'String':
    case 'UUID':
    case 'Date':
    case 'Duration':
    case 'Bytes':
    case 'Decimal':
      writeString(value as string);
      return;
    case 'BigInt':
      writeString(String(value as bigint));
      return;
    case 'DateTime':
      writeString(formatDateTime(value as bigint));
      return;
    default:
      writeText(valueToJson({ kind: 'scalar', scalar }, value));
  }
}

/** Longer ones are cheaper the engine's way. */
const shortString = 96;

/** A string that needs no escape is copied as it is. */
function writeString(text: string): void {
  const { length } = text;
  if (length > shortString) {
    writeText(JSON.stringify(text));
    return;
  }
  reserve(length + 2);
  const { bytes } = slab;
  bytes[at] = quote;
  for (let i = 0; i < length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 || unit > 0x7e || unit === quote || unit === backslash) {
      writeText(JSON.stringify(text));
      return;
    }
    bytes[at + 1 + i] = unit;
  }
  bytes[at + 1 + length] = quote;
  at += length + 2;
  units += length + 2;
}

function writeText(text: string): void {
  // A UTF-16 unit takes three bytes of UTF-8 at most.
  reserve(3 * text.length);
  at += slab.bytes.write(text, at, 'utf8');
  units += text.length;
}
