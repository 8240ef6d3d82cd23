import { describe } from 'vitest';
import { produceToKafka } from '../../src/source/kafka-producer.ts';
import { createKafkaSource } from '../../src/source/kafka.ts';
import { client, createTopicAt, deleteRecordsOf, noBrokerOfOurOwn } from '../support/kafka/lane.ts';
import { produceRaw } from '../support/kafka/produce-raw.ts';
import { startKafka } from '../support/kafka/start-kafka.ts';
import { sourceConformance } from './source.ts';

// A broker of its own, because one of the tests restarts it.
describe.skipIf(noBrokerOfOurOwn)('a real broker', () => {
  sourceConformance(
    'Kafka',
    async () => {
      const kafka = await startKafka();
      const { brokers } = kafka;
      const admin = client(brokers).admin();
      await admin.connect();
      return {
        // Smaller batches than by default, so that a few records are several.
        open: () => createKafkaSource({ brokers, metadataRefreshMs: 300, maxRecordsPerBatch: 10_000 }),
        async createTopic(topic, partitions) {
          await createTopicAt(admin, brokers, { topic, numPartitions: partitions });
        },
        async deleteTopic(topic) {
          await admin.deleteTopics({ topics: [topic] });
          while ((await admin.listTopics()).includes(topic));
        },
        async produce(topic, partition, records) {
          // kafkajs cannot write a header whose value is null.
          if (records.some(({ headers }) => Object.values(headers ?? {}).includes(null))) {
            const first = await produceRaw(brokers[0] ?? '', topic, partition, {
              records: records.map(({ key, value, timestamp, headers }, offset) => ({
                offset,
                key,
                value,
                timestampMs: timestamp,
                headers: Object.entries(headers ?? {}),
              })),
            });
            return records.map((_, i) => first + i);
          }
          const written = await produceToKafka(
            { brokers },
            topic,
            records.map(({ key = null, value = null, timestamp, headers }) => ({
              key,
              value,
              timestampMs: timestamp,
              headers,
              partition,
            })),
          );
          return written.map(({ offset }) => offset);
        },
        async addPartitions(topic, total) {
          await admin.createPartitions({ topicPartitions: [{ topic, count: total }] });
        },
        truncate: (topic, partition, before) => deleteRecordsOf(admin, topic, partition, before),
        restart: () => kafka.restart(),
        async close() {
          await admin.disconnect();
          await kafka.stop();
        },
      };
    },
    { unsupported: { absentValues: 'a record of Kafka has a value or a tombstone' } },
  );
});
