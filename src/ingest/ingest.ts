import { setTimeout as pause } from 'node:timers/promises';
import type { Catalog } from '../catalog/catalog.ts';
import { reasonOf } from '../common/errors.ts';
import type { Log } from '../common/log.ts';
import type { Incident, PartitionProgress, RecordSink } from '../source/source.ts';
import type { CommitResult, Store, WriteTransaction } from '../store/store.ts';
import { createFold } from './apply.ts';
import type { Fold } from './apply.ts';
import { createBadRecordReport } from './bad-records.ts';
import { createBounds } from './bounds.ts';
import type { SourceProgress } from './bounds.ts';
import type { DecodedBatch } from './decoded-batch.ts';
import type { DecodedSource } from './decoded-source.ts';
import { createClock, lookEveryMs } from './clock.ts';
import { decideIncident, tablesToSweep, whyRecreated } from './incidents.ts';
import { topicStarts } from './topic-starts.ts';

/**
 * The loop of the write wing: whatever has arrived since the last commit is applied in one transaction, with its offsets. It comes
 * decoded, from a thread that goes on with that meanwhile. No timer: under light load a record is committed as it arrives, under
 * heavy load commits grow by themselves. Where tables go by the clock, about one commit a second looks at it; what has arrived is in that commit, too.
 *
 *   source, decoded ──batch──▶ pending ──▶ ONE store.write ──▶ onCommit (readers are woken) ──▶ the source may send on
 */
export interface IngestOptions {
  readonly catalog: Catalog;
  /** Writable, and nobody else's. */
  readonly store: Store;
  readonly source: DecodedSource;
  /** ms. */
  readonly now: () => number;
  readonly log: Log;
  /** Why a commit failed, for a person. Default: the failure's own message. */
  readonly failureOf?: ((cause: unknown) => string) | undefined;
  /** A commit that moves more rows is logged as large. */
  readonly maxCommitRows: number;
  /** After a commit, in order. */
  readonly onCommit: (result: CommitResult) => void;
  /** What the source knows of its topics has changed. At most every 50 ms. */
  readonly onProgress: (progress: SourceProgress) => void;
  /** The source cannot be read at all. */
  readonly onFailure: (cause: unknown) => void;
}

export interface Ingest {
  /** Returns at once; what goes wrong for good (an unreadable folder, say) is told to `onFailure`. */
  start(): void;
  /** Stops the source, commits what has arrived, flushes. The store stays open. */
  close(): Promise<void>;
}

/** Records after which a commit is closed although more has arrived: beyond it larger commits gain nothing. */
const maxCommitRecords = 50_000;
/** Wait before a failed commit is tried again, ms. A full disk does not empty itself faster by asking. */
const retryCommitMs = 1_000;
/** Between log lines of a commit that fails for the same reason again and again, ms. */
const tellAgainMs = 60_000;
/** Between questions to a broker that is away, ms. */
const askAgainMs = 1_000;
const progressEveryMs = 50;
/** How often `caughtUpMs` is stored and the feed trimmed while nothing else happens, ms. */
const housekeepingMs = 15_000;

/** What the source told, in its order: records, what was decided after an incident, anchors. */
interface Told {
  /** Into a commit; again, where that failed. */
  readonly apply: (tx: WriteTransaction) => void;
  readonly records: number;
  readonly committed: () => void;
}

