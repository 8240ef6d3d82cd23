import { keyText } from '../store/keys.ts';
import type { ByteWriter } from '../store/key-bytes.ts';
import type { GroupInput } from './group.ts';
import type { SortedEntries, SortedEntry } from './sorted-entries.ts';

/** Entries of a part that has one for each source row; the sort bytes hold the row's place in the order, and are its own. */
export class RowEntries {
  readonly #entries: SortedEntries;
  readonly #moved = new Map<string, MovedRow>();

  constructor(entries: SortedEntries) {
    this.#entries = entries;
  }

  add(sort: Uint8Array, payload: Buffer): void {
    this.#move(sort, payload, 1);
  }

  retract(sort: Uint8Array, payload: Buffer): void {
    this.#move(sort, payload, -1);
  }

  flush(): void {
    for (const { sort, payloads } of this.#moved.values()) {
      const added = payloads.find(({ rows }) => rows > 0);
      if (added !== undefined) this.#entries.put(sort, added.payload);
      else if (payloads.some(({ rows }) => rows < 0)) this.#entries.remove(sort);
    }
    this.#moved.clear();
  }

  /** As of the last flush. */
  scan(reverse = false): Generator<SortedEntry> {
    return this.#entries.scan(reverse);
  }

  #move(sort: Uint8Array, payload: Buffer, by: number): void {
    const text = keyText(sort);
    const moved = this.#moved.get(text);
    if (moved === undefined) {
      this.#moved.set(text, { sort, payloads: [{ payload, rows: by }] });
      return;
    }
    const same = moved.payloads.find((known) => known.payload.equals(payload));
    if (same === undefined) moved.payloads.push({ payload, rows: by });
    else same.rows += by;
  }
}

/** What happened at one place of the order: a row that is taken out and comes back as it was leaves nothing to be written. */
interface MovedRow {
  readonly sort: Uint8Array;
  /** Nearly always one, two for an update that keeps its place. */
  readonly payloads: { readonly payload: Buffer; rows: number }[];
}

/** The place of a row in the order (event time, partition, offset, key). */
export function writeRowOrder(writer: ByteWriter, { eventTime, partition, offset, key }: GroupInput): void {
  writer.uint64(BigInt.asUintN(64, eventTime + signBit));
  writer.float64(partition);
  writer.float64(offset);
  writer.bytes(key);
}

const signBit = 1n << 63n;
