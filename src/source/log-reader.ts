import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { reasonOf } from '../common/errors.ts';
import { Slots } from '../common/slots.ts';
import { logFileSuffix, partitionFile, partitionOfFile, topicFile } from './log-files.ts';
import { LogPartition, isMissing } from './log-partition.ts';
import { FolderWatch } from './log-watch.ts';
import type { PartitionProgress, RecordSink, TopicStart } from './source.ts';

interface LogReaderOptions {
  readonly directory: string;
  readonly pollMs: number;
  readonly topics: readonly TopicStart[];
  readonly sink: RecordSink;
}

/** Between looks where the file system gives no notices: folders that do not exist yet, or cannot be watched. */
const unwatchedPollMs = 200;

interface Topic {
  readonly start: TopicStart;
  readonly partitions: Map<number, Partition>;
  /** The partitions last told to the sink; undefined before the topic was first looked for, empty while it is missing. */
  told: readonly number[] | undefined;
}

interface Partition {
  readonly log: LogPartition;
  /** Its file was there at the last look. */
  present: boolean;
  /** `performance.now()` at the first look that missed the file while others of the topic were there. */
  missedAt: number | undefined;
  /** After an incident, until `resume`. */
  stopped: boolean;
  running: boolean;
  /** There may be something to read. */
  woken: boolean;
}

/** Partitions that may have a batch in memory at a time; one has 1 MiB, or a longer line. */
const mostAtOnce = 32;

/**
 * Follows the files of an embedded log for one sink:
 *
 *   notice or poll ──▶ look: which topics and partitions are there ──▶ wake ──▶ run: read ▶ sink.batch ▶ read …
 *
 * Each partition runs by itself, one batch at a time: a sink that does not take it holds up that partition. Of very many, some wait:
 * a batch is in memory until the sink has taken it.
 */
