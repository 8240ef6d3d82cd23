import { assert } from '../common/errors.ts';
import type { ColumnType, Value } from '../model/value.ts';
import { createByteReader, createByteWriter } from '../store/key-bytes.ts';
import type { ByteReader, ByteWriter } from '../store/key-bytes.ts';
import { readValue, writeNullable } from '../store/key-codec.ts';
import { keyText } from '../store/keys.ts';
import type { GroupInput } from './group.ts';
import type { Part } from './part.ts';
import type { SortedEntries } from './sorted-entries.ts';
import { readCount, writeCount } from './state-bytes.ts';

const writer = createByteWriter();

/**
 * The distinct values of an argument, in their order, each with the number of rows that have it: one entry a value. Values that
 * compare as equal are one (the Decimals 1.10 and 1.1), and come back in canonical form.
 */
export class DistinctPart implements Part {
  readonly #place: number;
  readonly #type: ColumnType;
  readonly #entries: SortedEntries;
  /** How many rows more or fewer have a value, since the entries were written. */
  readonly #moved = new Map<string, { readonly sort: Uint8Array; rows: number }>();
  #size: number;

  constructor(place: number, type: ColumnType, entries: SortedEntries, state: ByteReader | undefined) {
    this.#place = place;
    this.#type = type;
    this.#entries = entries;
    this.#size = state === undefined ? 0 : readCount(state);
  }

  /** How many distinct values there are, as of the last flush. */
  get size(): number {
    return this.#size;
  }

  /** As of the last flush. */
  *values(order: 'ascending' | 'descending'): Generator<Value> {
    for (const { sort } of this.#entries.scan(order === 'descending')) {
      yield readValue(createByteReader(sort), this.#type);
    }
  }

  add(input: GroupInput): void {
    this.#move(input, 1);
  }

  retract(input: GroupInput): void {
    this.#move(input, -1);
  }

  flush(): void {
    for (const { sort, rows } of this.#moved.values()) {
      if (rows === 0) continue;
      const stored = this.#entries.get(sort);
      const before = stored === undefined ? 0 : readCount(createByteReader(stored));
      const after = before + rows;
      assert(after >= 0, 'a value is taken out of a group that does not have it');
      if (after === 0) {
        this.#entries.remove(sort);
      } else {
        writer.reset();
        writeCount(writer, after);
        this.#entries.put(sort, writer.take());
      }
      this.#size += Math.sign(after) - Math.sign(before);
    }
    this.#moved.clear();
  }

  write(to: ByteWriter): void {
    writeCount(to, this.#size);
  }

  #move({ args }: GroupInput, rows: number): void {
    const value = args[this.#place] ?? null;
    if (value === null) return;
    writer.reset();
    writeNullable(writer, this.#type, value);
    const sort = writer.take();
    const text = keyText(sort);
    const moved = this.#moved.get(text);
    if (moved === undefined) this.#moved.set(text, { sort, rows });
    else moved.rows += rows;
  }
}
