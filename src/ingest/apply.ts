import type { Catalog, Table, TopicTable } from '../catalog/catalog.ts';
import { must } from '../common/errors.ts';
import type { Work } from '../common/work.ts';
import { buildDerived } from '../derive/build.ts';
import { createDerive } from '../derive/create-derive.ts';
import type { Derive, Tick } from '../derive/derive.ts';
import { maxAheadMs } from '../derive/stream-time.ts';
import type { DeadLetter, Store, WriteTransaction } from '../store/store.ts';
import { DecodedReader } from './decoded-batch.ts';
import type { DecodedBatch, DecodedRecords } from './decoded-batch.ts';

/**
 * The fold: what a batch of records does to the tables that read its topic. Pure of time and of batch borders: any split
 * of the same records, and any interleaving of partitions, leaves the same tables.
 */
export interface Fold {
  /** Applies the batch to every table that reads its topic, and moves their offsets. */
  apply(tx: WriteTransaction, batch: DecodedBatch): void;
  /**
   * Before `finish`: lets time pass for what has `clock: WALL`, where that removes or closes something; then the commit takes a number
   * in Headgate's own partition. The one way in which the clock gets into tables.
   */
  tick(tx: WriteTransaction, tick: Tick): void;
  /** Once all batches of the commit are applied: derived tables follow, and retention removes what is too old. */
  finish(tx: WriteTransaction): void;
  /** Before the first record: derived tables that are new are made of what their sources hold. */
  build(store: Store): void;
  /** Once it is known which tables of topics have been filled: those derived from them have been, too. */
  settle(tx: WriteTransaction): void;
  /** The tables that read the topic. */
  tablesOf(topic: string): readonly TopicTable[];
  readonly topics: readonly string[];
}

/** Told of what a person should hear about; called inside the transaction, so it must not throw. */
export interface FoldEvents {
  /** `reason` says what to do, too. */
  halted(table: TopicTable, reason: string): void;
  skipped(table: Table, letter: DeadLetter): void;
}

export interface FoldOptions {
  readonly catalog: Catalog;
  readonly work: Work;
  readonly events: FoldEvents;
}

export function createFold({ catalog, work, events }: FoldOptions): Fold {
  const derive = createDerive({ catalog, work, skipped: (table, letter) => events.skipped(table, letter) });
  const tablesByTopic = new Map<string, TopicTable[]>();
  for (const table of catalog.topicTables) {
    const tables = tablesByTopic.get(table.topic);
    if (tables === undefined) tablesByTopic.set(table.topic, [table]);
    else tables.push(table);
  }
  const withRetention = catalog.topicTables.filter((table) => table.retentionMs !== undefined);

  return {
    topics: [...tablesByTopic.keys()],
    tablesOf: (topic) => tablesByTopic.get(topic) ?? [],
    apply(tx, batch) {
      for (const [i, table] of (tablesByTopic.get(batch.topic) ?? []).entries()) {
        const { phase } = tx.state(table);
        if (phase === 'halted' || phase === 'recreated') continue;
        const records = must(batch.tables[i], 'a batch that was decoded for another schema');
        applyToTable(tx, table, batch, records, { derive, events });
      }
    },
    tick(tx, tick) {
      const moved = [...withRetention.map((table) => tickTable(tx, table, tick)), derive.tick(tx, tick)];
      if (moved.includes(true)) tx.tick();
    },
    finish(tx) {
      derive.follow(tx);
      for (const table of withRetention) {
        const limit = tx.streamTime(table) - (table.retentionMs ?? 0);
        if (limit > 0) tx.expire(table, limit);
      }
      derive.expire(tx);
    },
    settle: (tx) => derive.settle(tx),
    build: (store) => buildDerived(store, catalog, derive),
  };
}

