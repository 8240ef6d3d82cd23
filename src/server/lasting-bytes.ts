/** What short texts share, and what is short. */
const slabBytes = 4_096;
const mostShared = 256;

/**
 * The bytes of texts that are kept for long, side by side. Node's own pool keeps all of its 8 KiB for any part of it that is in use,
 * and most of that goes to what is written and forgotten.
 */
export class LastingBytes {
  #slab = Buffer.alloc(0);
  #used = 0;

  of(text: string): Buffer {
    const length = Buffer.byteLength(text);
    const bytes = length > mostShared ? Buffer.allocUnsafeSlow(length) : this.#take(length);
    bytes.write(text);
    return bytes;
  }

  #take(length: number): Buffer {
    if (this.#used + length > this.#slab.length) {
      this.#slab = Buffer.allocUnsafeSlow(slabBytes);
      this.#used = 0;
    }
    this.#used += length;
    return this.#slab.subarray(this.#used - length, this.#used);
  }
}
