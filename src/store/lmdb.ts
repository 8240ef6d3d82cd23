import { ABORT, open } from 'lmdb';
import type { Database as LmdbDatabase } from 'lmdb';
import { assert } from '../common/errors.ts';
import type { Cursor, Database, Decode, Environment, KeyPlace, ReadTransaction, Walk } from './environment.ts';
import { openStoreIn } from './open-store.ts';
import type { KeyRange, Store, StoreOptions } from './store.ts';

/**
 * Opens the store of a directory; the writer creates what is missing. Throws SetupError where the directory is in use, was
 * written by another format, or holds tables that no longer fit the catalog.
 */
export function openStore(options: StoreOptions): Store {
  return openStoreIn(options, openEnvironment);
}

type Binary = LmdbDatabase<Buffer, Uint8Array>;
/** lmdb's own type of it leaves out the options, which are those of `get`. */
interface Viewed {
  getBinaryFast(key: Uint8Array | KeyPlace, options: { transaction: LmdbTransaction } | undefined): Buffer | undefined;
}
/** lmdb's own type of it has `done` alone; the rest is its business. */
type LmdbTransaction = ReturnType<Binary['useReadTransaction']>;

/**
 * NOTE: three things of lmdb-js that shape this file. An async `transaction()` keeps what was put before a throw, and a failed
 * async commit ends the process: only `transactionSync` is used. With its default settings every `transactionSync` waits for the
 * disk (0.4 ms and 260 KB written per one-row commit, against 0.02 ms and 0.4 KB): so `noSync`, and `checkpoint.ts` flushes.
 * And it keeps one read transaction per turn: so `read` has it reset first, to be at the newest commit.
 */
const freePages = {
  // Free pages that a commit takes into memory, checks and writes back. With lmdb's 50,000 a one-row commit costs 2 ms after a
  // large load, with these 0.1 ms; files grow no larger.
  maxFreeSpaceToLoad: 1_000,
  maxFreeSpaceToRetain: 1_500,
};

export function openEnvironment(directory: string, settings: { writable: boolean; maxDatabases: number }): Environment {
  const root = open<Buffer, Uint8Array>({
    path: directory,
    noSubdir: false,
    encoding: 'binary',
    keyEncoding: 'binary',
    noSync: true,
    readOnly: !settings.writable,
    maxDbs: settings.maxDatabases,
    maxReaders: 512,
    ...freePages,
  });
  let writing = false;

  return {
    database: (name, decode) => openDatabase(root, name, decode, () => writing),
    // LMDB keeps the names as keys of its main database, each with a zero at its end.
    names: () => [...root.getKeys()].map((key) => Buffer.from(key).toString('utf8').replace(/\0$/, '')),
    drop: (name) => root.openDB(name, { encoding: 'binary', keyEncoding: 'binary' }).dropSync(),
    write(apply) {
      assert(!writing, 'a write inside a write');
      writing = true;
      try {
        root.transactionSync(() => (apply() ? undefined : ABORT));
      } finally {
        writing = false;
      }
    },
    read() {
      assert(!writing, 'lmdb would read the uncommitted writes');
      root.resetReadTxn();
      return root.useReadTransaction();
    },
    checkReaders: () => void root.readerCheck(),
    close: () => root.close(),
  };
}

