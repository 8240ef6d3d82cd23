import type { ProducerIdentity } from './kafka-produce-requests.ts';
import { crc32c } from './record-batch-crc.ts';
import type { OutgoingRecord } from './topic-writer.ts';

const headerBytes = 61;
const crcAt = 17;
const crcFrom = 21;

/**
 * A batch of format v2 (see `record-batch.ts`) without compression. The broker puts in the offsets, and by the producer's
 * identity and the sequence (of the first record, counted per partition) it knows a batch that it has already.
 */
export function writeRecordBatch(
  records: readonly OutgoingRecord[],
  producer: ProducerIdentity,
  baseSequence: number,
): Uint8Array {
  const baseTimestamp = records[0]?.timestampMs ?? 0;
  const body = Buffer.concat(records.map((record, i) => writeRecord(record, i, baseTimestamp)));
  const bytes = Buffer.concat([Buffer.alloc(headerBytes), body]);
  bytes.writeInt32BE(bytes.length - 12, 8);
  bytes.writeInt32BE(-1, 12);
  bytes.writeInt8(2, 16);
  bytes.writeInt32BE(records.length - 1, 23);
  bytes.writeBigInt64BE(BigInt(baseTimestamp), 27);
  const latest = records.reduce((most, { timestampMs }) => Math.max(most, timestampMs), baseTimestamp);
  bytes.writeBigInt64BE(BigInt(latest), 35);
  bytes.writeBigInt64BE(BigInt(producer.id), 43);
  bytes.writeInt16BE(producer.epoch, 51);
  bytes.writeInt32BE(baseSequence, 53);
  bytes.writeInt32BE(records.length, 57);
  bytes.writeUInt32BE(crc32c(bytes, crcFrom), crcAt);
  return bytes;
}

function writeRecord({ key, value, timestampMs }: OutgoingRecord, index: number, baseTimestamp: number): Buffer {
  const keyBytes = Buffer.from(key);
  const valueBytes = value === null ? undefined : Buffer.from(value);
  const parts = [
    Buffer.from([0]),
    varint(timestampMs - baseTimestamp),
    varint(index),
    varint(keyBytes.length),
    keyBytes,
    ...(valueBytes === undefined ? [varint(-1)] : [varint(valueBytes.length), valueBytes]),
    varint(0),
  ];
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([varint(length), ...parts]);
}

/** Zigzag: 0, -1, 1, -2 … are 0, 1, 2, 3 …; seven bits a byte. Exact up to 2^52. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value < 0 ? -2 * value - 1 : 2 * value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  bytes.push(rest);
  return Buffer.from(bytes);
}
