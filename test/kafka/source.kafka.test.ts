import kafkajs from 'kafkajs';
import { describe, expect, test } from 'vitest';
import { produceToKafka } from '../../src/source/kafka-producer.ts';
import { createKafkaSource } from '../../src/source/kafka.ts';
import {
  admin,
  brokers,
  createTopic,
  deleteRecords,
  from,
  noKafka,
  producer,
  startSource,
  topicName,
} from '../support/kafka/lane.ts';
import { KafkaSink } from '../support/kafka/kafka-sink.ts';

function values(sink: KafkaSink, topic?: string, partition?: number): (string | null)[] {
  const records = topic === undefined ? sink.all() : sink.records(topic, partition);
  return records.map(({ value }) => (value ? Buffer.from(value).toString() : null));
}

function numbers(count: number, first = 0): { key: string; value: string }[] {
  return Array.from({ length: count }, (_, i) => ({ key: `k${first + i}`, value: `v${first + i}` }));
}

describe.skipIf(noKafka)('records', () => {
  test.for(['None', 'GZIP', 'Snappy', 'LZ4', 'ZSTD'] as const)('compressed with %s are read', async (codec) => {
    const topic = await createTopic();
    const messages = Array.from({ length: 2_000 }, (_, i) => ({
      key: `k${i}`,
      value: `value ${'x'.repeat(i % 200)} ${i}`,
    }));
    await (await producer()).send({ topic, messages, compression: kafkajs.CompressionTypes[codec] });
    const sink = new KafkaSink();
    await startSource([from(topic)], sink);
    await sink.until('all are read', () => sink.all().length === messages.length);
    expect(values(sink)).toEqual(messages.map(({ value }) => value));
    expect(sink.all().map(({ offset }) => offset)).toEqual(messages.map((_, i) => i));
  });

  // The broker compresses again with the Java codecs, whatever the producer sent.
  test.for(['gzip', 'snappy', 'lz4', 'zstd'])('compressed by Java with %s are read', async (codec) => {
    const topic = await createTopic(1, { 'compression.type': codec });
    const messages = Array.from({ length: 6_000 }, (_, i) => ({
      key: `k${i}`,
      value: `value ${i} ${'abc'.repeat(i % 50)}`,
    }));
    await (await producer()).send({ topic, messages });
    const sink = new KafkaSink();
    await startSource([from(topic)], sink);
    await sink.until('all are read', () => sink.all().length === messages.length);
    expect(values(sink)).toEqual(messages.map(({ value }) => value));
  });

  test('keep keys, headers, timestamps; tombstones and empty values differ', async () => {
    const topic = await createTopic();
    const at = Date.now() - 5_000;
    const written = await produceToKafka({ brokers }, topic, [
      { key: 'a', value: 'one', timestampMs: at, headers: { h: 'x', bytes: Buffer.from([0, 255]) } },
      { key: 'a', value: null, timestampMs: at + 1 },
      { key: null, value: '', timestampMs: at - 1 },
    ]);
    expect(written.map(({ offset }) => offset)).toEqual([0, 1, 2]);
    const sink = new KafkaSink();
    await startSource([from(topic)], sink);
    await sink.until('all are read', () => sink.all().length === 3);
    const [one, tombstone, empty] = sink.all();
    expect(one).toMatchObject({ offset: 0, timestampMs: at, key: Buffer.from('a') });
    expect([...(one?.headers ?? [])].map(([name, value]) => [name, [...(value ?? [])]])).toEqual([
      ['h', [120]],
      ['bytes', [0, 255]],
    ]);
    expect(tombstone).toMatchObject({ value: null, timestampMs: at + 1 });
    expect(empty).toMatchObject({ key: null, value: Buffer.alloc(0), timestampMs: at - 1 });
  });

  test('carry the time of appending where the topic says so', async () => {
    const topic = await createTopic(1, { 'message.timestamp.type': 'LogAppendTime' });
    const before = Date.now();
    await produceToKafka({ brokers }, topic, [{ key: 'a', value: 'v', timestampMs: 1_000 }]);
    const sink = new KafkaSink();
    await startSource([from(topic)], sink);
    await sink.until('it is read', () => sink.all().length === 1);
    expect(sink.all()[0]?.timestampMs).toBeGreaterThanOrEqual(before - 5);
  });

  test('of 30 partitions are read in order, each from where it was left', async () => {
    const topic = await createTopic(30);
    const written = await produceToKafka({ brokers }, topic, numbers(9_000));
    const expected = new Map<number, number>();
    for (const { partition, offset } of written) expected.set(partition, offset + 1);
    expect(expected.size).toBe(30);
    const sink = new KafkaSink();
    const source = await startSource([from(topic)], sink, { maxBytesPerFetch: 20_000, maxBytesPerPartition: 2_000 });
    await sink.until('all are read', () => sink.all().length === 9_000);
    for (const [partition, next] of expected) {
      expect(sink.offsets(topic, partition)).toEqual(Array.from({ length: next }, (_, i) => i));
      expect(sink.next(topic, partition)).toBe(next);
    }
    await source.close();
    const again = new KafkaSink();
    await startSource([sink.startOf(topic)], again);
    const more = await produceToKafka({ brokers }, topic, numbers(100, 9_000));
    await again.until('the new ones are read', () => again.all().length === 100);
    expect(again.all()).toHaveLength(more.length);
    expect(again.incidents).toEqual([]);
  });

  test('are produced to the partition that was asked for, in large numbers, with their offsets', async () => {
    const topic = await createTopic(3);
    const written = await produceToKafka(
      { brokers },
      topic,
      Array.from({ length: 12_000 }, (_, i) => ({ key: `k${i}`, value: 'v'.repeat(100), partition: i % 3 })),
    );
    expect(written.map(({ partition, offset }) => [partition, offset])).toEqual(
      Array.from({ length: 12_000 }, (_, i) => [i % 3, Math.floor(i / 3)]),
    );
  });

  test('cannot be produced to a topic that does not exist, which is not created', async () => {
    const topic = topicName();
    await expect(produceToKafka({ brokers }, topic, [{ key: 'a', value: 'b' }])).rejects.toThrow(
      new RegExp(`topic ${topic}`),
    );
    expect(await (await admin()).listTopics()).not.toContain(topic);
  });
});

