import type { ColumnType, Value } from '../model/value.ts';
import { valueFromJson, valueToJson } from '../model/value.ts';
import { createByteWriter } from '../store/key-bytes.ts';
import type { GroupInput } from './group.ts';
import type { Part } from './part.ts';
import { RowEntries, writeRowOrder } from './row-entries.ts';
import type { SortedEntries } from './sorted-entries.ts';

const writer = createByteWriter();

/** An argument's values in the order of their rows: one entry a row, with the value as it was written. */
export class OrderedPart implements Part {
  readonly #place: number;
  readonly #type: ColumnType;
  readonly #rows: RowEntries;

  constructor(place: number, type: ColumnType, entries: SortedEntries) {
    this.#place = place;
    this.#type = type;
    this.#rows = new RowEntries(entries);
  }

  /** As of the last flush. */
  *values(order: 'first to last' | 'last to first'): Generator<Value> {
    for (const { payload } of this.#rows.scan(order === 'last to first')) {
      yield valueFromJson(this.#type, payload.toString('utf8'));
    }
  }

  add(input: GroupInput): void {
    const value = input.args[this.#place] ?? null;
    if (value !== null) this.#rows.add(sortOf(input), this.#payloadOf(value));
  }

  retract(input: GroupInput): void {
    const value = input.args[this.#place] ?? null;
    if (value !== null) this.#rows.retract(sortOf(input), this.#payloadOf(value));
  }

  flush(): void {
    this.#rows.flush();
  }

  write(): void {
    // All that it has are entries.
  }

  #payloadOf(value: Value): Buffer {
    return Buffer.from(valueToJson(this.#type, value), 'utf8');
  }
}

function sortOf(input: GroupInput): Uint8Array {
  writer.reset();
  writeRowOrder(writer, input);
  return writer.take();
}
