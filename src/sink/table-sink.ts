import { setTimeout as pause } from 'node:timers/promises';
import type { Table } from '../catalog/catalog.ts';
import { must } from '../common/errors.ts';
import { Signal } from '../source/kafka-signal.ts';
import { RecordsLost } from '../source/topic-writer.ts';
import type { TopicWriter } from '../source/topic-writer.ts';
import type { CommitResult, FeedPlace, Snapshot } from '../store/store.ts';
import { BatchMaker } from './batch.ts';
import type { Batch } from './batch.ts';
import { Resynchronisation } from './resynchronisation.ts';
import { closeMs } from './sink.ts';
import type { SinkOptions } from './sink.ts';
import { SinkRecord } from './sink-record.ts';
import { surveyTopic } from './topic-survey.ts';
import { Trouble } from './trouble.ts';

/** How long after a commit of other tables the place is stored, ms: the feed is trimmed of what this one has not changed, too. */
const storeIdleMs = 1_000;
const firstRetryMs = 100;
const maxRetryMs = 5_000;

/** The sink of one table: a loop that sends one batch after the other, and waits where there is nothing to send. */
export class TableSink {
  readonly #table: Table;
  readonly #topic: string;
  readonly #options: SinkOptions;
  readonly #writer: TopicWriter;
  readonly #batches: BatchMaker;
  readonly #record: SinkRecord;
  readonly #trouble: Trouble;
  readonly #signal = new Signal();
  readonly #closing = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #opened = false;
  /** The topic may hold records. */
  #topicExists = true;
  /** Of the feed; what is before it is acknowledged. */
  #place: FeedPlace = { version: 0, sequence: 0 };
  /** Why the topic has to be brought up to the table: to be done with the next batch. */
  #reason: string | undefined;
  #resynchronisation: Resynchronisation | undefined;
  /** On its way: until it is acknowledged, the same one is sent. */
  #batch: Batch | undefined;
  /** There is nothing left to send before `#place`, and nothing behind it yet. */
  #idle = false;
  /** Something was committed since the feed was looked at. */
  #news = true;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(table: Table, options: SinkOptions) {
    this.#table = table;
    this.#topic = must(table.sink, 'a table without sink').topic;
    this.#options = options;
    this.#writer = options.createWriter(this.#topic);
    this.#batches = new BatchMaker(table, options.maxBatchRecords);
    this.#record = new SinkRecord(table, this.#topic, options.store);
    this.#trouble = new Trouble(options.log, `the sink of ${table.name} to topic ${this.#topic}`);
  }

  start(): void {
    this.#running = this.#run();
  }

  committed({ version, touched }: CommitResult): void {
    if (!this.#idle || this.#place.version !== version || touched.includes(this.#table)) {
      // A commit that writes nothing follows with the same version, and must not look like the next one.
      this.#idle = false;
      this.#news = true;
      this.#signal.fire();
      return;
    }
    this.#place = { version: version + 1, sequence: 0 };
    if (this.#closing.signal.aborted) return;
    this.#idleTimer ??= setTimeout(() => {
      this.#idleTimer = undefined;
      this.#save(false);
    }, storeIdleMs).unref();
  }

  async close(): Promise<void> {
    clearTimeout(this.#idleTimer);
    this.#closing.abort();
    this.#signal.fire();
    await Promise.race([this.#running, pause(closeMs, undefined, { ref: false })]);
    this.#writer.close();
    await this.#running;
    await this.#resynchronisation?.close();
    if (this.#opened) this.#save(this.#batch === undefined);
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    let failures = 0;
    while (!signal.aborted) {
      try {
        // While the table fills, the topic may yet come to hold something: it is looked at when there is something to send.
        const filling = this.#isFilling();
        if (!filling && !this.#opened) await this.#open();
        const busy = !filling && (await this.#step());
        failures = 0;
        this.#trouble.over();
        // The ingest, on the same thread, has its turn between two batches.
        if (busy) await new Promise((resolve) => setImmediate(resolve));
        else await this.#signal.wait();
      } catch (cause) {
        if (signal.aborted) return;
        if (cause instanceof RecordsLost) {
          this.#opened = false;
          this.#batch = undefined;
          this.#reason = cause.message;
        } else {
          this.#trouble.tell(cause);
        }
        // Ends early, by an abort, where the sink is closed.
        await pause(Math.min(maxRetryMs, firstRetryMs * 2 ** Math.min(failures++, 10)), undefined, { signal }).catch(
          () => {},
        );
      }
    }
  }

  async #open(): Promise<void> {
    const opened = await this.#writer.open(this.#record.resume);
    const found = this.#record.opened(opened);
    if (typeof found === 'string') this.#reason ??= found;
    else this.#place = found;
    this.#topicExists = opened.exists;
    this.#opened = true;
  }

  /** Sends one batch. False where there is nothing more to send until something wakes the sink. */
  async #step(): Promise<boolean> {
    this.#batch ??= this.#make();
    const batch = this.#batch;
    if (batch.records.length > 0) {
      // Also where it fails: that it was not acknowledged does not say that it was not written.
      this.#topicExists = true;
      await this.#writer.send(batch.records);
    }
    this.#batch = undefined;
    const isNews = batch.records.length > 0 || this.#place.sequence > 0;
    this.#place = batch.place;
    const ended = await this.#endResynchronisation();
    if (this.#resynchronisation === undefined && (isNews || ended)) this.#record.put(this.#place);
    const busy = batch.full || batch.records.length > 0;
    this.#idle = this.#resynchronisation === undefined && !busy && !this.#news;
    return busy;
  }

  #isFilling(): boolean {
    const snapshot = this.#options.store.snapshot();
    try {
      return [this.#table, ...this.#table.bases].some((table) => snapshot.state(table).phase === 'filling');
    } finally {
      snapshot.release();
    }
  }

  #make(): Batch {
    this.#news = false;
    const snapshot = this.#options.store.snapshot();
    try {
      if (this.#reason === undefined && snapshot.changesHorizon(this.#table) >= this.#place.version) {
        this.#reason =
          snapshot.filledVersion(this.#table) >= this.#place.version
            ? 'the table was built anew'
            : 'its changes were trimmed from the feed before they could be sent (@changes says how long it keeps them)';
      }
      if (this.#reason !== undefined) this.#beginResynchronisation(snapshot, this.#reason);
      return this.#batches.make(snapshot, this.#place, this.#resynchronisation);
    } finally {
      snapshot.release();
    }
  }

  #beginResynchronisation(snapshot: Snapshot, reason: string): void {
    const { log, createSource } = this.#options;
    const { name, kept } = this.#table;
    void this.#resynchronisation?.close();
    this.#resynchronisation = undefined;
    // Whatever was stored: until this has ended, the next process has to begin it again.
    this.#record.put(undefined);
    this.#reason = undefined;
    if (!kept) {
      log.warn(`topic ${this.#topic} gets what the feed has of ${name}, whose rows are not kept: ${reason}`);
      this.#place = { version: snapshot.changesHorizon(this.#table) + 1, sequence: 0 };
      return;
    }
    log.info(`topic ${this.#topic} is brought up to the ${snapshot.count(this.#table)} rows of ${name}: ${reason}`);
    const survey = this.#topicExists
      ? surveyTopic(
          createSource(),
          this.#topic,
          () => this.#signal.fire(),
          (why) => log.warn(`topic ${this.#topic} cannot be read whole, rows that ${name} lost may stay in it: ${why}`),
        )
      : undefined;
    this.#resynchronisation = new Resynchronisation(this.#table, survey);
    this.#place = { version: snapshot.version + 1, sequence: 0 };
  }

  /** True where it has ended now. */
  async #endResynchronisation(): Promise<boolean> {
    const ending = this.#resynchronisation;
    if (ending?.finished !== true) return false;
    this.#resynchronisation = undefined;
    await ending.close();
    const { rows, tombstones } = ending;
    this.#options.log.info(
      `topic ${this.#topic} holds what ${this.#table.name} holds: ${rows} rows sent, ${tombstones} keys deleted`,
    );
    return true;
  }

  #save(inOrder: boolean): void {
    try {
      this.#record.put(this.#resynchronisation === undefined ? this.#place : undefined, inOrder);
    } catch (cause) {
      this.#trouble.tell(cause);
    }
  }
}
