import type { DerivedTable, Index, Table, TopicTable } from '../catalog/catalog.ts';
import { assert } from '../common/errors.ts';
import type { Work } from '../common/work.ts';
import type { NewRow, Row } from '../model/row.ts';
import type { TopicOffsets } from '../model/position.ts';
import { letterKey, markKey, marksKey, metaKeys, noBytes, timePrefix, timePrefixBytes, under } from './layout.ts';
import { RowImage } from './row-image.ts';
import { RowReader } from './row-reader.ts';
import type { Slice } from './slab.ts';
import { maxDeadLetters } from './store.ts';
import type {
  DeadLetter,
  IndexEntry,
  IndexRange,
  KeptLetter,
  KeyRange,
  Memory,
  RowMove,
  TableState,
  WriteTransaction,
} from './store.ts';
import { packJson } from './table-record.ts';
import type { Head } from './table-record.ts';
import { TableWrites } from './table-writes.ts';
import type { SharedDatabases, TableHandle } from './tables.ts';
import { readHead, writeHead } from './tables.ts';

/** One commit being made, inside one LMDB transaction. Reads see its writes: a scan has what is buffered written first. */
export class CommitBuilder implements WriteTransaction {
  readonly version: number;
  readonly #shared: SharedDatabases;
  readonly #reader: RowReader;
  readonly #work: Work;
  readonly #head: Head;
  readonly #writes = new Map<string, TableWrites>();
  #ticks: number;
  /** Something beside rows, offsets and table records was written. */
  #wrote = false;
  #ended = false;

  constructor(shared: SharedDatabases, tables: ReadonlyMap<string, TableHandle>, work: Work) {
    this.#shared = shared;
    this.#work = work;
    this.#reader = new RowReader(tables, work);
    this.#head = readHead(shared.meta.get(metaKeys.head));
    this.#ticks = this.#head.ticks;
    this.version = this.#head.version + 1;
  }

  get(table: Table, key: Uint8Array): Row | undefined {
    return this.#of(table).get(key);
  }

  scan(table: Table, range: KeyRange): Iterable<Row> {
    const writes = this.#of(table);
    writes.flush();
    return this.#reader.scan(writes.handle, range);
  }

  scanIndex(table: Table, index: Index, range: IndexRange): Iterable<IndexEntry> {
    const writes = this.#of(table);
    writes.flush();
    const entries = this.#reader.scanIndex(writes.handle, index, range);
    return index.covering ? asWritten(entries, writes) : entries;
  }

  count(table: Table): number {
    return this.#of(table).rows;
  }

  upsert(table: Table, row: NewRow, timestampMs?: number): void {
    this.#of(table).upsert(row, timestampMs);
  }

