import type { Slice } from './slab.ts';
import type { KeyRange } from './key-range.ts';

/**
 * What the store needs of LMDB, and all that it uses; `lmdb.ts` implements it. Everything is synchronous. Reads take the read
 * transaction they belong to; inside `write` they take none and see the writes made so far.
 */
export interface Environment {
  /** Opens a named database, creating it where the environment is writable. */
  database<V>(name: string, decode: Decode<V>): Database<V>;
  /** The named databases that exist. */
  names(): string[];
  /** Deletes a named database with its contents. */
  drop(name: string): void;
  /** Runs `apply` in one transaction: committed where it returns true, without a trace where it returns false or throws. */
  write(apply: () => boolean): void;
  /** A read transaction at the newest commit. It keeps the file from reusing pages until `done`. */
  read(): ReadTransaction;
  /** Ends read transactions that killed processes left behind. */
  checkReaders(): void;
  close(): Promise<void>;
}

export interface ReadTransaction {
  done(): void;
}

/** Called with a buffer that is reused: what is kept must be copied. Must not throw: an iteration would never be closed. */
export type Decode<V> = (bytes: Buffer) => V;

export interface Database<V> {
  get(key: Uint8Array, transaction?: ReadTransaction): V | undefined;
  /** The value's bytes where they were read to: `length` of them are good until the next read. */
  bytes(key: Uint8Array | KeyPlace, transaction?: ReadTransaction): Buffer | undefined;
  /** Entries of a range in key order. Must be closed, or read to its end. */
  cursor(range: KeyRange, transaction?: ReadTransaction): Cursor<V>;
  /** The same without a copy of each key. */
  walk(range: KeyRange, transaction?: ReadTransaction): Walk<V>;
  put(key: Uint8Array, value: Uint8Array): void;
  putSlice(key: Uint8Array, value: Slice): void;
  remove(key: Uint8Array): void;
  clear(): void;
}

export interface Cursor<V> {
  /** False at the end; then the cursor is closed. */
  next(): boolean;
  /** Of the entry that `next` has moved to; a copy. */
  readonly key: Uint8Array;
  /** What the database's `decode` gave, which may be lmdb's own buffer: that is good until the next read. */
  readonly value: V;
  /** Idempotent. */
  close(): void;
}

/** A cursor whose keys stay where they were read to: its entry is good until the next read. */
export interface Walk<V> extends Pick<Cursor<V>, 'next' | 'value' | 'close'> {
  readonly place: KeyPlace;
}

/** Bytes of a key from `start` to `end`; `start` may be moved. */
export interface KeyPlace {
  source: Uint8Array;
  start: number;
  end: number;
}
