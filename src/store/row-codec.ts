import type { Table } from '../catalog/catalog.ts';
import type { Column } from '../catalog/column.ts';
import type { Row } from '../model/row.ts';
import { valueFromJson } from '../model/value.ts';
import type { Value } from '../model/value.ts';
import type { KeyPlace } from './environment.ts';
import type { Slice } from './slab.ts';

/**
 * Row bytes, little-endian:
 *
 *   0  format   1  flags (1 wide ends, 2 ASCII)   2  number of fragments   4  checksum
 *   8  partition   12  offset (float64)   20  timestamp, ms (float64)
 *  28  where each fragment ends, in UTF-16 units of the text: 2 bytes each (4 where wide)
 *   …  the text: one JSON fragment per stored column id, nothing for null
 *
 * The checksum is over all of it and over the key, so that neither a changed byte nor a row found under another key passes.
 * It reads 4 bytes a step, each step reversible: a change within one word is always noticed, any other with 1 - 2^-32. It
 * costs a tenth of making the text a string.
 */
export const rowFormat = 1;
export const wideEnds = 1;
export const ascii = 2;
export const headerBytes = 28;

/** Which fragment holds which column; of one generation of a table. Plain data: it crosses between threads. */
export interface StoredColumns {
  /** By `Column.ordinal`. */
  readonly columnIds: readonly number[];
  /** Ids given out in this generation; dropped columns keep theirs. */
  readonly columnCount: number;
}

export interface RowLayout extends StoredColumns {
  readonly table: Table;
}

/** What row bytes say, before it is known which columns are asked for. */
export interface RowParts {
  readonly text: string;
  /** The ends, as a string of their bytes: cheaper to take out of a shared buffer than an array. */
  readonly ends: string;
  readonly wide: boolean;
  readonly count: number;
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
  /** Equals `keyChecksum` of the row's key where the bytes are what was written. */
  readonly keySum: number;
}

export class StoredRow implements Row {
  readonly key: Uint8Array;
  readonly #layout: RowLayout;
  readonly #parts: RowParts;
  #values: (Value | undefined)[] | undefined;

  constructor(layout: RowLayout, key: Uint8Array, parts: RowParts) {
    this.#layout = layout;
    this.key = key;
    this.#parts = parts;
  }

  get partition(): number {
    return this.#parts.partition;
  }
  get offset(): number {
    return this.#parts.offset;
  }
  get timestampMs(): number {
    return this.#parts.timestampMs;
  }
  get size(): number {
    return this.#parts.text.length;
  }

  value(column: Column): Value {
    this.#values ??= [];
    let value = this.#values[column.ordinal];
    if (value === undefined) {
      const fragment = fragmentOf(this.#parts, this.#layout.columnIds[column.ordinal]);
      value = fragment === '' ? null : valueFromJson(column.type, fragment);
      this.#values[column.ordinal] = value;
    }
    return value;
  }

  json(column: Column): string {
    return fragmentOf(this.#parts, this.#layout.columnIds[column.ordinal]) || 'null';
  }
}

/**
 * Reads row bytes from `start` to `end`. Takes a copy of all it needs: lmdb reuses its buffer. Bytes that cannot be
 * read at all are 'damaged'; whether others are intact is told by `RowParts.keySum`.
 */
export function unpackRow(bytes: Buffer, start: number, end: number): RowParts | 'damaged' {
  if (end - start < headerBytes || bytes[start] !== rowFormat) return 'damaged';
  const view = viewOf(bytes);
  const at = bytes.byteOffset + start;
  const flags = view.getUint8(at + 1);
  const wide = (flags & wideEnds) !== 0;
  const count = view.getUint16(at + 2, true);
  const textStart = start + headerBytes + count * (wide ? 4 : 2);
  if (textStart > end) return 'damaged';
  return {
    text: bytes.toString((flags & ascii) === 0 ? 'utf8' : 'latin1', textStart, end),
    ends: bytes.toString('latin1', start + headerBytes, textStart),
    wide,
    count,
    partition: view.getUint32(at + 8, true),
    offset: view.getFloat64(at + 12, true),
    timestampMs: view.getFloat64(at + 20, true),
    keySum: view.getInt32(at + 4, true) ^ checksum(view, at, bytes.byteOffset + end),
  };
}

/** Of row bytes, without the checksum's own place. */
export function checksum(view: DataView, start: number, end: number): number {
  let hash = step(end - start, view.getInt32(start, true));
  let at = start + 8;
  for (; at + 4 <= end; at += 4) hash = step(hash, view.getInt32(at, true));
  for (; at < end; at += 1) hash = step(hash, view.getUint8(at));
  return hash;
}

export function keyChecksum(key: Uint8Array): number {
  return placeChecksum({ source: key, start: 0, end: key.length });
}

/** The same of a key in place. */
export function placeChecksum({ source, start, end }: KeyPlace): number {
  let hash = end - start;
  for (let i = start; i < end; i += 1) hash = step(hash, source[i] as number);
  return hash;
}

/** Whether a fragment's place in the text is its place in the bytes, told by ends of two bytes. */
export function isPlain({ slab, start }: Slice): boolean {
  return slab.bytes[start + 1] === ascii;
}

export function partitionOf({ slab, start }: Slice): number {
  return slab.view.getUint32(start + 8, true);
}

export function offsetOf({ slab, start }: Slice): number {
  return slab.view.getFloat64(start + 12, true);
}

export function timestampOf({ slab, start }: Slice): number {
  return slab.view.getFloat64(start + 20, true);
}

/** One round of MurmurHash3. */
function step(hash: number, word: number): number {
  const mixed = Math.imul(word, 0xcc9e2d51);
  const next = hash ^ Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
  return (Math.imul((next << 13) | (next >>> 19), 5) + 0xe6546b64) | 0;
}

let lastView: DataView = new DataView(new ArrayBuffer(0));

/** Of the whole ArrayBuffer: lmdb hands out one buffer again and again, and a view costs more than what is read with it. */
export function viewOf(bytes: Buffer): DataView {
  if (lastView.buffer !== bytes.buffer) lastView = new DataView(bytes.buffer);
  return lastView;
}

export function fragmentOf(parts: RowParts, id: number | undefined): string {
  if (id === undefined || id >= parts.count) return '';
  return parts.text.slice(id === 0 ? 0 : endOf(parts, id - 1), endOf(parts, id));
}

function endOf({ ends, wide }: RowParts, id: number): number {
  if (!wide) return ends.charCodeAt(2 * id) | (ends.charCodeAt(2 * id + 1) << 8);
  const at = 4 * id;
  const low = ends.charCodeAt(at) | (ends.charCodeAt(at + 1) << 8) | (ends.charCodeAt(at + 2) << 16);
  return low + ends.charCodeAt(at + 3) * 0x100_0000;
}
