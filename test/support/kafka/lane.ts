import { randomUUID } from 'node:crypto';
import { Encoder as ZstdEncoder, Decoder as ZstdDecoder } from '@toondepauw/node-zstd';
import kafkajs, { Kafka as KafkaClient, Partitioners } from 'kafkajs';
import type { Admin, CompressionTypes, ITopicConfig, Producer, ProducerConfig } from 'kafkajs';
import { compressFrameSync, decompressFrameSync } from 'lz4-napi';
import { compressSync, uncompressSync } from 'snappy';
import { inject, onTestFinished } from 'vitest';
import { KafkaCluster } from '../../../src/source/kafka-cluster.ts';
import { kafkaError } from '../../../src/source/kafka-errors.ts';
import type { KafkaOptions } from '../../../src/source/kafka.ts';
import { createKafkaSource } from '../../../src/source/kafka.ts';
import type { RecordSink, Source, TopicStart } from '../../../src/source/source.ts';
import './global-setup.ts';

const kafka = inject('kafka');

/** Brokers of the lane. */
export const brokers = kafka.brokers;

/** Tests against the lane's broker are skipped; the lane has said why. */
export const noKafka = kafka.unavailable !== undefined;
/** So are tests that stop and kill brokers, where the broker is somebody else's. */
export const noBrokerOfOurOwn = !kafka.canStart;

// kafkajs comes with gzip alone.
const codecs: readonly (readonly [CompressionTypes, (plain: Buffer) => Buffer, (bytes: Buffer) => Buffer | string])[] =
  [
    [kafkajs.CompressionTypes.Snappy, (plain) => compressSync(plain), (bytes) => uncompressSync(bytes)],
    [kafkajs.CompressionTypes.LZ4, (plain) => compressFrameSync(plain), (bytes) => decompressFrameSync(bytes)],
    [
      kafkajs.CompressionTypes.ZSTD,
      (plain) => new ZstdEncoder(3).encodeSync(plain),
      (bytes) => new ZstdDecoder().decodeSync(bytes),
    ],
  ];
for (const [type, compress, decompress] of codecs) {
  const codec = () => ({
    compress: async (encoder: { buffer: Buffer }) => compress(encoder.buffer),
    decompress: async (bytes: Buffer) => decompress(bytes),
  });
  Object.assign(kafkajs.CompressionCodecs, { [type]: codec });
}

export function client(at: readonly string[] = brokers): KafkaClient {
  return new KafkaClient({
    brokers: [...at],
    logLevel: kafkajs.logLevel.NOTHING,
    retry: { retries: 10, initialRetryTime: 50 },
  });
}

/** Disconnected when the test ends. */
export async function admin(at?: readonly string[]): Promise<Admin> {
  const created = client(at).admin();
  await created.connect();
  onTestFinished(() => created.disconnect());
  return created;
}

export async function producer(config: ProducerConfig = {}, at?: readonly string[]): Promise<Producer> {
  const created = client(at).producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    idempotent: true,
    ...config,
  });
  await created.connect();
  onTestFinished(() => created.disconnect());
  return created;
}

export function topicName(): string {
  return `t-${randomUUID().slice(0, 8)}`;
}

/** A new topic under a name of its own. */
export async function createTopic(
  partitions = 1,
  config: Readonly<Record<string, string>> = {},
  {
    topic = topicName(),
    at = brokers,
    replicas = 1,
  }: { topic?: string; at?: readonly string[]; replicas?: number } = {},
): Promise<string> {
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
  await createTopicAt(await admin(at), at, {
    topic,
    numPartitions: partitions,
    replicationFactor: replicas,
    configEntries,
  });
  return topic;
}

export async function createTopicAt(api: Admin, at: readonly string[], topic: ITopicConfig): Promise<void> {
  // kafkajs' waitForLeaders gives up where the broker does not know the topic yet.
  await api.createTopics({ waitForLeaders: false, topics: [topic] });
  const cluster = new KafkaCluster({ brokers: at });
  try {
    for (;;) {
      const [found] = (await cluster.metadata([topic.topic])).topics;
      if (found?.errorCode === kafkaError.none && found.partitions.every(({ leader }) => leader >= 0)) break;
    }
  } finally {
    cluster.close();
  }
}

/** A source that is closed when the test ends. */
export async function startSource(
  starts: readonly TopicStart[],
  sink: RecordSink,
  options: Partial<KafkaOptions> = {},
): Promise<Source> {
  const source = createKafkaSource({ brokers, metadataRefreshMs: 500, ...options });
  onTestFinished(() => source.close());
  await source.start(starts, sink);
  return source;
}

/** Reading begins at the earliest offsets. */
export function from(topic: string): TopicStart {
  return { topic, next: new Map(), anchors: new Map() };
}

/** Moves the earliest offset of a partition. */
export async function deleteRecords(topic: string, partition: number, before: number): Promise<void> {
  await deleteRecordsOf(await admin(), topic, partition, before);
}

export async function deleteRecordsOf(api: Admin, topic: string, partition: number, before: number): Promise<void> {
  // kafkajs' deleteTopicRecords needs metadata that it does not load itself.
  await api.fetchTopicOffsets(topic);
  await api.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(before) }] });
}
