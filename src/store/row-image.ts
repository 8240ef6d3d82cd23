import type { Column } from '../catalog/column.ts';
import { must } from '../common/errors.ts';
import type { NewRow, Row } from '../model/row.ts';
import type { Value } from '../model/value.ts';
import { checksum, headerBytes, isPlain, rowFormat, StoredRow, unpackRow, viewOf } from './row-codec.ts';
import type { RowLayout } from './row-codec.ts';
import type { RowWriter } from './row-writer.ts';
import { copyWords, slabWithRoom } from './slab.ts';
import type { Slice } from './slab.ts';

/** Row bytes out of LMDB. `keySum` equals `keyChecksum` of the row's key where they are what was written. */
export interface CopiedRow extends Slice {
  readonly keySum: number;
}

/** How the rows of a table look as bytes. */
export interface RowFormat {
  readonly layout: RowLayout;
  readonly writeRow: RowWriter;
}

/**
 * A row as the writer has it: its bytes as they are stored, or its values, of which bytes are made when somebody writes or compares
 * them. What the writer does with a row that it has found (compare it, put it into the feed) is done with the bytes.
 */
export class RowImage implements Row {
  readonly key: Uint8Array;
  readonly #format: RowFormat;
  readonly #row: NewRow | undefined;
  #bytes: Slice | undefined;
  #stored: StoredRow | undefined;

  private constructor(format: RowFormat, key: Uint8Array, row: NewRow | undefined, bytes: Slice | undefined) {
    this.#format = format;
    this.key = key;
    this.#row = row;
    this.#bytes = bytes;
    this.#stored = undefined;
  }

  static ofNew(format: RowFormat, key: Uint8Array, row: NewRow): RowImage {
    return new RowImage(format, key, row, undefined);
  }

  /** The bytes must be intact. */
  static ofStored(format: RowFormat, key: Uint8Array, bytes: Slice): RowImage {
    return new RowImage(format, key, undefined, bytes);
  }

  get bytes(): Slice {
    return (this.#bytes ??= this.#format.writeRow(must(this.#row, 'a row has bytes or values')));
  }
  get partition(): number {
    return this.#row?.partition ?? this.#read().partition;
  }
  get offset(): number {
    return this.#row?.offset ?? this.#read().offset;
  }
  get timestampMs(): number {
    return this.#row?.timestampMs ?? this.#read().timestampMs;
  }
  get size(): number {
    return this.#read().size;
  }

  value(column: Column): Value {
    return this.#row === undefined ? this.#read().value(column) : (this.#row.values[column.ordinal] ?? null);
  }

  json(column: Column): string {
    return this.#read().json(column);
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
    const id = this.#format.layout.columnIds[column.ordinal] ?? Infinity;
    const [from, to] = [startOf(mine, id), startOf(mine, id + 1)];
    const otherFrom = startOf(others, id);
    if (to - from !== startOf(others, id + 1) - otherFrom) return false;
    for (let i = 0; i < to - from; i += 1) {
      if (mine.slab.bytes[from + i] !== others.slab.bytes[otherFrom + i]) return false;
    }
    return true;
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

/** Where a fragment begins, in a row of narrow ends and ASCII text. A column that the row does not know has nothing. */
function startOf({ slab, start, end }: Slice, id: number): number {
  const count = slab.view.getUint16(start + 2, true);
  const text = start + headerBytes + 2 * count;
  if (id === 0) return text;
  return id > count ? end : text + slab.view.getUint16(start + headerBytes + 2 * (id - 1), true);
}
