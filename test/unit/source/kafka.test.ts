import { afterEach, describe, expect, test } from 'vitest';
import type { KafkaOptions } from '../../../src/source/kafka.ts';
import { createKafkaSource } from '../../../src/source/kafka.ts';
import type { TopicStart } from '../../../src/source/source.ts';
import { createFakeBroker } from '../../support/kafka/fake-broker.ts';
import type { FakeBroker, FakeBrokerOptions, FakePartition } from '../../support/kafka/fake-broker.ts';
import { writeBatch, writeMarker } from '../../support/kafka/record-batch-writer.ts';
import { KafkaSink } from '../../support/kafka/kafka-sink.ts';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function fake(options?: FakeBrokerOptions): Promise<FakeBroker> {
  const broker = await createFakeBroker(options);
  cleanups.push(() => broker.close());
  return broker;
}

function partition(values: readonly string[], first = 0): FakePartition {
  const batches = values.map((value, i) =>
    writeBatch({ records: [{ offset: first + i, key: `k${first + i}`, value }] }),
  );
  return { start: first, end: first + values.length, batches };
}

function append(to: FakePartition, value: string): void {
  to.batches.push(writeBatch({ records: [{ offset: to.end, key: `k${to.end}`, value }] }));
  to.end++;
}

async function read(brokers: readonly string[], starts: readonly TopicStart[], options: Partial<KafkaOptions> = {}) {
  const sink = new KafkaSink();
  const source = createKafkaSource({ brokers, maxWaitMs: 50, metadataRefreshMs: 50, ...options });
  cleanups.push(() => source.close());
  await source.start(starts, sink);
  return { sink, source };
}

function from(topic: string, next: readonly (readonly [number, number])[] = []): TopicStart {
  return { topic, next: new Map(next), anchors: new Map() };
}

function values(sink: KafkaSink, topic: string, partitionId: number): string[] {
  return sink.records(topic, partitionId).map(({ value }) => Buffer.from(value ?? []).toString());
}

describe('reading', () => {
  test('begins at the earliest offset and at the stored one, and goes on with what is appended', async () => {
    const broker = await fake();
    const parts = [partition(['a', 'b', 'c'], 5), partition(['x', 'y', 'z'])];
    broker.topics.set('t', parts);
    const { sink } = await read([broker.address], [from('t', [[1, 2]])]);
    await sink.until('both are read', () => sink.all().length === 4);
    append(parts[0] as FakePartition, 'd');
    await sink.until('the new record is read', () => sink.all().length === 5);
    expect(values(sink, 't', 0)).toEqual(['a', 'b', 'c', 'd']);
    expect(values(sink, 't', 1)).toEqual(['z']);
    expect([sink.next('t', 0), sink.next('t', 1)]).toEqual([9, 3]);
    expect(sink.partitionsByTopic.get('t')).toEqual([0, 1]);
    expect(sink.calls.indexOf('progress t/0')).toBeLessThan(sink.calls.indexOf('batch t/0'));
    expect(sink.progressByPartition.get('t/0')).toEqual({ topic: 't', partition: 0, start: 5, end: 9 });
    expect(sink.connections).toEqual([{ connected: true, reason: undefined }]);
  });

  test('tells the bounds of a partition that has no records', async () => {
    const broker = await fake();
    broker.topics.set('t', [{ start: 7, end: 7, batches: [] }]);
    const { sink } = await read([broker.address], [from('t')]);
    await sink.until('the bounds are known', () => sink.progressByPartition.has('t/0'));
    expect(sink.progressByPartition.get('t/0')).toMatchObject({ start: 7, end: 7 });
  });

  test('passes batches that compaction emptied without asking for them again and again', async () => {
    const broker = await fake();
    const empty = writeBatch({ records: [], baseOffset: 0, lastOffset: 9 });
    broker.topics.set('t', [{ start: 0, end: 10, batches: [empty] }]);
    const { sink } = await read([broker.address], [from('t')]);
    await sink.until('the position is behind it', () => sink.next('t', 0) === 10);
    expect(sink.all()).toEqual([]);
    expect(broker.fetches.filter((each) => each === 't/0@0')).toHaveLength(1);
  });

  test('passes the markers of transactions and leaves out what was aborted', async () => {
    const broker = await fake();
    const batches = [
      writeBatch({ records: [{ offset: 0, value: 'no' }], producerId: 1, transactional: true }),
      writeBatch({ records: [{ offset: 1, value: 'yes' }], producerId: 2, transactional: true }),
      writeMarker(2, 1, 'abort'),
      writeMarker(3, 2, 'commit'),
    ];
    broker.topics.set('t', [{ start: 0, end: 4, batches, aborted: [{ producerId: 1, firstOffset: 0 }] }]);
    const { sink } = await read([broker.address], [from('t')]);
    await sink.until('the end is reached', () => sink.next('t', 0) === 4);
    expect(values(sink, 't', 0)).toEqual(['yes']);
  });

  test('asks for more where the broker sends only the beginning of a batch', async () => {
    const broker = await fake({ maxRecordBytes: 200 });
    broker.topics.set('t', [partition(['a'.repeat(50), 'b'.repeat(50), 'c'.repeat(50)])]);
    const { sink } = await read([broker.address], [from('t')]);
    await sink.until('all are read', () => sink.all().length === 3);
    expect(sink.incidents).toEqual([]);
  });

  test('speaks no version that the broker does not offer, and says which it would need', async () => {
    const broker = await fake({ apiVersions: { 1: [14, 20], 2: [0, 5], 3: [0, 6], 18: [0, 2], 32: [0, 2] } });
    broker.topics.set('t', [partition(['a'])]);
    const { sink } = await read([broker.address], [from('t')]);
    await sink.until('it gave up', () => sink.connections.length > 0);
    expect(sink.connections[0]).toMatchObject({
      connected: false,
      reason: expect.stringMatching(/14 to 20.*13 or 11 of Fetch/),
    });
  });
});

