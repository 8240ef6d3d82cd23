import { kafkaError, kafkaErrorName } from './kafka-errors.ts';
import type { KafkaLog } from './kafka-options.ts';
import { PartitionReader } from './kafka-partition.ts';
import type { ReadingContext } from './kafka-partition.ts';
import type { ClusterMetadata, TopicMetadata } from './kafka-requests.ts';
import type { TopicStart } from './source.ts';

interface Topic {
  readonly start: TopicStart;
  readonly readers: Map<number, PartitionReader>;
  id: string | undefined;
  partitions: string;
  presence: 'unknown' | 'present' | 'missing';
}

/** What the metadata say of the topics: which exist, are new or gone, which partitions they have and who leads them. */
export class TopicReaders {
  readonly #context: ReadingContext;
  readonly #topics: ReadonlyMap<string, Topic>;
  readonly #tellHealth: (subject: string, reason: string | undefined) => void;
  readonly #log: KafkaLog;

  constructor(
    context: ReadingContext,
    starts: readonly TopicStart[],
    tellHealth: (subject: string, reason: string | undefined) => void,
  ) {
    this.#context = context;
    this.#tellHealth = tellHealth;
    this.#log = context.log;
    this.#topics = new Map(
      starts.map((start) => [
        start.topic,
        { start, readers: new Map(), id: undefined, partitions: '', presence: 'unknown' },
      ]),
    );
  }

  get names(): string[] {
    return [...this.#topics.keys()];
  }

  get isComplete(): boolean {
    return [...this.#topics.values()].every(({ presence }) => presence === 'present');
  }

  get readers(): PartitionReader[] {
    return [...this.#topics.values()].flatMap(({ readers }) => [...readers.values()]);
  }

  /** Makes a reader for a partition not seen yet: it is led by nobody until the metadata name it. */
  reader(name: string, partition: number): PartitionReader | undefined {
    const topic = this.#topics.get(name);
    if (topic === undefined) return undefined;
    let reader = topic.readers.get(partition);
    if (reader === undefined) {
      const { next, anchors } = topic.start;
      const start = { next: next.get(partition), anchor: anchors.get(partition) };
      reader = new PartitionReader(this.#context, name, partition, start);
      topic.readers.set(partition, reader);
    }
    return reader;
  }

  apply(metadata: ClusterMetadata, wake: (brokerId: number) => void): void {
    for (const found of metadata.topics) {
      const topic = this.#topics.get(found.topic);
      if (topic === undefined) continue;
      const absent =
        found.errorCode === kafkaError.unknownTopicOrPartition || found.errorCode === kafkaError.invalidTopic;
      if (absent) this.#missing(topic, found.errorCode);
      else if (found.errorCode === kafkaError.none) this.#present(topic, found, wake);
      const refused = absent || found.errorCode === kafkaError.none ? undefined : kafkaErrorName(found.errorCode);
      this.#tellHealth(`topic ${found.topic}`, refused);
    }
  }

  #missing(topic: Topic, errorCode: number): void {
    for (const reader of topic.readers.values()) {
      reader.leader = undefined;
      reader.checkAgain();
    }
    if (topic.presence === 'missing') return;
    topic.presence = 'missing';
    if (errorCode === kafkaError.invalidTopic) {
      this.#log('error', `topic ${topic.start.topic}: ${kafkaErrorName(errorCode)}`);
    }
    this.#context.sink.incident({ kind: 'topic-missing', topic: topic.start.topic });
  }

  #present(topic: Topic, found: TopicMetadata, wake: (brokerId: number) => void): void {
    const name = topic.start.topic;
    topic.presence = 'present';
    const partitions = found.partitions.map(({ partition }) => partition).toSorted((a, b) => a - b);
    if (topic.partitions !== partitions.join()) {
      topic.partitions = partitions.join();
      this.#context.sink.partitions(name, partitions);
    }
    const recreated = topic.id !== undefined && found.id !== undefined && topic.id !== found.id;
    topic.id = found.id ?? topic.id;
    for (const [partition, reader] of topic.readers) {
      if (recreated) {
        const reason = 'it was deleted and created again: its id is another';
        reader.stop({ kind: 'topic-recreated', topic: name, partition, reason });
      }
      if (!partitions.includes(partition)) reader.leader = undefined;
    }
    for (const { partition, leader } of found.partitions) {
      const follow = leader < 0 ? undefined : leader;
      this.reader(name, partition)?.follow(follow, found.id, () => {
        if (follow !== undefined) wake(follow);
      });
    }
  }
}
