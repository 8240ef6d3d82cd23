import { expect, test } from 'vitest';
import { RecordingSink } from '../support/recording-sink.ts';
import { numbered, recently, show } from './source-suite.ts';
import type { ProducedRecord, SourceSuite } from './source-suite.ts';

/** Records: what they are, in which order, from where, and how fast the sink wants them. */
export function deliveryTests({ harness, createTopic, start, stop, unsupported }: SourceSuite): void {
  test('delivers every record in offset order with key, value, timestamp and headers', async () => {
    const topic = await createTopic();
    const produced: ProducedRecord[] = [
      { key: 'a', value: '{"n":1}', timestamp: recently + 1 },
      { key: 'ключ ✓', value: '"text ✓"', timestamp: recently, headers: { trace: 'abc ✓' } },
      { key: null, value: '9007199254740993.10', timestamp: recently + 2, headers: {} },
      { key: '', value: '[]', timestamp: recently + 2 },
    ];
    const offsets = await harness().produce(topic, 0, produced);
    const sink = new RecordingSink();
    await start([topic], sink);
    await sink.untilRecords(topic, produced.length);
    expect(sink.records(topic).map(show)).toEqual(
      produced.map(({ key, value, timestamp, headers }, index) => ({
        topic,
        partition: 0,
        offset: offsets[index],
        timestampMs: timestamp,
        key,
        value,
        headers: headers ?? {},
      })),
    );
  });

  test('tells a tombstone from a JSON null and from an empty key', async () => {
    const topic = await createTopic();
    await harness().produce(topic, 0, [
      { key: 'a', value: null, timestamp: recently + 1 },
      { key: 'b', value: '"null"', timestamp: recently + 2 },
    ]);
    const sink = new RecordingSink();
    await start([topic], sink);
    await sink.untilRecords(topic, 2);
    expect(sink.records(topic).map((record) => show(record).value)).toEqual([null, '"null"']);
  });

  test('gives a record without value as undefined', async ({ skip }) => {
    skip(unsupported.absentValues !== undefined, unsupported.absentValues);
    const topic = await createTopic();
    await harness().produce(topic, 0, [{ key: 'a', value: undefined, timestamp: recently + 1 }]);
    const sink = new RecordingSink();
    await start([topic], sink);
    await sink.untilRecords(topic, 1);
    expect(sink.records(topic)[0]?.value).toBeUndefined();
  });

  test('tells a header without value from an empty one', async ({ skip }) => {
    skip(unsupported.nullHeaders !== undefined, unsupported.nullHeaders);
    const topic = await createTopic();
    const headers = { none: null, empty: '' };
    await harness().produce(topic, 0, [{ key: 'a', value: '1', timestamp: recently, headers }]);
    const sink = new RecordingSink();
    await start([topic], sink);
    await sink.untilRecords(topic, 1);
    expect(sink.records(topic).map(show)).toMatchObject([{ headers }]);
  });

  test('tells partitions and bounds before the first batch, an anchor no later than the batch it belongs to', async () => {
    const topic = await createTopic(2);
    await harness().produce(topic, 0, numbered(3));
    const sink = new RecordingSink();
    await start([topic], sink);
    await sink.untilRecords(topic, 3);
    await sink.until('bounds of the empty partition', () => sink.progressByPartition.has(`${topic}/1`));
    const firstBatch = sink.calls.indexOf(`batch ${topic}/0`);
    expect(sink.partitionsByTopic.get(topic)).toEqual([0, 1]);
    expect(sink.calls.indexOf(`partitions ${topic}`)).toBeLessThan(firstBatch);
    expect(sink.calls.indexOf(`progress ${topic}/0`)).toBeLessThan(firstBatch);
    expect(sink.calls.indexOf(`anchor ${topic}/0`)).toBeLessThan(firstBatch);
    expect(sink.startOf(topic).anchors.has(0)).toBe(true);
    const batch = sink.batches.at(-1);
    expect(sink.progressByPartition.get(`${topic}/0`)?.end).toBe(batch?.end);
    expect(sink.progressByPartition.get(`${topic}/1`)).toMatchObject({ start: 0, end: 0 });
  });

  test('delivers what is appended while it reads', async () => {
    const topic = await createTopic();
    const sink = new RecordingSink();
    await start([topic], sink);
    const offsets: number[] = [];
    for (let count = 1; count <= 5; count++) {
      offsets.push(...(await harness().produce(topic, 0, numbered(1, count))));
      await sink.untilRecords(topic, count);
    }
    expect(sink.offsets(topic, 0)).toEqual(offsets);
  });

  test('goes on at any record without gap or repeat', async () => {
    const topic = await createTopic();
    const offsets = await harness().produce(topic, 0, numbered(20));
    for (const skipped of [1, 7, 19]) {
      const sink = new RecordingSink();
      const next = new Map([[0, offsets[skipped] ?? 0]]);
      const source = await start([{ topic, next, anchors: new Map() }], sink);
      await sink.untilRecords(topic, 20 - skipped);
      expect(sink.offsets(topic, 0)).toEqual(offsets.slice(skipped));
      await stop(source);
    }
  });

  test('goes on exactly where a closed source was, time after time', async () => {
    const topic = await createTopic(2);
    const sink = new RecordingSink();
    const produced: number[][] = [[], []];
    for (let round = 0; round < 5; round++) {
      const source = await start([sink.startOf(topic)], sink);
      for (const partition of [0, 1]) {
        produced[partition]?.push(...(await harness().produce(topic, partition, numbered(7, round * 7))));
      }
      // Closed wherever it stands, mostly in the middle.
      await sink.untilRecords(topic, round * 14 + 1 + round * 3);
      await stop(source);
    }
    await start([sink.startOf(topic)], sink);
    await sink.untilRecords(topic, 70);
    expect(sink.incidents).toEqual([]);
    for (const partition of [0, 1]) expect(sink.offsets(topic, partition)).toEqual(produced[partition]);
  });

  test('starts a partition without stored offset at its earliest record', async () => {
    const topic = await createTopic(2);
    const stored = await harness().produce(topic, 0, numbered(3));
    const other = await harness().produce(topic, 1, numbered(2));
    const sink = new RecordingSink();
    await start([{ topic, next: new Map([[0, stored[1] ?? 0]]), anchors: new Map() }], sink);
    await sink.untilRecords(topic, 4);
    expect(sink.offsets(topic, 0)).toEqual(stored.slice(1));
    expect(sink.offsets(topic, 1)).toEqual(other);
  });

  test('gives batches that join: each starts at or after the end of the one before, the last reaches the end', async () => {
    const topic = await createTopic();
    const total = 30_000;
    for (let from = 0; from < total; from += 5_000) await harness().produce(topic, 0, numbered(5_000, from));
    const sink = new RecordingSink();
    await start([topic], sink);
    await sink.untilRecords(topic, total);
    let next = 0;
    for (const batch of sink.batches) {
      for (const record of batch.records) {
        expect(record.offset).toBeGreaterThanOrEqual(next);
        next = record.offset + 1;
      }
      expect(batch.next).toBeGreaterThanOrEqual(next);
      expect(batch.end).toBeGreaterThanOrEqual(batch.next);
      next = batch.next;
    }
    expect(sink.batches.at(-1)?.end).toBe(next);
    expect(sink.batches.length).toBeGreaterThan(1);
    expect(sink.records(topic).map((record) => Buffer.from(record.value ?? '').toString())).toEqual(
      numbered(total).map(({ value }) => value),
    );
  }, 60_000);

  test('holds back a partition whose batch is not taken, and no other', async () => {
    const topic = await createTopic(2);
    const sink = new RecordingSink();
    sink.hold(topic, 0);
    await start([topic], sink);
    await harness().produce(topic, 0, numbered(1));
    await sink.until('the first batch', () => sink.batchCount(topic, 0) === 1);
    for (let round = 1; round <= 5; round++) {
      await harness().produce(topic, 0, numbered(1, round));
      await harness().produce(topic, 1, numbered(1, round));
      await sink.until('the other partition', () => sink.records(topic, 1).length === round);
    }
    expect(sink.batchCount(topic, 0)).toBe(1);
    sink.release(topic, 0);
    await sink.until('the rest', () => sink.records(topic, 0).length === 6);
    expect(sink.records(topic, 0).map((record) => show(record).value)).toEqual(numbered(6).map(({ value }) => value));
  });

  test('tells the growth of a partition whose batch is not taken', async () => {
    const topic = await createTopic();
    const sink = new RecordingSink();
    sink.hold(topic, 0);
    await start([topic], sink);
    await harness().produce(topic, 0, numbered(1));
    await sink.until('the first batch', () => sink.batchCount(topic, 0) === 1);
    const last = (await harness().produce(topic, 0, numbered(3))).at(-1) ?? 0;
    await sink.until('the new end', () => (sink.progressByPartition.get(`${topic}/0`)?.end ?? 0) > last);
    expect(sink.batchCount(topic, 0)).toBe(1);
  });

  test('reads many partitions and topics, each in its own order', async () => {
    const [many, one] = [await createTopic(12), await createTopic()];
    const offsets = new Map<number, readonly number[]>();
    for (let partition = 0; partition < 12; partition++) {
      offsets.set(partition, await harness().produce(many, partition, numbered(10 + partition)));
    }
    await harness().produce(one, 0, numbered(5));
    const sink = new RecordingSink();
    await start([many, one], sink);
    await sink.untilRecords(many, 12 * 10 + 66);
    await sink.untilRecords(one, 5);
    for (const [partition, expected] of offsets) expect(sink.offsets(many, partition)).toEqual(expected);
  });

  test('carries large values whole', async () => {
    const topic = await createTopic();
    const large = JSON.stringify({ text: 'ä✓'.repeat(150_000) });
    await harness().produce(topic, 0, [
      { key: 'small', value: '1', timestamp: recently + 1 },
      { key: 'large', value: large, timestamp: recently + 2 },
      { key: 'small', value: '2', timestamp: recently + 3 },
    ]);
    const sink = new RecordingSink();
    await start([topic], sink);
    await sink.untilRecords(topic, 3);
    expect(sink.records(topic).map((record) => show(record).value)).toEqual(['1', large, '2']);
  });

  test('knows the policy of a topic', async () => {
    const topic = await createTopic();
    const sink = new RecordingSink();
    const source = await start([topic], sink);
    await sink.until('the topic', () => sink.partitionsByTopic.has(topic));
    expect(await source.policy(topic)).toMatchObject({ compacted: false });
  });
}
