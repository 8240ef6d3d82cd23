import { Duplex } from 'node:stream';

/** A connection without a network: what a server reads is pushed, and what it writes is kept. */
export class MemorySocket extends Duplex {
  readonly #sent: Buffer[] = [];

  get sent(): Buffer {
    return Buffer.concat(this.#sent);
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#sent.push(chunk);
    done();
  }

  /** As node's sockets have it; nothing is timed here. */
  setTimeout(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }
}