describe.skipIf(noKafka)('transactions', () => {
  test('committed are read when they are, aborted never, interleaved in one partition', async () => {
    const topic = await createTopic();
    const one = await producer({ transactionalId: `${topic}-1`, maxInFlightRequests: 1 });
    const two = await producer({ transactionalId: `${topic}-2`, maxInFlightRequests: 1 });
    const sink = new KafkaSink();
    await startSource([from(topic)], sink);
    const first = await one.transaction();
    const second = await two.transaction();
    const zeroKey = Buffer.from([0, 0, 0, 0]);
    await first.send({
      topic,
      messages: [
        { key: zeroKey, value: 'aborted 1' },
        { key: 'a', value: 'aborted 2' },
      ],
    });
    await second.send({ topic, messages: [{ key: zeroKey, value: 'committed 1' }] });
    await first.send({ topic, messages: [{ key: 'a', value: 'aborted 3' }] });
    await second.send({ topic, messages: [{ key: 'b', value: 'committed 2' }] });
    await produceToKafka({ brokers }, topic, [{ key: 'c', value: 'plain' }]);
    expect(values(sink)).toEqual([]);
    await first.abort();
    await second.commit();
    await sink.until('the end is reached', () => sink.next(topic, 0) === 8);
    expect(values(sink)).toEqual(['committed 1', 'committed 2', 'plain']);
    const third = await one.transaction();
    await third.send({ topic, messages: [{ key: 'a', value: 'committed 3' }] });
    await third.commit();
    await sink.until('the end is reached', () => sink.next(topic, 0) === 10);
    expect(values(sink).at(-1)).toBe('committed 3');
    // From the beginning, and from every offset, the same.
    for (let offset = 0; offset <= 10; offset++) {
      const again = new KafkaSink();
      const source = createKafkaSource({ brokers });
      await source.start([{ topic, next: new Map([[0, offset]]), anchors: new Map() }], again);
      await again.until('its end is known', () => again.progressByPartition.get(`${topic}/0`)?.end === 10);
      if (offset < 10) await again.until('the end is reached', () => again.next(topic, 0) === 10);
      await source.close();
      expect(again.all().map((record) => record.offset)).toEqual(
        sink
          .all()
          .map((record) => record.offset)
          .filter((each) => each >= offset),
      );
    }
  });
});

