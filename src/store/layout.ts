import { afterPrefix } from './keys.ts';
import type { FeedPlace, KeyRange } from './store.ts';

/**
 * What is where in LMDB. Databases of one table carry its id and generation, so that a rebuild begins with empty ones:
 *
 *   rows:<table>:<generation>            row key → row bytes
 *   index:<table>:<generation>:<index>   index key, row key → length of the index key, cut or not; row bytes where it covers
 *   time:<table>:<generation>            record timestamp, row key → 0; where the table is timed
 *   memory:<table>:<generation>          what a derived table keeps beside its rows
 *   feed      table, 0, version → a commit's header; table, 1, version, sequence → a change
 *   offsets   table, topic → next offset and anchor of each partition
 *   letters   table, number → dead letter (JSON)
 *   marks     table, partition → empty while a sweep goes on; table, partition, row key → marked
 *   meta      "format" "store" "catalog" "head"; "state", table → TableRecord (JSON); "sink", table → SinkState (JSON)
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
  memory: (table: number, generation: number) => `memory:${table}:${generation}`,
} as const;

/** Whether a database belongs to one table, and goes with it. */
export function isOfTable(databaseName: string): boolean {
  return /^(rows|index|time|memory):/.test(databaseName);
}

export const metaKeys = {
  format: Buffer.from('format'),
  store: Buffer.from('store'),
  catalog: Buffer.from('catalog'),
  head: Buffer.from('head'),
  state: (table: number): Uint8Array => Buffer.from(`state:${table}`),
  sink: (table: number): Uint8Array => Buffer.from(`sink:${table}`),
} as const;

export function tableKey(table: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(table, 0);
  return bytes;
}

/** Under this id the feed has headers of the commits that took one of Headgate's own numbers. Tables begin at 1. */
export const ownId = 0;

/** Versions take six bytes: 2^48 commits are 8900 years at a thousand a second. */
const lastVersion = 2 ** 48 - 2;

export function headerKey(table: number, version: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(11);
  bytes.writeUInt32BE(table, 0);
  bytes.writeUInt8(0, 4);
  bytes.writeUIntBE(version, 5, 6);
  return bytes;
}

/** Sequences begin at 1. */
export function changeKey(table: number, version: number, sequence: number): Buffer {
  const bytes = Buffer.allocUnsafe(15);
  bytes.writeUInt32BE(table, 0);
  bytes.writeUInt8(1, 4);
  bytes.writeUIntBE(version, 5, 6);
  bytes.writeUInt32BE(sequence, 11);
  return bytes;
}

/** In a key of `changeKey`. */
export function setSequence(key: Buffer, sequence: number): void {
  key.writeUInt32BE(sequence, 11);
}

/** Of a header or a change. */
export function readVersion(key: Uint8Array): number {
  return asBuffer(key).readUIntBE(5, 6);
}

/** Of a change. */
export function readSequence(key: Uint8Array): number {
  return asBuffer(key).readUInt32BE(11);
}

/** The table's changes from the place on. */
export function changesFromRange(table: number, { version, sequence }: FeedPlace): KeyRange {
  return { lower: changeKey(table, version, sequence + 1), upper: changeKey(table, lastVersion + 1, 0) };
}

/** The table's headers in (`after`, `until`]; by default all. */
export function headerRange(table: number, after = -1, until = lastVersion): KeyRange {
  return { lower: headerKey(table, after + 1), upper: headerKey(table, until + 1) };
}

/** The table's changes in (`after`, `until`]. */
export function changeRange(table: number, after: number, until: number): KeyRange {
  return { lower: changeKey(table, after + 1, 0), upper: changeKey(table, until + 1, 0) };
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

export function asBuffer(bytes: Uint8Array): Buffer {
  return bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

export const noBytes = Buffer.from([0]);
