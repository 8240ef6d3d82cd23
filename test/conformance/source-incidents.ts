import { expect, test } from 'vitest';
import type { TopicStart } from '../../src/source/source.ts';
import { RecordingSink } from '../support/recording-sink.ts';
import { numbered } from './source-suite.ts';
import type { SourceSuite } from './source-suite.ts';

/** Topics that come, change and go, and the end of reading. */
export function incidentTests({
  harness,
  newTopic,
  createTopic,
  start,
  startAndRead,
  stop,
  unsupported,
}: SourceSuite): void {
  test('tells of a missing topic, reads the others, and reads it once it appears', async () => {
    const [there, missing] = [await createTopic(), newTopic()];
    await harness().produce(there, 0, numbered(1));
    const sink = new RecordingSink();
    await start([missing, there], sink);
    await sink.untilIncident('topic-missing', missing);
    await sink.untilRecords(there, 1);
    expect(sink.partitionsByTopic.has(missing)).toBe(false);
    await harness().createTopic(missing, 2);
    await harness().produce(missing, 1, numbered(2));
    await sink.untilRecords(missing, 2);
    expect(sink.partitionsByTopic.get(missing)).toEqual([0, 1]);
  });

  test('reads partitions that are added, from their start', async () => {
    const topic = await createTopic(2);
    const sink = new RecordingSink();
    await start([topic], sink);
    await harness().produce(topic, 0, numbered(1));
    await sink.untilRecords(topic, 1);
    await harness().addPartitions(topic, 4);
    const offsets = await harness().produce(topic, 3, numbered(3));
    await sink.untilRecords(topic, 4);
    expect(sink.offsets(topic, 3)).toEqual(offsets);
    await sink.until('four partitions', () => sink.partitionsByTopic.get(topic)?.length === 4);
    await sink.until('bounds of both', () =>
      [2, 3].every((partition) => sink.progressByPartition.has(`${topic}/${partition}`)),
    );
    const told = sink.calls.lastIndexOf(`partitions ${topic}`);
    expect(told).toBeLessThan(sink.calls.indexOf(`batch ${topic}/3`));
  });

  test('stops at a topic that was recreated while it read, until it is resumed', async () => {
    const topic = await createTopic();
    await harness().produce(topic, 0, numbered(3));
    const sink = new RecordingSink();
    const source = await start([topic], sink);
    await sink.untilRecords(topic, 3);
    await harness().deleteTopic(topic);
    await harness().createTopic(topic, 1);
    const offsets = await harness().produce(topic, 0, numbered(5, 100));
    await sink.untilIncident('topic-recreated', topic);
    expect(sink.records(topic)).toHaveLength(3);
    source.resume(topic, 0, 0);
    await sink.untilRecords(topic, 8);
    expect(sink.offsets(topic, 0).slice(3)).toEqual(offsets);
    // What is stored from here on belongs to the new topic.
    await stop(source);
    await start([sink.startOf(topic)], sink);
    const more = await harness().produce(topic, 0, numbered(1, 200));
    await sink.untilRecords(topic, 9);
    expect(sink.offsets(topic, 0).slice(8)).toEqual(more);
    expect(sink.incidents.filter(({ kind }) => kind === 'topic-recreated')).toHaveLength(1);
  });

  test('recognizes at its start a topic that was recreated while nobody read it', async () => {
    const topic = await createTopic();
    await harness().produce(topic, 0, numbered(3));
    const sink = new RecordingSink();
    await stop(await startAndRead(topic, sink, 3));
    await harness().deleteTopic(topic);
    await harness().createTopic(topic, 1);
    // As many records, so that the offsets alone would not tell.
    const offsets = await harness().produce(topic, 0, numbered(6, 100));
    const source = await start([sink.startOf(topic)], sink);
    await sink.untilIncident('topic-recreated', topic);
    expect(sink.records(topic)).toHaveLength(3);
    source.resume(topic, 0, 0);
    await sink.untilRecords(topic, 9);
    expect(sink.offsets(topic, 0).slice(3)).toEqual(offsets);
  });

  test('tells that records were deleted before they were read, and goes on when resumed', async ({ skip }) => {
    skip(unsupported.truncate !== undefined, unsupported.truncate);
    const topic = await createTopic();
    const offsets = await harness().produce(topic, 0, numbered(10));
    const sink = new RecordingSink();
    await stop(await startAndRead(topic, sink, 10));
    const stored = sink.startOf(topic);
    const behind: TopicStart = { ...stored, next: new Map([[0, offsets[2] ?? 0]]) };
    await harness().truncate(topic, 0, offsets[6] ?? 0);
    const later = new RecordingSink();
    const source = await start([behind], later);
    await later.untilIncident('truncated', topic);
    expect(later.incidents).toEqual([{ kind: 'truncated', topic, partition: 0, next: offsets[2], start: offsets[6] }]);
    expect(later.batches.flatMap(({ records }) => records)).toEqual([]);
    source.resume(topic, 0, offsets[6] ?? 0);
    await later.untilRecords(topic, 4);
    expect(later.offsets(topic, 0)).toEqual(offsets.slice(6));
    // A reader without stored offset has lost nothing.
    const fresh = new RecordingSink();
    await start([topic], fresh);
    await fresh.untilRecords(topic, 4);
    expect(fresh.incidents).toEqual([]);
    expect(fresh.progressByPartition.get(`${topic}/0`)?.start).toBe(offsets[6]);
  });

  test('says that it is cut off, and goes on without gap or repeat', async ({ skip }) => {
    skip(unsupported.restart !== undefined, unsupported.restart);
    const topic = await createTopic();
    const sink = new RecordingSink();
    await start([topic], sink);
    const offsets = [...(await harness().produce(topic, 0, numbered(3)))];
    await sink.untilRecords(topic, 3);
    await harness().restart();
    offsets.push(...(await harness().produce(topic, 0, numbered(3, 3))));
    await sink.untilRecords(topic, 6);
    expect(sink.connections.some(({ connected, reason }) => !connected && reason !== undefined)).toBe(true);
    await sink.until('the connection', () => sink.connections.at(-1)?.connected === true);
    expect(sink.offsets(topic, 0)).toEqual(offsets);
    expect(sink.incidents).toEqual([]);
  }, 120_000);

  test('makes no call once it is closed, and closes although a batch is not taken', async () => {
    const topic = await createTopic(2);
    const sink = new RecordingSink();
    sink.hold(topic, 0);
    const source = await start([topic], sink);
    await harness().produce(topic, 0, numbered(2));
    await sink.until('a batch', () => sink.batchCount(topic, 0) === 1);
    await stop(source);
    const heard = sink.calls.length;
    sink.release(topic, 0);
    await harness().produce(topic, 0, numbered(2));
    await harness().produce(topic, 1, numbered(2));
    // Another reader has seen it all: the closed one has had its time.
    const other = new RecordingSink();
    await start([topic], other);
    await other.untilRecords(topic, 6);
    expect(sink.calls.slice(heard)).toEqual([]);
  });

  test('closes before it was started, and twice', async () => {
    const source = harness().open();
    await source.close();
    await expect(source.close()).resolves.toBeUndefined();
  });
}
