import type { ColumnType } from '../model/value.ts';
import type { ByteReader, ByteWriter } from '../store/key-bytes.ts';
import type { GroupInput } from './group.ts';
import { baseOf, ExactSum, scaledOf, squareOf } from './exact-sum.ts';
import type { Scaled } from './exact-sum.ts';
import type { Part } from './part.ts';
import { readCount, writeCount } from './state-bytes.ts';

/** Number and sum of an argument's values, or of their squares. */
export class SumPart implements Part {
  readonly #place: number;
  readonly #type: ColumnType;
  readonly #squares: boolean;
  readonly sum: ExactSum;
  #count: number;

  constructor(place: number, type: ColumnType, squares: boolean, state: ByteReader | undefined) {
    this.#place = place;
    this.#type = type;
    this.#squares = squares;
    this.#count = state === undefined ? 0 : readCount(state);
    this.sum = new ExactSum(baseOf(type), state);
  }

  /** Of values that are not null. */
  get count(): number {
    return this.#count;
  }

  add(input: GroupInput): void {
    const number = this.#numberOf(input);
    if (number === undefined) return;
    this.#count += 1;
    this.sum.add(number);
  }

  retract(input: GroupInput): void {
    const number = this.#numberOf(input);
    if (number === undefined) return;
    this.#count -= 1;
    this.sum.subtract(number);
  }

  flush(): void {
    // It has no entries.
  }

  write(writer: ByteWriter): void {
    writeCount(writer, this.#count);
    this.sum.write(writer);
  }

  #numberOf({ args }: GroupInput): Scaled | undefined {
    const value = args[this.#place] ?? null;
    if (value === null) return undefined;
    const number = scaledOf(this.#type, value);
    return this.#squares ? squareOf(number) : number;
  }
}
