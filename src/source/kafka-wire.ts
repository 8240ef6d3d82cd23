/**
 * Reading and writing of the primitive types of the Kafka protocol. `flexible` is the newer encoding (compact strings and
 * arrays, tagged fields), which kafkajs does not know: with it a request and its answer begin with the header's tag section.
 */
export class WireReader {
  readonly #bytes: Buffer;
  readonly #flexible: boolean;
  #at = 0;

  constructor(bytes: Buffer, flexible: boolean) {
    this.#bytes = bytes;
    this.#flexible = flexible;
    this.tags();
  }

  boolean(): boolean {
    return this.#bytes.readInt8(this.#skip(1)) !== 0;
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.#skip(2));
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#skip(4));
  }

  /** Exact up to 2^53; offsets, producer ids and times are far below. */
  int64(): number {
    return readInt64(this.#bytes, this.#skip(8));
  }

  uuid(): string {
    const at = this.#skip(16);
    return this.#bytes.toString('hex', at, at + 16);
  }

  string(): string | null {
    const length = this.#flexible ? this.#unsignedVarint() - 1 : this.int16();
    if (length < 0) return null;
    const at = this.#skip(length);
    return this.#bytes.toString('utf8', at, at + length);
  }

  /** A view on the response, not a copy. */
  bytes(): Buffer | null {
    const length = this.#flexible ? this.#unsignedVarint() - 1 : this.int32();
    if (length < 0) return null;
    const at = this.#skip(length);
    return this.#bytes.subarray(at, at + length);
  }

  array<T>(read: () => T): T[] {
    const length = this.#flexible ? this.#unsignedVarint() - 1 : this.int32();
    const result: T[] = [];
    for (let i = 0; i < length; i++) result.push(read());
    return result;
  }

  /** Ends each structure of the flexible encoding; we know no tagged field that we need. */
  tags(): void {
    if (!this.#flexible) return;
    for (let count = this.#unsignedVarint(); count > 0; count--) {
      this.#unsignedVarint();
      this.#skip(this.#unsignedVarint());
    }
  }

  #unsignedVarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#bytes.readUInt8(this.#skip(1));
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError('the broker sent a malformed length');
  }

  #skip(length: number): number {
    const at = this.#at;
    if (length < 0 || at + length > this.#bytes.length)
      throw new RangeError('the broker sent an answer that ends early');
    this.#at = at + length;
    return at;
  }
}

export class WireWriter {
  readonly #parts: Buffer[] = [];
  readonly #flexible: boolean;

  constructor(flexible: boolean) {
    this.#flexible = flexible;
    this.tags();
  }

  boolean(value: boolean): this {
    return this.#push(1, (bytes) => bytes.writeInt8(value ? 1 : 0));
  }

  int8(value: number): this {
    return this.#push(1, (bytes) => bytes.writeInt8(value));
  }

  int16(value: number): this {
    return this.#push(2, (bytes) => bytes.writeInt16BE(value));
  }

  int32(value: number): this {
    return this.#push(4, (bytes) => bytes.writeInt32BE(value));
  }

  int64(value: number): this {
    return this.#push(8, (bytes) => bytes.writeBigInt64BE(BigInt(value)));
  }

  uuid(hex: string): this {
    this.#parts.push(Buffer.from(hex, 'hex'));
    return this;
  }

  string(value: string): this {
    const text = Buffer.from(value);
    if (this.#flexible) this.#unsignedVarint(text.length + 1);
    else this.#push(2, (bytes) => bytes.writeInt16BE(text.length));
    this.#parts.push(text);
    return this;
  }

  /** Of the older encoding. */
  null(): this {
    return this.int16(-1);
  }

  /** Of the older encoding. */
  bytes(data: Uint8Array): this {
    this.int32(data.length);
    this.#parts.push(Buffer.from(data.buffer, data.byteOffset, data.length));
    return this;
  }

  array<T>(items: readonly T[], write: (item: T) => void): this {
    if (this.#flexible) this.#unsignedVarint(items.length + 1);
    else this.int32(items.length);
    for (const item of items) write(item);
    return this;
  }

  tags(): this {
    if (this.#flexible) this.#unsignedVarint(0);
    return this;
  }

  finish(): Buffer {
    return Buffer.concat(this.#parts);
  }

  #unsignedVarint(value: number): void {
    const bytes: number[] = [];
    let rest = value;
    for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
    bytes.push(rest);
    this.#parts.push(Buffer.from(bytes));
  }

  #push(length: number, write: (bytes: Buffer) => void): this {
    const bytes = Buffer.allocUnsafe(length);
    write(bytes);
    this.#parts.push(bytes);
    return this;
  }
}

/** An int64 as a number, without a BigInt on the way. */
export function readInt64(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 0x1_0000_0000 + bytes.readUInt32BE(at + 4);
}
