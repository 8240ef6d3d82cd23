import { reasonOf } from '../common/errors.ts';
import type { KafkaCluster } from './kafka-cluster.ts';
import { kafkaError, kafkaErrorName } from './kafka-errors.ts';
import { KafkaError } from './kafka-options.ts';
import type { KafkaLog } from './kafka-options.ts';
import type { PartitionReader } from './kafka-partition.ts';
import { fetchCall } from './kafka-requests.ts';
import type { FetchAnswer, FetchPosition } from './kafka-requests.ts';
import { Signal } from './kafka-signal.ts';
import { startPartitions, tellBounds } from './kafka-start.ts';
import type { BrokerConnection } from './kafka-transport.ts';
import type { PartitionProgress } from './source.ts';

export interface FetcherContext {
  readonly cluster: KafkaCluster;
  readonly maxWaitMs: number;
  readonly maxBytesPerFetch: number;
  readonly maxBatchBytes: number;
  readonly log: KafkaLog;
  readonly isClosed: () => boolean;
  readonly tellProgress: (partitions: readonly PartitionProgress[]) => void;
  /** The metadata no longer fit: they are read again soon. */
  readonly refreshSoon: () => void;
  /** undefined: the broker answers. */
  readonly tellHealth: (brokerId: number, reason: string | undefined) => void;
}

type ConnectedBroker = Awaited<ReturnType<KafkaCluster['broker']>>;

const firstBackoffMs = 100;
const maxBackoffMs = 2_000;
const shortestPollMs = 5;
/** How old the bounds of a partition may get that is not fetched because the sink is behind. */
const boundsMs = 1_000;

/**
 * Reads the partitions that one broker leads, in a loop of its own, so that a broker that hangs holds up no other. A request is
 * sent before what the last one brought is decoded.
 */
export class BrokerFetcher {
  readonly #context: FetcherContext;
  readonly #brokerId: number;
  readonly #signal = new Signal();
  #readers: readonly PartitionReader[] = [];
  #failures = 0;

  constructor(context: FetcherContext, brokerId: number) {
    this.#context = context;
    this.#brokerId = brokerId;
  }

  /** The partitions that the broker leads from now on. */
  lead(readers: readonly PartitionReader[]): void {
    this.#readers = readers;
    this.wake();
  }

  wake(): void {
    this.#signal.fire();
  }

