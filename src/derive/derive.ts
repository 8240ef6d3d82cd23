import type { DerivedTable, TopicTable } from '../catalog/catalog.ts';
import type { ColumnReader } from '../model/predicate.ts';
import type { Row } from '../model/row.ts';
import type { WriteTransaction } from '../store/store.ts';

/**
 * Derived tables, brought up to their sources inside the commit that moves them: what readers see of a view or an aggregation is
 * never older or newer than the tables it is made of.
 *
 *   record ──fold──▶ rows of topic tables ──drain──▶ each derived table, in order of dependency ──▶ the same commit
 *
 * A commit's records are collapsed first: every derived table looks once at every row that moved, whatever moved it how often.
 * That is exact because what is derived follows from the rows alone, with one exception that is decided record by record:
 * whether a record comes too late for its bucket (`observe`).
 */
export interface Derive {
  /** Whether `observe` wants to hear of the records of this table. */
  judges(table: TopicTable): boolean;
  /** Whether rows of this table are counted somewhere, however short they stay. */
  counts(table: TopicTable): boolean;
  /**
   * Told by the fold of every record that writes or deletes a row, in order, before the row is written: stream time advances, and
   * records that come too late for a bucket are marked for the aggregations that have a `grace`.
   */
  observe(tx: WriteTransaction, table: TopicTable, record: ObservedRecord): void;
  /**
   * Before `follow`: moves the time of aggregations with `clock: WALL` on where that removes or closes a bucket; true where it does
   * for one. Nothing else lets the clock in.
   */
  tick(tx: WriteTransaction, tick: Tick): boolean;
  /** Brings every derived table up to what the commit has done so far. The fold calls it once its records are applied. */
  follow(tx: WriteTransaction): void;
  /**
   * The same after retention has removed rows of topic tables: views lose them, aggregations keep what they have counted. Then
   * removes buckets past the retention of aggregations, and closes those that can get no record any more.
   */
  expire(tx: WriteTransaction): void;
  /** Adds rows of the source to a derived table that is being built; nothing else moves meanwhile. */
  build(tx: WriteTransaction, table: DerivedTable, rows: readonly Row[]): void;
  /** Once the states of the topics' tables are known: a derived table is filled when all that it is built from is. */
  settle(tx: WriteTransaction): void;
}

/** What the clock tells. */
export interface Tick {
  readonly nowMs: number;
  /** All that had been sent to the table's topic by then has been applied; undefined where that is not known. */
  readonly readToMs: (table: TopicTable) => number | undefined;
}

export interface ObservedRecord {
  readonly key: Uint8Array;
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
  /** The row that the record finds. */
  readonly before: Row | undefined;
  /** The row that it leaves; undefined: it deletes. */
  readonly after: ColumnReader | undefined;
}
