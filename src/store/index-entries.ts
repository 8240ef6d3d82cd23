import type { Index } from '../catalog/catalog.ts';
import type { Database } from './environment.ts';
import type { IndexEntryKey } from './keys.ts';
import { copySlice, slabWithRoom } from './slab.ts';
import type { Slice } from './slab.ts';

/**
 * The value of an index entry, little-endian:
 *
 *   0  15 bits of length of the index key, and whether it was cut
 *   2  the row's bytes, where the index covers
 */
export interface IndexHandle {
  readonly index: Index;
  /** A value is good until the next read. */
  readonly entries: Database<Buffer>;
}

/** Where the row's bytes begin in the value of an entry of an index that covers. */
export const rowStart = 2;

/** The length of the index key times two, and one where it was cut. */
export function headOf(value: Buffer): number {
  return value.readUInt16LE(0);
}

export function putEntry({ index, entries }: IndexHandle, key: IndexEntryKey, row: Slice): void {
  const head = (key.indexKeyBytes << 1) | (key.cut ? 1 : 0);
  const size = index.covering ? row.end - row.start : 0;
  const slab = slabWithRoom(rowStart + size);
  const start = slab.used;
  slab.view.setUint16(start, head, true);
  slab.used = size === 0 ? start + rowStart : copySlice(row, slab, start + rowStart);
  entries.putSlice(key.bytes, { slab, start, end: slab.used });
}
