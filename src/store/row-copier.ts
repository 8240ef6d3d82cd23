import type { Index, Table } from '../catalog/catalog.ts';
import type { Column } from '../catalog/column.ts';
import { ascii, checksum, fragmentOf, headerBytes, rowFormat, unpackRow, viewOf, wideEnds } from './row-codec.ts';
import { KeyCopier } from './key-copier.ts';
import type { RowLayout } from './row-codec.ts';

export interface CopiedColumn {
  /** What stands before its value: `{"id":`. */
  readonly before: string;
  readonly column: Column;
  /** It is never null. */
  readonly required: boolean;
}

const slack = 8;
const fewest = 65_536;
/** A text that was longer than this leaves no room behind. */
const mostKept = 1_048_576;
const nullBytes = Buffer.from('null');

/** A text in the making, as bytes: it is put together out of pieces too small to be worth a call each. */
export class ByteText {
  bytes: Buffer = Buffer.allocUnsafeSlow(fewest);
  view = new DataView(this.bytes.buffer);
  length = 0;
  isAscii = true;

  reset(): void {
    this.length = 0;
    this.isAscii = true;
    if (this.bytes.length <= mostKept) return;
    this.bytes = Buffer.allocUnsafeSlow(fewest);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Room for so many bytes more, and for those that copying writes behind its end. */
  reserve(more: number): void {
    const needed = this.length + more + slack;
    if (needed <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.bytes.length));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
    this.view = new DataView(larger.buffer);
  }

  byte(value: number): void {
    this.view.setUint8(this.length, value);
    this.length += 1;
  }

  string(text: string): void {
    this.reserve(text.length * 3);
    const bytes = this.bytes.write(text, this.length, 'utf8');
    if (bytes !== text.length) this.isAscii = false;
    this.length += bytes;
  }

  toString(): string {
    return this.bytes.toString(this.isAscii ? 'latin1' : 'utf8', 0, this.length);
  }
}

/** Writes rows as JSON objects straight from their bytes: `{"id":"s1","title":null}`. Made once per selection. */
export class RowCopier {
  readonly #columns: readonly CopiedColumn[];
  readonly #after: string;
  readonly #befores: readonly Piece[];
  readonly #end: Piece;
  readonly #byIndex = new WeakMap<Index, { readonly copier: KeyCopier | undefined }>();
  /** Of all that is not the row's. */
  readonly #ownBytes: number;
  readonly #isAscii: boolean;

  /** `after`: what stands behind the last value, `}` at least. */
  constructor(columns: readonly CopiedColumn[], after: string) {
    this.#columns = columns;
    this.#after = after;
    this.#befores = columns.map(({ before }) => pieceOf(before));
    this.#end = pieceOf(after);
    this.#ownBytes = [...this.#befores, this.#end].reduce((sum, { length }) => sum + length, 0);
    this.#isAscii = [...columns.map(({ before }) => before), after].join('').length === this.#ownBytes;
  }

  /** Copies the same out of the keys of an index; undefined where they do not tell it. */
  fromKeys(table: Table, index: Index): KeyCopier | undefined {
    let known = this.#byIndex.get(index);
    if (known === undefined) {
      known = { copier: KeyCopier.of(this.#columns, this.#after, table, index) };
      this.#byIndex.set(index, known);
    }
    return known.copier;
  }

  /**
   * The size of the row, as `Row.size`; 'damaged' where the bytes are not what was written under a key of this checksum, 'null' where a value is
   * null that never is. The row's bytes begin at `at` and go to the end of `bytes`, which may be a buffer of lmdb.
   */
  copy(layout: RowLayout, keySum: number, bytes: Buffer, at: number, to: ByteText): number | 'damaged' | 'null' {
    const { length } = bytes;
    if (length - at < headerBytes || bytes[at] !== rowFormat) return 'damaged';
    const flags = bytes[at + 1] ?? 0;
    if ((flags & ascii) === 0 || (flags & wideEnds) !== 0) return this.#copyAsText(layout, keySum, bytes, at, to);
    const from = viewOf(bytes);
    const start = bytes.byteOffset + at;
    const count = from.getUint16(start + 2, true);
    const ends = start + headerBytes;
    const text = ends + 2 * count;
    const end = bytes.byteOffset + length;
    const size = end - text;
    if (size < 0) return 'damaged';
    if ((from.getInt32(start + 4, true) ^ checksum(from, start, end)) !== keySum) return 'damaged';
    to.reserve(this.#ownBytes + size + nullBytes.length * this.#columns.length);
    if (!this.#isAscii) to.isAscii = false;
    const { view } = to;
    const lastWord = from.byteLength - 4;
    let written = to.length;
    for (let i = 0; i < this.#columns.length; i += 1) {
      const { column, required } = this.#columns[i] as CopiedColumn;
      written = put(this.#befores[i] as Piece, view, written);
      const id = layout.columnIds[column.ordinal] ?? count;
      const first = text + (id === 0 || id >= count ? 0 : from.getUint16(ends + 2 * id - 2, true));
      const last = text + (id >= count ? 0 : from.getUint16(ends + 2 * id, true));
      if (last <= first) {
        if (required) return 'null';
        written += nullBytes.copy(to.bytes, written);
        continue;
      }
      let piece = first;
      for (; piece < last && piece <= lastWord; piece += 4) {
        view.setUint32(written + piece - first, from.getUint32(piece, true), true);
      }
      for (; piece < last; piece += 1) view.setUint8(written + piece - first, from.getUint8(piece));
      written += last - first;
    }
    to.length = put(this.#end, view, written);
    return size;
  }

  /** Rows whose text is not ASCII, or very long. */
  #copyAsText(layout: RowLayout, keySum: number, bytes: Buffer, at: number, to: ByteText): number | 'damaged' | 'null' {
    const parts = unpackRow(bytes, at, bytes.length);
    if (parts === 'damaged' || parts.keySum !== keySum) return 'damaged';
    let text = '';
    for (const { before, column, required } of this.#columns) {
      const fragment = fragmentOf(parts, layout.columnIds[column.ordinal]);
      if (fragment === '' && required) return 'null';
      text += before;
      text += fragment === '' ? 'null' : fragment;
    }
    to.string(text + this.#after);
    return parts.text.length;
  }
}

/** Bytes that are copied by the word, with room for the last word. */
interface Piece {
  readonly length: number;
  readonly view: DataView;
}

function pieceOf(text: string): Piece {
  const bytes = Buffer.from(text);
  const padded = Buffer.alloc(bytes.length + slack);
  bytes.copy(padded);
  return { length: bytes.length, view: new DataView(padded.buffer, padded.byteOffset, padded.length) };
}

/** Where it ends. */
function put(piece: Piece, view: DataView, at: number): number {
  for (let done = 0; done < piece.length; done += 4) {
    view.setUint32(at + done, piece.view.getUint32(done, true), true);
  }
  return at + piece.length;
}
