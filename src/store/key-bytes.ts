/** A growing buffer that keys are written into; used synchronously, one key at a time. */
export interface ByteWriter {
  readonly length: number;
  reset(): void;
  byte(value: number): void;
  bytes(value: Uint8Array): void;
  uint16(value: number): void;
  uint32(value: number): void;
  uint64(value: bigint): void;
  /** IEEE 754, so turned that bytes order as numbers do; -0 is 0. */
  float64(value: number): void;
  /** Bytes of any content behind which more may follow: 00 and 01 escaped, 00 at the end. */
  terminated(value: string | Uint8Array): void;
  truncate(length: number): void;
  /** A copy of what was written. */
  take(): Uint8Array;
  /** The same, for what a commit forgets: a piece of memory that others have the rest of, and that one copy would keep. */
  takeBriefly(): Uint8Array;
}

export interface ByteReader {
  byte(): number;
  peek(): number;
  uint16(): number;
  uint32(): number;
  uint64(): bigint;
  float64(): number;
  take(length: number): Uint8Array;
  terminated(): Buffer;
}

const endMark = 0x00;
const escapeMark = 0x01;

export function createByteWriter(): ByteWriter {
  let buffer = Buffer.allocUnsafeSlow(4_096);
  let length = 0;

  function reserve(bytes: number): void {
    if (length + bytes <= buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(buffer.length * 2, length + bytes));
    buffer.copy(larger, 0, 0, length);
    buffer = larger;
  }

  return {
    get length() {
      return length;
    },
    reset() {
      length = 0;
    },
    byte(value) {
      reserve(1);
      buffer[length] = value;
      length += 1;
    },
    bytes(value) {
      reserve(value.length);
      buffer.set(value, length);
      length += value.length;
    },
    uint16(value) {
      reserve(2);
      length = buffer.writeUInt16BE(value, length);
    },
    uint32(value) {
      reserve(4);
      length = buffer.writeUInt32BE(value, length);
    },
    uint64(value) {
      reserve(8);
      length = buffer.writeBigUInt64BE(value, length);
    },
    float64(value) {
      reserve(8);
      const start = length;
      length = buffer.writeDoubleBE(value === 0 ? 0 : value, start);
      if (value < 0) for (let i = start; i < length; i += 1) buffer[i] = ~(buffer[i] ?? 0);
      else buffer[start] = (buffer[start] ?? 0) | 0x80;
    },
    terminated(value) {
      // Room for every byte escaped; a UTF-16 unit takes three bytes of UTF-8 at most.
      reserve(value.length * 6 + 1);
      const start = length;
      if (typeof value === 'string') {
        length += buffer.write(value, start, 'utf8');
      } else {
        buffer.set(value, start);
        length += value.length;
      }
      let special = 0;
      for (let i = start; i < length; i += 1) if ((buffer[i] ?? 0) <= escapeMark) special += 1;
      if (special > 0) {
        let to = length + special;
        for (let from = length - 1; from >= start; from -= 1) {
          const byte = buffer[from] ?? 0;
          if (byte <= escapeMark) {
            buffer[(to -= 1)] = byte + 1;
            buffer[(to -= 1)] = escapeMark;
          } else {
            buffer[(to -= 1)] = byte;
          }
        }
        length += special;
      }
      buffer[length] = endMark;
      length += 1;
    },
    truncate(to) {
      length = to;
    },
    take: () => Uint8Array.prototype.slice.call(buffer, 0, length),
    takeBriefly() {
      const copy = Buffer.allocUnsafe(length);
      if (length > 64) buffer.copy(copy, 0, 0, length);
      else for (let i = 0; i < length; i += 1) copy[i] = buffer[i] ?? 0;
      return copy;
    },
  };
}

/**
 * Reads what a ByteWriter wrote. Throws RangeError past the end: a bound of a range may be any prefix of a key, and whoever
 * decodes one must learn where it ends.
 */
export function createByteReader(bytes: Uint8Array): ByteReader {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  const skip = (length: number): number => (at += length) - length;
  return {
    byte() {
      const byte = buffer[skip(1)];
      if (byte === undefined) throw new RangeError('the key ends early');
      return byte;
    },
    peek: () => buffer[at] ?? 0,
    uint16: () => buffer.readUInt16BE(skip(2)),
    uint32: () => buffer.readUInt32BE(skip(4)),
    uint64: () => buffer.readBigUInt64BE(skip(8)),
    float64() {
      const copy = Buffer.from(buffer.subarray(at, skip(8) + 8));
      if ((copy[0] ?? 0) & 0x80) copy[0] = (copy[0] ?? 0) & 0x7f;
      else for (let i = 0; i < 8; i += 1) copy[i] = ~(copy[i] ?? 0);
      return copy.readDoubleBE(0);
    },
    take: (length) => buffer.subarray(at, skip(length) + length),
    terminated() {
      const end = buffer.indexOf(endMark, at);
      if (end === -1) throw new RangeError('the key ends early');
      const raw = buffer.subarray(at, end);
      at = end + 1;
      if (!raw.includes(escapeMark)) return raw;
      const plain: number[] = [];
      for (let i = 0; i < raw.length; i += 1) {
        const byte = raw[i] ?? 0;
        if (byte === escapeMark) plain.push((raw[(i += 1)] ?? 0) - 1);
        else plain.push(byte);
      }
      return Buffer.from(plain);
    },
  };
}
