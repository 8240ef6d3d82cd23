import { expect, onTestFinished, test } from 'vitest';
import { createKafkaSource } from '../../../src/source/kafka.ts';
import { createFakeBroker } from '../../support/kafka/fake-broker.ts';
import { KafkaSink } from '../../support/kafka/kafka-sink.ts';
import { writeBatch } from '../../support/kafka/record-batch-writer.ts';

const batch = (offset: number, value: string): Buffer => writeBatch({ records: [{ offset, key: 'k', value }] });

test('partitions whose sink is slow are not asked for more once all together have fetched enough', async () => {
  const first = batch(0, 'x'.repeat(1_000));
  // An answer brings the first batch of each and the beginning of the next.
  const broker = await createFakeBroker({ maxRecordBytes: first.length + 20 });
  onTestFinished(() => broker.close());
  const partitions = Array.from({ length: 10 }, () => ({
    start: 0,
    end: 3,
    batches: [first, batch(1, 'y'), batch(2, 'z')],
  }));
  broker.topics.set('t', partitions);
  const sink = new KafkaSink();
  for (const id of partitions.keys()) sink.hold('t', id);
  const source = createKafkaSource({ brokers: [broker.address], maxWaitMs: 50, maxFetchedBytes: 5_000 });
  onTestFinished(() => source.close());
  await source.start([{ topic: 't', next: new Map(), anchors: new Map() }], sink);
  await sink.until('each has a batch', () => sink.batches.length === 10);
  // Nobody fetches, and still somebody looks how far behind the sink is.
  partitions[3]?.batches.push(batch(3, 'more'));
  partitions[3] = { start: 0, end: 4, batches: partitions[3]?.batches ?? [] };
  await sink.until('its end is known', () => sink.progressByPartition.get('t/3')?.end === 4);
  expect(broker.fetches).toHaveLength(10);
  for (const id of partitions.keys()) sink.release('t', id);
  await sink.until('all are read', () => sink.all().length === 31);
  expect(
    sink.records('t', 3).map(({ value }) =>
      Buffer.from(value ?? [])
        .toString()
        .slice(0, 4),
    ),
  ).toEqual(['xxxx', 'y', 'z', 'more']);
});