/** Sets the table's time to the clock's where rows go then; true where it has. */
function tickTable(tx: WriteTransaction, table: TopicTable, { nowMs }: Tick): boolean {
  if (table.clock === 'STREAM' || tx.state(table).phase === 'recreated') return false;
  const time = tx.streamTime(table);
  // Records moved it as long as the clock was STREAM, perhaps far ahead. A clock that goes back a little waits.
  const astray = time > nowMs + maxAheadMs;
  const limit = nowMs - (table.retentionMs ?? 0);
  const removes = nowMs > time && tx.keysByTime(table, -Infinity, limit).length > 0;
  if (astray || removes) tx.setStreamTime(table, nowMs);
  return astray || removes;
}

function applyToTable(
  tx: WriteTransaction,
  table: TopicTable,
  { topic, partition, count, next }: DecodedBatch,
  decoded: DecodedRecords,
  { derive, events }: { readonly derive: Derive; readonly events: FoldEvents },
): void {
  const stored = tx.offsets(table).get(topic)?.get(partition) ?? 0;
  const sweeping = tx.sweeping(table, partition);
  // Only a sweep looks at records again; it marks the rows that the topic still holds and writes nothing.
  if (next <= stored && !sweeping) return;
  const records = new DecodedReader(count, decoded);
  const judged = derive.judges(table);
  const counted = derive.counts(table);
  let streamTime = tx.streamTime(table);
  const before = streamTime;
  for (let i = 0; i < count; i += 1) {
    const offset = records.offset(i);
    const known = offset < stored;
    const kind = records.kind(i);
    if (kind === 'foreign' || (known && (!sweeping || kind === 'bad'))) continue;
    const timestampMs = records.timestampMs(i);
    if (kind === 'bad') {
      const { code, reason } = must(records.bad(i), 'a bad record without a reason');
      if (table.onBadRecord === 'HALT') {
        tx.setNext(table, partition, offset);
        if (streamTime !== before) tx.setStreamTime(table, streamTime);
        const why =
          `halted at a bad record in ${topic}/${partition} at offset ${offset} (${code}: ${reason}). ` +
          `Set onBadRecord: SKIP on ${table.name} and start again to pass over it`;
        tx.setState(table, { phase: 'halted', reason: why });
        events.halted(table, why);
        return;
      }
      const letter = { topic, partition, offset, timestampMs, code, reason };
      tx.addDeadLetter(table, letter);
      events.skipped(table, letter);
      continue;
    }
    const key = records.key(i);
    if (sweeping && kind === 'row') tx.mark(table, partition, key);
    if (known) continue;
    if (table.clock === 'STREAM' && timestampMs > streamTime) streamTime = timestampMs;
    if (kind === 'row' && mayRepeat(table) && isKept(tx, table, key, streamTime)) {
      tx.setState(table, { repeats: tx.state(table).repeats + 1 });
      continue;
    }
    const row = kind === 'row' ? tx.rowOf(table, key, records.row(i)) : undefined;
    if (judged) {
      const found = table.kept ? tx.get(table, key) : undefined;
      derive.observe(tx, table, { key, partition, offset, timestampMs, before: found, after: row });
    }
    // Where the newest record of the key is already past retention the row is gone, whatever it was. Where it must be counted first,
    // it goes when the commit ends.
    const past = !counted && table.retentionMs !== undefined && timestampMs < streamTime - table.retentionMs;
    if (row === undefined || past) tx.delete(table, key, timestampMs);
    else tx.put(table, row);
  }
  if (streamTime !== before) tx.setStreamTime(table, streamTime);
  if (next > stored) tx.setNext(table, partition, next);
}

/** Retention is applied when a commit ends; a row that is past it counts as gone at once, so that where commits end does not matter. */
function isKept(tx: WriteTransaction, table: TopicTable, key: Uint8Array, streamTime: number): boolean {
  const row = tx.get(table, key);
  return row !== undefined && (table.retentionMs === undefined || row.timestampMs >= streamTime - table.retentionMs);
}

/** Coordinates name one record of the topic; any other key of an APPEND table may come again, and the first record wins. */
function mayRepeat(table: TopicTable): boolean {
  if (table.mode !== 'APPEND') return false;
  return !table.key.some(({ source }) => source.kind === 'meta' && source.meta === 'COORDINATES');
}