function openDatabase<V>(
  root: ReturnType<typeof open<Buffer, Uint8Array>>,
  name: string,
  decode: Decode<V>,
  isWriting: () => boolean,
): Database<V> {
  // An encoder of one's own gets lmdb's shared buffer; `encoding: 'binary'` would copy every value.
  const encoder = { encode: (bytes: Uint8Array) => bytes, decode };
  const db = root.openDB<V, Uint8Array>(name, { encoder, keyEncoder } as object);
  assert(db !== undefined, `there is no database ${name}: a reader was opened before the writer`);
  const writable = db as unknown as Binary;
  const binary = db as unknown as Viewed;
  return {
    get(key, transaction) {
      // lmdb would answer from the write transaction, whatever it is asked.
      assert(transaction === undefined || !isWriting(), 'a snapshot is read inside a write');
      return db.get(key, optionsOf(transaction));
    },
    bytes(key, transaction) {
      assert(transaction === undefined || !isWriting(), 'a snapshot is read inside a write');
      return binary.getBinaryFast(key, optionsOf(transaction));
    },
    cursor: (range, transaction) => openCursor(db, range, transaction),
    walk: (range, transaction) => openWalk(openCursor(db, range, transaction)),
    put: (key, value) => void writable.put(key, value as Buffer),
    putSlice(key, { slab, start, end }) {
      slab.start = start;
      slab.end = end;
      void writable.put(key, slab as unknown as Buffer);
    },
    remove: (key) => void writable.remove(key),
    clear: () => writable.clearSync(),
  };
}

/** Where the key is that a walk has come to: lmdb has one buffer for keys. */
const place: KeyPlace = { source: Buffer.alloc(0), start: 0, end: 0 };
let isWalking = false;

/** Keys as bytes, as lmdb's `keyEncoding: 'binary'` has them; but those that a walk comes to are left where they are. */
const keyEncoder = {
  writeKey(key: Uint8Array | KeyPlace, target: Uint8Array, at: number): number {
    if (key !== place) {
      target.set(key as Uint8Array, at);
      return at + (key as Uint8Array).length;
    }
    // It stands further on in the same buffer.
    const { source, start, end } = place;
    for (let i = start; i < end; i += 1) target[at + i - start] = source[i] as number;
    return at + end - start;
  },
  readKey(source: Uint8Array, start: number, end: number): Uint8Array {
    if (!isWalking) return Uint8Array.prototype.slice.call(source, start, end);
    place.source = source;
    place.start = start;
    place.end = end;
    return source;
  },
};

function openWalk<V>(cursor: Cursor<V>): Walk<V> {
  return {
    place,
    next() {
      isWalking = true;
      try {
        return cursor.next();
      } finally {
        isWalking = false;
      }
    },
    get value() {
      return cursor.value;
    },
    close: () => cursor.close(),
  };
}

/** No key is empty. lmdb's own beginning is another where it does not encode the keys. */
const beginning = Buffer.from([0]);

/** Nearly all reads in a row are of one transaction. */
let lastOptions: { transaction: LmdbTransaction } | undefined;

function optionsOf(transaction: ReadTransaction | undefined): { transaction: LmdbTransaction } | undefined {
  if (transaction === undefined) return undefined;
  if (lastOptions?.transaction !== transaction) lastOptions = { transaction };
  return lastOptions;
}

function openCursor<V>(
  db: LmdbDatabase<V, Uint8Array>,
  { lower, upper, reverse }: KeyRange,
  transaction: ReadTransaction | undefined,
): Cursor<V> {
  // Downwards lmdb begins at `start` and ends before `end`; ranges here are half-open at the upper end either way.
  const bounds =
    reverse === true
      ? { reverse, exclusiveStart: true, inclusiveEnd: true, ...named('start', upper), end: lower ?? beginning }
      : { start: lower ?? beginning, ...named('end', upper) };
  const iterator = db.getRange({ ...bounds, ...optionsOf(transaction) })[Symbol.iterator]();
  let open = true;
  let entry: { key: Uint8Array; value: V } | undefined;
  return {
    next() {
      if (!open) return false;
      const result = iterator.next();
      if (result.done === true) {
        open = false;
        return false;
      }
      entry = result.value;
      return true;
    },
    get key() {
      assert(entry !== undefined, 'a cursor is read before its first entry');
      return entry.key;
    },
    get value() {
      assert(entry !== undefined, 'a cursor is read before its first entry');
      return entry.value;
    },
    close() {
      if (!open) return;
      open = false;
      iterator.return?.();
    },
  };
}

function named<Name extends string>(name: Name, value: Uint8Array | undefined): { [key in Name]?: Uint8Array } {
  return value === undefined ? {} : ({ [name]: value } as { [key in Name]: Uint8Array });
}
