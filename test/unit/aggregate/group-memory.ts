import type { KeyRange, Memory } from '../../../src/store/store.ts';

/** What LMDB takes as a key, and the byte that groups leave to others. */
const maxMemoryKeyBytes = 1_978 - 1;

/** A sorted map that counts, and that is as hard to please as the store is. */
export class GroupMemory implements Memory {
  #entries: { readonly key: Buffer; value: Buffer }[] = [];
  gets = 0;
  puts = 0;
  removes = 0;
  scanned = 0;

  get size(): number {
    return this.#entries.length;
  }

  resetCounts(): void {
    this.gets = 0;
    this.puts = 0;
    this.removes = 0;
    this.scanned = 0;
  }

  get(key: Uint8Array): Buffer | undefined {
    this.gets += 1;
    const { place, found } = this.#find(key);
    return found ? Buffer.from(this.#entries[place]?.value ?? []) : undefined;
  }

  put(key: Uint8Array, value: Uint8Array): void {
    if (key.length > maxMemoryKeyBytes || key.length === 0) throw new Error(`a key of ${key.length} bytes`);
    this.puts += 1;
    const { place, found } = this.#find(key);
    this.#entries.splice(place, found ? 1 : 0, { key: Buffer.from(key), value: Buffer.from(value) });
  }

  remove(key: Uint8Array): void {
    this.removes += 1;
    const { place, found } = this.#find(key);
    if (!found) throw new Error('removes what is not there');
    this.#entries.splice(place, 1);
  }

  /** As the store's cursor, one object is yielded at every entry, and the map must not change meanwhile. */
  *scan({ lower, upper, reverse }: KeyRange): Generator<{ readonly key: Uint8Array; readonly value: Buffer }> {
    const entries = this.#entries;
    const start = lower === undefined ? 0 : this.#find(lower).place;
    const end = upper === undefined ? entries.length : this.#find(upper).place;
    const before = this.puts + this.removes;
    const cursor = { key: Buffer.alloc(0), value: Buffer.alloc(0) };
    for (let i = 0; i < end - start; i += 1) {
      if (this.puts + this.removes !== before) throw new Error('written to while it is scanned');
      const entry = entries[reverse === true ? end - 1 - i : start + i];
      if (entry === undefined) throw new Error('no entry');
      this.scanned += 1;
      cursor.key = Buffer.from(entry.key);
      cursor.value = Buffer.from(entry.value);
      yield cursor;
    }
  }

  #find(key: Uint8Array): { readonly place: number; readonly found: boolean } {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const order = Buffer.compare(this.#entries[middle]?.key ?? Buffer.alloc(0), key);
      if (order === 0) return { place: middle, found: true };
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return { place: low, found: false };
  }
}
