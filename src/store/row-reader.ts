import type { Index, Table } from '../catalog/catalog.ts';
import { assert, must } from '../common/errors.ts';
import type { Work } from '../common/work.ts';
import type { Cursor, Database, ReadTransaction } from './environment.ts';
import { imageOf, rowOf } from './tables.ts';
import type { TableHandle } from './tables.ts';
import type { StoredRow } from './row-codec.ts';
import type { RowImage } from './row-image.ts';
import type { IndexEntry, KeyRange } from './store.ts';

/** Reading rows and index entries, in a read transaction or inside the write transaction; owns the cursors it opens. */
export class RowReader {
  readonly #tables: ReadonlyMap<string, TableHandle>;
  readonly #work: Work;
  readonly #transaction: ReadTransaction | undefined;
  readonly #cursors = new Set<Cursor<unknown>>();
  #closed = false;

  /** Without a transaction it reads what the write transaction has put so far. */
  constructor(tables: ReadonlyMap<string, TableHandle>, work: Work, transaction?: ReadTransaction) {
    this.#tables = tables;
    this.#work = work;
    this.#transaction = transaction;
  }

  handle(table: Table): TableHandle {
    return must(this.#tables.get(table.name), `table ${table.name} is not in the store's catalog`);
  }

  get(handle: TableHandle, key: Uint8Array): StoredRow | undefined {
    const parts = this.find(handle.rows, key);
    if (parts === undefined) return undefined;
    this.#work.rowsRead += 1;
    return rowOf(handle, key, parts);
  }

  /** For the writer. */
  getImage(handle: TableHandle, key: Uint8Array): RowImage | undefined {
    const bytes = this.find(handle.images, key);
    if (bytes === undefined) return undefined;
    this.#work.rowsRead += 1;
    return imageOf(handle, key, bytes);
  }

  find<V>(database: Database<V>, key: Uint8Array): V | undefined {
    assert(!this.#closed, 'a snapshot is read after its release');
    return database.get(key, this.#transaction);
  }

  *scan(handle: TableHandle, range: KeyRange): Generator<StoredRow> {
    for (const cursor of this.entries(handle.rows, range)) {
      this.#work.rowsRead += 1;
      yield rowOf(handle, cursor.key, cursor.value);
    }
  }

  *scanIndex(handle: TableHandle, index: Index, range: KeyRange): Generator<IndexEntry> {
    const stored = must(handle.indexes.get(index.name), `index ${handle.table.name} (${index.name}) is not stored`);
    for (const { key, value } of this.entries(stored.entries, range)) {
      this.#work.indexEntriesRead += 1;
      const length = value >> 1;
      yield { indexKey: key.subarray(0, length), rowKey: key.subarray(length), cut: (value & 1) === 1 };
    }
  }

  /** One cursor, yielded at every entry. */
  *entries<V>(database: Database<V>, range: KeyRange): Generator<Cursor<V>> {
    assert(!this.#closed, 'a snapshot is read after its release');
    const cursor = database.cursor(range, this.#transaction);
    this.#cursors.add(cursor);
    try {
      while (cursor.next()) {
        yield cursor;
        assert(!this.#closed, 'a snapshot is read after its release');
      }
    } finally {
      cursor.close();
      this.#cursors.delete(cursor);
    }
  }

  /** Closes what is still being iterated: an open cursor would keep the read transaction. */
  close(): void {
    this.#closed = true;
    for (const cursor of this.#cursors) cursor.close();
    this.#cursors.clear();
  }
}
