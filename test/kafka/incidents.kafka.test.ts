import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createKafkaSource } from '../../src/source/kafka.ts';
import {
  admin,
  brokers,
  createTopic,
  createTopicAt,
  deleteRecords,
  noBrokerOfOurOwn,
  noKafka,
  producer,
  topicName,
} from '../support/kafka/lane.ts';
import { startKafka } from '../support/kafka/start-kafka.ts';
import { runIngest, shownRows } from '../support/running-ingest.ts';
import type { RunningIngest } from '../support/running-ingest.ts';

/** What becomes of tables when their topics do what topics do: a stated end each, never a silent loss. */
function openTable(
  topic: string,
  more: { mode?: string; now?: () => number; at?: readonly string[]; rebuild?: string[]; directory?: string } = {},
) {
  const directory = more.directory ?? mkdtempSync(join(tmpdir(), 'headgate-incident-'));
  if (more.directory === undefined) onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const key = more.mode === 'APPEND' ? '@from(meta: COORDINATES)' : '';
  const schema = `type Item @table(topic: "${topic}", mode: ${more.mode ?? 'UPSERT'}) { id: ID! ${key} name: String! }`;
  const open = (overrides: { now?: () => number; rebuild?: string[] } = {}): RunningIngest => {
    const ingest = runIngest({
      schema,
      directory,
      source: createKafkaSource({ brokers: more.at ?? brokers, metadataRefreshMs: 300 }),
      ...overrides,
    });
    onTestFinished(() => ingest.close().catch(() => {}));
    return ingest;
  };
  return { directory, open };
}

const rowsAre = (ingest: RunningIngest, expected: string) =>
  ingest.until(`rows ${expected}`, (snapshot) => shownRows(snapshot, ingest.table('Item'), 'name') === expected);
const phase = (ingest: RunningIngest, expected: string) =>
  ingest.until(`phase ${expected}`, (snapshot) => {
    const state = snapshot.state(ingest.table('Item'));
    return state.phase === expected && state;
  });

const item = (key: string, name: string | null) => ({ key, value: name === null ? null : JSON.stringify({ name }) });

test.skipIf(noKafka)(
  'a topic that does not exist yet: the table is empty and ready, and fills when the topic appears',
  async () => {
    const topic = topicName();
    const ingest = openTable(topic).open();
    await phase(ingest, 'live');
    expect(ingest.messages.join('\n')).toContain(`topic ${topic} does not exist`);
    await createTopic(2, {}, { topic });
    await (await producer()).send({ topic, messages: [item('a', 'A')] });
    await rowsAre(ingest, 'a=A');
    await ingest.until('the topic is no longer missing', () => ingest.progress().missingTopics.size === 0);
  },
);

test.skipIf(noKafka)('partitions added later are read from their start', async () => {
  const topic = await createTopic(1);
  const ingest = openTable(topic).open();
  await (await producer()).send({ topic, messages: [item('a', 'A')] });
  await rowsAre(ingest, 'a=A');
  await (await admin()).createPartitions({ topicPartitions: [{ topic, count: 3 }] });
  const writer = await producer();
  await writer.send({ topic, messages: [{ ...item('b', 'B'), partition: 2 }] });
  await rowsAre(ingest, 'a=A b=B');
});

test.skipIf(noKafka)(
  'a topic deleted and created again: the table stops, says so, and is read anew when rebuilt',
  async () => {
    const topic = await createTopic(1);
    const { open } = openTable(topic);
    const first = open();
    const writer = await producer();
    await writer.send({ topic, messages: [item('a', 'A'), item('b', 'B')] });
    await rowsAre(first, 'a=A b=B');
    await first.close();

    const api = await admin();
    await api.deleteTopics({ topics: [topic] });
    await createTopicAt(api, brokers, { topic, numPartitions: 1 });
    await (await producer()).send({ topic, messages: [item('x', 'X'), item('y', 'Y'), item('z', 'Z')] });
    const second = open();
    const state = await phase(second, 'recreated');
    expect(state.reason).toMatch(/is not the one that was read before.*--rebuild Item/);
    await rowsAre(second, 'a=A b=B');
    await second.close();

    const third = open({ rebuild: ['Item'] });
    await rowsAre(third, 'x=X y=Y z=Z');
    await phase(third, 'live');
  },
);

