import type { Catalog, DerivedTable, Index, Table, TopicTable } from '../catalog/catalog.ts';
import type { Work } from '../common/work.ts';
import type { Change, TableCommit } from '../model/change.ts';
import type { NewRow, Row } from '../model/row.ts';
import type { Position, TopicOffsets } from '../model/position.ts';
import type { KeyRange } from './key-range.ts';
import type { ByteText, RowCopier } from './row-copier.ts';
import type { StoredColumns } from './row-codec.ts';
import type { Slice } from './slab.ts';

export type { KeyRange } from './key-range.ts';

/**
 * The store keeps rows, index entries, offsets, the change feed and dead letters in one LMDB environment. One writer,
 * many readers (other threads, each with its own `Store` on the same directory). `lmdb.ts` alone imports lmdb.
 *
 *   writer thread:  openStore(writable) ──write(tx => …)──▶ one LMDB transaction = one commit = one version
 *   reader thread:  openStore(readOnly) ──snapshot()──▶ Snapshot: every read at one version, released in the same turn
 */

/** Of an index. */
export interface IndexRange extends KeyRange {
  /** True: nobody asks the entries for their rows. */
  readonly keysOnly?: boolean | undefined;
}

export interface IndexEntry {
  /** The encoded index columns, without the row key; comparable with `KeyRange` bounds built by `keys.ts`. */
  readonly indexKey: Uint8Array;
  readonly rowKey: Uint8Array;
  /** True where a string was cut: entries with equal `indexKey` may differ on the row, and stand in row-key order. */
  readonly cut: boolean;
  /** Reads the row out of the entry; present where the index covers, unless `keysOnly` was asked for. */
  readonly row?: (() => Row) | undefined;
}

/**
 * Reads at one version. Synchronous and lazy: an iterable fetches as it is consumed, and must not be consumed after
 * its snapshot is released. Counts into `Work`.
 */
export interface Reader {
  get(table: Table, key: Uint8Array): Row | undefined;
  /** Rows in key order. */
  scan(table: Table, range: KeyRange): Iterable<Row>;
  /** Entries in order of (index columns, row key); their rows are read with `rowOfEntry`. */
  scanIndex(table: Table, index: Index, range: IndexRange): Iterable<IndexEntry>;
  /** Number of rows; O(1). */
  count(table: Table): number;
  /**
   * Writes the rows of a range of an index as elements of a list, without its brackets, straight from their bytes. False where it takes
   * rows to tell: an entry was cut, or a value is null that never is. Absent where it matters who reads what.
   */
  copyRows?(table: Table, index: Index, range: CopiedRange, copying: Copying): boolean;
}

export interface CopiedRange {
  readonly range: KeyRange;
  /** Entries that are passed over. */
  readonly offset: number;
  readonly limit: number;
}

export interface Copying {
  readonly copier: RowCopier;
  readonly to: ByteText;
  /** What it throws ends the copying. */
  readonly meter: CopyMeter;
}

/** Is told of every entry, and of every row that is read, with its size. */
export interface CopyMeter {
  entry(): void;
  row(size: number): void;
}

export interface Snapshot extends Reader {
  readonly storeId: string;
  /** The newest commit at the time of opening. */
  readonly version: number;
  /**
   * Position over the topics of these tables: the least next offset of each partition over the tables that read it.
   * Also as of an earlier version: exact, where it may be resumed after. A table whose feed does not reach the version
   * then counts as having read nothing.
   */
  position(tables: Iterable<Table>, version?: number): Position;
  /** Next offsets of one table, all partitions of its topics: of several tables it is built from the least. */
  offsets(table: Table): TopicOffsets;
  state(table: Table): TableState;
  /**
   * The oldest version after which the table's feed is complete: resuming after a position with a smaller version is
   * impossible. It rises as the feed is trimmed, and is the snapshot's version while a table has never been filled.
   */
  feedHorizon(table: Table): number;
  /** The version at which the table was filled, the last time it was: its feed begins there. 0 if that is not known. */
  filledVersion(table: Table): number;
  /** The table's commits with version in (`after`, `until`], in order; commits that changed none of its rows are absent. */
  feed(table: Table, after: number, until?: number): Iterable<TableCommit>;
  /** Bytes of the changes that `feed` would give; to know beforehand what reading them costs. */
  feedBytes(table: Table, after: number, until?: number): number;
  /** Single changes of the feed from a place on, in order: a commit may be too large to be taken at once. */
  changesFrom(table: Table, place: FeedPlace): Iterable<PlacedChange>;
  /**
   * The oldest version after which the feed has every change of the table's rows, whatever it still tells of positions; the
   * snapshot's version while the table has never been filled.
   */
  changesHorizon(table: Table): number;
  /** What was stored last with `Store.putSinkState`. */
  sinkState(table: Table): SinkState | undefined;
  /**
   * How many versions lie between the newest change of the table and what the topic of its sink has acknowledged; all of them
   * where the topic is still to be brought up to the table. O(1).
   */
  sinkLag(table: Table): number;
  /** The newest first. */
  deadLetters(table: Table, limit: number): readonly KeptLetter[];
  /** Ends the read transaction. Called in the turn that opened the snapshot. */
  release(): void;
}

