import type { ByteReader, ByteWriter } from '../store/key-bytes.ts';
import type { GroupInput } from './group.ts';
import type { Part } from './part.ts';
import { readCount, writeCount } from './state-bytes.ts';

/** How many of an argument's values are not null. */
export class CountPart implements Part {
  readonly #place: number;
  #count: number;

  constructor(place: number, state: ByteReader | undefined) {
    this.#place = place;
    this.#count = state === undefined ? 0 : readCount(state);
  }

  get count(): number {
    return this.#count;
  }

  add({ args }: GroupInput): void {
    if (args[this.#place] !== null) this.#count += 1;
  }

  retract({ args }: GroupInput): void {
    if (args[this.#place] !== null) this.#count -= 1;
  }

  flush(): void {
    // It has no entries.
  }

  write(writer: ByteWriter): void {
    writeCount(writer, this.#count);
  }
}