describe('one bad partition', () => {
  test.each([
    ['LEADER_NOT_AVAILABLE', 5],
    ['NOT_LEADER', 6],
    ['TOPIC_AUTHORIZATION_FAILED', 29],
    ['KAFKA_STORAGE_ERROR', 56],
    ['an error that nobody knows', 999],
  ])('with %s stops no other, and goes on when it is well again', async (_name, errorCode) => {
    const broker = await fake();
    const bad: FakePartition = { ...partition(['bad']), errorCode };
    const good = partition(['a']);
    broker.topics.set('t', [bad, good]);
    broker.topics.set('u', [partition(['u'])]);
    const { sink } = await read([broker.address], [from('t'), from('u')]);
    await sink.until('the good ones are read', () => sink.all().length === 2);
    for (const value of ['b', 'c', 'd']) {
      append(good, value);
      await sink.until(`${value} is read`, () => values(sink, 't', 1).at(-1) === value);
    }
    expect(values(sink, 't', 0)).toEqual([]);
    delete bad.errorCode;
    await sink.until('the bad one is read', () => values(sink, 't', 0).length === 1);
    expect(sink.incidents).toEqual([]);
  });

  test('whose batch has a wrong checksum stops at it, after what stands before it', async () => {
    const broker = await fake();
    const bad = partition(['a', 'b', 'c']);
    const broken = bad.batches[1] as Buffer;
    broken.writeUInt8(broken.readUInt8(broken.length - 2) ^ 1, broken.length - 2);
    const good = partition(['x']);
    broker.topics.set('t', [bad, good]);
    const { sink, source } = await read([broker.address], [from('t')]);
    await sink.until('it is told', () => sink.incidents.length === 1);
    expect(sink.incidents[0]).toMatchObject({
      kind: 'unreadable',
      topic: 't',
      partition: 0,
      offset: 1,
      reason: expect.stringContaining('CRC'),
    });
    expect(values(sink, 't', 0)).toEqual(['a']);
    append(good, 'y');
    await sink.until('the other goes on', () => values(sink, 't', 1).length === 2);
    source.resume('t', 0, 2);
    await sink.until('it goes on behind it', () => values(sink, 't', 0).length === 2);
    expect(values(sink, 't', 0)).toEqual(['a', 'c']);
    expect(sink.incidents).toHaveLength(1);
  });

  test('whose sink is slow is left out, holds one further answer and holds up no other', async () => {
    const broker = await fake();
    const slow = partition(['a0']);
    const quick = partition(['b0']);
    broker.topics.set('t', [slow, quick]);
    const sink = new KafkaSink();
    sink.hold('t', 0);
    const source = createKafkaSource({ brokers: [broker.address], maxWaitMs: 50, metadataRefreshMs: 50 });
    cleanups.push(() => source.close());
    await source.start([from('t')], sink);
    await sink.until('both have a batch', () => sink.batches.length === 2);
    for (let i = 1; i <= 20; i++) {
      append(slow, `a${i}`);
      append(quick, `b${i}`);
      await sink.until(`b${i} is read`, () => values(sink, 't', 1).at(-1) === `b${i}`);
    }
    expect(values(sink, 't', 0)).toEqual(['a0']);
    const asked = new Set(broker.fetches.filter((each) => each.startsWith('t/0@')));
    expect(asked.size).toBeLessThanOrEqual(2);
    sink.release('t', 0);
    await sink.until('the slow one is read', () => values(sink, 't', 0).length === 21);
    expect(values(sink, 't', 0)).toEqual(Array.from({ length: 21 }, (_, i) => `a${i}`));
  });
});

