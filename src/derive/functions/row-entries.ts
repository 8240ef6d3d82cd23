import { keyText } from '../../store/keys.ts';
import type { ByteWriter } from '../../store/key-bytes.ts';
import type { GroupInput } from '../group.ts';
import type { SortedEntries, SortedEntry } from './sorted-entries.ts';

/** Entries of a part that has one for each source row; the sort bytes hold the row's place in the order, and are its own. */
export class RowEntries {
  readonly #entries: SortedEntries;
  /** A row that is taken out and comes back as it was has neither. */
  readonly #moved = new Map<string, { readonly sort: Uint8Array; added?: Buffer; removed?: Buffer }>();

  constructor(entries: SortedEntries) {
    this.#entries = entries;
  }

  add(sort: Uint8Array, payload: Buffer): void {
    const moved = this.#movedOf(sort);
    if (moved.removed?.equals(payload) === true) delete moved.removed;
    else moved.added = payload;
  }

  retract(sort: Uint8Array, payload: Buffer): void {
    const moved = this.#movedOf(sort);
    if (moved.added?.equals(payload) === true) delete moved.added;
    else moved.removed = payload;
  }

  flush(): void {
    for (const { sort, added, removed } of this.#moved.values()) {
      if (added !== undefined) this.#entries.put(sort, added);
      else if (removed !== undefined) this.#entries.remove(sort);
    }
    this.#moved.clear();
  }

  /** As of the last flush. */
  scan(reverse = false): Generator<SortedEntry> {
    return this.#entries.scan(reverse);
  }

  #movedOf(sort: Uint8Array): { readonly sort: Uint8Array; added?: Buffer; removed?: Buffer } {
    const text = keyText(sort);
    let moved = this.#moved.get(text);
    if (moved === undefined) {
      moved = { sort };
      this.#moved.set(text, moved);
    }
    return moved;
  }
}

/** The place of a row in the order (event time, partition, offset, key). */
export function writeRowOrder(writer: ByteWriter, { eventTime, partition, offset, key }: GroupInput): void {
  writer.uint64(BigInt.asUintN(64, eventTime + signBit));
  writer.float64(partition);
  writer.float64(offset);
  writer.bytes(key);
}

const signBit = 1n << 63n;
