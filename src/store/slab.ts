/**
 * Room for the bytes that a commit makes: rows stand one behind another in a piece of memory, since a Buffer for each would cost
 * more than filling it. A slab lives as long as somebody holds a slice of it.
 *
 * `buffer`, `start`, `end` and `address` are what lmdb looks for in a value that is part of a larger buffer; see `lmdb.ts`.
 */
export class Slab {
  readonly bytes: Buffer;
  readonly buffer: ArrayBufferLike;
  readonly view: DataView;
  used = 0;
  start = 0;
  end = 0;
  /** Where in memory lmdb found it, once it has looked. */
  address: number | undefined = undefined;

  constructor(buffer: ArrayBuffer) {
    this.bytes = Buffer.from(buffer);
    this.buffer = buffer;
    this.view = new DataView(buffer);
  }
}

export interface Slice {
  readonly slab: Slab;
  readonly start: number;
  readonly end: number;
}

const slabBytes = 262_144;

let current = createSlab(slabBytes);

/** A slab with room for so many bytes behind `used`. Who fills them moves `used`, at once: there is one that all share. */
export function slabWithRoom(bytes: number): Slab {
  if (current.used + bytes > current.bytes.length) current = createSlab(Math.max(slabBytes, bytes));
  return current;
}

export function createSlab(size: number): Slab {
  return new Slab(Buffer.allocUnsafeSlow(size).buffer as ArrayBuffer);
}

/** Returns the end of the copy. Short ones go word by word: the engine's way makes an object first. */
export function copySlice({ slab, start, end }: Slice, to: Slab, at: number): number {
  if (end - start > shortCopy) {
    slab.bytes.copy(to.bytes, at, start, end);
  } else {
    copyWords(slab.view, start, to.view, at, end - start);
  }
  return at + end - start;
}

const shortCopy = 1_024;

export function copyWords(from: DataView, fromAt: number, to: DataView, toAt: number, length: number): void {
  let i = 0;
  for (; i + 4 <= length; i += 4) to.setInt32(toAt + i, from.getInt32(fromAt + i, true), true);
  for (; i < length; i += 1) to.setUint8(toAt + i, from.getUint8(fromAt + i));
}