describe('a log that is not as it was left', () => {
  test('was truncated beyond the stored offset: reading waits for resume', async () => {
    const broker = await fake();
    const parts = [partition(['a', 'b'], 100), partition(['x'])];
    broker.topics.set('t', parts);
    const { sink, source } = await read(
      [broker.address],
      [
        from('t', [
          [0, 40],
          [1, 0],
        ]),
      ],
    );
    await sink.until('it is told', () => sink.incidents.length === 1 && sink.all().length === 1);
    expect(sink.incidents).toEqual([{ kind: 'truncated', topic: 't', partition: 0, next: 40, start: 100 }]);
    source.resume('t', 0, 100);
    await sink.until('it goes on', () => values(sink, 't', 0).length === 2);
  });

  test('is truncated while it is read, while the sink is behind: what was fetched is delivered first', async () => {
    const broker = await fake();
    const part = partition(['a']);
    broker.topics.set('t', [part]);
    const sink = new KafkaSink();
    sink.hold('t', 0);
    const source = createKafkaSource({ brokers: [broker.address], maxWaitMs: 20, metadataRefreshMs: 50 });
    cleanups.push(() => source.close());
    await source.start([from('t')], sink);
    await sink.until('the first is there', () => sink.batches.length === 1);
    Object.assign(part, partition(['far'], 50));
    await sink.until('the new bounds are known', () => sink.progressByPartition.get('t/0')?.start === 50);
    expect(sink.incidents).toEqual([]);
    sink.release('t', 0);
    await sink.until('it is told', () => sink.incidents.length === 1);
    expect(sink.incidents).toEqual([{ kind: 'truncated', topic: 't', partition: 0, next: 1, start: 50 }]);
  });

  test('ends before the stored offset: it was created again', async () => {
    const broker = await fake();
    broker.topics.set('t', [partition(['new'])]);
    const { sink, source } = await read([broker.address], [from('t', [[0, 500]])]);
    await sink.until('it is told', () => sink.incidents.length === 1);
    expect(sink.incidents[0]).toMatchObject({
      kind: 'topic-recreated',
      topic: 't',
      partition: 0,
      reason: expect.stringMatching(/ends at offset 1, before 500/),
    });
    expect(sink.all()).toEqual([]);
    source.resume('t', 0, 0);
    await sink.until('it is read from its start', () => values(sink, 't', 0).length === 1);
  });

  test('has another record where the last one was read', async () => {
    const broker = await fake();
    broker.topics.set('t', [partition(['a', 'b', 'c'])]);
    const first = await read([broker.address], [from('t')]);
    await first.sink.until('all are read', () => first.sink.all().length === 3);
    await first.source.close();
    const start = first.sink.startOf('t');
    const same = await read([broker.address], [start]);
    await same.sink.until(
      'it is fetched from',
      () => broker.fetches.includes('t/0@3') && same.sink.progressByPartition.has('t/0'),
    );
    append(broker.topics.get('t')?.[0] as FakePartition, 'd');
    await same.sink.until('it goes on', () => same.sink.all().length === 1);
    expect(same.sink.incidents).toEqual([]);
    await same.source.close();
    broker.topics.set('t', [partition(['a', 'b', 'other', 'd', 'e'])]);
    const other = await read([broker.address], [start]);
    await other.sink.until('it is told', () => other.sink.incidents.length === 1);
    expect(other.sink.incidents[0]).toMatchObject({
      kind: 'topic-recreated',
      partition: 0,
      reason: expect.stringContaining('offset 2'),
    });
    expect(other.sink.all()).toEqual([]);
  });

  test('lost the last record read to compaction: nothing is wrong', async () => {
    const broker = await fake();
    broker.topics.set('t', [partition(['a', 'b'])]);
    const first = await read([broker.address], [from('t')]);
    await first.sink.until('all are read', () => first.sink.all().length === 2);
    await first.source.close();
    const compacted = partition(['c'], 2);
    broker.topics.set('t', [
      {
        ...compacted,
        start: 0,
        batches: [writeBatch({ records: [], baseOffset: 0, lastOffset: 1 }), ...compacted.batches],
      },
    ]);
    const start = first.sink.startOf('t');
    const { sink } = await read([broker.address], [start]);
    await sink.until('it goes on', () => sink.all().length === 1);
    expect(sink.incidents).toEqual([]);
  });
});

