/** The bytes of a text that many are sent one after the other, made once. */
export class SharedBytes {
  readonly #encode: (text: string) => Buffer;
  #text: string | undefined;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(encode: (text: string) => Buffer) {
    this.#encode = encode;
  }

  /** Whoever is sent the same text gets the very same bytes: they are not to be written to. */
  of(text: string): Buffer {
    // Of one text, or of texts that differ early: nothing is compared at length.
    if (text !== this.#text) {
      this.#bytes = this.#encode(text);
      this.#text = text;
    }
    return this.#bytes;
  }
}
