import type { Index, Table, TopicTable } from '../catalog/catalog.ts';
import { assert, must } from '../common/errors.ts';
import type { Work } from '../common/work.ts';
import type { Change, TableCommit } from '../model/change.ts';
import type { Position, TopicOffsets } from '../model/position.ts';
import type { Row } from '../model/row.ts';
import type { ReadTransaction } from './environment.ts';
import { unpackChange, unpackFeedHeader } from './feed.ts';
import type { FeedHeader } from './feed.ts';
import {
  changeKey,
  changeRange,
  changesFromRange,
  headerKey,
  headerRange,
  metaKeys,
  offsetsKey,
  ownId,
  readSequence,
  readVersion,
  tableKey,
  under,
} from './layout.ts';
import { leastByTopic, leastOffsets, noOffsets, unpackOffsets } from './offsets.ts';
import type { PartitionOffsets } from './offsets.ts';
import { RowReader } from './row-reader.ts';
import type {
  CopiedRange,
  Copying,
  DeadLetter,
  KeptLetter,
  FeedPlace,
  IndexEntry,
  IndexRange,
  KeyRange,
  PlacedChange,
  SinkState,
  Snapshot,
  TableState,
} from './store.ts';
import type { Head, TableRecord } from './table-record.ts';
import { readHead, readJson, readRecord, rowOf } from './tables.ts';
import type { SharedDatabases, TableHandle } from './tables.ts';

export interface SnapshotContext {
  readonly storeId: string;
  readonly shared: SharedDatabases;
  readonly tables: ReadonlyMap<string, TableHandle>;
  readonly work: Work;
}

/** Opening a cursor costs as much as so many reads by key. */
const maxPointReads = 8;

/** Reads at one version: everything goes through one read transaction, and what is read once is remembered. */
export class StoreSnapshot implements Snapshot {
  readonly storeId: string;
  readonly #context: SnapshotContext;
  readonly #transaction: ReadTransaction;
  readonly #reader: RowReader;
  readonly #head: Head;
  /** Made when they are needed: most snapshots are of one lookup. */
  #records: Map<string, TableRecord> | undefined;
  #offsets: Map<string, PartitionOffsets> | undefined;
  #released = false;