export class LogReader {
  readonly #directory: string;
  readonly #pollMs: number;
  readonly #sink: RecordSink;
  readonly #topics: ReadonlyMap<string, Topic>;
  readonly #watch = new FolderWatch((folder, name) => this.#noticed(folder, name));
  readonly #slots = new Slots(mostAtOnce);
  /** File accesses under way; `close` waits for them. */
  readonly #busy = new Set<Promise<void>>();
  /** Why files and folders cannot be read now, by path. */
  readonly #failures = new Map<string, string>();
  /** Every folder gives notice of changes. */
  #watched = false;
  #looking = false;
  #lookAgain = false;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor({ directory, pollMs, topics, sink }: LogReaderOptions) {
    this.#directory = directory;
    this.#pollMs = pollMs;
    this.#sink = sink;
    this.#topics = new Map(
      topics.map((start) => [start.topic, { start, partitions: new Map<number, Partition>(), told: undefined }]),
    );
    for (const topic of this.#topics.values()) {
      for (const number of topic.start.next.keys()) this.#partition(topic, number);
    }
  }

  async start(): Promise<void> {
    this.#sink.connected(true);
    await this.#track(this.#look());
    this.#poll();
  }

  resume(name: string, number: number, next: number): void {
    const topic = this.#topics.get(name);
    if (topic === undefined || this.#closed) return;
    const partition = this.#partition(topic, number);
    partition.log.moveTo(next);
    partition.stopped = false;
    partition.missedAt = undefined;
    this.#lookSoon();
    this.#wake(partition);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#watch.close();
    while (this.#busy.size > 0) await Promise.all(this.#busy);
  }

  #poll(): void {
    if (this.#closed) return;
    const delay = this.#watched ? this.#pollMs : Math.min(this.#pollMs, unwatchedPollMs);
    this.#timer = setTimeout(() => {
      void this.#track(this.#look(true)).then(() => this.#poll());
    }, delay);
  }

  #lookSoon(): void {
    void this.#track(this.#look());
  }

  #track(work: Promise<void>): Promise<void> {
    this.#busy.add(work);
    return work.finally(() => this.#busy.delete(work));
  }

  /** `folder` is the log's or a topic's. */
  #noticed(folder: string, name: string | undefined): void {
    if (this.#closed) return;
    const topicName = folder === this.#directory ? name?.replace(/\.ndjson$/, '') : basename(folder);
    const topic = topicName === undefined ? undefined : this.#topics.get(topicName);
    if (topic !== undefined && name !== undefined) {
      const path = join(folder, name);
      for (const partition of topic.partitions.values()) {
        if (partition.present && partition.log.path === path) {
          this.#wake(partition);
          return;
        }
      }
    }
    const ours = topic !== undefined || name === undefined || name === basename(this.#directory);
    if (ours) this.#lookSoon();
  }

  /** Compares what is there with what is known. `poll` also wakes what is known, in case a notice was lost. */
  async #look(poll = false): Promise<void> {
    if (this.#looking) {
      this.#lookAgain = true;
      return;
    }
    this.#looking = true;
    try {
      do {
        this.#lookAgain = false;
        await this.#lookOnce(poll);
      } while (this.#lookAgain && !this.#closed);
    } finally {
      this.#looking = false;
    }
  }

  async #lookOnce(poll: boolean): Promise<void> {
    // Watched before it is listed, so that nothing falls between.
    this.#watched = await this.#watch.add(this.#directory);
    const listing = await this.#list(this.#directory);
    if (listing === undefined) return;
    for (const topic of this.#topics.values()) {
      const paths = await this.#findPartitions(topic.start.topic, listing);
      if (this.#closed) return;
      if (paths !== undefined) await this.#found(topic, paths, poll);
      if (this.#closed) return;
    }
  }

  /** The names in a folder; none where it does not exist, undefined where it cannot be read now. */
  async #list(folder: string): Promise<ReadonlySet<string> | undefined> {
    try {
      const names = new Set(await readdir(folder));
      this.#works(folder);
      return names;
    } catch (cause) {
      if (isMissing(cause)) {
        this.#works(folder);
        return new Set();
      }
      this.#fails(folder, cause);
      return undefined;
    }
  }

  async #findPartitions(topic: string, listing: ReadonlySet<string>): Promise<ReadonlyMap<number, string> | undefined> {
    // A file of the topic's name is the whole topic, whatever else is there.
    if (listing.has(topic + logFileSuffix)) return new Map([[0, topicFile(this.#directory, topic)]]);
    const paths = new Map<number, string>();
    if (!listing.has(topic)) return paths;
    const folder = join(this.#directory, topic);
    if (!(await this.#watch.add(folder))) this.#watched = false;
    const names = await this.#list(folder);
    if (names === undefined) return undefined;
    for (const name of names) {
      const partition = partitionOfFile(name);
      if (partition !== undefined) paths.set(partition, partitionFile(this.#directory, topic, partition));
    }
    return paths;
  }

  async #found(topic: Topic, paths: ReadonlyMap<number, string>, poll: boolean): Promise<void> {
    const { topic: name } = topic.start;
    const appeared: Partition[] = [];
    const bounds: PartitionProgress[] = [];
    for (const [number, path] of [...paths].toSorted(([a], [b]) => a - b)) {
      const partition = this.#partition(topic, number);
      partition.log.path = path;
      partition.missedAt = undefined;
      if (partition.present && !poll) continue;
      // While the sink does not take a batch, the growth of the file is told here.
      if (!partition.present || partition.running) {
        const progress = await this.#attempt(path, () => partition.log.progress());
        if (this.#closed) return;
        if (progress !== undefined) bounds.push(progress);
      }
      appeared.push(partition);
    }
    const numbers = [...paths.keys()].toSorted((a, b) => a - b);
    const told = topic.told;
    topic.told = numbers;
    if (numbers.length === 0 && told?.length !== 0) this.#sink.incident({ kind: 'topic-missing', topic: name });
    if (numbers.length > 0 && numbers.join() !== told?.join()) this.#sink.partitions(name, numbers);
    if (bounds.length > 0) this.#sink.progress(bounds);
    for (const partition of appeared) {
      partition.present = true;
      this.#wake(partition);
    }
    for (const [number, partition] of topic.partitions) {
      if (paths.has(number)) continue;
      partition.present = false;
      if (numbers.length > 0) this.#missed(name, number, partition);
    }
  }

  /**
   * A partition's file is not there, but others of its topic are. A file that is being replaced comes back at once; one
   * that stays away was deleted, and with it records that tables are made of.
   */
  #missed(topic: string, number: number, partition: Partition): void {
    if (partition.stopped || partition.log.next === 0) return;
    const now = performance.now();
    partition.missedAt ??= now;
    if (now - partition.missedAt < this.#pollMs) return;
    partition.stopped = true;
    const reason = `its file ${partition.log.path} is gone`;
    this.#sink.incident({ kind: 'topic-recreated', topic, partition: number, reason });
  }

  #partition(topic: Topic, number: number): Partition {
    const known = topic.partitions.get(number);
    if (known !== undefined) return known;
    const { topic: name, next, anchors } = topic.start;
    const log = new LogPartition({
      topic: name,
      partition: number,
      path: partitionFile(this.#directory, name, number),
      next: next.get(number) ?? 0,
      anchor: anchors.get(number),
    });
    const partition: Partition = {
      log,
      present: false,
      missedAt: undefined,
      stopped: false,
      running: false,
      woken: false,
    };
    topic.partitions.set(number, partition);
    return partition;
  }

  #wake(partition: Partition): void {
    partition.woken = true;
    if (!partition.running && partition.present) void this.#run(partition);
  }

  async #run(partition: Partition): Promise<void> {
    partition.running = true;
    while (partition.woken && !partition.stopped && !this.#closed) {
      partition.woken = false;
      await this.#slots.run(() => this.#step(partition));
    }
    partition.running = false;
  }

  /** Reads and delivers at most one batch. */
  async #step(partition: Partition): Promise<void> {
    if (partition.stopped || this.#closed) return;
    const { log } = partition;
    const reading = await this.#attempt(log.path, () => log.read());
    if (reading === undefined || partition.stopped || this.#closed) return;
    switch (reading.kind) {
      case 'batch': {
        const { batch, anchor, more } = reading;
        if (more) partition.woken = true;
        const { topic, partition: number, end, next } = batch;
        // Now, since it may be long before the batch is taken: until then nobody has read all that is there.
        this.#sink.progress([{ topic, partition: number, start: 0, end }]);
        this.#sink.anchor(topic, number, next, anchor);
        await this.#sink.batch(batch);
        return;
      }
      case 'waiting':
        return;
      case 'missing':
        this.#lookSoon();
        return;
      case 'recreated': {
        partition.stopped = true;
        const { topic, partition: number } = log;
        this.#sink.incident({ kind: 'topic-recreated', topic, partition: number, reason: reading.reason });
      }
    }
  }

  /** Runs a file access; undefined where it failed, which is told to the sink and tried again at the next poll. */
  async #attempt<T>(path: string, access: () => Promise<T>): Promise<T | undefined> {
    const attempt = access().then(
      (result) => ({ result }),
      (cause: unknown) => ({ cause }),
    );
    await this.#track(attempt.then(() => {}));
    const outcome = await attempt;
    if ('result' in outcome) {
      this.#works(path);
      return outcome.result;
    }
    this.#fails(path, outcome.cause);
    return undefined;
  }

  #fails(path: string, cause: unknown): void {
    if (this.#closed) return;
    const what = reasonOf(cause);
    // Of an access to what has been opened node does not say to what.
    const reason = what.includes(path) ? what : `${path}: ${what}`;
    const known = this.#failures.get(path) === reason;
    this.#failures.set(path, reason);
    if (!known) this.#sink.connected(false, reason);
  }

  #works(path: string): void {
    if (!this.#failures.delete(path) || this.#closed) return;
    if (this.#failures.size === 0) this.#sink.connected(true);
  }
}
