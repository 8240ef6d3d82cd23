import type { ColumnType, Value } from '../model/value.ts';
import { createByteReader, createByteWriter } from '../store/key-bytes.ts';
import { readValue, writeNullable } from '../store/key-codec.ts';
import type { GroupInput } from './group.ts';
import type { Part } from './part.ts';
import { RowEntries, writeRowOrder } from './row-entries.ts';
import type { SortedEntries } from './sorted-entries.ts';
import { readCount, writeCount } from './state-bytes.ts';

const writer = createByteWriter();

/**
 * An argument's values by another value of the row: the greatest first, then the least argument, then the order of the rows. One
 * entry a row; none where either is null.
 */
export class RankedPart implements Part {
  readonly #place: number;
  readonly #type: ColumnType;
  readonly #byType: ColumnType;
  readonly #rows: RowEntries;

  constructor(place: number, type: ColumnType, byType: ColumnType, entries: SortedEntries) {
    this.#place = place;
    this.#type = type;
    this.#byType = byType;
    this.#rows = new RowEntries(entries);
  }

  /** As of the last flush. */
  *values(): Generator<Value> {
    for (const { sort, payload } of this.#rows.scan()) {
      yield readValue(createByteReader(sort.subarray(readCount(createByteReader(payload)))), this.#type);
    }
  }

  add(input: GroupInput): void {
    const entry = this.#entryOf(input);
    if (entry !== undefined) this.#rows.add(entry.sort, entry.payload);
  }

  retract(input: GroupInput): void {
    const entry = this.#entryOf(input);
    if (entry !== undefined) this.#rows.retract(entry.sort, entry.payload);
  }

  flush(): void {
    this.#rows.flush();
  }

  write(): void {
    // All that it has are entries.
  }

  /** The payload says where in the sort bytes the argument begins. */
  #entryOf(input: GroupInput): { readonly sort: Uint8Array; readonly payload: Buffer } | undefined {
    const arg = input.args[this.#place] ?? null;
    const by = input.bys[this.#place] ?? null;
    if (arg === null || by === null) return undefined;
    writer.reset();
    writeNullable(writer, this.#byType, by);
    // Every bit turned: the greatest comes first, and still none is the beginning of another.
    const turned = writer.take().map((byte) => byte ^ 0xff);
    writer.reset();
    writeCount(writer, turned.length);
    const payload = Buffer.from(writer.take());
    writer.reset();
    writer.bytes(turned);
    writeNullable(writer, this.#type, arg);
    writeRowOrder(writer, input);
    return { sort: writer.take(), payload };
  }
}