/** Between two changes of a table's feed: all commits before `version` are passed, and of that one the first `sequence` changes. */
export interface FeedPlace {
  readonly version: number;
  readonly sequence: number;
}

export interface PlacedChange {
  readonly change: Change;
  /** Behind it. */
  readonly place: FeedPlace;
}

/** How far the table's changes have been written to the topic of its sink. */
export interface SinkState {
  /** The changes before it are acknowledged. Absent: the topic has not been brought up to the table since it became its sink. */
  readonly sent?: FeedPlace | undefined;
  /** Of the store that `sent` is a place of. */
  readonly storeId: string;
  readonly topic: string;
  /** Of the topic, as `TopicWriter.open` told it. */
  readonly incarnation: string;
  /** How many partitions keys are spread over. */
  readonly partitions: number;
  /** What records are made of. */
  readonly columns: string;
  /** Who writes to Kafka; absent where it was done in good order. */
  readonly producer?: { readonly id: number; readonly epoch: number } | undefined;
}

/** Life of a table's contents. Written by the writer with the commit that changes it. */
export interface TableState {
  /**
   * filling: never caught up in this store's life; nothing enters the feed.
   * live: serving.
   * halted: stopped at a bad record (`onBadRecord: HALT`); serves what it has.
   * recreated: its topic is another one now; answers TOPIC_RECREATED until it is rebuilt.
   */
  readonly phase: 'filling' | 'live' | 'halted' | 'recreated';
  /** For halted and recreated: what happened and what to do. */
  readonly reason?: string | undefined;
  /** When every partition was last seen caught up, ms; 0 if never. */
  readonly caughtUpMs: number;
  /** Records missing because the topic no longer held them when they were due; counted per incident. */
  readonly gaps: number;
  /** Rows whose key a second partition wrote. */
  readonly takenOver: number;
  /** APPEND with a field as key: records whose key was already there. */
  readonly repeats: number;
  /** Bad records by reason code. */
  readonly bad: Readonly<Record<string, number>>;
}

/** A bad record, kept in the commit that passed over it. At most `maxDeadLetters` newest per table. */
export interface DeadLetter {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly code: BadRecordCode;
  /** What is wrong with which field; never the record's contents. */
  readonly reason: string;
  /** The record's; 0 or less where it has none. */
  readonly timestampMs: number;
}

/** A dead letter as it is read: two of different tables have come in the order of their commits. */
export interface KeptLetter extends DeadLetter {
  /** Of the commit that keeps it; 0 where that was not written down. */
  readonly version: number;
}

export const badRecordCodes = [
  'UNREADABLE',
  'KEY_NULL',
  'KEY_FORMAT',
  'KEY_MISMATCH',
  'KEY_TOO_LONG',
  'VALUE_ABSENT',
  'VALUE_TOO_LARGE',
  'UTF8',
  'JSON',
  'DEPTH',
  'TYPE',
  'REQUIRED_MISSING',
  'ENUM',
  'RANGE',
  'TOMBSTONE_IN_APPEND',
  'EXPRESSION',
  'LATE',
] as const;
export type BadRecordCode = (typeof badRecordCodes)[number];

/**
 * One commit being made. Reads see the writes made so far. Several writes of a key are collapsed: the store is touched
 * once per key when the commit ends, and the feed gets one change (none where the row ends as it began).
 */