  /** Until the source is closed, or the broker leads nothing of ours. Never rejects. */
  async run(): Promise<void> {
    const { isClosed, cluster, tellHealth, refreshSoon, log } = this.#context;
    while (!isClosed() && this.#readers.length > 0) {
      let connection: BrokerConnection | undefined;
      try {
        const broker = await cluster.broker(this.#brokerId);
        connection = broker.connection;
        await this.#start(broker);
        await this.#watchLag(broker);
        const idle = await this.#fetch(broker);
        if (this.#failures > 0) tellHealth(this.#brokerId, undefined);
        this.#failures = 0;
        if (idle) await this.#signal.wait(boundsMs);
      } catch (error) {
        if (isClosed()) break;
        if (connection !== undefined) cluster.drop(connection);
        this.#failures++;
        const level = error instanceof KafkaError ? 'debug' : 'error';
        log(level, `reading from broker ${this.#brokerId} failed: ${reasonOf(error)}`);
        // The first failure is the way in which a leader says goodbye; the metadata tell where to go on.
        if (this.#failures > 1) tellHealth(this.#brokerId, reasonOf(error));
        refreshSoon();
        await this.#signal.wait(Math.min(maxBackoffMs, firstBackoffMs * 2 ** (this.#failures - 1)));
      }
    }
    tellHealth(this.#brokerId, undefined);
  }

  async #start(broker: ConnectedBroker): Promise<void> {
    const readers = this.#mine().filter((reader) => reader.isStarting);
    if (readers.length === 0) return;
    const { maxBatchBytes, tellProgress } = this.#context;
    await startPartitions({ ...broker, readers, maxBatchBytes, tellProgress, lost: this.#lose });
  }

  /** Partitions that are left out of requests go on growing, and how far they are behind is what an operator looks at then. */
  async #watchLag(broker: ConnectedBroker): Promise<void> {
    const before = performance.now() - boundsMs;
    const readers = this.#mine().filter(
      (reader) => reader.isReading && !reader.isFetchable && reader.boundsToldMs < before,
    );
    if (readers.length === 0) return;
    await tellBounds({ ...broker, readers, tellProgress: this.#context.tellProgress, lost: this.#lose });
  }

  /** One request and its answer; true where there is nothing to ask for now. */
  async #fetch({ connection, versions }: ConnectedBroker): Promise<boolean> {
    const asked = this.#mine().filter((reader) => reader.isFetchable);
    if (asked.length === 0) return !this.#mine().some((reader) => reader.isStarting);
    const questions = asked.map((reader) => ({
      reader,
      incarnation: reader.incarnation,
      position: positionOf(reader),
    }));
    const call = fetchCall(
      versions.fetch,
      questions.map(({ position }) => position),
      { maxWaitMs: this.#pollMs(), maxBytes: this.#context.maxBytesPerFetch },
    );
    const answer = await connection.send(call, true);
    if (this.#context.isClosed()) return false;
    if (answer.errorCode !== kafkaError.none) throw new KafkaError(kafkaErrorName(answer.errorCode));
    const byId = versions.fetch >= 13;
    const asking = new Map(
      questions.map((question) => {
        const { topic, topicId, partition } = question.position;
        return [`${byId ? topicId : topic}/${partition}`, question];
      }),
    );
    this.#take(answer, asking);
    return false;
  }

  #take(
    answer: FetchAnswer,
    asking: ReadonlyMap<string, { readonly reader: PartitionReader; readonly incarnation: number }>,
  ): void {
    const progress: PartitionProgress[] = [];
    const fed = new Set<PartitionReader>();
    let responseBytes = 0;
    for (const { records } of answer.partitions) responseBytes += records?.length ?? 0;
    for (const fetched of answer.partitions) {
      const question = asking.get(`${fetched.topic}/${fetched.partition}`);
      if (question === undefined || question.reader.incarnation !== question.incarnation) continue;
      const { reader } = question;
      if (fetched.errorCode !== kafkaError.none) {
        this.#lose(reader, fetched.errorCode);
        continue;
      }
      reader.suspicions = 0;
      const told = reader.progress(fetched.logStartOffset, fetched.lastStableOffset);
      if (told !== undefined) progress.push(told);
      if (fetched.records !== null && fetched.records.length > 0) fed.add(reader);
      reader.accept(fetched, responseBytes);
    }
    this.#context.tellProgress(progress);
    // The size of an answer is limited, and a broker fills it in the order of the request: those that got something go last.
    if (fed.size > 0 && fed.size < this.#readers.length) {
      this.#readers = [...this.#readers.filter((reader) => !fed.has(reader)), ...fed];
    }
  }

  /** A partition that the broker does not give us: the other partitions go on. */
  readonly #lose = (reader: PartitionReader, errorCode: number): void => {
    const { topic, partition, position } = reader;
    const { log, refreshSoon } = this.#context;
    switch (errorCode) {
      case kafkaError.offsetOutOfRange:
        reader.checkAgain();
        reader.suspicions++;
        if (reader.suspicions === 1) return;
        break;
      case kafkaError.corruptMessage:
        reader.stop({
          kind: 'unreadable',
          topic,
          partition,
          offset: position ?? 0,
          reason: 'the broker says that its log is corrupt (CORRUPT_MESSAGE)',
        });
        return;
      case kafkaError.unknownTopicOrPartition:
      case kafkaError.unknownTopicId:
      case kafkaError.inconsistentTopicId:
        reader.checkAgain();
        break;
    }
    if (errorCode !== kafkaError.none) log('debug', `${topic}/${partition}: ${kafkaErrorName(errorCode)}`);
    reader.leader = undefined;
    refreshSoon();
  };

  #mine(): PartitionReader[] {
    return this.#readers.filter((reader) => reader.leader === this.#brokerId);
  }

  /**
   * How long the broker may hold its answer back. A partition that is left out because the sink is behind waits for this
   * request to end before it is asked for again: no longer than it was left out already.
   */
  #pollMs(): number {
    const { maxWaitMs } = this.#context;
    let pollMs = maxWaitMs;
    for (const reader of this.#mine()) {
      if (!reader.isReading || reader.isFetchable) continue;
      pollMs = Math.min(pollMs, Math.max(shortestPollMs, performance.now() - reader.fullSinceMs));
    }
    return Math.round(pollMs);
  }
}

function positionOf({ topic, topicId, partition, position, maxBytes }: PartitionReader): FetchPosition {
  return { topic, topicId, partition, offset: position ?? 0, maxBytes };
}
