import type { Index, Table } from '../catalog/catalog.ts';
import type { Work } from '../common/work.ts';
import type { Change, TableCommit } from '../model/change.ts';
import type { Position, TopicOffsets } from '../model/position.ts';
import type { Row } from '../model/row.ts';
import type { ReadTransaction } from './environment.ts';
import { unpackChange, unpackFeedHeader } from './feed.ts';
import type { FeedHeader } from './feed.ts';
import { feedKey, feedRange, metaKeys, offsetsKey, readFeedKey, tableKey, under } from './layout.ts';
import { leastOffsets, noOffsets, unpackOffsets } from './offsets.ts';
import type { PartitionOffsets } from './offsets.ts';
import { RowReader } from './row-reader.ts';
import type { DeadLetter, IndexEntry, KeyRange, Snapshot, TableState } from './store.ts';
import type { Head, TableRecord } from './table-record.ts';
import { readHead, readJson, readRecord, rowOf } from './tables.ts';
import type { SharedDatabases, TableHandle } from './tables.ts';

export interface SnapshotContext {
  readonly storeId: string;
  readonly shared: SharedDatabases;
  readonly tables: ReadonlyMap<string, TableHandle>;
  readonly work: Work;
}

/** Reads at one version: everything goes through one read transaction, and what is read once is remembered. */
export class StoreSnapshot implements Snapshot {
  readonly storeId: string;
  readonly #context: SnapshotContext;
  readonly #transaction: ReadTransaction;
  readonly #reader: RowReader;
  readonly #head: Head;
  readonly #records = new Map<string, TableRecord>();
  readonly #offsets = new Map<string, PartitionOffsets>();
  #released = false;

  constructor(context: SnapshotContext, transaction: ReadTransaction) {
    this.storeId = context.storeId;
    this.#context = context;
    this.#transaction = transaction;
    this.#reader = new RowReader(context.tables, context.work, transaction);
    this.#head = readHead(this.#reader.find(context.shared.meta, metaKeys.head));
  }

  get version(): number {
    return this.#head.version;
  }

  get(table: Table, key: Uint8Array): Row | undefined {
    return this.#reader.get(this.#reader.handle(table), key);
  }

  scan(table: Table, range: KeyRange): Iterable<Row> {
    return this.#reader.scan(this.#reader.handle(table), range);
  }

  scanIndex(table: Table, index: Index, range: KeyRange): Iterable<IndexEntry> {
    return this.#reader.scanIndex(this.#reader.handle(table), index, range);
  }

  count(table: Table): number {
    return this.#record(table).rows;
  }

  position(tables: Iterable<Table>): Position {
    const read = [...tables].map((table) => ({ topic: table.topic, next: this.#offsetsOf(table).next }));
    return { storeId: this.storeId, version: this.version, offsets: leastOffsets(read, this.#head.ticks) };
  }

  offsets(table: Table): TopicOffsets {
    return new Map([[table.topic, this.#offsetsOf(table).next]]);
  }

  state(table: Table): TableState {
    return this.#record(table).state;
  }

  feedHorizon(table: Table): number {
    return this.#record(table).feedHorizon ?? this.version;
  }

  filledVersion(table: Table): number {
    return this.#record(table).filledVersion ?? 0;
  }

  *feed(table: Table, after: number, until = this.version): Generator<TableCommit> {
    const handle = this.#reader.handle(table);
    let commit: { version: number; committedMs: number; changes: Change[] } | undefined;
    for (const { key, value } of this.#reader.entries(this.#context.shared.feed, feedRange(handle.id, after, until))) {
      const { version, sequence } = readFeedKey(key);
      if (sequence === 0) {
        if (commit !== undefined) yield commit;
        commit = { version, committedMs: unpackFeedHeader(value).committedMs, changes: [] };
        continue;
      }
      this.#context.work.feedEntriesRead += 1;
      commit?.changes.push(unpackChange(value, (rowKey, parts) => rowOf(handle, rowKey, parts)));
    }
    if (commit !== undefined) yield commit;
  }

  *feedOffsets(
    table: Table,
    after: number,
    until = this.version,
  ): Generator<{ version: number; offsets: TopicOffsets }> {
    for (const { version, header } of this.#headers(table, after, until)) {
      yield { version, offsets: new Map([[table.topic, header.next]]) };
    }
  }

  feedBytes(table: Table, after: number, until = this.version): number {
    let bytes = 0;
    for (const { header } of this.#headers(table, after, until)) bytes += header.bytes;
    return bytes;
  }

  deadLetters(table: Table, limit: number): readonly DeadLetter[] {
    const letters: DeadLetter[] = [];
    const range = { ...under(tableKey(this.#reader.handle(table).id)), reverse: true };
    for (const { value } of this.#reader.entries(this.#context.shared.letters, range)) {
      if (letters.length >= limit) break;
      const letter = readJson<DeadLetter>(value);
      if (letter !== undefined) letters.push(letter);
    }
    return letters;
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#reader.close();
    this.#transaction.done();
  }

  /** From header to header: what a commit changed is passed over, however much it is. */
  *#headers(table: Table, after: number, until: number): Generator<{ version: number; header: FeedHeader }> {
    const { id } = this.#reader.handle(table);
    for (let range = feedRange(id, after, until); ;) {
      const found = this.#first(range);
      if (found === undefined) return;
      yield found;
      range = { ...range, lower: feedKey(id, found.version + 1, 0) };
    }
  }

  #first(range: KeyRange): { version: number; header: FeedHeader } | undefined {
    for (const { key, value } of this.#reader.entries(this.#context.shared.feed, range)) {
      return { version: readFeedKey(key).version, header: unpackFeedHeader(value) };
    }
    return undefined;
  }

  #record(table: Table): TableRecord {
    let record = this.#records.get(table.name);
    if (record === undefined) {
      const { id } = this.#reader.handle(table);
      record = readRecord(this.#reader.find(this.#context.shared.meta, metaKeys.state(id)), table);
      this.#records.set(table.name, record);
    }
    return record;
  }

  #offsetsOf(table: Table): PartitionOffsets {
    let offsets = this.#offsets.get(table.name);
    if (offsets === undefined) {
      const { id } = this.#reader.handle(table);
      const bytes = this.#reader.find(this.#context.shared.offsets, offsetsKey(id, table.topic));
      offsets = bytes === undefined ? noOffsets : unpackOffsets(bytes);
      this.#offsets.set(table.name, offsets);
    }
    return offsets;
  }
}
