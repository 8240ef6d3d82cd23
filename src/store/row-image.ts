import type { Column } from '../catalog/column.ts';
import type { NewRow, Row } from '../model/row.ts';
import { valueFromJson } from '../model/value.ts';
import type { Value } from '../model/value.ts';
import {
  checksum,
  headerBytes,
  isPlain,
  offsetOf,
  partitionOf,
  rowFormat,
  StoredRow,
  timestampOf,
  unpackRow,
  viewOf,
} from './row-codec.ts';
import type { RowLayout } from './row-codec.ts';
import type { RowWriter } from './row-writer.ts';
import { copyWords, createSlab, slabWithRoom } from './slab.ts';
import type { Slab, Slice } from './slab.ts';

/** Row bytes out of LMDB. `keySum` equals `keyChecksum` of the row's key where they are what was written. */
export interface CopiedRow extends Slice {
  readonly keySum: number;
}

/** How the writer makes the rows of a table. */
export interface RowFormat {
  readonly layout: RowLayout;
  readonly writeRow: RowWriter;
  /** Whether tables derived from it ask new rows for their values. */
  readonly valuesAsked: boolean;
}

/**
 * A row as the writer has it: its bytes, as they are stored. What the writer does with a row that it has found (compare it, put it
 * into the feed) is done with them. A topic's row comes as bytes. A derived one becomes bytes at once, and what it was computed to is
 * garbage before the commit ends; where its values may be asked for, not before it is written.
 */
export class RowImage implements Row, Slice {
  readonly key: Uint8Array;
  slab: Slab;
  start: number;
  end: number;
  readonly #format: RowFormat;
  readonly #row: NewRow | undefined;
  #stored: StoredRow | undefined;

  private constructor(format: RowFormat, key: Uint8Array, row: NewRow | undefined, { slab, start, end }: Slice) {
    this.key = key;
    this.slab = slab;
    this.start = start;
    this.end = end;
    this.#format = format;
    this.#row = row;
    this.#stored = undefined;
  }

  static ofNew(format: RowFormat, row: NewRow): RowImage {
    return format.valuesAsked
      ? new RowImage(format, row.key, row, noSlice)
      : new RowImage(format, row.key, undefined, format.writeRow(row));
  }

  /** The bytes must be intact. */
  static ofStored(format: RowFormat, key: Uint8Array, bytes: Slice): RowImage {
    return new RowImage(format, key, undefined, bytes);
  }

  get bytes(): Slice {
    if (this.#row !== undefined && this.slab === noSlice.slab) {
      const { slab, start, end } = this.#format.writeRow(this.#row);
      this.slab = slab;
      this.start = start;
      this.end = end;
    }
    return this;
  }
  get partition(): number {
    return this.#row === undefined ? partitionOf(this) : this.#row.partition;
  }
  get offset(): number {
    return this.#row === undefined ? offsetOf(this) : this.#row.offset;
  }
  get timestampMs(): number {
    return this.#row === undefined ? timestampOf(this) : this.#row.timestampMs;
  }
  get size(): number {
    return this.#read().size;
  }

  value(column: Column): Value {
    if (this.#row !== undefined) return this.#row.values[column.ordinal] ?? null;
    const fragment = this.#plainFragment(column);
    if (fragment === undefined) return this.#read().value(column);
    return fragment === '' ? null : valueFromJson(column.type, fragment);
  }

  json(column: Column): string {
    const fragment = this.#plainFragment(column);
    return fragment === undefined ? this.#read().json(column) : fragment || 'null';
  }

  /** Whether every column of the table has the same fragment in both. */
  sameColumns(other: RowImage): boolean {
    if (this.#sameText(other)) return true;
    const { columnIds, columnCount } = this.#format.layout;
    // Where every fragment is a column's, other text is another column.
    if (columnIds.length === columnCount && this.#count === columnCount && other.#count === columnCount) return false;
    return this.#format.layout.table.columns.every((column) => this.json(column) === other.json(column));
  }

  /** Whether the columns have the same fragments in both. */
  sameIn(columns: readonly Column[], other: RowImage): boolean {
    for (const column of columns) if (!this.#sameFragment(column, other)) return false;
    return true;
  }

  #sameFragment(column: Column, other: RowImage): boolean {
    const mine = this.bytes;
    const others = other.bytes;
    if (!isPlain(mine) || !isPlain(others)) return this.json(column) === other.json(column);
    const id = idOf(this.#format, column);
    const from = startOf(mine, id);
    const otherFrom = startOf(others, id);
    const length = startOf(mine, id + 1) - from;
    if (length !== startOf(others, id + 1) - otherFrom) return false;
    for (let i = 0; i < length; i += 1) {
      if (mine.slab.bytes[from + i] !== others.slab.bytes[otherFrom + i]) return false;
    }
    return true;
  }

  /** Empty for null. Undefined where bytes are not characters: then the whole row is read. */
  #plainFragment(column: Column): string | undefined {
    const bytes = this.bytes;
    if (!isPlain(bytes)) return undefined;
    const id = idOf(this.#format, column);
    return bytes.slab.bytes.toString('latin1', startOf(bytes, id), startOf(bytes, id + 1));
  }

  get #count(): number {
    const { slab, start } = this.bytes;
    return slab.view.getUint16(start + 2, true);
  }

  /** All behind what tells where the row is from. */
  #sameText(other: RowImage): boolean {
    const { slab, start, end } = this.bytes;
    const others = other.bytes;
    if (end - start !== others.end - others.start) return false;
    if (slab.view.getInt32(start, true) !== others.slab.view.getInt32(others.start, true)) return false;
    const distance = others.start - start;
    let at = start + headerBytes;
    for (; at + 4 <= end; at += 4) {
      if (slab.view.getInt32(at, true) !== others.slab.view.getInt32(at + distance, true)) return false;
    }
    for (; at < end; at += 1) if (slab.bytes[at] !== others.slab.bytes[at + distance]) return false;
    return true;
  }

  #read(): StoredRow {
    if (this.#stored === undefined) {
      const { slab, start, end } = this.bytes;
      const parts = unpackRow(slab.bytes, start, end);
      if (parts === 'damaged') throw new Error('bug in Headgate: a row that was intact is not');
      this.#stored = new StoredRow(this.#format.layout, this.key, parts);
    }
    return this.#stored;
  }
}

/** Takes row bytes out of lmdb's buffer, which it uses again; no more is looked at than their checksum. */
export function copyRow(bytes: Buffer): CopiedRow | 'damaged' {
  const { length } = bytes;
  if (length < headerBytes || bytes[0] !== rowFormat) return 'damaged';
  const slab = slabWithRoom(length);
  const start = slab.used;
  const end = start + length;
  copyWords(viewOf(bytes), bytes.byteOffset, slab.view, start, length);
  slab.used = end;
  return { slab, start, end, keySum: slab.view.getInt32(start + 4, true) ^ checksum(slab.view, start, end) };
}

const noSlice: Slice = { slab: createSlab(0), start: 0, end: 0 };

function idOf({ layout }: RowFormat, column: Column): number {
  return layout.columnIds[column.ordinal] ?? Infinity;
}

/** Where a fragment begins, in a row of narrow ends and ASCII text. A column that the row does not know has nothing. */
function startOf({ slab, start, end }: Slice, id: number): number {
  const count = slab.view.getUint16(start + 2, true);
  const text = start + headerBytes + 2 * count;
  if (id === 0) return text;
  return id > count ? end : text + slab.view.getUint16(start + headerBytes + 2 * (id - 1), true);
}
