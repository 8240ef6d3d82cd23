import type { Index, Table } from '../catalog/catalog.ts';
import { assert, must } from '../common/errors.ts';
import type { Work } from '../common/work.ts';
import type { Cursor, Database, ReadTransaction } from './environment.ts';
import { headOf, rowStart } from './index-entries.ts';
import { placeChecksum, unpackRow } from './row-codec.ts';
import { imageOf, rowOf } from './tables.ts';
import type { TableHandle } from './tables.ts';
import type { StoredRow } from './row-codec.ts';
import type { RowImage } from './row-image.ts';
import type { CopiedRange, Copying, IndexEntry, IndexRange, KeyRange } from './store.ts';

/** Reading rows and index entries, in a read transaction or inside the write transaction; owns the cursors it opens. */
export class RowReader {
  readonly #tables: ReadonlyMap<string, TableHandle>;
  readonly #work: Work;
  readonly #transaction: ReadTransaction | undefined;
  /** Absent before the first is opened. */
  #cursors: Set<Cursor<unknown>> | undefined;
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

  /**
   * Writes the rows of a range of an index as elements of a list, without its brackets. `meter` is told of each entry, and of the size
   * of each row; what it throws ends the copying. False, and nothing written, where it takes rows to tell: an entry was cut, or a value
   * is null that never is.
   */
  copyRows(
    handle: TableHandle,
    index: Index,
    { range, offset, limit }: CopiedRange,
    { copier, to, meter }: Copying,
  ): boolean {
    const stored = must(handle.indexes.get(index.name), `index ${handle.table.name} (${index.name}) is not stored`);
    assert(!this.#closed, 'a snapshot is read after its release');
    const walk = stored.entries.walk(range, this.#transaction);
    const keyCopier = index.covering ? undefined : copier.fromKeys(handle.table, index);
    const { place } = walk;
    let left = offset + limit;
    try {
      while (left > 0 && walk.next()) {
        const { value } = walk;
        const head = headOf(value);
        this.#work.indexEntriesRead += 1;
        if ((head & 1) === 1) return false;
        meter.entry();
        left -= 1;
        if (left >= limit) continue;
        if (left < limit - 1) to.byte(0x2c);
        const { source, start, end } = place;
        const split = start + (head >> 1);
        if (keyCopier !== undefined) {
          if (!keyCopier.copy(source.subarray(start, split), source.subarray(split, end), to)) return false;
          meter.row(0);
          continue;
        }
        place.start = split;
        const keySum = placeChecksum(place);
        const bytes = index.covering ? value : handle.rows.bytes(place, this.#transaction);
        this.#work.rowsRead += 1;
        const size = bytes && copier.copy(handle.layout, keySum, bytes, index.covering ? rowStart : 0, to);
        // What is wrong with a row is said by whoever reads it as one.
        if (typeof size !== 'number') return false;
        meter.row(size);
      }
      return true;
    } finally {
      walk.close();
    }
  }

  *scanIndex(handle: TableHandle, index: Index, range: IndexRange): Generator<IndexEntry> {
    const stored = must(handle.indexes.get(index.name), `index ${handle.table.name} (${index.name}) is not stored`);
    const holdsRows = index.covering && range.keysOnly !== true;
    for (const { key, value } of this.entries(stored.entries, range)) {
      this.#work.indexEntriesRead += 1;
      const head = headOf(value);
      const length = head >> 1;
      const rowKey = key.subarray(length);
      const row = holdsRows ? this.#rowIn(handle, rowKey, value) : undefined;
      yield { indexKey: key.subarray(0, length), rowKey, cut: (head & 1) === 1, row };
    }
  }

  /** The bytes are taken at once, since the next read has others in their place; what they say is asked for later, or never. */
  #rowIn(handle: TableHandle, key: Uint8Array, value: Buffer): () => StoredRow {
    const parts = unpackRow(value, rowStart, value.length);
    return () => {
      this.#work.rowsRead += 1;
      return rowOf(handle, key, parts);
    };
  }

  /** One cursor, yielded at every entry. */
  *entries<V>(database: Database<V>, range: KeyRange): Generator<Cursor<V>> {
    assert(!this.#closed, 'a snapshot is read after its release');
    const cursor = database.cursor(range, this.#transaction);
    const cursors = (this.#cursors ??= new Set<Cursor<unknown>>());
    cursors.add(cursor);
    try {
      while (cursor.next()) {
        yield cursor;
        assert(!this.#closed, 'a snapshot is read after its release');
      }
    } finally {
      cursor.close();
      cursors.delete(cursor);
    }
  }

  /** Closes what is still being iterated: an open cursor would keep the read transaction. */
  close(): void {
    this.#closed = true;
    if (this.#cursors === undefined) return;
    for (const cursor of this.#cursors) cursor.close();
    this.#cursors.clear();
  }
}
