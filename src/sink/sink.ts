import type { Catalog } from '../catalog/catalog.ts';
import type { Log } from '../common/log.ts';
import type { Source } from '../source/source.ts';
import type { TopicWriter } from '../source/topic-writer.ts';
import type { CommitResult, Store } from '../store/store.ts';

/**
 * `@sink`: the changes of tables are written back to topics, each an upsert topic that folds to its table. Run by the write wing
 * (`ingest/writer.ts`) beside the ingest, which never waits for it: what connects them is the change feed on disk.
 *
 *   feed ──from the stored place on──▶ batch ──TopicWriter──▶ acknowledged ──▶ the place is stored ──▶ next batch
 *
 * - A record's key is the row's key as a topic's table with the default `keyFormat` reads it, canonical: the plain text of one
 *   column, a JSON object of several. A null is null in the object; a single column that is null gives an object, too:
 *   `{"genre":null}`. The value is a JSON object of the row's visible columns as they are stored, digit for digit, or a tombstone.
 *   The timestamp is the change's.
 * - One batch of a table is on its way at a time. Its changes are sent in order; after a crash those that were not known to be
 *   acknowledged are sent again: at least once, per key in order.
 * - A sink that has no place in the feed (new; the table was built anew; the feed was trimmed first; the topic is another one)
 *   *resynchronises*: it sends every row, and tombstones for the keys that the topic holds and the table does not, while the feed
 *   goes on. It says so. Rows that are not kept (STREAM) cannot be sent again; what the feed has of them is.
 * - Nothing is sent while a table fills, or a table that it is derived from does.
 * - A topic that cannot be written to is tried again less and less often, for ever; `Snapshot.sinkLag` tells how far behind the sink is.
 */
export interface Sinks {
  /** Returns at once. */
  start(): void;
  /** After every commit, in order. */
  committed(result: CommitResult): void;
  /** Ends after the batches on their way, at most `closeMs` later; stores how far they came. The store stays open. */
  close(): Promise<void>;
}

export interface SinkOptions {
  readonly catalog: Catalog;
  /** Writable. Used from the thread that writes it. */
  readonly store: Store;
  readonly createWriter: (topic: string) => TopicWriter;
  /** A source of its own for each call: it reads, once, what a sink's topic holds. */
  readonly createSource: () => Source;
  /** What goes to a topic at once. Default 2,000. */
  readonly maxBatchRecords?: number | undefined;
  readonly log: Log;
}

/** How long `close` waits for an acknowledgement, ms. What is not acknowledged by then is sent again by the next process. */
export const closeMs = 3_000;
