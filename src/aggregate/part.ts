import type { ByteReader, ByteWriter } from '../store/key-bytes.ts';
import type { GroupInput } from './group.ts';
import type { SortedEntries } from './sorted-entries.ts';

/**
 * What a group remembers of its rows so that an aggregate can be told, and rows taken out again: a sum, the distinct values. A
 * function reads one part or several; functions of one argument share what they have in common (MIN, MAX and COUNT_DISTINCT the
 * distinct values, SUM, AVG and VARIANCE the sum).
 *
 * A part keeps counters, which all stand in the group's one entry, or entries of its own (`SortedEntries`), or both. What happens
 * to entries is buffered and cancels out: `flush` writes what is left of it.
 */
export interface Part {
  add(input: GroupInput): void;
  /** Of a row that was added with an equal input. */
  retract(input: GroupInput): void;
  /** Brings entries, and counters that follow from them, up to date. Before every reading, and before `write`. */
  flush(): void;
  /** The counters. Equal rows leave equal bytes, whatever has come and gone. */
  write(writer: ByteWriter): void;
}

/** Makes the part from what `write` wrote; empty where there is no `state`. `entries` makes those of the part, if it has any. */
export type OpenPart<P extends Part> = (entries: () => SortedEntries, state: ByteReader | undefined) => P;

/** The parts that the functions of an aggregation need, each once. */
export class PartPlan {
  readonly #places = new Map<string, number>();
  readonly openers: OpenPart<Part>[] = [];

  /** Two parts of one `name` are the same. Gives the part of a group, out of all its parts. */
  need<P extends Part>(name: string, open: OpenPart<P>): (parts: readonly Part[]) => P {
    const known = this.#places.get(name);
    const place = known ?? this.openers.length;
    if (known === undefined) {
      this.#places.set(name, place);
      this.openers.push(open);
    }
    return (parts) => parts[place] as P;
  }

  /** Tells whether state was written by the same parts in the same order. */
  get names(): readonly string[] {
    return [...this.#places.keys()];
  }
}
