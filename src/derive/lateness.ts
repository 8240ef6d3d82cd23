import type { DerivedTable, TopicTable } from '../catalog/catalog.ts';
import type { Window } from '../catalog/derivation.ts';
import { ExpressionError } from '../model/expression.ts';
import type { Expression } from '../model/expression.ts';
import type { ColumnReader } from '../model/predicate.ts';
import { keyText } from '../store/keys.ts';
import type { Memory, WriteTransaction } from '../store/store.ts';
import { bucketId, bucketsOf, msOf, sessionBucket } from './buckets.ts';
import type { Bucket } from './buckets.ts';
import type { ObservedRecord, Tick } from './derive.ts';
import { memoryKeys } from './memory-keys.ts';
import type { OperatorContext } from './operator.ts';
import { StreamTime } from './stream-time.ts';

/**
 * Which records an aggregation takes. A record is judged when it arrives, by its own partition's stream time, bucket by bucket: one
 * whose bucket ended `grace` ago or longer is not added to it. What is in a bucket already may be corrected at any time; so
 * a row that stays in its bucket is not judged again.
 *
 * Judged is the row of the topic's table, whatever filter or dimensions say of it: these may change when related rows arrive,
 * and when that is must not matter.
 */
export class Lateness {
  readonly #context: OperatorContext;
  readonly #table: DerivedTable;
  readonly #window: Window;
  /** Absent: the timestamp of the record. */
  readonly #time: Expression | undefined;
  readonly #base: TopicTable;
  readonly #streamTime: StreamTime;
  readonly #closedBefore: number;
  readonly #memory: Memory;
  /** Rows that records of this commit were judged for: the buckets they were refused for before, and are now. */
  readonly #judged = new Map<
    string,
    { readonly key: Uint8Array; before: ReadonlySet<string>; after: ReadonlySet<string> }
  >();

  constructor(context: OperatorContext, table: DerivedTable, window: Window, base: TopicTable, memory: Memory) {
    this.#context = context;
    this.#table = table;
    this.#window = window;
    this.#time = window.recordTime;
    this.#base = base;
    this.#memory = memory;
    this.#streamTime = new StreamTime(memory, window.clock);
    this.#closedBefore = this.#streamTime.closedTo;
  }

  get streamTime(): StreamTime {
    return this.#streamTime;
  }

  /** What `StreamTime.closedTo` was when the commit began. */
  get closedBefore(): number {
    return this.#closedBefore;
  }