describe.skipIf(noKafka)('topics', () => {
  test('that do not exist are waited for and not created', async () => {
    const topic = topicName();
    const sink = new KafkaSink();
    const source = await startSource([from(topic)], sink);
    await sink.until('it is told', () => sink.incidents.length === 1);
    expect(await source.policy(topic)).toBeUndefined();
    expect(await (await admin()).listTopics()).not.toContain(topic);
    await createTopic(2, {}, { topic });
    await produceToKafka({ brokers }, topic, numbers(10));
    await sink.until('it is read', () => sink.all().length === 10);
    expect(sink.incidents).toEqual([{ kind: 'topic-missing', topic }]);
    expect(sink.partitionsByTopic.get(topic)).toEqual([0, 1]);
  });

  test('that get partitions while they are read are read in all of them', async () => {
    const topic = await createTopic(1);
    const sink = new KafkaSink();
    await startSource([from(topic)], sink);
    await produceToKafka({ brokers }, topic, numbers(5));
    await sink.until('the first is read', () => sink.all().length === 5);
    await (await admin()).createPartitions({ topicPartitions: [{ topic, count: 4 }] });
    await sink.until('they are known', () => sink.partitionsByTopic.get(topic)?.length === 4);
    await produceToKafka(
      { brokers },
      topic,
      [0, 1, 2, 3].map((partition) => ({ key: 'k', value: `p${partition}`, partition })),
    );
    await sink.until('all are read', () => sink.all().length === 9);
    expect(values(sink, topic, 3)).toEqual(['p3']);
  });

  test('say what decides over what may have been missed', async () => {
    const compacted = await createTopic(1, { 'cleanup.policy': 'compact,delete', 'delete.retention.ms': '12345' });
    const source = createKafkaSource({ brokers });
    expect(await source.policy(compacted)).toEqual({ compacted: true, tombstoneRetentionMs: 12_345 });
    expect(await source.policy(await createTopic())).toMatchObject({ compacted: false });
    await source.close();
    await expect(source.policy(compacted)).rejects.toThrow('closed');
    const away = createKafkaSource({ brokers: ['127.0.0.1:1'] });
    await expect(away.policy(compacted)).rejects.toThrow('ECONNREFUSED');
    await away.close();
  });

  for (const [name, count] of [
    ['smaller', 3],
    ['larger', 40],
  ] as const) {
    test(`deleted and created again, ${name}, while they are read, are told apart`, async () => {
      const topic = await createTopic(2);
      await produceToKafka({ brokers }, topic, numbers(20));
      const sink = new KafkaSink();
      const source = await startSource([from(topic)], sink);
      await sink.until('it is read', () => sink.all().length === 20);
      const api = await admin();
      await api.deleteTopics({ topics: [topic] });
      await recreate(topic, 2);
      await produceToKafka({ brokers }, topic, numbers(count, 1_000));
      const recreated = (): number => sink.incidents.filter(({ kind }) => kind === 'topic-recreated').length;
      await sink.until('it is told of both partitions', () => recreated() === 2);
      expect(sink.all()).toHaveLength(20);
      for (const partition of [0, 1]) source.resume(topic, partition, 0);
      await sink.until('the new one is read', () => sink.all().length === 20 + count);
      expect(recreated()).toBe(2);
      expect(new Set(values(sink).slice(20))).toEqual(new Set(numbers(count, 1_000).map(({ value }) => value)));
    });

    test(`deleted and created again, ${name}, while nobody reads, are told apart`, async () => {
      const topic = await createTopic(1);
      await produceToKafka({ brokers }, topic, numbers(20));
      const sink = new KafkaSink();
      const source = await startSource([from(topic)], sink);
      await sink.until('it is read', () => sink.all().length === 20);
      await source.close();
      await (await admin()).deleteTopics({ topics: [topic] });
      await recreate(topic, 1);
      await produceToKafka({ brokers }, topic, numbers(count));
      const again = new KafkaSink();
      await startSource([sink.startOf(topic)], again);
      await again.until('it is told', () => again.incidents.length === 1);
      expect(again.incidents[0]).toMatchObject({ kind: 'topic-recreated', topic, partition: 0 });
      expect(again.all()).toEqual([]);
    });
  }

  test('are unharmed by the deletion of another one that is read', async () => {
    const gone = await createTopic(1);
    const stays = await createTopic(1);
    const sink = new KafkaSink();
    await startSource([from(gone), from(stays)], sink);
    await produceToKafka({ brokers }, gone, numbers(3));
    await sink.until('it is read', () => sink.records(gone).length === 3);
    await (await admin()).deleteTopics({ topics: [gone] });
    await sink.until('it is told', () => sink.incidents.length === 1);
    expect(sink.incidents).toEqual([{ kind: 'topic-missing', topic: gone }]);
    await produceToKafka({ brokers }, stays, numbers(3));
    await sink.until('the other is read', () => sink.records(stays).length === 3);
  });

  /** The deletion is not over when it is acknowledged. */
  async function recreate(topic: string, partitions: number): Promise<void> {
    const api = await admin();
    for (;;) {
      if (!(await api.listTopics()).includes(topic)) break;
    }
    await createTopic(partitions, {}, { topic });
  }
});

