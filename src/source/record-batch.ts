import type { AbortedTransaction } from './kafka-requests.ts';
import { readInt64 } from './kafka-wire.ts';
import { decompress } from './record-batch-codecs.ts';
import { crc32c } from './record-batch-crc.ts';
import type { SourceRecord } from './source.ts';

/**
 * The records of one partition in a fetch response: batches of format v2, one after the other, the last perhaps cut off.
 *
 *   baseOffset 8 | length 4 | leaderEpoch 4 | magic 1 | crc 4 ▸ attributes 2 | lastOffsetDelta 4 | baseTimestamp 8 |
 *   maxTimestamp 8 | producerId 8 | producerEpoch 2 | baseSequence 4 | count 4 | records …      ▸ the crc covers from here
 */
const at = {
  length: 8,
  leaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  count: 57,
  records: 61,
} as const;
const attribute = { codec: 0x07, logAppendTime: 0x08, transactional: 0x10, control: 0x20 } as const;

/** A batch that cannot be read. Nothing after it is read either. */
export class UnreadableBatch extends Error {
  override readonly name = 'UnreadableBatch';
  readonly offset: number;

  constructor(offset: number, reason: string) {
    super(reason);
    this.offset = offset;
  }
}

/** The offset after the last complete batch, read from the headers alone; undefined where no batch is complete. */
export function nextOffset(section: Buffer): number | undefined {
  let next: number | undefined;
  for (let start = 0; start + at.records <= section.length;) {
    const end = start + at.leaderEpoch + section.readInt32BE(start + at.length);
    if (end > section.length || end < start + at.records) break;
    next = readInt64(section, start) + section.readInt32BE(start + at.lastOffsetDelta) + 1;
    start = end;
  }
  return next;
}

export interface RecordSectionOptions {
  readonly topic: string;
  readonly partition: number;
  readonly section: Buffer;
  /** Records below are left out: a batch may begin before the offset that was asked for. */
  readonly from: number;
  /** As the broker lists them for this response, in any order. */
  readonly aborted: readonly AbortedTransaction[];
  readonly maxBatchBytes: number;
}

export interface ReadRecords {
  /** Keys, values and headers are views on the response (or on a decompressed batch): copy what is kept. */
  readonly records: SourceRecord[];
  /** Offset after the last batch read, which may hold no record for us. */
  readonly next: number;
  /** Leader epoch of the last batch read. */
  readonly leaderEpoch: number;
}

export interface RecordSectionReader {
  /** Whole batches, until there are `maxRecords` records or no batch is left; undefined at the end. Throws UnreadableBatch. */
  read(maxRecords: number): ReadRecords | undefined;
}

export function readRecordSection(options: RecordSectionOptions): RecordSectionReader {
  const { topic, partition, section, maxBatchBytes } = options;
  const transactions = options.aborted.toSorted((a, b) => a.firstOffset - b.firstOffset);
  const abortedProducers = new Set<number>();
  let transactionsBegun = 0;
  let start = 0;

  /** Whether the batch's records were aborted or are no records; keeps track of which producers' transactions were. */
  const isHidden = (lastOffset: number, attributes: number, records: () => Buffer): boolean => {
    const producerId = readInt64(section, start + at.producerId);
    for (let next = transactions[transactionsBegun]; next !== undefined && next.firstOffset <= lastOffset;) {
      abortedProducers.add(next.producerId);
      next = transactions[++transactionsBegun];
    }
    if ((attributes & attribute.control) !== 0) {
      if (abortedProducers.has(producerId) && isAbortMarker(records())) abortedProducers.delete(producerId);
      return true;
    }
    return (attributes & attribute.transactional) !== 0 && abortedProducers.has(producerId);
  };

  const readBatch = (end: number, into: SourceRecord[]): void => {
    const baseOffset = readInt64(section, start);
    const fail = (reason: string): never => {
      throw new UnreadableBatch(Math.max(baseOffset, options.from), reason);
    };
    const magic = section.readInt8(start + at.magic);
    if (magic !== 2) fail(`the batch has message format v${magic}, and only v2 (Kafka 0.11 and newer) can be read`);
    if (end < start + at.records) fail('the batch is shorter than its header');
    if (crc32c(section, start + at.attributes, end) !== section.readUInt32BE(start + at.crc)) {
      fail('the checksum (CRC-32C) of the batch is wrong');
    }
    const attributes = section.readInt16BE(start + at.attributes);
    const count = section.readInt32BE(start + at.count);
    const lastOffset = baseOffset + section.readInt32BE(start + at.lastOffsetDelta);
    const records = (): Buffer => {
      const codec = attributes & attribute.codec;
      const bytes = section.subarray(start + at.records, end);
      if (codec === 0) return bytes;
      try {
        return decompress(codec, bytes, maxBatchBytes);
      } catch (error) {
        return fail(`the batch cannot be decompressed: ${error instanceof Error ? error.message : String(error)}`);
      }
    };
    if (isHidden(lastOffset, attributes, records) || count === 0 || lastOffset < options.from) return;
    const complete = readRecords({
      bytes: records(),
      count,
      topic,
      partition,
      baseOffset,
      baseTimestamp: readInt64(section, start + at.baseTimestamp),
      appendTimestamp:
        (attributes & attribute.logAppendTime) === 0 ? undefined : readInt64(section, start + at.maxTimestamp),
      from: options.from,
      into,
    });
    if (!complete) fail('the batch is malformed');
  };

  return {
    read(maxRecords) {
      const records: SourceRecord[] = [];
      let next: number | undefined;
      let leaderEpoch = -1;
      while (records.length < maxRecords && start + at.records <= section.length) {
        const end = start + at.leaderEpoch + section.readInt32BE(start + at.length);
        if (end > section.length) break;
        const before = records.length;
        try {
          readBatch(end, records);
        } catch (error) {
          if (next === undefined) throw error;
          // What was read before the bad batch is delivered first; the next call meets the batch again and throws.
          records.length = before;
          break;
        }
        next = readInt64(section, start) + section.readInt32BE(start + at.lastOffsetDelta) + 1;
        leaderEpoch = section.readInt32BE(start + at.leaderEpoch);
        start = end;
      }
      return next === undefined ? undefined : { records, next, leaderEpoch };
    },
  };
}