test.skipIf(noKafka)('records gone before they were read are counted as a gap, and reading goes on', async () => {
  const topic = await createTopic(1);
  const { open } = openTable(topic, { mode: 'APPEND' });
  const first = open();
  const writer = await producer();
  await writer.send({ topic, messages: [item('a', 'A')] });
  await first.until('one row', (snapshot) => snapshot.count(first.table('Item')) === 1);
  await first.close();
  await writer.send({ topic, messages: [item('b', 'B'), item('c', 'C'), item('d', 'D')] });
  await deleteRecords(topic, 0, 3);
  const second = open();
  const state = await second.until('the last row', (snapshot) => {
    const table = second.table('Item');
    return snapshot.count(table) === 2 && snapshot.state(table);
  });
  expect(state.gaps).toBe(1);
  expect(second.messages.join('\n')).toContain(`records 1 to 2 of ${topic}/0 were gone before they were read`);
});

test.skipIf(noKafka)(
  'rows of a compacted topic whose records were cut off are removed by reading it again',
  async () => {
    const topic = await createTopic(1, { 'cleanup.policy': 'compact,delete' });
    const { open } = openTable(topic);
    const first = open();
    const writer = await producer();
    await writer.send({ topic, messages: [item('a', 'A'), item('b', 'B')] });
    await rowsAre(first, 'a=A b=B');
    await first.close();
    await writer.send({ topic, messages: [item('a', null), item('b', 'B2'), item('c', 'C')] });
    // The tombstone of `a` is gone with what was before it.
    await deleteRecords(topic, 0, 3);
    const second = open();
    await rowsAre(second, 'b=B2 c=C');
  },
);

test.skipIf(noKafka)(
  'away for longer than deletions are kept: rows deleted meanwhile do not stay as zombies',
  { timeout: 120_000 },
  async () => {
    const topic = await createTopic(1, { 'cleanup.policy': 'compact,delete', 'delete.retention.ms': '1000' });
    const { open } = openTable(topic);
    const first = open();
    const writer = await producer();
    await writer.send({ topic, messages: [item('a', 'A'), item('b', 'B'), item('c', 'C')] });
    await rowsAre(first, 'a=A b=B c=C');
    await phase(first, 'live');
    await first.close();
    // As if compaction had taken `a` and its tombstone away: the log that is left tells nothing of either.
    await deleteRecords(topic, 0, 1);
    const second = open({ now: () => Date.now() + 60_000 });
    await rowsAre(second, 'b=B c=C');
    expect(second.messages.join('\n')).toContain('longer than topic');
    await writer.send({ topic, messages: [item('b', null)] });
    await rowsAre(second, 'c=C');
  },
);

test.skipIf(noBrokerOfOurOwn)(
  'without its broker the store is served, and reading goes on when the broker is back',
  { timeout: 120_000 },
  async () => {
    const kafka = await startKafka();
    onTestFinished(() => kafka.stop());
    const at = kafka.brokers;
    const topic = await createTopic(1, {}, { at });
    const { open } = openTable(topic, { at });
    const first = open();
    const writer = await producer({}, at);
    await writer.send({ topic, messages: [item('a', 'A')] });
    await rowsAre(first, 'a=A');
    await first.close();
    await kafka.kill9();
    const second = open();
    await second.until('told that the broker is away', () => !second.progress().connected);
    await rowsAre(second, 'a=A');
    await kafka.restart();
    await (await producer({}, at)).send({ topic, messages: [item('b', 'B')] });
    await rowsAre(second, 'a=A b=B');
    await second.until('told that the broker is back', () => second.progress().connected);
  },
);
