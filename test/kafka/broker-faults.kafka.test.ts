import { describe, expect, onTestFinished, test } from 'vitest';
import { produceToKafka } from '../../src/source/kafka-producer.ts';
import { admin, createTopic, from, noBrokerOfOurOwn, startSource } from '../support/kafka/lane.ts';
import { KafkaSink } from '../support/kafka/kafka-sink.ts';
import { startKafka, startKafkaCluster } from '../support/kafka/start-kafka.ts';
import type { Kafka } from '../support/kafka/start-kafka.ts';

function numbers(count: number, first = 0): { key: string; value: string }[] {
  return Array.from({ length: count }, (_, i) => ({ key: `k${first + i}`, value: `v${first + i}` }));
}

function own(kafka: Kafka): Kafka {
  onTestFinished(() => kafka.stop());
  return kafka;
}

describe.skipIf(noBrokerOfOurOwn)('a broker', () => {
  test('that is stopped and started, and killed and started, costs no record and repeats none', async () => {
    const kafka = own(await startKafka());
    const { brokers } = kafka;
    const topic = await createTopic(3, {}, { at: brokers });
    const sink = new KafkaSink();
    await startSource([from(topic)], sink, { brokers });
    let written = 0;
    const write = async (): Promise<void> => {
      written += (await produceToKafka({ brokers }, topic, numbers(300, written))).length;
      await sink.until('what was written is read', () => sink.all().length >= written);
    };
    await write();
    await kafka.restart();
    await write();
    await kafka.kill9();
    await sink.until('the broker is missed', () => sink.connections.at(-1)?.connected === false);
    await kafka.restart();
    await sink.until('the broker is back', () => sink.connections.at(-1)?.connected === true);
    await write();
    const seen = sink.all().map(({ partition, offset }) => `${partition}@${offset}`);
    expect(seen).toHaveLength(900);
    expect(new Set(seen).size).toBe(900);
    expect(sink.incidents).toEqual([]);
  });

  test('that is not there yet is waited for', async () => {
    const first = own(await startKafka());
    const { brokers } = first;
    const topic = await createTopic(1, {}, { at: brokers });
    await produceToKafka({ brokers }, topic, numbers(5));
    await first.kill9();
    const sink = new KafkaSink();
    await startSource([from(topic)], sink, { brokers });
    await sink.until('the broker is missed', () => sink.connections.length === 1);
    expect(sink.connections[0]).toMatchObject({ connected: false });
    await first.restart();
    await sink.until('all are read', () => sink.all().length === 5);
    expect(sink.connections.map(({ connected }) => connected)).toEqual([false, true]);
  });
});

describe.skipIf(noBrokerOfOurOwn)('of three brokers', () => {
  test(
    'one after the other may be killed: the partitions go on with their new leaders',
    { timeout: 180_000 },
    async () => {
      const kafka = own(await startKafkaCluster(3));
      const { brokers } = kafka;
      const topic = await createTopic(6, {}, { at: brokers, replicas: 3 });
      const sink = new KafkaSink();
      await startSource([from(topic)], sink, { brokers });
      let written = 0;
      const write = async (): Promise<void> => {
        written += (await produceToKafka({ brokers }, topic, numbers(300, written))).length;
        await sink.until('what was written is read', () => sink.all().length >= written);
      };
      await write();
      const api = await admin(brokers);
      for (const node of kafka.nodes.slice(0, 2)) {
        await node.halt('SIGKILL');
        await write();
        await node.start();
        for (;;) {
          const { topics } = await api.fetchTopicMetadata({ topics: [topic] });
          if (topics[0]?.partitions.every(({ isr }) => isr.length === 3)) break;
        }
        await write();
      }
      const seen = sink.all().map(({ partition, offset }) => `${partition}@${offset}`);
      expect(seen).toHaveLength(written);
      expect(new Set(seen).size).toBe(written);
      expect(sink.incidents).toEqual([]);
    },
  );
});
