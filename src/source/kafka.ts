import { assert, reasonOf } from '../common/errors.ts';
import { KafkaCluster } from './kafka-cluster.ts';
import { kafkaError, kafkaErrorName } from './kafka-errors.ts';
import { BrokerFetcher } from './kafka-fetcher.ts';
import { FetchedBytes } from './kafka-fetched.ts';
import type { FetcherContext } from './kafka-fetcher.ts';
import { KafkaError } from './kafka-options.ts';
import type { KafkaLog, KafkaOptions } from './kafka-options.ts';
import type { PartitionReader } from './kafka-partition.ts';
import { describeTopicCall } from './kafka-requests.ts';
import { Signal } from './kafka-signal.ts';
import { TopicReaders } from './kafka-topics.ts';
import type { PartitionProgress, RecordSink, Source, TopicPolicy, TopicStart } from './source.ts';

export type { KafkaOptions } from './kafka-options.ts';

const missingTopicMs = 1_000;
/** Answers about a topic's settings that will not change by asking again soon. */
const unanswerable: ReadonlySet<number> = new Set([
  kafkaError.unknownTopicOrPartition,
  kafkaError.invalidTopic,
  kafkaError.topicAuthorizationFailed,
  kafkaError.clusterAuthorizationFailed,
]);
const firstRetryMs = 50;
const maxRetryMs = 2_000;

/**
 * Reads topics of Apache Kafka (2.3 to 4.x, and what speaks its protocol): all partitions, committed records only, without a consumer
 * group. Creates no topics and stores nothing at the broker. Throws KafkaError where `brokers` cannot be read.
 *
 * Keys and values given to the sink are views on what was received: a sink that keeps one beyond its promise copies it.
 */
export function createKafkaSource(options: KafkaOptions): Source {
  return new KafkaSource(options);
}

class KafkaSource implements Source {
  readonly description: string;
  readonly #options: KafkaOptions;
  readonly #log: KafkaLog;
  readonly #cluster: KafkaCluster;
  readonly #refresh = new Signal();
  readonly #closing = new Signal();
  readonly #fetchers = new Map<number, BrokerFetcher>();
  readonly #running = new Set<Promise<void>>();
  /** What keeps the source from reading, by subject. */
  readonly #troubles = new Map<string, string>();
  readonly #due: (() => void)[] = [];
  readonly #fetched: FetchedBytes;
  #topics: TopicReaders | undefined;
  #sink: RecordSink | undefined;
  #connected: boolean | undefined;
  #isDelivering = false;
  #closed = false;

