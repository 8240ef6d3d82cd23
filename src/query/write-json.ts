import { JsonText } from '../model/value.ts';

/** How long a text may become, in bytes of UTF-8, and what happens then. */
export interface TextLimit {
  readonly maxBytes: number;
  readonly tooLong: () => never;
}

/**
 * The JSON text of a result. Unlike JSON.stringify it copies `JsonText` as it stands, so that the digits of a JSON column
 * reach the client untouched. Members that are undefined are left out; a value that JSON cannot hold becomes null. With a limit
 * no text is built that is longer than it by more than one value.
 */
export function writeJson(value: unknown, limit: TextLimit = unlimited): string {
  const writer = new Writer(limit);
  writer.write(value);
  return writer.end();
}

const unlimited: TextLimit = {
  maxBytes: Infinity,
  tooLong: () => {
    throw new Error('bug in Headgate: a text is longer than any');
  },
};

/**
 * Counting bytes costs as much as writing them, and lengths are known: a text has at most three bytes for each of its UTF-16
 * units. So nothing is counted before it has a third as many units as there may be bytes, and then not again before the rest
 * could be used up.
 */
class Writer {
  readonly #limit: TextLimit;
  #text = '';
  /** Units whose bytes are known, and their bytes. */
  #counted = 0;
  #bytes = 0;
  /** With more units the bytes are to be counted. */
  #enough: number;

  constructor(limit: TextLimit) {
    this.#limit = limit;
    this.#enough = unitsWithin(limit.maxBytes);
  }

  write(value: unknown): void {
    switch (typeof value) {
      case 'string':
        this.#put(JSON.stringify(value));
        return;
      case 'number':
        this.#put(Number.isFinite(value) ? String(value) : 'null');
        return;
      case 'boolean':
        this.#put(value ? 'true' : 'false');
        return;
      case 'bigint':
        this.#put(`"${value}"`);
        return;
      case 'object':
        if (value === null) this.#put('null');
        else this.#writeObject(value);
        return;
      default:
        this.#put('null');
    }
  }

  end(): string {
    // What was not counted may still be too long by its last units.
    if (this.#text.length > this.#enough) this.#count();
    return this.#text;
  }

  #writeObject(value: object): void {
    if (value instanceof JsonText) {
      this.#put(value.text);
      return;
    }
    if (Array.isArray(value)) {
      this.#text += '[';
      for (let i = 0; i < value.length; i += 1) {
        if (i > 0) this.#text += ',';
        this.write(value[i]);
      }
      this.#text += ']';
      return;
    }
    let before = '{';
    for (const [name, member] of Object.entries(value)) {
      if (member === undefined) continue;
      this.#text += `${before}${JSON.stringify(name)}:`;
      before = ',';
      this.write(member);
    }
    this.#text += before === '{' ? '{}' : '}';
  }

  #put(piece: string): void {
    this.#text += piece;
    if (this.#text.length > this.#enough) this.#count();
  }

  #count(): void {
    const { maxBytes, tooLong } = this.#limit;
    this.#bytes += Buffer.byteLength(this.#text.slice(this.#counted));
    this.#counted = this.#text.length;
    if (this.#bytes > maxBytes) tooLong();
    this.#enough = this.#counted + unitsWithin(maxBytes - this.#bytes);
  }
}

function unitsWithin(bytes: number): number {
  return Math.floor(bytes / 3);
}
