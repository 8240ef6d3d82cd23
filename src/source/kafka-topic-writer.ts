import { KafkaCluster } from './kafka-cluster.ts';
import { kafkaError, kafkaErrorName } from './kafka-errors.ts';
import { KafkaError } from './kafka-options.ts';
import type { KafkaConnectionOptions } from './kafka-options.ts';
import { initProducerIdCall, produceCall } from './kafka-produce-requests.ts';
import type { PartitionBatch, ProducerIdentity } from './kafka-produce-requests.ts';
import type { TopicMetadata } from './kafka-requests.ts';
import { PartitionQueue } from './kafka-partition-queue.ts';
import { partitionOfKey } from './log-partitioner.ts';
import { RecordsLost } from './topic-writer.ts';
import type { OpenedTopic, OutgoingRecord, TopicWriter, WriterResume } from './topic-writer.ts';

/** How long the brokers may take to have a batch in all replicas, ms; below the time a request may stay unanswered. */
const acknowledgeMs = 10_000;
const maxEpoch = 0x7fff;

/**
 * Into a topic of Kafka. Idempotent as Java's producer is: every batch has the writer's identity and its number in the partition,
 * so that one sent again is written once. Beyond that producer, an identity outlives its process: the next one takes the next
 * epoch, and a batch of the killed one that is still on its way cannot overtake what is sent now.
 *
 * NOTE: kafkajs' producer gives up after a number of tries, with batches in an unknown state; what is sent next then may be taken
 * for them.
 */
export function createKafkaTopicWriter(
  options: KafkaConnectionOptions,
  topic: string,
  /** The metadata are looked at again before a `send` where they are older, ms: that is how a topic that was created anew is noticed. */
  metadataMs = 10_000,
): TopicWriter {
  return new KafkaTopicWriter(options, topic, metadataMs);
}

class KafkaTopicWriter implements TopicWriter {
  readonly description: string;
  readonly #topic: string;
  readonly #metadataMs: number;
  readonly #cluster: KafkaCluster;
  readonly #queues = new Map<number, PartitionQueue>();
  readonly #leaders = new Map<number, number>();
  #remember: (producer: ProducerIdentity) => void = () => {};
  #incarnation = '';
  #partitions = 1;
  #producer: ProducerIdentity | undefined;
  #metadataAt = -Infinity;
  /** What the queues were filled with. */
  #sending: readonly OutgoingRecord[] | undefined;

  constructor(options: KafkaConnectionOptions, topic: string, metadataMs: number) {
    this.#metadataMs = metadataMs;
    this.description = `Kafka at ${options.brokers.join(',')}`;
    this.#topic = topic;
    this.#cluster = new KafkaCluster(options);
  }