  constructor(context: SnapshotContext, transaction: ReadTransaction) {
    this.storeId = context.storeId;
    this.#context = context;
    this.#transaction = transaction;
    this.#reader = new RowReader(context.tables, context.work, transaction);
    this.#head = readHead(context.shared.meta.bytes(metaKeys.head, transaction));
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

  scanIndex(table: Table, index: Index, range: IndexRange): Iterable<IndexEntry> {
    return this.#reader.scanIndex(this.#reader.handle(table), index, range);
  }

  copyRows(table: Table, index: Index, range: CopiedRange, copying: Copying): boolean {
    return this.#reader.copyRows(this.#reader.handle(table), index, range, copying);
  }

  count(table: Table): number {
    return this.#record(table).rows;
  }

  position(tables: Iterable<Table>, version = this.version): Position {
    const read = basesOf(tables).map((table) => ({ topic: table.topic, next: this.#nextAt(table, version) }));
    const ticks = this.#movedAfter(ownId, version)?.get(0) ?? this.#head.ticks;
    return { storeId: this.storeId, version, offsets: leastOffsets(read, ticks) };
  }

  offsets(table: Table): TopicOffsets {
    return leastByTopic(table.bases.map((base) => ({ topic: base.topic, next: this.#offsetsOf(base).next })));
  }

  state(table: Table): TableState {
    return this.#record(table).state;
  }

  feedHorizon(table: Table): number {
    // The feeds of the tables that it is built from tell how far they were, and so what its positions are.
    const horizons = [table, ...table.bases].map((each) => this.#record(each).feedHorizon ?? this.version);
    return Math.max(...horizons, this.#head.ticksHorizon);
  }

  filledVersion(table: Table): number {
    return this.#record(table).filledVersion ?? 0;
  }

  feed(table: Table, after: number, until = this.version): Iterable<TableCommit> {
    return until - after > maxPointReads ? this.#feedRange(table, after, until) : this.#feedPoints(table, after, until);
  }

  feedBytes(table: Table, after: number, until = this.version): number {
    let bytes = 0;
    for (const { changeBytes } of this.#headers(this.#reader.handle(table).id, after, until)) bytes += changeBytes;
    return bytes;
  }

  *changesFrom(table: Table, place: FeedPlace): Generator<PlacedChange> {
    const handle = this.#reader.handle(table);
    for (const { key, value } of this.#reader.entries(this.#context.shared.feed, changesFromRange(handle.id, place))) {
      yield { change: this.#unpack(handle, value), place: { version: readVersion(key), sequence: readSequence(key) } };
    }
  }

  changesHorizon(table: Table): number {
    return this.#record(table).feedHorizon ?? this.version;
  }

  sinkState(table: Table): SinkState | undefined {
    return readJson(this.#reader.find(this.#context.shared.meta, metaKeys.sink(this.#reader.handle(table).id)));
  }

  sinkLag(table: Table): number {
    const state = this.sinkState(table);
    const sent = state?.storeId === this.storeId ? state.sent : undefined;
    if (sent === undefined || this.changesHorizon(table) >= sent.version) return this.version;
    return Math.max(0, this.#newestChange(table) - sent.version + 1);
  }

  deadLetters(table: Table, limit: number): readonly KeptLetter[] {
    const letters: KeptLetter[] = [];
    const range = { ...under(tableKey(this.#reader.handle(table).id)), reverse: true };
    for (const { value } of this.#reader.entries(this.#context.shared.letters, range)) {
      if (letters.length >= limit) break;
      const letter = readJson<DeadLetter & Partial<KeptLetter>>(value);
      if (letter !== undefined) letters.push({ version: 0, ...letter });
    }
    return letters;
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#reader.close();
    this.#transaction.done();
  }

  /** The version of the newest change that the feed has; 0 where it has none. */
  #newestChange(table: Table): number {
    const range = { ...changesFromRange(this.#reader.handle(table).id, { version: 0, sequence: 0 }), reverse: true };
    for (const { key } of this.#reader.entries(this.#context.shared.feed, range)) return readVersion(key);
    return 0;
  }

  *#feedRange(table: Table, after: number, until: number): Generator<TableCommit> {
    const handle = this.#reader.handle(table);
    const { feed } = this.#context.shared;
    let commit: { version: number; committedMs: number; changes: Change[] } | undefined;
    for (const { key, value } of this.#reader.entries(feed, changeRange(handle.id, after, until))) {
      const version = readVersion(key);
      if (commit?.version !== version) {
        if (commit !== undefined) yield commit;
        const header = must(this.#reader.find(feed, headerKey(handle.id, version)), 'a commit without header');
        commit = { version, committedMs: unpackFeedHeader(header).committedMs, changes: [] };
      }
      commit.changes.push(this.#unpack(handle, value));
    }
    if (commit !== undefined) yield commit;
  }

  *#feedPoints(table: Table, after: number, until: number): Generator<TableCommit> {
    const handle = this.#reader.handle(table);
    const { feed } = this.#context.shared;
    for (const { version, committedMs, changes: count } of this.#headers(handle.id, after, until)) {
      if (count === 0) continue;
      if (count > maxPointReads) {
        yield* this.#feedRange(table, version - 1, version);
        continue;
      }
      const changes = Array.from({ length: count }, (_, n) =>
        this.#unpack(handle, must(this.#reader.find(feed, changeKey(handle.id, version, n + 1)), 'a change')),
      );
      yield { version, committedMs, changes };
    }
  }

  #unpack(handle: TableHandle, bytes: Buffer): Change {
    this.#context.work.feedEntriesRead += 1;
    return unpackChange(bytes, (rowKey, parts) => rowOf(handle, rowKey, parts));
  }

  *#headers(id: number, after: number, until: number): Generator<FeedHeader & { readonly version: number }> {
    const { feed } = this.#context.shared;
    if (until - after > maxPointReads) {
      for (const { key, value } of this.#reader.entries(feed, headerRange(id, after, until))) {
        yield { version: readVersion(key), ...unpackFeedHeader(value) };
      }
      return;
    }
    for (let version = after + 1; version <= until; version += 1) {
      const bytes = this.#reader.find(feed, headerKey(id, version));
      if (bytes !== undefined) yield { version, ...unpackFeedHeader(bytes) };
    }
  }

  /** How far the table was at the version; nothing, where its feed does not tell. */
  #nextAt(table: TopicTable, version: number): ReadonlyMap<number, number> {
    if (version < this.version && this.feedHorizon(table) > version) return noOffsets.next;
    return this.#movedAfter(this.#reader.handle(table).id, version) ?? this.#offsetsOf(table).next;
  }

  /** What the first commit after the version found, if one has moved offsets since. */
  #movedAfter(id: number, version: number): ReadonlyMap<number, number> | undefined {
    assert(version <= this.version, 'a position of a version that has not come yet');
    if (version === this.version) return undefined;
    for (const { nextBefore } of this.#headers(id, version, this.version)) return nextBefore;
    return undefined;
  }

  #record(table: Table): TableRecord {
    this.#records ??= new Map<string, TableRecord>();
    let record = this.#records.get(table.name);
    if (record === undefined) {
      const { id } = this.#reader.handle(table);
      record = readRecord(this.#reader.find(this.#context.shared.meta, metaKeys.state(id)), table);
      this.#records.set(table.name, record);
    }
    return record;
  }

  #offsetsOf(table: TopicTable): PartitionOffsets {
    this.#offsets ??= new Map<string, PartitionOffsets>();
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

/** The topics' tables that these are built from, each once. */
function basesOf(tables: Iterable<Table>): readonly TopicTable[] {
  const bases = new Set<TopicTable>();
  for (const table of tables) for (const base of table.bases) bases.add(base);
  return [...bases];
}
