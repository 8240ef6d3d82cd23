import type { Change } from '../model/change.ts';
import { packNext, unpackNext } from './offsets.ts';
import { packRow, unpackRow } from './row-codec.ts';
import type { RowParts, StoredRow } from './row-codec.ts';

/**
 * The change feed on disk: of every commit that changed a table's rows one header and then its changes, little-endian.
 *
 *   header   committedMs (float64), bytes of the commit's entries (float64), the table's next offsets after the commit
 *   change   bytes of the key (u16), 0 (u16), bytes of the row before (u32), timestampMs (float64), key, row before, row after
 */
export interface FeedHeader {
  readonly committedMs: number;
  /** What `trim` gives back when it removes the commit. */
  readonly bytes: number;
  readonly next: ReadonlyMap<number, number>;
}

export function packFeedHeader({ committedMs, bytes, next }: FeedHeader): Uint8Array {
  const head = Buffer.allocUnsafe(16);
  head.writeDoubleLE(committedMs, 0);
  head.writeDoubleLE(bytes, 8);
  return Buffer.concat([head, packNext(next)]);
}

export function unpackFeedHeader(bytes: Buffer): FeedHeader {
  return { committedMs: bytes.readDoubleLE(0), bytes: bytes.readDoubleLE(8), next: unpackNext(bytes, 16) };
}

/** A row as the store holds it; `before` or `after` may be missing, not both. */
export interface RowChange {
  readonly key: Uint8Array;
  readonly before: StoredRow | undefined;
  readonly after: StoredRow | undefined;
  readonly timestampMs: number;
}

const headBytes = 16;

export function packChange({ key, before, after, timestampMs }: RowChange): Uint8Array {
  const rows = [before, after].map((row) => (row === undefined ? Buffer.alloc(0) : packRow(row.parts)));
  const head = Buffer.alloc(headBytes);
  head.writeUInt16LE(key.length, 0);
  head.writeUInt32LE(rows[0]?.length ?? 0, 4);
  head.writeDoubleLE(timestampMs, 8);
  return Buffer.concat([head, key, ...rows]);
}

/** `rowOf` checks the parts against the key, and throws where they are not what was written. */
export function unpackChange(
  bytes: Buffer,
  rowOf: (key: Uint8Array, parts: RowParts | 'damaged') => StoredRow,
): Change {
  const keyEnd = headBytes + bytes.readUInt16LE(0);
  const beforeEnd = keyEnd + bytes.readUInt32LE(4);
  const timestampMs = bytes.readDoubleLE(8);
  const key = Buffer.from(bytes.subarray(headBytes, keyEnd));
  const before = beforeEnd > keyEnd ? rowOf(key, unpackRow(bytes, keyEnd, beforeEnd)) : undefined;
  const after = bytes.length > beforeEnd ? rowOf(key, unpackRow(bytes, beforeEnd, bytes.length)) : undefined;
  if (before === undefined) return { kind: 'insert', key, after: after ?? rowOf(key, 'damaged'), timestampMs };
  if (after === undefined) return { kind: 'delete', key, before, timestampMs };
  return { kind: 'update', key, before, after, timestampMs };
}
