import { afterPrefix } from './keys.ts';
import type { KeyRange } from './store.ts';

/**
 * What is where in LMDB. Databases of one table carry its id and generation, so that a rebuild begins with empty ones:
 *
 *   rows:<table>:<generation>            row key → row bytes
 *   index:<table>:<generation>:<index>   index key, row key → length of the index key, cut or not
 *   time:<table>:<generation>            record timestamp, row key → 0; where the table has retention
 *   feed      table, version, sequence → sequence 0: the commit's header; others: a change
 *   offsets   table, topic → next offset and anchor of each partition
 *   letters   table, number → dead letter (JSON)
 *   marks     table, partition → empty while a sweep goes on; table, partition, row key → marked
 *   meta      "format" "store" "catalog" "head"; "state", table → TableRecord (JSON)
 */
export const databaseNames = {
  meta: 'meta',
  feed: 'feed',
  offsets: 'offsets',
  letters: 'letters',
  marks: 'marks',
  rows: (table: number, generation: number) => `rows:${table}:${generation}`,
  index: (table: number, generation: number, index: number) => `index:${table}:${generation}:${index}`,
  time: (table: number, generation: number) => `time:${table}:${generation}`,
} as const;

/** Whether a database belongs to one table, and goes with it. */
export function isOfTable(databaseName: string): boolean {
  return /^(rows|index|time):/.test(databaseName);
}

export const metaKeys = {
  format: Buffer.from('format'),
  store: Buffer.from('store'),
  catalog: Buffer.from('catalog'),
  head: Buffer.from('head'),
  state: (table: number): Uint8Array => Buffer.from(`state:${table}`),
} as const;

export function tableKey(table: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(table, 0);
  return bytes;
}

/** Versions take six bytes: 2^48 commits are 8900 years at a thousand a second. */
export function feedKey(table: number, version: number, sequence: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(14);
  bytes.writeUInt32BE(table, 0);
  bytes.writeUIntBE(version, 4, 6);
  bytes.writeUInt32BE(sequence, 10);
  return bytes;
}

export function readFeedKey(key: Uint8Array): { version: number; sequence: number } {
  const bytes = asBuffer(key);
  return { version: bytes.readUIntBE(4, 6), sequence: bytes.readUInt32BE(10) };
}

/** The table's feed in (`after`, `until`]. */
export function feedRange(table: number, after: number, until: number): KeyRange {
  return { lower: feedKey(table, after + 1, 0), upper: feedKey(table, until + 1, 0) };
}

export function offsetsKey(table: number, topic: string): Uint8Array {
  return Buffer.concat([tableKey(table), Buffer.from(topic)]);
}

export function letterKey(table: number, number: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(10);
  bytes.writeUInt32BE(table, 0);
  bytes.writeUIntBE(number, 4, 6);
  return bytes;
}

export function marksKey(table: number, partition: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeUInt32BE(table, 0);
  bytes.writeUInt32BE(partition, 4);
  return bytes;
}

export function markKey(table: number, partition: number, key: Uint8Array): Uint8Array {
  return Buffer.concat([marksKey(table, partition), key]);
}

/** Order of bytes is order of time, before 1970 too. */
export function timePrefix(timestampMs: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigInt64BE(BigInt(Math.trunc(timestampMs)), 0);
  bytes[0] = (bytes[0] ?? 0) ^ 0x80;
  return bytes;
}

export const timePrefixBytes = 8;

export function timeKey(timestampMs: number, key: Uint8Array): Uint8Array {
  return Buffer.concat([timePrefix(timestampMs), key]);
}

/** Everything under a prefix. */
export function under(prefix: Uint8Array): KeyRange {
  return { lower: prefix, upper: afterPrefix(prefix) };
}

/** Index entry: 15 bits of length of the index key, and whether it was cut. */
export function packEntry(indexKeyBytes: number, cut: boolean): Uint8Array {
  const bytes = Buffer.allocUnsafe(2);
  bytes.writeUInt16LE((indexKeyBytes << 1) | (cut ? 1 : 0), 0);
  return bytes;
}

export function asBuffer(bytes: Uint8Array): Buffer {
  return bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

export const noBytes = Buffer.from([0]);
