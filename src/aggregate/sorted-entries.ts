import { createHash } from 'node:crypto';
import { assert } from '../common/errors.ts';
import { keyText, maxKeyBytes, prefixRange } from '../store/keys.ts';
import type { Memory } from '../store/store.ts';

/**
 * Entries of a group's part, in the order of their sort bytes, of whatever length these are. No sort bytes of one part are the
 * beginning of others, as key bytes never are.
 *
 *   key    group, part, sort bytes                                          value  payload
 *   key    group, part, the first of the sort bytes, SHA-256 of all         value  length of the rest, the rest, payload
 *
 * Those that are cut stand together where they belong, behind and before no other, but not in order among themselves: who
 * scans gets them sorted. Values that have so many bytes in common are rare; only for them more than what is asked for is read.
 */
export class SortedEntries {
  readonly #memory: Memory;
  readonly #prefix: Uint8Array;

  /** All keys begin with `prefix`, at most `maxEntryPrefixBytes` long. */
  constructor(memory: Memory, prefix: Uint8Array) {
    assert(prefix.length <= maxEntryPrefixBytes, 'the prefix of entries is too long');
    this.#memory = memory;
    this.#prefix = prefix;
  }

  get(sort: Uint8Array): Buffer | undefined {
    const value = this.#memory.get(this.#keyOf(sort));
    return value !== undefined && isCut(sort) ? value.subarray(lengthBytes + sort.length - cutBytes) : value;
  }

  put(sort: Uint8Array, payload: Uint8Array): void {
    this.#memory.put(this.#keyOf(sort), isCut(sort) ? packCut(sort, payload) : payload);
  }

  remove(sort: Uint8Array): void {
    this.#memory.remove(this.#keyOf(sort));
  }

  /** Not to be written to while it is consumed. */
  *scan(reverse = false): Generator<SortedEntry> {
    let alike: SortedEntry[] = [];
    let beginning = '';
    for (const cursor of this.#memory.scan({ ...prefixRange(this.#prefix), reverse })) {
      // A cursor gives another entry with every step: key and value are taken from it now.
      const { key, value } = cursor;
      const kept = key.subarray(this.#prefix.length);
      if (kept.length !== cutBytes + hashBytes) {
        yield* inOrder(alike, reverse);
        alike = [];
        yield { sort: kept, payload: value };
        continue;
      }
      const first = kept.subarray(0, cutBytes);
      const text = keyText(first);
      if (text !== beginning) {
        yield* inOrder(alike, reverse);
        alike = [];
        beginning = text;
      }
      alike.push(unpackCut(first, value));
    }
    yield* inOrder(alike, reverse);
  }

  #keyOf(sort: Uint8Array): Uint8Array {
    if (!isCut(sort)) return Buffer.concat([this.#prefix, sort]);
    return Buffer.concat([this.#prefix, sort.subarray(0, cutBytes), createHash('sha256').update(sort).digest()]);
  }
}

export interface SortedEntry {
  /** All of them, cut or not. */
  readonly sort: Uint8Array;
  readonly payload: Buffer;
}

const groupLengthBytes = 2;
const partBytes = 2;
export const maxEntryPrefixBytes = groupLengthBytes + maxKeyBytes + partBytes;

/** What a `Memory` takes as a key, and a byte less: `group.ts` promises it. */
const maxEntryKeyBytes = 1_978 - 1;
const hashBytes = 32;
/** Sort bytes that are longer are cut here: no key that is not cut has the length of one that is. */
const cutBytes = maxEntryKeyBytes - maxEntryPrefixBytes - hashBytes;
const lengthBytes = 4;

function isCut(sort: Uint8Array): boolean {
  return sort.length > cutBytes;
}

function packCut(sort: Uint8Array, payload: Uint8Array): Uint8Array {
  const length = Buffer.allocUnsafe(lengthBytes);
  length.writeUInt32BE(sort.length - cutBytes);
  return Buffer.concat([length, sort.subarray(cutBytes), payload]);
}

function unpackCut(first: Uint8Array, value: Buffer): SortedEntry {
  const end = lengthBytes + value.readUInt32BE(0);
  return { sort: Buffer.concat([first, value.subarray(lengthBytes, end)]), payload: value.subarray(end) };
}

function inOrder(entries: SortedEntry[], reverse: boolean): SortedEntry[] {
  if (entries.length < 2) return entries;
  return entries.sort((a, b) => (reverse ? Buffer.compare(b.sort, a.sort) : Buffer.compare(a.sort, b.sort)));
}