/** A control record's key is its version and type, both int16; type 0 is ABORT. */
function isAbortMarker(records: Buffer): boolean {
  const cursor = { at: 0 };
  readVarint(records, cursor);
  cursor.at += 1;
  readVarlong(records, cursor);
  readVarint(records, cursor);
  const keyLength = readVarint(records, cursor);
  return keyLength >= 4 && cursor.at + 4 <= records.length && records.readInt16BE(cursor.at + 2) === 0;
}

interface RecordsToRead {
  readonly bytes: Buffer;
  readonly count: number;
  readonly topic: string;
  readonly partition: number;
  readonly baseOffset: number;
  readonly baseTimestamp: number;
  readonly appendTimestamp: number | undefined;
  readonly from: number;
  readonly into: SourceRecord[];
}

const noHeaders: ReadonlyMap<string, Uint8Array | null> = new Map();

/** The hot path: nothing is allocated for a record but itself and its views. False where the bytes are not `count` records. */
function readRecords(batch: RecordsToRead): boolean {
  const { bytes, count, topic, partition, baseOffset, baseTimestamp, appendTimestamp, from, into } = batch;
  const cursor = { at: 0 };
  for (let i = 0; i < count; i++) {
    const length = readVarint(bytes, cursor);
    const end = cursor.at + length;
    if (length <= 0 || end > bytes.length) return false;
    cursor.at += 1;
    const timestampDelta = readVarlong(bytes, cursor);
    const offset = baseOffset + readVarint(bytes, cursor);
    const key = readBytes(bytes, cursor);
    const value = readBytes(bytes, cursor);
    const headerCount = readVarint(bytes, cursor);
    const headers = headerCount === 0 ? noHeaders : readHeaders(bytes, cursor, headerCount, end);
    if (cursor.at !== end || headers === undefined) return false;
    if (offset < from) continue;
    const timestampMs = appendTimestamp ?? baseTimestamp + timestampDelta;
    into.push({ topic, partition, offset, timestampMs, key, value, headers });
  }
  return cursor.at === bytes.length;
}

function readHeaders(
  bytes: Buffer,
  cursor: Cursor,
  count: number,
  end: number,
): ReadonlyMap<string, Uint8Array | null> | undefined {
  const headers = new Map<string, Uint8Array | null>();
  for (let i = 0; i < count; i++) {
    const length = readVarint(bytes, cursor);
    if (length < 0 || cursor.at + length > end) return undefined;
    const name = bytes.toString('utf8', cursor.at, cursor.at + length);
    cursor.at += length;
    headers.set(name, readBytes(bytes, cursor));
  }
  return headers;
}

interface Cursor {
  at: number;
}

/** Length and bytes; a negative length is null. Beyond the end the view is short, and the caller sees where the cursor went. */
function readBytes(bytes: Buffer, cursor: Cursor): Buffer | null {
  const length = readVarint(bytes, cursor);
  if (length < 0) return null;
  const start = cursor.at;
  cursor.at = start + length;
  return bytes.subarray(start, start + length);
}

/** A zigzag int32. */
function readVarint(bytes: Buffer, cursor: Cursor): number {
  let byte = bytes[cursor.at++] ?? 0;
  let value = byte & 0x7f;
  for (let shift = 7; byte >= 0x80 && shift < 35; shift += 7) {
    byte = bytes[cursor.at++] ?? 0;
    value |= (byte & 0x7f) << shift;
  }
  return (value >>> 1) ^ -(value & 1);
}

/** A zigzag int64; exact up to 2^53. */
function readVarlong(bytes: Buffer, cursor: Cursor): number {
  let byte = bytes[cursor.at++] ?? 0;
  let value = byte & 0x7f;
  for (let factor = 0x80; byte >= 0x80 && factor <= 2 ** 63; factor *= 0x80) {
    byte = bytes[cursor.at++] ?? 0;
    value += (byte & 0x7f) * factor;
  }
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
