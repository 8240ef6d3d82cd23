import type * as Zstd from '@toondepauw/node-zstd';
import type * as Lz4 from 'lz4-napi';
import type * as Snappy from 'snappy';
import { createRequire } from 'node:module';
import { gunzipSync } from 'node:zlib';

/** Loaded when a batch is met that needs them: they take longer to load than all else that reads Kafka. */
const require = createRequire(import.meta.url);

/**
 * Decompresses the records of a batch. Whatever the compressed bytes claim, nothing larger than `maxBytes` is produced: the
 * native decompressors know no limit of their own, so the sizes that the frames lead to are added up before. Throws an Error with
 * the reason.
 */
export function decompress(codec: number, bytes: Buffer, maxBytes: number): Buffer {
  switch (codec) {
    case 1:
      return gunzip(bytes, maxBytes);
    case 2:
      return snappy(bytes, maxBytes);
    case 3:
      refuseAbove(lz4Bound(bytes), maxBytes);
      return (require('lz4-napi') as typeof Lz4).decompressFrameSync(bytes);
    case 4:
      refuseAbove(zstdBound(bytes), maxBytes);
      return new (require('@toondepauw/node-zstd') as typeof Zstd).Decoder().decodeSync(bytes);
    default:
      throw new Error(`compression codec ${codec} is unknown`);
  }
}

function refuseAbove(size: number, maxBytes: number): void {
  if (size > maxBytes) throw new Error(`it decompresses to more than ${maxBytes} bytes`);
}

function gunzip(bytes: Buffer, maxBytes: number): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    if (error instanceof RangeError) refuseAbove(Number.POSITIVE_INFINITY, maxBytes);
    throw error;
  }
}

/** The Java client frames its blocks (xerial), librdkafka writes one bare block. */
const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const xerialHeaderBytes = 16;

function snappy(bytes: Buffer, maxBytes: number): Buffer {
  if (!bytes.subarray(0, xerialMagic.length).equals(xerialMagic)) {
    refuseAbove(snappySize(bytes), maxBytes);
    return snappyBlock(bytes);
  }
  const blocks: Buffer[] = [];
  let size = 0;
  for (let at = xerialHeaderBytes; at < bytes.length;) {
    const length = bytes.readInt32BE(at);
    const block = bytes.subarray(at + 4, at + 4 + length);
    if (length <= 0 || block.length !== length) throw new Error('a snappy block ends early');
    size += snappySize(block);
    refuseAbove(size, maxBytes);
    blocks.push(snappyBlock(block));
    at += 4 + length;
  }
  return Buffer.concat(blocks);
}

function snappyBlock(bytes: Buffer): Buffer {
  const plain = (require('snappy') as typeof Snappy).uncompressSync(bytes);
  return typeof plain === 'string' ? Buffer.from(plain) : plain;
}

/** A block begins with its plain size as a varint. */
function snappySize(bytes: Buffer): number {
  let size = 0;
  for (let i = 0; i < 5; i++) {
    const byte = bytes[i] ?? 0x80;
    size += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return size;
  }
  throw new Error('a snappy block has no size');
}

const lz4BlockBytes: Readonly<Record<number, number>> = { 4: 1 << 16, 5: 1 << 18, 6: 1 << 20, 7: 1 << 22 };

/** The content size where the frame names it, else as many full blocks as it has. */
function lz4Bound(bytes: Buffer): number {
  let bound = 0;
  for (let at = 0; at < bytes.length;) {
    if (bytes.readUInt32LE(at) !== 0x184d2204) throw new Error('it is no LZ4 frame');
    const flags = bytes.readUInt8(at + 4);
    const blockBytes = lz4BlockBytes[(bytes.readUInt8(at + 5) >> 4) & 7];
    if (blockBytes === undefined) throw new Error('the LZ4 frame has an unknown block size');
    const sized = (flags & 0x08) !== 0;
    at += 6 + (sized ? 8 : 0) + (flags & 0x01 ? 4 : 0) + 1;
    for (let end = false; !end;) {
      const header = bytes.readUInt32LE(at);
      at += 4;
      end = header === 0;
      if (end) break;
      const length = header & 0x7fff_ffff;
      const stored = header > 0x7fff_ffff;
      bound += stored ? length : Math.min(blockBytes, length * 255);
      at += length + (flags & 0x10 ? 4 : 0);
    }
    at += flags & 0x04 ? 4 : 0;
  }
  return bound;
}

const zstdBlockBytes = 1 << 17;

/** The sum over the blocks; a compressed block holds at most 128 KiB. */
function zstdBound(bytes: Buffer): number {
  let bound = 0;
  for (let at = 0; at < bytes.length;) {
    const magic = bytes.readUInt32LE(at);
    if (magic >= 0x184d2a50 && magic <= 0x184d2a5f) {
      at += 8 + bytes.readUInt32LE(at + 4);
      continue;
    }
    if (magic !== 0xfd2fb528) throw new Error('it is no zstd frame');
    const descriptor = bytes.readUInt8(at + 4);
    const singleSegment = (descriptor & 0x20) !== 0;
    const sizeBytes = [singleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
    const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
    at += 5 + (singleSegment ? 0 : 1) + dictionaryBytes + sizeBytes;
    for (let last = false; !last;) {
      const header = bytes.readUIntLE(at, 3);
      const length = header >> 3;
      const type = (header >> 1) & 3;
      last = (header & 1) === 1;
      bound += type === 2 ? zstdBlockBytes : length;
      at += 3 + (type === 1 ? 1 : length);
    }
    at += descriptor & 0x04 ? 4 : 0;
  }
  return bound;
}
