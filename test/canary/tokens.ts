import type { Random } from '../support/random.ts';

/** What a secret column may hold, named by its type in the schema. */
export type SecretType = 'String' | 'Int' | 'BigInt' | 'Decimal' | 'DateTime' | 'Bytes' | 'UUID' | 'Box';

/**
 * Makes values that occur nowhere else: canaries. Texts are recognizable by themselves (`cn…yr`, 16 characters); numbers, times
 * and UUIDs lie far outside of whatever else is in the data, and are known because they were made here.
 */
export class Mint {
  readonly #random: Random;
  /** Every way to write a canary, to the canary. */
  readonly #canaries = new Map<string, string>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** How many were made. */
  get size(): number {
    return new Set(this.#canaries.values()).size;
  }

  /** All texts among them: what a caller might guess. */
  texts(): readonly string[] {
    return [...this.#canaries.keys()].filter((name) => name.startsWith('cn'));
  }

  text(): string {
    return this.#unused(() => `cn${this.#letters(12)}yr`);
  }

  /** As records hold it and answers show it; of Bytes the base64 of a canary, of Box an object around one. */
  secret(type: SecretType): unknown {
    switch (type) {
      case 'String':
        return this.text();
      case 'Int':
        return Number(this.#unused(() => String(1_200_000_000 + this.#random.int(900_000_000))));
      case 'BigInt':
        return this.#unused(() => `7${this.#digits(17)}`);
      case 'Decimal':
        return `${this.#unused(() => `6${this.#digits(13)}`)}.${this.#random.int(9)}5`;
      case 'DateTime': {
        const text = this.#unused(() => this.#time());
        const ms = Date.parse(text);
        this.#canaries.set(String(ms), text);
        this.#canaries.set(`${ms}000`, text);
        return text;
      }
      case 'Bytes':
        return Buffer.from(this.text()).toString('base64');
      case 'UUID':
        return this.#unused(() => [8, 4, 4, 4, 12].map((length) => this.#hex(length)).join('-'));
      case 'Box':
        return { inner: this.text(), weight: this.secret('Int') };
    }
  }

  /** The canaries in a text, however they are written or wrapped. */
  in(text: string): Set<string> {
    const found = new Set<string>();
    this.#collect(text, 3, found);
    return found;
  }

  #collect(text: string, layers: number, found: Set<string>): void {
    const plain = text.includes('\\u') ? text.replaceAll(escaped, (_, hex: string) => character(hex)) : text;
    for (const [candidate] of plain.matchAll(candidates)) {
      const canary = this.#canaries.get(candidate);
      if (canary !== undefined) found.add(canary);
    }
    if (layers === 0) return;
    // Cursors, node ids, positions and Bytes are base64, with other base64 in it where somebody forged it so.
    for (const [run] of plain.matchAll(wrapped)) {
      const inner = Buffer.from(run, 'base64').toString('latin1');
      if (printable.test(inner)) this.#collect(inner, layers - 1, found);
    }
  }

  #unused(make: () => string): string {
    for (;;) {
      const canary = make();
      if (this.#canaries.has(canary)) continue;
      this.#canaries.set(canary, canary);
      return canary;
    }
  }

  #letters(length: number): string {
    return this.#some('0123456789abcdefghijklmnopqrstuvwxyz', length);
  }

  #digits(length: number): string {
    return this.#some('0123456789', length);
  }

  #hex(length: number): string {
    return this.#some('0123456789abcdef', length);
  }

  #some(alphabet: string, length: number): string {
    let text = '';
    for (let i = 0; i < length; i += 1) text += alphabet.charAt(this.#random.int(alphabet.length));
    return text;
  }

  #time(): string {
    const from = Date.UTC(2150, 0);
    return new Date(from + Math.floor(this.#random.next() * 20_000_000_000_000)).toISOString();
  }
}

const candidates =
  /cn[0-9a-z]{12}yr|2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{10,}/g;
const wrapped = /[\w+/-]{8,}={0,2}/g;
const printable = /[ -~]{6}/;
const escaped = /\\u([0-9a-fA-F]{4})/g;

function character(hex: string): string {
  return String.fromCharCode(Number.parseInt(hex, 16));
}