  observe(tx: WriteTransaction, record: ObservedRecord): void {
    const { partition } = record;
    const eventMs = this.#eventMs(record.after, record.timestampMs);
    if (this.#window.graceMs !== undefined) this.#judge(tx, record, eventMs, this.#window.graceMs);
    if (eventMs !== undefined) this.#streamTime.advance(partition, eventMs, record.timestampMs);
  }

  /** Moves time on where that removes or closes a bucket; true where it does. For `clock: WALL`. */
  tick(tx: WriteTransaction, { nowMs, readToMs }: Tick): boolean {
    const { retentionMs } = this.#table;
    const { graceMs } = this.#window;
    const readTo = readToMs(this.#base);
    const removes =
      retentionMs !== undefined && tx.keysByTime(this.#table, -Infinity, nowMs - retentionMs + 1).length > 0;
    const closes =
      graceMs !== undefined &&
      readTo !== undefined &&
      tx.keysByTime(this.#table, this.#streamTime.closedTo + 1, readTo - graceMs + 1).length > 0;
    if (removes || closes) this.#streamTime.setClock(nowMs);
    if (closes) this.#streamTime.setReadTo(readTo);
    return removes || closes;
  }

  /** The buckets that the row is not counted in: as of the end of the last commit, or now. */
  refused(key: Uint8Array, when: 'before' | 'after'): ReadonlySet<string> {
    if (this.#window.graceMs === undefined) return nothing;
    return this.#judged.get(keyText(key))?.[when] ?? this.#stored(key);
  }

  /** The row has gone for good. */
  forget(key: Uint8Array): void {
    if (this.#window.graceMs !== undefined && this.#stored(key).size > 0) this.#memory.remove(memoryKeys.refused(key));
  }

  /** Its buckets have gone. A row that its own table does not remove may come again, and is too late then as it was before. */
  outlived(key: Uint8Array): void {
    if (this.#base.retentionMs !== undefined) this.forget(key);
  }

  /** Behind the last record of the commit: buckets close. */
  close(tx: WriteTransaction): void {
    if (this.#window.graceMs === undefined) return;
    const partitions = tx.offsets(this.#base).get(this.#base.topic)?.keys() ?? [];
    this.#streamTime.close(partitions, this.#window.graceMs);
  }

  /** From now on, what was judged counts as known before. */
  save(): void {
    this.#streamTime.save();
    for (const { key, before, after } of this.#judged.values()) {
      // A row that is not kept is never seen again, nor is what it was refused for.
      if (!this.#base.kept) continue;
      if (after.size > 0) this.#memory.put(memoryKeys.refused(key), Buffer.from(JSON.stringify([...after])));
      else if (before.size > 0) this.#memory.remove(memoryKeys.refused(key));
    }
    this.#judged.clear();
  }

  #judge(tx: WriteTransaction, record: ObservedRecord, eventMs: number | undefined, graceMs: number): void {
    const { key, partition, before } = record;
    const known = this.refused(key, 'after');
    const closedTo = this.#streamTime.of(partition) - graceMs;
    const counted = new Set(
      this.#buckets(this.#eventMs(before, before?.timestampMs ?? 0))
        .map(bucketId)
        .filter((id) => !known.has(id)),
    );
    const late = this.#buckets(eventMs).filter((bucket) => bucket.endMs <= closedTo && !counted.has(bucketId(bucket)));
    if (late.length === 0 && known.size === 0) return;
    const text = keyText(key);
    const entry = this.#judged.get(text) ?? { key, before: known, after: known };
    entry.after = new Set(late.map(bucketId));
    this.#judged.set(text, entry);
    if (late.length > 0) this.#report(tx, record, late);
  }

  #report(tx: WriteTransaction, { partition, offset, timestampMs }: ObservedRecord, late: readonly Bucket[]): void {
    const buckets = late.map(({ interval, startMs }) => `${interval.name} of ${new Date(startMs).toISOString()}`);
    const reason = `it came more than the grace after the end of its bucket (${buckets.join(', ')})`;
    const letter = { topic: this.#base.topic, partition, offset, timestampMs, code: 'LATE', reason } as const;
    tx.addDeadLetter(this.#table, letter);
    this.#context.skipped(this.#table, letter);
  }

  #buckets(eventMs: number | undefined): readonly Bucket[] {
    if (eventMs === undefined) return [];
    const { sessionGapMs, intervals } = this.#window;
    return sessionGapMs === undefined ? bucketsOf(intervals, eventMs) : [sessionBucket(eventMs, sessionGapMs)];
  }

  /** Undefined where there is no row, or the row has no event time: it is in no bucket. */
  #eventMs(row: ColumnReader | undefined, timestampMs: number): number | undefined {
    if (row === undefined) return undefined;
    if (this.#time === undefined) return timestampMs;
    try {
      const value = this.#time.evaluate(row, () => undefined);
      return typeof value === 'bigint' ? msOf(value) : undefined;
    } catch (error) {
      if (error instanceof ExpressionError) return undefined;
      throw error;
    }
  }

  #stored(key: Uint8Array): ReadonlySet<string> {
    if (!this.#base.kept) return nothing;
    const bytes = this.#memory.get(memoryKeys.refused(key));
    return bytes === undefined ? nothing : new Set(JSON.parse(bytes.toString()) as string[]);
  }
}

const nothing: ReadonlySet<string> = new Set();