export interface WriteTransaction extends Reader {
  /** The version this commit will have. */
  readonly version: number;
  /** `timestampMs` is the change's, where it is not the row's. */
  upsert(table: Table, row: NewRow, timestampMs?: number): void;
  /** The row that these bytes are: the table's row writer (`row-writer.ts`) made them for this key. It is not written by that. */
  rowOf(table: Table, key: Uint8Array, bytes: Slice): Row;
  /** Writes a row that `rowOf` gave, as `upsert` does, without making its bytes again. */
  put(table: Table, row: Row): void;
  /** No-op where the row does not exist. */
  delete(table: Table, key: Uint8Array, timestampMs: number): void;
  setNext(table: Table, partition: number, next: number): void;
  offsets(table: TopicTable): TopicOffsets;
  /** What `RecordSink.anchor` gave; survives restarts. */
  setAnchor(table: Table, partition: number, anchor: string): void;
  anchors(table: Table): ReadonlyMap<number, string>;
  state(table: Table): TableState;
  setState(table: Table, state: Partial<TableState>): void;
  /** Counts it in `TableState.bad`, too. */
  addDeadLetter(table: Table, letter: DeadLetter): void;
  /** Removes rows with `timestampMs` below the limit (tables with `retentionMs`); counts as deletions in the feed. */
  expire(table: Table, beforeMs: number): number;
  /** Keys of rows of a timed table with `timestampMs` in [from, before), the oldest first. */
  keysByTime(table: Table, fromMs: number, beforeMs: number): readonly Uint8Array[];
  /** Empties the table and its memory; not once the commit has touched it. */
  clear(table: Table): void;
  /** Greatest record timestamp seen by the table, ms; 0 before the first. Kept by the store, set by ingest. */
  streamTime(table: Table): number;
  setStreamTime(table: Table, ms: number): void;
  /** Marks of a mark-and-sweep: keys of the partition seen again since `beginSweep`. */
  beginSweep(table: Table, partition: number): void;
  mark(table: Table, partition: number, key: Uint8Array): void;
  /** Deletes the partition's rows that were not marked and ends the sweep; returns how many. */
  sweep(table: Table, partition: number): number;
  sweeping(table: Table, partition: number): boolean;
  /** Takes a number in Headgate's own partition: for a commit that no record caused. */
  tick(): number;
  /**
   * What the commit has done to the table's rows since it was asked last (in this commit), collapsed by key, in no order. Also
   * rows whose columns stay as they are while the record that wrote them is another one. For tables derived from this one.
   */
  drain(table: Table): readonly RowMove[];
  /** What a derived table keeps beside its rows. */
  memory(table: DerivedTable): Memory;
}

/** One row between two moments of a commit. */
export interface RowMove {
  readonly key: Uint8Array;
  readonly before: Row | undefined;
  readonly after: Row | undefined;
  readonly timestampMs: number;
}

/**
 * Bytes by key, in the order of the keys (at most 1,978 bytes each): the state that `derive` needs to take a row back out of an
 * aggregation. Part of the commit; emptied when the table is rebuilt; no reader sees it.
 */
export interface Memory {
  get(key: Uint8Array): Buffer | undefined;
  put(key: Uint8Array, value: Uint8Array): void;
  remove(key: Uint8Array): void;
  scan(range: KeyRange): Iterable<{ readonly key: Uint8Array; readonly value: Buffer }>;
}

export interface CommitResult {
  readonly version: number;
  /** The tables whose rows changed; a filling table's changes are not in the feed. */
  readonly touched: readonly Table[];
  /** Collapsed changes written. */
  readonly changes: number;
}

export interface Store {
  /** Changes when a store is created, or opened after losing commits. */
  readonly storeId: string;
  readonly work: Work;
  /**
   * Runs `apply` and commits, all or nothing. A commit that wrote nothing takes no version. Throws what `apply` throws
   * (nothing is kept), or the store's own failure (disk full: nothing is kept, and a later write may succeed).
   */
  write(apply: (tx: WriteTransaction) => void): CommitResult;
  /** How the table's rows are made of its columns, for a row writer in another thread. The same as long as the store is open. */
  storedColumns(table: Table): StoredColumns;
  /** Of the writer alone, and not inside `write`. A small commit of its own that takes no version: no position moves. */
  putSinkState(table: Table, state: SinkState): void;
  /** The newest version that is committed when it is called. */
  snapshot(): Snapshot;
  /** Trims the change feed of every table to its age and bytes, dead letters to their number. O(expired). */
  trim(nowMs: number): void;
  /** Bytes of the LMDB file. */
  size(): number;
  /**
   * Waits until what was committed is on disk. Without it that is so about a second later: a killed process loses nothing, a loss of
   * power what was not flushed. Rejects where the disk fails; writes throw from then on.
   */
  flush(): Promise<void>;
  /** Flushes. Open snapshots end. Idempotent. */
  close(): Promise<void>;
}

export interface StoreOptions {
  readonly directory: string;
  readonly catalog: Catalog;
  /**
   * False for readers of another thread: they open what the writer has prepared, with the same schema, and write nothing.
   * The writer opens before its readers, and closes after them.
   */
  readonly writable: boolean;
  readonly work: Work;
  /** ms; stamps commits in the feed. */
  readonly now: () => number;
  /** Identifies the machine's boot; tests give another to look like a power loss. Default: the kernel's boot id. */
  readonly bootId?: string | undefined;
  /** Tables to be emptied and read again from their topics' start: `--rebuild`. */
  readonly rebuild?: readonly string[] | undefined;
  /** Indexes of a table are about to be built from its rows. */
  readonly onBuild?: ((table: Table, indexes: readonly Index[], rows: number) => void) | undefined;
}

export const maxDeadLetters = 10_000;
