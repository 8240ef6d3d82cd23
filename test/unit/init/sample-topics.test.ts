import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { sampleTopics } from '../../../src/init/sample-topics.ts';
import { createLogSource } from '../../../src/source/log.ts';
import { appendToLog, createLogTopic } from '../../../src/source/log-writer.ts';
import type { Source, SourceRecord } from '../../../src/source/source.ts';

const directory = mkdtempSync(join(tmpdir(), 'headgate-topics-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const openLog = (): Source => createLogSource({ directory });
const keys = (records: readonly { readonly key: Uint8Array | null }[] | undefined) =>
  records?.map(({ key }) => (key === null ? null : Buffer.from(key).toString()));

test('gives the records of topics of several partitions, and none of an empty one', async () => {
  appendToLog(
    directory,
    'songs',
    [0, 1, 2].map((partition) => ({ key: `k${partition}`, value: { n: 1 }, partition })),
  );
  appendToLog(directory, 'plays', [{ value: { n: 1 } }]);
  createLogTopic(directory, 'empty');
  const samples = await sampleTopics(openLog, ['songs', 'plays', 'empty'], { recordsPerTopic: 100 });
  expect(keys(samples.get('songs'))?.toSorted()).toEqual(['k0', 'k1', 'k2']);
  expect(keys(samples.get('plays'))).toEqual([null]);
  expect(samples.get('empty')).toEqual([]);
});

test('refuses a topic that is not there', async () => {
  await expect(sampleTopics(openLog, ['songz'], { recordsPerTopic: 10 })).rejects.toThrow(
    'There is no topic "songz" in embedded log',
  );
});

/** A topic as a broker holds it, whose offsets count records; it gives them ten at a time and notes what it was asked for. */
function openBroker(length: number, asked: number[]): () => Source {
  return () => {
    let closed = false;
    return {
      description: 'Kafka at test:9092',
      async start([topic], sink) {
        const name = topic?.topic ?? '';
        let next = topic?.next.get(0) ?? 0;
        sink.connected(true);
        sink.partitions(name, [0]);
        sink.progress([{ topic: name, partition: 0, start: 0, end: length }]);
        void (async () => {
          while (next < length && !closed) {
            const records = Array.from({ length: 10 }, (_, i): SourceRecord => {
              const offset = next + i;
              return {
                topic: name,
                partition: 0,
                offset,
                timestampMs: 1,
                key: Buffer.from(`${offset}`),
                value: Buffer.from('{}'),
                headers: new Map(),
              };
            });
            asked.push(next);
            next += 10;
            await sink.batch({ topic: name, partition: 0, records, next, end: length });
          }
        })();
      },
      resume() {},
      policy: () => Promise.resolve(undefined),
      close() {
        closed = true;
        return Promise.resolve();
      },
    };
  };
}

test('of a long topic the first and the last records are read, and nothing between', async () => {
  const asked: number[] = [];
  const samples = await sampleTopics(openBroker(1_000_000, asked), ['t'], { recordsPerTopic: 20 });
  expect(keys(samples.get('t'))).toEqual(
    [...Array(20).keys(), ...Array.from({ length: 20 }, (_, i) => 999_980 + i)].map(String),
  );
  expect(asked).toEqual([0, 10, 999_980, 999_990]);
});

test('a broker that cannot be reached ends it with the reason', async () => {
  const open = (): Source => ({
    ...openBroker(0, [])(),
    start: (_, sink) => Promise.resolve(sink.connected(false, 'connect ECONNREFUSED')),
  });
  await expect(sampleTopics(open, ['t'], { recordsPerTopic: 20 })).rejects.toThrow(
    'Kafka at test:9092 cannot be read: connect ECONNREFUSED.',
  );
});