describe.skipIf(noKafka)('records that are gone', () => {
  test('while nobody reads are told, and reading goes on behind them', async () => {
    const topic = await createTopic(1);
    await produceToKafka({ brokers }, topic, numbers(30));
    await deleteRecords(topic, 0, 20);
    const sink = new KafkaSink();
    const source = await startSource([{ topic, next: new Map([[0, 10]]), anchors: new Map() }], sink);
    await sink.until('it is told', () => sink.incidents.length === 1);
    expect(sink.incidents).toEqual([{ kind: 'truncated', topic, partition: 0, next: 10, start: 20 }]);
    source.resume(topic, 0, 20);
    await sink.until('it goes on', () => sink.all().length === 10);
    expect(sink.all()[0]?.offset).toBe(20);
  });

  test('before anybody read begin the topic at a later offset', async () => {
    const topic = await createTopic(1);
    await produceToKafka({ brokers }, topic, numbers(30));
    await deleteRecords(topic, 0, 25);
    const sink = new KafkaSink();
    await startSource([from(topic)], sink);
    await sink.until('the rest is read', () => sink.all().length === 5);
    expect(sink.incidents).toEqual([]);
    expect(sink.progressByPartition.get(`${topic}/0`)).toMatchObject({ start: 25, end: 30 });
  });

  test('while the sink is behind are told after what was fetched', async () => {
    const topic = await createTopic(1);
    await produceToKafka({ brokers }, topic, numbers(1));
    const sink = new KafkaSink();
    sink.hold(topic, 0);
    await startSource([from(topic)], sink);
    await sink.until('it is read', () => sink.all().length === 1);
    // One answer more is held; what comes after it is deleted before it is asked for.
    await produceToKafka({ brokers }, topic, numbers(1, 1));
    await sink.until('its end is known', () => sink.progressByPartition.get(`${topic}/0`)?.end === 2);
    await produceToKafka({ brokers }, topic, numbers(10, 2));
    await deleteRecords(topic, 0, 8);
    sink.release(topic, 0);
    await sink.until('it is told', () => sink.incidents.length === 1);
    expect(sink.incidents[0]).toMatchObject({ kind: 'truncated', next: 2, start: 8 });
    expect(values(sink)).toEqual(['v0', 'v1']);
  });

  test('by compaction leave holes that are passed', { timeout: 90_000 }, async () => {
    const config = {
      'cleanup.policy': 'compact',
      'segment.ms': '100',
      'min.cleanable.dirty.ratio': '0.001',
      'delete.retention.ms': '0',
      'min.compaction.lag.ms': '0',
    };
    const topic = await createTopic(1, config);
    const send = await producer();
    for (let round = 0; round < 5; round++) {
      await send.send({
        topic,
        messages: Array.from({ length: 200 }, (_, i) => ({ key: `k${i}`, value: `${round}` })),
      });
    }
    await send.send({ topic, messages: Array.from({ length: 150 }, (_, i) => ({ key: `k${i}`, value: null })) });
    const total = 1_150;
    let rolled = 0;
    for (;;) {
      // Each record may close a segment, which the cleaner then takes.
      rolled += (await produceToKafka({ brokers }, topic, [{ key: 'roll', value: 'v' }])).length;
      const sink = new KafkaSink();
      const source = createKafkaSource({ brokers });
      await source.start([from(topic)], sink);
      await sink.until('the end is reached', () => sink.next(topic, 0) === total + rolled);
      await source.close();
      expect(sink.incidents).toEqual([]);
      const left = new Map<string, string | null>();
      for (const { key, value } of sink.all())
        left.set(Buffer.from(key ?? []).toString(), value ? Buffer.from(value).toString() : null);
      for (let i = 150; i < 200; i++) expect(left.get(`k${i}`)).toBe('4');
      for (let i = 0; i < 150; i++) expect(left.get(`k${i}`) ?? null).toBeNull();
      // Done when compaction has taken overwritten records and reading still reached the end.
      if (sink.all().length < 300) break;
    }
  });
});