  constructor(options: KafkaOptions) {
    this.description = `Kafka at ${options.brokers.join(',')}`;
    this.#options = options;
    this.#log = options.log ?? (() => {});
    this.#cluster = new KafkaCluster(options);
    this.#fetched = new FetchedBytes(options.maxFetchedBytes ?? 1 << 25, () => {
      for (const fetcher of this.#fetchers.values()) fetcher.wake();
    });
  }

  async start(topics: readonly TopicStart[], sink: RecordSink): Promise<void> {
    assert(this.#sink === undefined && !this.#closed, 'a source is started once');
    this.#sink = sink;
    const { maxBatchBytes = 1 << 28, maxRecordsPerBatch = 50_000, maxBytesPerPartition = 1 << 22 } = this.#options;
    this.#topics = new TopicReaders(
      {
        sink,
        maxBatchBytes,
        maxRecordsPerBatch,
        maxBytesPerPartition,
        fetched: this.#fetched,
        log: this.#log,
        isClosed: () => this.#closed,
        schedule: (deliver) => this.#schedule(deliver),
      },
      topics,
      (subject, reason) => this.#tellHealth(subject, reason),
    );
    if (topics.length > 0) this.#run(this.#supervise(this.#topics));
  }

  resume(topic: string, partition: number, next: number): void {
    this.#topics?.reader(topic, partition)?.restart(next);
  }

  async policy(topic: string): Promise<TopicPolicy | undefined> {
    const names = ['cleanup.policy', 'delete.retention.ms'];
    const config = await this.#cluster.ask((versions) => describeTopicCall(versions.describeConfigs, topic, names));
    if (unanswerable.has(config.errorCode)) return undefined;
    if (config.errorCode !== kafkaError.none) {
      throw new KafkaError(`the settings of topic ${topic} cannot be had now: ${kafkaErrorName(config.errorCode)}`);
    }
    const compacted = config.values.get('cleanup.policy')?.split(',').includes('compact') ?? false;
    const tombstoneRetentionMs = Number(config.values.get('delete.retention.ms') ?? Number.NaN);
    return Number.isFinite(tombstoneRetentionMs) ? { compacted, tombstoneRetentionMs } : { compacted };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#due.length = 0;
    this.#closing.fire();
    this.#refresh.fire();
    for (const fetcher of this.#fetchers.values()) fetcher.wake();
    this.#cluster.close();
    await Promise.all(this.#running);
  }

  /** Reads the metadata again and again: at intervals, soon after something did not fit, and after failures less and less often. */
  async #supervise(topics: TopicReaders): Promise<void> {
    let retries = 0;
    while (!this.#closed) {
      const refreshedMs = performance.now();
      let waitMs = this.#options.metadataRefreshMs ?? 3_000;
      try {
        const metadata = await this.#cluster.metadata(topics.names);
        if (this.#closed) return;
        this.#tellHealth('cluster', undefined);
        topics.apply(metadata, (brokerId) => this.#fetchers.get(brokerId)?.wake());
        this.#assign(topics);
        if (!topics.isComplete) waitMs = Math.min(waitMs, missingTopicMs);
      } catch (error) {
        if (this.#closed) return;
        this.#tellHealth('cluster', reasonOf(error));
        waitMs = Math.min(maxRetryMs, firstRetryMs * 2 ** Math.min(retries++, 10));
        await this.#closing.wait(waitMs);
        continue;
      }
      await this.#refresh.wait(waitMs);
      const calm = performance.now() - refreshedMs >= Math.min(waitMs, maxRetryMs);
      retries = calm ? 0 : retries + 1;
      if (!calm && !this.#closed)
        await this.#closing.wait(Math.min(maxRetryMs, firstRetryMs * 2 ** Math.min(retries - 1, 10)));
    }
  }

  #assign(topics: TopicReaders): void {
    const byLeader = new Map<number, PartitionReader[]>();
    for (const reader of topics.readers) {
      if (reader.leader !== undefined) byLeader.set(reader.leader, [...(byLeader.get(reader.leader) ?? []), reader]);
    }
    for (const [brokerId, fetcher] of this.#fetchers) if (!byLeader.has(brokerId)) fetcher.lead([]);
    for (const [brokerId, readers] of byLeader) {
      let fetcher = this.#fetchers.get(brokerId);
      if (fetcher === undefined) {
        fetcher = new BrokerFetcher(this.#fetcherContext(), brokerId);
        this.#fetchers.set(brokerId, fetcher);
        fetcher.lead(readers);
        this.#run(
          fetcher.run().then(() => {
            this.#fetchers.delete(brokerId);
            // It may have been given partitions between its last look and here.
            this.#refresh.fire();
          }),
        );
      } else {
        fetcher.lead(readers);
      }
    }
  }

  #fetcherContext(): FetcherContext {
    const { maxWaitMs = 500, maxBytesPerFetch = 1 << 24, maxBatchBytes = 1 << 28 } = this.#options;
    return {
      cluster: this.#cluster,
      maxWaitMs,
      maxBytesPerFetch,
      maxBatchBytes,
      log: this.#log,
      isClosed: () => this.#closed,
      tellProgress: (partitions: readonly PartitionProgress[]) => {
        if (partitions.length > 0 && !this.#closed) this.#sink?.progress(partitions);
      },
      refreshSoon: () => this.#refresh.fire(),
      tellHealth: (brokerId, reason) => {
        // A broker that answers is news of the cluster too, before the metadata are tried again.
        if (reason === undefined) this.#troubles.delete('cluster');
        this.#tellHealth(`broker ${brokerId}`, reason);
      },
    };
  }

  #tellHealth(subject: string, reason: string | undefined): void {
    if (this.#closed) return;
    if (reason === undefined) this.#troubles.delete(subject);
    else this.#troubles.set(subject, reason);
    const connected = this.#troubles.size === 0;
    if (connected === this.#connected) return;
    this.#connected = connected;
    if (connected) this.#sink?.connected(true);
    else this.#sink?.connected(false, [...this.#troubles].map(([name, text]) => `${name}: ${text}`).join('; '));
  }

  /** One delivery a turn: requests are sent and answers received between two of them. */
  #schedule(deliver: () => void): void {
    this.#due.push(deliver);
    if (this.#isDelivering) return;
    this.#isDelivering = true;
    const next = (): void => {
      this.#due.shift()?.();
      this.#isDelivering = this.#due.length > 0;
      if (this.#isDelivering) setImmediate(next);
    };
    setImmediate(next);
  }

  #run(work: Promise<void>): void {
    this.#running.add(work);
    void work.finally(() => this.#running.delete(work));
  }
}