export function createIngest(options: IngestOptions): Ingest {
  const { catalog, store, source, now, log } = options;
  const badRecords = createBadRecordReport(log);
  const fold: Fold = createFold({
    catalog,
    work: store.work,
    events: {
      skipped: (table, letter) => badRecords.add(table, letter),
      halted: (table, reason) => log.error(`table ${table.name} is ${reason}`, { table: table.name }),
    },
  });
  const bounds = createBounds(fold.topics);
  const clock = createClock({ catalog, bounds, now });
  /** The next commit looks at the clock. */
  let clockDue = false;
  let clockWaits = false;
  const anchors = new Map<string, { topic: string; partition: number; offset: number; anchor: string }>();
  /** What was said of topics that are others now: each partition tells of it, mostly in the same words. */
  const saidRecreated = new Set<string>();
  let pending: Told[] = [];
  let scheduled = false;
  const closer = new AbortController();
  const closed = closer.signal;
  let failing = false;
  /** What was last said of failing commits; undefined once one has succeeded. */
  let told: { readonly reason: string; readonly atMs: number } | undefined;
  let progressTimer: NodeJS.Timeout | undefined;
  let retryTimer: NodeJS.Timeout | undefined;
  let housekeeping: NodeJS.Timeout | undefined;
  let clockTimer: NodeJS.Timeout | undefined;
  let started: Promise<void> = Promise.resolve();

  function schedule(): void {
    if (scheduled || failing || closed.aborted) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      // What is left is the last commit's: once that is made, the store may be closed at any time.
      if (closed.aborted) return;
      commit();
      if (pending.length > 0) schedule();
    });
  }

  /** One commit of what is pending, within the limit. */
  function commit(): void {
    let records = 0;
    let count = 0;
    while (count < pending.length && (count === 0 || records < maxCommitRecords)) {
      records += pending[count]?.records ?? 0;
      count += 1;
    }
    const taken = pending.slice(0, count);
    let result: CommitResult;
    try {
      result = store.write((tx) => {
        for (const { apply } of taken) apply(tx);
        // Before derived tables follow: rows that a sweep removes leave them, too.
        endSweeps(tx);
        if (clockDue) fold.tick(tx, clock.look(tx));
        fold.finish(tx);
        settle(tx);
      });
    } catch (cause) {
      badRecords.forget();
      commitFailed(cause);
      return;
    }
    badRecords.tell(now());
    if (told !== undefined) log.info('commits succeed again; ingest goes on where it stopped');
    told = undefined;
    clockDue = false;
    pending = pending.slice(count);
    if (result.changes > options.maxCommitRows) {
      log.warn(`a commit moved ${result.changes} rows, more than maxCommitRows (${options.maxCommitRows})`);
    }
    options.onCommit(result);
    for (const { committed } of taken) committed();
  }

  /** Partitions that have been read again to their end: rows that they no longer hold go. */
  function endSweeps(tx: WriteTransaction): void {
    for (const table of catalog.topicTables) {
      const { phase } = tx.state(table);
      if (phase === 'halted' || phase === 'recreated') continue;
      for (const partition of tx.offsets(table).get(table.topic)?.keys() ?? []) {
        if (!tx.sweeping(table, partition) || !bounds.readThrough(table.topic, partition)) continue;
        const removed = tx.sweep(table, partition);
        log.warn(`table ${table.name}: read partition ${partition} again and removed ${removed} rows no longer in it`);
      }
    }
  }

  /** What every commit does besides its records: anchors, tables that have caught up. */
  function settle(tx: WriteTransaction): void {
    for (const [id, { topic, partition, offset, anchor }] of anchors) {
      const readers = fold.tablesOf(topic);
      if (readers.some((table) => (tx.offsets(table).get(topic)?.get(partition) ?? 0) < offset)) continue;
      for (const table of readers) tx.setAnchor(table, partition, anchor);
      anchors.delete(id);
    }
    for (const table of catalog.topicTables) {
      const state = tx.state(table);
      if (state.phase === 'halted' || state.phase === 'recreated') continue;
      const offsets = tx.offsets(table).get(table.topic) ?? new Map<number, number>();
      if (!bounds.caughtUp(table.topic, offsets)) continue;
      if (state.phase === 'filling') {
        tx.setState(table, { phase: 'live', caughtUpMs: now() });
        log.info(`table ${table.name} is filled`, { table: table.name, rows: tx.count(table) });
      } else if (now() - state.caughtUpMs >= housekeepingMs) {
        tx.setState(table, { caughtUpMs: now() });
      }
    }
    fold.settle(tx);
  }

  function commitFailed(cause: unknown): void {
    const reason = options.failureOf?.(cause) ?? reasonOf(cause);
    if (told?.reason !== reason || now() - told.atMs >= tellAgainMs) {
      log.error('a commit failed and nothing of it was kept; ingest waits and tries it again', { reason });
      told = { reason, atMs: now() };
    }
    // What was not committed is read again at the next start.
    if (closed.aborted) return;
    failing = true;
    retryTimer = setTimeout(() => {
      failing = false;
      schedule();
    }, retryCommitMs);
    retryTimer.unref();
  }

  function keepHouse(): void {
    try {
      store.trim(now());
    } catch (cause) {
      // A full disk takes no deletions either. It ends nothing: the next round tries again.
      commitFailed(cause);
      return;
    }
    schedule();
  }

  /** Once whoever reads has had a turn: between two looks all has been told that had come before the first. */
  function lookAtClockSoon(): void {
    if (clockWaits) return;
    clockWaits = true;
    void source.turn().then(() => {
      clockWaits = false;
      clockDue = true;
      schedule();
    });
  }

  /** After the records that came before. */
  function decide(apply: (tx: WriteTransaction) => void): void {
    pending.push({ apply, records: 0, committed: () => {} });
    schedule();
  }

  function reportProgress(): void {
    if (progressTimer !== undefined || closed.aborted) return;
    progressTimer = setTimeout(() => {
      progressTimer = undefined;
      if (bounds.changed()) options.onProgress(bounds.progress());
    }, progressEveryMs);
    progressTimer.unref();
  }

  async function handleIncident(incident: Incident): Promise<void> {
    const policy =
      incident.kind === 'truncated' ? await askUntilAnswered(() => source.policy(incident.topic)) : undefined;
    if (closed.aborted) return;
    const decision = decideIncident(incident, fold.tablesOf(incident.topic), policy);
    if (!saidRecreated.has(decision.message)) log[decision.level](decision.message, { topic: incident.topic });
    if (incident.kind === 'topic-recreated') saidRecreated.add(decision.message);
    if (incident.kind !== 'truncated') bounds.incident(incident);
    decide((tx) => {
      decision.apply(tx);
      // Only now: what came before the gap has been read.
      if (incident.kind === 'truncated') bounds.incident(incident);
    });
    reportProgress();
    if (decision.resumeAt !== undefined && incident.kind === 'truncated') {
      source.resume(incident.topic, incident.partition, decision.resumeAt);
    }
  }

  const sink: RecordSink<DecodedBatch> = {
    batch: (batch) =>
      new Promise((resolve) => {
        pending.push({
          apply(tx) {
            fold.apply(tx, batch);
            bounds.readTo(batch.topic, batch.partition, batch.next);
          },
          records: batch.count,
          committed: resolve,
        });
        bounds.seenEnd(batch.topic, batch.partition, batch.end);
        bounds.received(batch.topic, batch.partition, batch.count);
        reportProgress();
        schedule();
      }),
    progress(partitions: readonly PartitionProgress[]) {
      for (const partition of partitions) {
        if (bounds.seen(partition)) {
          // A partition's first bounds: it counts in positions from here on, and an empty one is caught up.
          decide((tx) => {
            for (const table of fold.tablesOf(partition.topic)) {
              if (tx.offsets(table).get(partition.topic)?.has(partition.partition)) continue;
              tx.setNext(table, partition.partition, partition.start);
            }
          });
        }
      }
      reportProgress();
    },
    partitions(topic, partitions) {
      bounds.partitions(topic, partitions);
      reportProgress();
    },
    anchor(topic, partition, offset, anchor) {
      // In the commit of the batch that follows; it is nothing to commit by itself.
      const apply = (): void => void anchors.set(`${topic}/${partition}`, { topic, partition, offset, anchor });
      pending.push({ apply, records: 0, committed: () => {} });
    },
    incident(incident) {
      handleIncident(incident).catch((cause: unknown) => log.error('an incident could not be handled', { cause }));
    },
    connected(connected, reason) {
      if (bounds.connected(connected, reason)) {
        if (connected) log.info(`connected to ${source.description}`);
        else log.warn(`cannot reach ${source.description}; serving what is stored and trying again`, { reason });
      }
      reportProgress();
    },
  };

  /** Asks the source until it answers; undefined where the ingest was closed first. */
  async function askUntilAnswered<T>(question: () => Promise<T>): Promise<T | undefined> {
    while (!closed.aborted) {
      try {
        const answer = await question();
        sink.connected(true);
        return answer;
      } catch (cause) {
        sink.connected(false, reasonOf(cause));
        // Ends early, by an abort, where the ingest is closed.
        await pause(askAgainMs, undefined, { signal: closed }).catch(() => {});
      }
    }
    return undefined;
  }

  return {
    start() {
      for (const why of whyRecreated(catalog, store)) log.error(why);
      housekeeping = setInterval(keepHouse, housekeepingMs);
      housekeeping.unref();
      if (clock.needed) {
        clockTimer = setInterval(lookAtClockSoon, lookEveryMs);
        clockTimer.unref();
      }
      started = (async () => {
        const sweeps = await askUntilAnswered(() => tablesToSweep({ catalog, store, source, now: now(), log }));
        if (sweeps !== undefined && !closed.aborted)
          await source.start(topicStarts({ catalog, store, fold }, sweeps), sink);
      })();
      started.catch((cause: unknown) => options.onFailure(cause));
    },
    async close() {
      clearTimeout(progressTimer);
      clearTimeout(retryTimer);
      clearInterval(housekeeping);
      clearInterval(clockTimer);
      closer.abort();
      await started.catch(() => {});
      await source.close();
      failing = false;
      if (pending.length > 0) commit();
      await store.flush();
    },
  };
}
