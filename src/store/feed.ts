import type { Change } from '../model/change.ts';
import { packNext, unpackNext } from './offsets.ts';
import { unpackRow } from './row-codec.ts';
import type { RowParts, StoredRow } from './row-codec.ts';
import type { RowImage } from './row-image.ts';
import { copySlice, createSlab } from './slab.ts';
import type { Slice } from './slab.ts';

/**
 * The change feed on disk, little-endian: a header of every commit that changed a table's rows or moved its offsets, and the
 * changes. Headers and changes stand apart, so that who reads changes does not pass through commits that have none.
 *
 *   header   committedMs (float64), bytes of the changes (float64), their number (u32), the table's next offsets before the commit
 *   change   bytes of the key (u16), 0 (u16), bytes of the row before (u32), timestampMs (float64), key, row before, row after
 *
 * As images before a change tell what a row was, offsets before a commit tell how far the table was: at any version it has the
 * offsets of the first header after it, and where there is none, those it has now. Headgate's own numbers are kept likewise.
 */
export interface FeedHeader {
  readonly committedMs: number;
  readonly changeBytes: number;
  readonly changes: number;
  readonly nextBefore: ReadonlyMap<number, number>;
}

const headerBytes = 20;

export function packFeedHeader({ committedMs, changeBytes, changes, nextBefore }: FeedHeader): Uint8Array {
  const head = Buffer.allocUnsafe(headerBytes);
  head.writeDoubleLE(committedMs, 0);
  head.writeDoubleLE(changeBytes, 8);
  head.writeUInt32LE(changes, 16);
  return Buffer.concat([head, packNext(nextBefore)]);
}

export function unpackFeedHeader(bytes: Buffer): FeedHeader {
  return {
    committedMs: bytes.readDoubleLE(0),
    changeBytes: bytes.readDoubleLE(8),
    changes: bytes.readUInt32LE(16),
    nextBefore: unpackNext(bytes, headerBytes),
  };
}

/** `before` or `after` may be missing, not both. */
export interface RowChange {
  readonly key: Uint8Array;
  readonly before: RowImage | undefined;
  readonly after: RowImage | undefined;
  readonly timestampMs: number;
}

const changeHeadBytes = 16;

let scratch = createSlab(65_536);

/** The bytes stand where the next change will: they are put at once. */
export function packChange({ key, before, after, timestampMs }: RowChange): Slice {
  const rowBefore = before === undefined ? noBytes : before.bytes;
  const rowAfter = after === undefined ? noBytes : after.bytes;
  const beforeBytes = rowBefore.end - rowBefore.start;
  const keyEnd = changeHeadBytes + key.length;
  const end = keyEnd + beforeBytes + (rowAfter.end - rowAfter.start);
  if (end > scratch.bytes.length) scratch = createSlab(2 * end);
  const { bytes, view } = scratch;
  view.setUint16(0, key.length, true);
  view.setUint16(2, 0, true);
  view.setUint32(4, beforeBytes, true);
  view.setFloat64(8, timestampMs, true);
  bytes.set(key, changeHeadBytes);
  copySlice(rowAfter, scratch, copySlice(rowBefore, scratch, keyEnd));
  return { slab: scratch, start: 0, end };
}

const noBytes: Slice = { slab: createSlab(0), start: 0, end: 0 };

/**
 * `rowOf` checks the parts against the key, and throws where they are not what was written. Most who read a change want to know
 * which row it is of, and neither image: an image is unpacked when it is asked for.
 */
export function unpackChange(
  bytes: Buffer,
  rowOf: (key: Uint8Array, parts: RowParts | 'damaged') => StoredRow,
): Change {
  const keyEnd = changeHeadBytes + bytes.readUInt16LE(0);
  const beforeEnd = keyEnd + bytes.readUInt32LE(4);
  const timestampMs = bytes.readDoubleLE(8);
  const key = Buffer.from(bytes.subarray(changeHeadBytes, keyEnd));
  let unpackedBefore: StoredRow | undefined;
  let unpackedAfter: StoredRow | undefined;
  const before = (): StoredRow => (unpackedBefore ??= rowOf(key, unpackRow(bytes, keyEnd, beforeEnd)));
  const after = (): StoredRow => (unpackedAfter ??= rowOf(key, unpackRow(bytes, beforeEnd, bytes.length)));
  const [hasBefore, hasAfter] = [beforeEnd > keyEnd, bytes.length > beforeEnd];
  if (!hasBefore && !hasAfter) rowOf(key, 'damaged');
  if (!hasBefore) {
    return {
      kind: 'insert',
      key,
      get after() {
        return after();
      },
      timestampMs,
    };
  }
  if (!hasAfter) {
    return {
      kind: 'delete',
      key,
      get before() {
        return before();
      },
      timestampMs,
    };
  }
  return {
    kind: 'update',
    key,
    get before() {
      return before();
    },
    get after() {
      return after();
    },
    timestampMs,
  };
}
