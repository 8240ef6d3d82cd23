import { Encoder as ZstdEncoder } from '@toondepauw/node-zstd';
import { compressFrameSync } from 'lz4-napi';
import { compressSync } from 'snappy';
import { gzipSync } from 'node:zlib';
import { crc32c } from '../../../src/source/record-batch-crc.ts';

export interface WrittenRecord {
  readonly offset: number;
  readonly key?: string | Buffer | null | undefined;
  readonly value?: string | Buffer | null | undefined;
  readonly timestampMs?: number | undefined;
  readonly headers?: readonly (readonly [string, string | null])[] | undefined;
}

export interface WrittenBatch {
  readonly records: readonly WrittenRecord[];
  /** Default: of the first record. */
  readonly baseOffset?: number | undefined;
  /** Default: of the last record. Later than it where compaction took the tail. */
  readonly lastOffset?: number | undefined;
  readonly codec?: 'none' | 'gzip' | 'snappy' | 'xerial' | 'lz4' | 'zstd' | undefined;
  /** -1: none. */
  readonly producerId?: number | undefined;
  readonly transactional?: boolean | undefined;
  readonly control?: boolean | undefined;
  readonly leaderEpoch?: number | undefined;
  /** The batch's maximum; with it, LogAppendTime. */
  readonly appendTimeMs?: number | undefined;
  readonly magic?: number | undefined;
}

/** The bytes of a batch of format v2, as a broker would send them. */
export function writeBatch(batch: WrittenBatch): Buffer {
  const { records, producerId = -1, leaderEpoch = 0, magic = 2, appendTimeMs } = batch;
  const baseOffset = batch.baseOffset ?? records[0]?.offset ?? 0;
  const lastOffset = batch.lastOffset ?? records.at(-1)?.offset ?? baseOffset;
  const baseTimestamp = records[0]?.timestampMs ?? 0;
  const plain = Buffer.concat(records.map((record) => writeRecord(record, baseOffset, baseTimestamp)));
  const [codec, body] = compress(batch.codec ?? 'none', plain);
  const attributes =
    codec |
    (appendTimeMs === undefined ? 0 : 0x08) |
    (batch.transactional === true ? 0x10 : 0) |
    (batch.control === true ? 0x20 : 0);
  const header = Buffer.alloc(61);
  header.writeBigInt64BE(BigInt(baseOffset), 0);
  header.writeInt32BE(49 + body.length, 8);
  header.writeInt32BE(leaderEpoch, 12);
  header.writeInt8(magic, 16);
  header.writeInt16BE(attributes, 21);
  header.writeInt32BE(lastOffset - baseOffset, 23);
  header.writeBigInt64BE(BigInt(baseTimestamp), 27);
  header.writeBigInt64BE(
    BigInt(appendTimeMs ?? records.reduce((most, record) => Math.max(most, record.timestampMs ?? 0), baseTimestamp)),
    35,
  );
  header.writeBigInt64BE(BigInt(producerId), 43);
  header.writeInt16BE(producerId < 0 ? -1 : 0, 51);
  header.writeInt32BE(-1, 53);
  header.writeInt32BE(records.length, 57);
  const bytes = Buffer.concat([header, body]);
  bytes.writeUInt32BE(crc32c(bytes, 21), 17);
  return bytes;
}

/** The control batch that ends a transaction. */
export function writeMarker(offset: number, producerId: number, outcome: 'commit' | 'abort'): Buffer {
  const key = Buffer.from([0, 0, 0, outcome === 'commit' ? 1 : 0]);
  const value = Buffer.from([0, 0, 0, 0, 0, 0]);
  return writeBatch({ records: [{ offset, key, value }], producerId, transactional: true, control: true });
}

function writeRecord(record: WrittenRecord, baseOffset: number, baseTimestamp: number): Buffer {
  const headers = record.headers ?? [];
  const body = Buffer.concat([
    Buffer.from([0]),
    varint((record.timestampMs ?? baseTimestamp) - baseTimestamp),
    varint(record.offset - baseOffset),
    sized(record.key),
    sized(record.value),
    varint(headers.length),
    ...headers.flatMap(([name, value]) => [sized(name), sized(value)]),
  ]);
  return Buffer.concat([varint(body.length), body]);
}

function sized(data: string | Buffer | null | undefined): Buffer {
  if (data === null || data === undefined) return varint(-1);
  const bytes = Buffer.from(data);
  return Buffer.concat([varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value < 0 ? BigInt(-value) * 2n - 1n : BigInt(value) * 2n;
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}

function compress(codec: NonNullable<WrittenBatch['codec']>, plain: Buffer): readonly [number, Buffer] {
  switch (codec) {
    case 'none':
      return [0, plain];
    case 'gzip':
      return [1, gzipSync(plain)];
    case 'snappy':
      return [2, compressSync(plain)];
    case 'xerial':
      return [2, xerial(plain)];
    case 'lz4':
      return [3, compressFrameSync(plain)];
    case 'zstd':
      return [4, new ZstdEncoder(3).encodeSync(plain)];
  }
}

/** As the Java client frames it: a magic, two version numbers, then blocks of 32 KiB. */
function xerial(plain: Buffer): Buffer {
  const parts: Buffer[] = [Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1])];
  for (let at = 0; at < plain.length; at += 32_768) {
    const block = compressSync(plain.subarray(at, at + 32_768));
    const length = Buffer.alloc(4);
    length.writeInt32BE(block.length);
    parts.push(length, block);
  }
  return Buffer.concat(parts);
}
