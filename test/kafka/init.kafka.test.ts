import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runCli } from '../../src/cli/run.ts';
import { sampleTopics } from '../../src/init/sample-topics.ts';
import { createKafkaSource } from '../../src/source/kafka.ts';
import { brokers, createTopic, noKafka, producer } from '../support/kafka/lane.ts';

/** `headgate init` looks at topics of a broker as at files. */
test.skipIf(noKafka)('a schema is guessed from the first and last records of a topic', async () => {
  const topic = await createTopic(2);
  const numbers = Array.from({ length: 400 }, (_, i) => i);
  await (
    await producer()
  ).send({
    topic,
    messages: numbers.map((i) => ({ key: `s${i}`, value: JSON.stringify({ title: `Song ${i}`, seconds: i }) })),
  });

  const samples = await sampleTopics(() => createKafkaSource({ brokers }), [topic], { recordsPerTopic: 100 });
  const keys = (samples.get(topic) ?? []).map(({ key }) => Buffer.from(key ?? []).toString());
  expect(keys.length).toBe(200);
  expect(keys).toEqual(expect.arrayContaining(['s0', 's399']));

  const cwd = mkdtempSync(join(tmpdir(), 'headgate-init-'));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  let told = '';
  const tell = (text: string) => (told += text);
  const terminal = { cwd, input: process.stdin, out: tell, err: tell };
  const code = await runCli(['init', '--kafka', brokers.join(','), '--topic', topic, '--yes'], {}, terminal);
  expect({ code, told }).toEqual({ code: 0, told: expect.stringContaining('400 records') });
  const schema = /schema\/[\w-]+\.graphql/.exec(told)?.[0] ?? '';
  expect(readFileSync(join(cwd, schema), 'utf8')).toContain('  id: ID!\n  title: String!\n  seconds: Int!\n');
  expect(readFileSync(join(cwd, 'headgate.config.mjs'), 'utf8')).toContain(`kafka: ['${brokers.join("', '")}'],`);

  const missing = await runCli(
    ['init', 'other', '--kafka', brokers.join(','), '--topic', 'no-such-topic'],
    {},
    terminal,
  );
  expect({ code: missing, told }).toEqual({
    code: 1,
    told: expect.stringContaining('There is no topic "no-such-topic" in Kafka at'),
  });
});