  async open({ incarnation, partitions, producer, remember }: WriterResume): Promise<OpenedTopic> {
    const found = await this.#findTopic();
    this.#incarnation = found.id ?? '';
    const count = found.partitions.length;
    this.#partitions = incarnation === this.#incarnation ? Math.min(partitions ?? count, count) : count;
    this.#remember = remember;
    this.#sending = undefined;
    this.#queues.clear();
    this.#producer = undefined;
    if (producer === undefined) await this.#identify();
    else await this.#nextEpoch(producer);
    return { incarnation: this.#incarnation, partitions: this.#partitions, exists: true };
  }

  async send(records: readonly OutgoingRecord[]): Promise<void> {
    if (performance.now() - this.#metadataAt > this.#metadataMs) await this.#lookAgain();
    const producer = this.#producer ?? (await this.#identify());
    if (this.#sending !== records) {
      this.#fill(records);
      this.#sending = records;
    }
    while (await this.#sendHeads(this.#producer ?? producer));
    this.#sending = undefined;
  }

  close(): void {
    this.#cluster.close();
  }

  #fill(records: readonly OutgoingRecord[]): void {
    for (const queue of this.#queues.values()) queue.clear();
    for (const record of records) {
      const partition = record.partition ?? partitionOfKey(Buffer.from(record.key), this.#partitions);
      let queue = this.#queues.get(partition);
      if (queue === undefined) {
        queue = new PartitionQueue();
        this.#queues.set(partition, queue);
      }
      queue.add(record);
    }
  }

  /** One batch of each partition that has any, one request to each leader. False where nothing is left. */
  async #sendHeads(producer: ProducerIdentity): Promise<boolean> {
    const byLeader = new Map<number, PartitionBatch[]>();
    for (const [partition, queue] of this.#queues) {
      const bytes = queue.head(producer);
      if (bytes === undefined) continue;
      const leader = this.#leaders.get(partition);
      if (leader === undefined) throw this.#failed(partition, 'it has no leader now');
      byLeader.set(leader, [...(byLeader.get(leader) ?? []), { partition, bytes }]);
    }
    if (byLeader.size === 0) return false;
    const outcomes = await Promise.allSettled(
      [...byLeader].map(([leader, batches]) => this.#request(leader, batches, producer)),
    );
    for (const outcome of outcomes) {
      if (outcome.status === 'fulfilled') continue;
      this.#metadataAt = -Infinity;
      throw outcome.reason;
    }
    return true;
  }

  async #request(leader: number, batches: readonly PartitionBatch[], producer: ProducerIdentity): Promise<void> {
    const { connection, versions } = await this.#cluster.broker(leader);
    const asked = produceCall(versions.produce, this.#topic, batches, acknowledgeMs);
    const answer = await connection.send(asked).catch((error: unknown) => {
      this.#cluster.drop(connection);
      throw error;
    });
    const codes = new Map(answer.partitions.map(({ partition, errorCode }) => [partition, errorCode]));
    let failure: unknown;
    for (const { partition, bytes } of batches) {
      try {
        await this.#settle(partition, codes.get(partition) ?? -1, bytes.length, producer);
      } catch (cause) {
        failure ??= cause;
      }
    }
    if (failure !== undefined) throw failure;
  }

  /** What becomes of the first batch of a partition. Throws where it has to be sent again. */
  async #settle(partition: number, errorCode: number, bytes: number, producer: ProducerIdentity): Promise<void> {
    const queue = this.#queues.get(partition);
    switch (errorCode) {
      case kafkaError.none:
      // The broker had it: an answer was lost.
      case kafkaError.duplicateSequence:
        queue?.acknowledged();
        return;
      case kafkaError.messageTooLarge:
      case kafkaError.recordListTooLarge:
        if (queue?.split() === true) return;
        throw this.#failed(partition, `a record of ${bytes} bytes is refused (${kafkaErrorName(errorCode)})`);
      case kafkaError.outOfOrderSequence:
      case kafkaError.unknownProducerId: {
        // Nothing is sent before what came before it is acknowledged: so the broker no longer has that.
        const lost = queue?.hasAcknowledged === true;
        if (this.#producer === producer) await this.#nextEpoch(producer);
        if (lost) throw new RecordsLost(`partition ${partition} no longer has what was written last`);
        throw this.#failed(partition, kafkaErrorName(errorCode));
      }
      case kafkaError.invalidProducerEpoch:
      case kafkaError.producerFenced:
        // Somebody took our identity with a copy of our store: theirs it is.
        this.#producer = undefined;
        throw this.#failed(partition, kafkaErrorName(errorCode));
      default:
        throw this.#failed(partition, kafkaErrorName(errorCode));
    }
  }

  async #lookAgain(): Promise<void> {
    const { id } = await this.#findTopic();
    if ((id ?? '') !== this.#incarnation) throw new RecordsLost('the topic was deleted and created again');
  }

  async #findTopic(): Promise<TopicMetadata> {
    const found = (await this.#cluster.metadata([this.#topic], true)).topics[0];
    const errorCode = found?.errorCode ?? -1;
    if (errorCode === kafkaError.unknownTopicOrPartition) {
      throw new KafkaError(
        `topic ${this.#topic} does not exist and the brokers create none by themselves: create it, compacted`,
      );
    }
    if (found === undefined || errorCode !== kafkaError.none || found.partitions.length === 0) {
      throw new KafkaError(`topic ${this.#topic} cannot be written to now: ${kafkaErrorName(errorCode)}`);
    }
    this.#leaders.clear();
    for (const { partition, leader } of found.partitions) if (leader >= 0) this.#leaders.set(partition, leader);
    this.#metadataAt = performance.now();
    return found;
  }

  /** Takes a new identity. */
  async #identify(): Promise<ProducerIdentity> {
    const answer = await this.#cluster.ask((versions) => initProducerIdCall(versions.initProducerId));
    if (answer.errorCode !== kafkaError.none) {
      throw new KafkaError(`no producer id was given: ${kafkaErrorName(answer.errorCode)}`);
    }
    return this.#become({ id: answer.id, epoch: answer.epoch });
  }

  async #nextEpoch({ id, epoch }: ProducerIdentity): Promise<ProducerIdentity> {
    return epoch >= maxEpoch ? this.#identify() : this.#become({ id, epoch: epoch + 1 });
  }

  #become(producer: ProducerIdentity): ProducerIdentity {
    this.#remember(producer);
    this.#producer = producer;
    return producer;
  }

  #failed(partition: number, reason: string): KafkaError {
    this.#metadataAt = -Infinity;
    return new KafkaError(`${this.#topic}/${partition}: ${reason}`);
  }
}
