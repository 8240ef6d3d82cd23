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
  if (magnitude <= maxSmall) {
    writeSmall(writer, Number(magnitude), negative);
    return;
  }
  const hex = magnitude === 0n ? '' : magnitude.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  writeCount(writer, bytes.length * 2 + (negative ? 1 : 0));
  writer.bytes(bytes);
}

/** The same bytes, without a detour over text: most sums are small. */
function writeSmall(writer: ByteWriter, magnitude: number, negative: boolean): void {
  let unit = 1;
  let bytes = 0;
  for (; unit <= magnitude; unit *= 0x100) bytes += 1;
  writeCount(writer, bytes * 2 + (negative ? 1 : 0));
  for (let rest = magnitude; unit > 1; rest %= unit) {
    unit /= 0x100;
    writer.byte(Math.floor(rest / unit));
  }
}

/** Six bytes. */
const maxSmall = 0xffff_ffff_ffffn;

export function readInteger(reader: ByteReader): bigint {
  const head = readCount(reader);
  const bytes = reader.take(Math.floor(head / 2));
  let magnitude: bigint;
  if (bytes.length <= 6) {
    let small = 0;
    for (const byte of bytes) small = small * 0x100 + byte;
    magnitude = BigInt(small);
  } else {
    magnitude = BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
  }
  return head % 2 === 1 ? -magnitude : magnitude;
}
