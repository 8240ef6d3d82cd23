import type { ByteReader, ByteWriter } from '../store/key-bytes.ts';

/** Numbers as counters keep them: few bytes where they are small, and no bound. */

/** An integer that is not negative and safe: seven bits a byte, the lowest first, 80 on all but the last. */
export function writeCount(writer: ByteWriter, count: number): void {
  let rest = count;
  while (rest >= 0x80) {
    writer.byte((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  writer.byte(rest);
}

export function readCount(reader: ByteReader): number {
  let count = 0;
  let unit = 1;
  for (;;) {
    const byte = reader.byte();
    if (byte < 0x80) return count + byte * unit;
    count += (byte - 0x80) * unit;
    unit *= 0x80;
  }
}

/** Any integer: twice the number of its bytes, plus one where it is negative, then the bytes of its magnitude. */
export function writeInteger(writer: ByteWriter, value: bigint): void {
  const negative = value < 0n;
  const magnitude = negative ? -value : value;
  const hex = magnitude === 0n ? '' : magnitude.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  writeCount(writer, bytes.length * 2 + (negative ? 1 : 0));
  writer.bytes(bytes);
}

export function readInteger(reader: ByteReader): bigint {
  const head = readCount(reader);
  const bytes = reader.take(Math.floor(head / 2));
  const magnitude = bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
  return head % 2 === 1 ? -magnitude : magnitude;
}
