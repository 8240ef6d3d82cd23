import { expect, test } from 'vitest';
import { recordAt } from '../../src/source/record-at.ts';
import { numbered, show } from './source-suite.ts';
import type { SourceSuite } from './source-suite.ts';

/** A record of long ago is read again, or said to be gone. */
export function recordAtTests({ harness, newTopic, createTopic, unsupported }: SourceSuite): void {
  const at = (topic: string, partition: number, offset: number) =>
    recordAt(harness().open(), { topic, partition, offset });

  test('reads any one record again, whatever other partitions hold', async () => {
    const topic = await createTopic(2);
    await harness().produce(topic, 0, numbered(50));
    const records = numbered(20, 100);
    const offsets = await harness().produce(topic, 1, records);
    for (const index of [0, 7, 19]) {
      const found = await at(topic, 1, offsets[index] ?? -1);
      if (typeof found === 'string') throw new Error(found);
      const { key, value, timestamp } = records[index]!;
      expect(show(found)).toMatchObject({ topic, partition: 1, offset: offsets[index], key, value });
      expect(found.timestampMs).toBe(timestamp);
    }
  });

  test('says why a record is not there', async () => {
    const topic = await createTopic();
    const offsets = await harness().produce(topic, 0, numbered(3));
    expect(await at(topic, 0, (offsets[2] ?? 0) + 1_000)).toContain('no longer has the record at offset');
    expect(await at(topic, 7, 0)).toBe('the topic has no partition 7');
    expect(await at(newTopic(), 0, 0)).toBe('the topic is gone');
  });

  test.skipIf(unsupported.truncate !== undefined)('says so of one that was deleted', async () => {
    const topic = await createTopic();
    const offsets = await harness().produce(topic, 0, numbered(3));
    await harness().truncate(topic, 0, offsets[2] ?? 0);
    expect(await at(topic, 0, offsets[0] ?? 0)).toContain('no longer has the record at offset');
  });
}