describe('topics', () => {
  test('that do not exist are told once, waited for, and read from their start', async () => {
    const broker = await fake();
    broker.topics.set('there', [partition(['a'])]);
    const { sink } = await read([broker.address], [from('there'), from('later')]);
    await sink.until('the other is read', () => sink.all().length === 1);
    await sink.until('it is told', () => sink.incidents.length === 1);
    const asked = broker.requests.length;
    append(broker.topics.get('there')?.[0] as FakePartition, 'b');
    await sink.until('the other goes on', () => sink.all().length === 2 && broker.requests.length > asked);
    broker.topics.set('later', [partition(['x', 'y'])]);
    await sink.until('it is read', () => values(sink, 'later', 0).length === 2);
    expect(sink.incidents).toEqual([{ kind: 'topic-missing', topic: 'later' }]);
  });

  test('that get more partitions are read in all of them', async () => {
    const broker = await fake();
    const parts = [partition(['a'])];
    broker.topics.set('t', parts);
    const { sink } = await read([broker.address], [from('t')]);
    await sink.until('the first is read', () => sink.all().length === 1);
    broker.topics.set('t', [...parts, partition(['b', 'c'])]);
    await sink.until('the second is read', () => values(sink, 't', 1).length === 2);
    expect(sink.partitionsByTopic.get('t')).toEqual([0, 1]);
  });
});

describe('the broker', () => {
  test('that is away is tried again for ever, and comes back', async () => {
    const broker = await fake();
    broker.topics.set('t', [partition(['a'])]);
    const { sink } = await read([broker.address], [from('t')]);
    await sink.until('it is read', () => sink.all().length === 1);
    await broker.close();
    await sink.until('it is away', () => sink.connections.at(-1)?.connected === false);
    expect(sink.connections.at(-1)?.reason).toMatch(/Connection error: (closed|.*ECONNREFUSED)/);
    const back = await fake({ port: Number(broker.address.split(':')[1]) });
    back.topics.set('t', [partition(['a', 'b'])]);
    await sink.until('it goes on', () => sink.all().length === 2);
    expect(sink.connections.map(({ connected }) => connected)).toEqual([true, false, true]);
  });

  test('is the first of those named that answers', async () => {
    const broker = await fake();
    const gone = await createFakeBroker();
    await gone.close();
    broker.topics.set('t', [partition(['a'])]);
    const { sink } = await read([gone.address, broker.address], [from('t')]);
    await sink.until('it is read', () => sink.all().length === 1);
    expect(sink.connections).toEqual([{ connected: true, reason: undefined }]);
  });

  test('named in a way that cannot be read ends the start', () => {
    expect(() => createKafkaSource({ brokers: [] })).toThrow(/at least one/);
    expect(() => createKafkaSource({ brokers: ['a:b:c'] })).toThrow(/write host:port/);
  });
});

describe('closing', () => {
  test('ends in the middle of a request, and the sink hears nothing after it', async () => {
    const broker = await fake();
    const part = partition(['a']);
    broker.topics.set('t', [part]);
    const { sink, source } = await read([broker.address], [from('t')], { maxWaitMs: 5_000 });
    await sink.until('it is read', () => sink.all().length === 1);
    const began = performance.now();
    await source.close();
    expect(performance.now() - began).toBeLessThan(1_000);
    const calls = sink.calls.length;
    append(part, 'b');
    await new Promise((resolve) => setImmediate(resolve));
    expect(sink.calls).toHaveLength(calls);
  });

  test('ends while the broker hangs, is away, or was never asked', async () => {
    const broker = await fake();
    broker.topics.set('t', [partition(['a'])]);
    let unstall: () => void = () => {};
    broker.stall = new Promise((resolve) => (unstall = resolve));
    const hanging = await read([broker.address], [from('t')]);
    await hanging.sink.until('it is being read', () => hanging.sink.progressByPartition.size === 1);
    const began = performance.now();
    await hanging.source.close();
    unstall();
    await createKafkaSource({ brokers: [broker.address] }).close();
    const gone = await createFakeBroker();
    await gone.close();
    const away = await read([gone.address], [from('t')]);
    await away.sink.until('it is away', () => away.sink.connections.length === 1);
    await away.source.close();
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  test('ends while the sink has not taken a batch', async () => {
    const broker = await fake();
    broker.topics.set('t', [partition(['a'])]);
    const sink = new KafkaSink();
    sink.hold('t', 0);
    const source = createKafkaSource({ brokers: [broker.address], maxWaitMs: 50 });
    await source.start([from('t')], sink);
    await sink.until('it has one', () => sink.batches.length === 1);
    await expect(source.close()).resolves.toBeUndefined();
    sink.release('t', 0);
  });
});