  rowOf(table: Table, key: Uint8Array, bytes: Slice): Row {
    return RowImage.ofStored(this.#of(table).handle, key, bytes);
  }

  put(table: Table, row: Row): void {
    assert(row instanceof RowImage, 'a row that no transaction made is put');
    this.#of(table).put(row);
  }

  delete(table: Table, key: Uint8Array, timestampMs: number): void {
    this.#of(table).delete(key, timestampMs);
  }

  setNext(table: Table, partition: number, next: number): void {
    const writes = this.#of(table);
    if (writes.offsets.next.get(partition) === next) return;
    writes.offsets = { ...writes.offsets, next: new Map(writes.offsets.next).set(partition, next) };
  }

  offsets(table: TopicTable): TopicOffsets {
    return new Map([[table.topic, this.#of(table).offsets.next]]);
  }

  setAnchor(table: Table, partition: number, anchor: string): void {
    const writes = this.#of(table);
    if (writes.offsets.anchors.get(partition) === anchor) return;
    writes.offsets = { ...writes.offsets, anchors: new Map(writes.offsets.anchors).set(partition, anchor) };
  }

  anchors(table: Table): ReadonlyMap<number, string> {
    return this.#of(table).offsets.anchors;
  }

  state(table: Table): TableState {
    return this.#of(table).record.state;
  }

  setState(table: Table, state: Partial<TableState>): void {
    this.#of(table).setState(state);
  }

  addDeadLetter(table: Table, letter: DeadLetter): void {
    const writes = this.#of(table);
    const { letters } = this.#shared;
    const { bad } = writes.record.state;
    let { firstLetter, nextLetter } = writes.record;
    letters.put(
      letterKey(writes.handle.id, nextLetter),
      packJson({ ...letter, version: this.version } satisfies KeptLetter),
    );
    nextLetter += 1;
    for (; nextLetter - firstLetter > maxDeadLetters; firstLetter += 1) {
      letters.remove(letterKey(writes.handle.id, firstLetter));
    }
    writes.record = { ...writes.record, firstLetter, nextLetter };
    writes.setState({ bad: { ...bad, [letter.code]: (bad[letter.code] ?? 0) + 1 } });
  }

  expire(table: Table, beforeMs: number): number {
    const writes = this.#of(table);
    const keys = this.keysByTime(table, -Infinity, beforeMs);
    for (const key of keys) writes.delete(key, writes.record.streamTime);
    return keys.length;
  }

  keysByTime(table: Table, fromMs: number, beforeMs: number): readonly Uint8Array[] {
    const writes = this.#of(table);
    const { time } = writes.handle;
    assert(time !== undefined, `table ${table.name} is not timed`);
    writes.flush();
    const lower = fromMs === -Infinity ? undefined : timePrefix(fromMs);
    const keys: Uint8Array[] = [];
    for (const { key } of this.#reader.entries(time, { lower, upper: timePrefix(beforeMs) })) {
      keys.push(key.subarray(timePrefixBytes));
    }
    return keys;
  }

  clear(table: Table): void {
    this.#of(table).clear();
    this.#wrote = true;
  }

  streamTime(table: Table): number {
    return this.#of(table).record.streamTime;
  }

  setStreamTime(table: Table, ms: number): void {
    const writes = this.#of(table);
    writes.record = { ...writes.record, streamTime: ms };
  }

  beginSweep(table: Table, partition: number): void {
    const { id } = this.#of(table).handle;
    this.#clearMarks(marksKey(id, partition));
    this.#shared.marks.put(marksKey(id, partition), noBytes);
    this.#wrote = true;
  }

  mark(table: Table, partition: number, key: Uint8Array): void {
    const { id } = this.#of(table).handle;
    this.#shared.marks.put(markKey(id, partition, key), noBytes);
    this.#wrote = true;
  }

  sweep(table: Table, partition: number): number {
    const writes = this.#of(table);
    const { id } = writes.handle;
    let swept = 0;
    for (const row of this.scan(table, {})) {
      if (row.partition !== partition || this.#isMarked(markKey(id, partition, row.key))) continue;
      writes.delete(row.key, writes.record.streamTime);
      swept += 1;
    }
    this.#clearMarks(marksKey(id, partition));
    this.#wrote = true;
    return swept;
  }

  sweeping(table: Table, partition: number): boolean {
    return this.#isMarked(marksKey(this.#of(table).handle.id, partition));
  }

  drain(table: Table): readonly RowMove[] {
    return this.#of(table).drain();
  }

  memory(table: DerivedTable): Memory {
    const { memory } = this.#of(table).handle;
    assert(memory !== undefined, `table ${table.name} is not derived`);
    return {
      get: (key) => memory.get(key),
      put: (key, value) => {
        memory.put(key, value);
        this.#work.memoryEntriesWritten += 1;
        this.#wrote = true;
      },
      remove: (key) => {
        memory.remove(key);
        this.#work.memoryEntriesWritten += 1;
        this.#wrote = true;
      },
      scan: (range) => this.#reader.entries(memory, range),
    };
  }

  tick(): number {
    this.#ticks += 1;
    this.#wrote = true;
    return this.#ticks;
  }

  /** Writes what is buffered; true where the commit has anything in it. The transaction cannot be used afterwards. */
  finish(committedMs: number): {
    readonly wrote: boolean;
    readonly touched: readonly Table[];
    readonly changes: number;
  } {
    let wrote = this.#wrote;
    let changes = 0;
    const touched: Table[] = [];
    for (const writes of this.#writes.values()) {
      const result = writes.finish(this.version, committedMs);
      wrote ||= result.wrote;
      changes += result.changes;
      if (result.changes > 0) touched.push(writes.table);
    }
    if (wrote) writeHead(this.#shared, this.#head, { version: this.version, ticks: this.#ticks }, committedMs);
    return { wrote, touched, changes };
  }

  /** Whatever happens to the commit: its cursors must not outlive the transaction. */
  end(): void {
    this.#ended = true;
    this.#reader.close();
  }

  #of(table: Table): TableWrites {
    assert(!this.#ended, 'a write transaction is used after its commit');
    let writes = this.#writes.get(table.name);
    if (writes === undefined) {
      writes = new TableWrites(this.#reader.handle(table), this.#shared, this.#reader, this.#work);
      this.#writes.set(table.name, writes);
    }
    return writes;
  }

  #isMarked(key: Uint8Array): boolean {
    return this.#reader.find(this.#shared.marks, key) === true;
  }

  #clearMarks(prefix: Uint8Array): void {
    const keys: Uint8Array[] = [];
    for (const { key } of this.#reader.entries(this.#shared.marks, under(prefix))) keys.push(key);
    for (const key of keys) this.#shared.marks.remove(key);
  }
}

/** The row of an entry is as LMDB has it: once the commit has gone on, rows are got by their keys. */
function* asWritten(entries: Iterable<IndexEntry>, writes: TableWrites): Generator<IndexEntry> {
  for (const entry of entries) yield writes.buffers ? { ...entry, row: undefined } : entry;
}
