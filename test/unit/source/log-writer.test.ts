import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { JsonText } from '../../../src/model/value.ts';
import { murmur2, partitionOfKey } from '../../../src/source/log-partitioner.ts';
import { appendToLog, createLogTopic } from '../../../src/source/log-writer.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'headgate-writer-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function lines(path: string): string[] {
  return readFileSync(join(directory, path), 'utf8').split('\n').slice(0, -1);
}

test('writes lines of the documented form and answers where they begin', () => {
  const appended = appendToLog(
    directory,
    'songs',
    [
      { key: 'é', value: { a: 1, b: 12345678901234567890n }, timestamp: 5, headers: { h: 'x', none: null } },
      { key: { id: 1 }, value: null },
      { value: new JsonText('{\n  "n": 1.10\n}') },
      { key: new JsonText('9007199254740993') },
    ],
    () => 7,
  );
  const written = [
    '{"key":"é","value":{"a":1,"b":"12345678901234567890"},"timestamp":5,"headers":{"h":"x","none":null}}',
    '{"key":{"id":1},"value":null,"timestamp":7}',
    '{"value":{   "n": 1.10 },"timestamp":7}',
    '{"key":9007199254740993,"timestamp":7}',
  ];
  expect(lines('songs.ndjson')).toEqual(written);
  const file = readFileSync(join(directory, 'songs.ndjson'));
  for (const [index, line] of written.entries()) {
    expect(appended[index]).toMatchObject({ topic: 'songs', partition: 0 });
    expect(file.subarray(appended[index]?.offset).toString().startsWith(line)).toBe(true);
  }
});

test('stamps the time of appending', () => {
  const before = Date.now();
  appendToLog(directory, 'songs', [{ key: 'a', value: 1 }]);
  const { timestamp } = JSON.parse(lines('songs.ndjson')[0] ?? '') as { timestamp: number };
  expect(timestamp).toBeGreaterThanOrEqual(before);
});

test('ends a line that somebody left half-written before it appends', () => {
  writeFileSync(join(directory, 'songs.ndjson'), '{"key":"torn');
  const [appended] = appendToLog(directory, 'songs', [{ key: 'a', value: 1, timestamp: 1 }]);
  expect(lines('songs.ndjson')).toEqual(['{"key":"torn', '{"key":"a","value":1,"timestamp":1}']);
  expect(appended?.offset).toBe('{"key":"torn\n'.length);
});

test('spreads keys over the partitions of a folder as Kafka does, and keeps a key in its partition', () => {
  createLogTopic(directory, 'plays', 3);
  const keys = Array.from({ length: 30 }, (_, index) => `key-${index}`);
  const first = appendToLog(
    directory,
    'plays',
    keys.map((key) => ({ key, value: 1 })),
  );
  const second = appendToLog(
    directory,
    'plays',
    keys.map((key) => ({ key, value: 2 })),
  );
  expect(new Set(first.map(({ partition }) => partition))).toEqual(new Set([0, 1, 2]));
  for (const [index, key] of keys.entries()) {
    expect(first[index]?.partition).toBe(partitionOfKey(Buffer.from(key), 3));
    expect(second[index]?.partition).toBe(first[index]?.partition);
    expect(second[index]?.offset).toBeGreaterThan(first[index]?.offset ?? Infinity);
  }
});

test('lets records without key take turns, and an explicit partition win', () => {
  createLogTopic(directory, 'plays', 2);
  const appended = appendToLog(directory, 'plays', [{ value: 1 }, { value: 2 }, { key: 'a', value: 3, partition: 5 }]);
  expect(appended.map(({ partition }) => partition)).toEqual([0, 1, 5]);
  expect(existsSync(join(directory, 'plays', '5.ndjson'))).toBe(true);
});

test('makes a folder of a new topic whose records name partitions', () => {
  appendToLog(directory, 'plays', [
    { value: 1, partition: 1 },
    { key: 'a', value: 1 },
  ]);
  expect(existsSync(join(directory, 'plays', '1.ndjson'))).toBe(true);
  expect(existsSync(join(directory, 'plays.ndjson'))).toBe(false);
});

test('refuses a partition of a topic that is one file, and says what to do', () => {
  createLogTopic(directory, 'songs');
  expect(() => appendToLog(directory, 'songs', [{ value: 1, partition: 1 }])).toThrow(/make the topic a folder/);
});

test('refuses a topic that is both a file and a folder', () => {
  createLogTopic(directory, 'songs');
  mkdirSync(join(directory, 'songs'));
  expect(() => appendToLog(directory, 'songs', [{ value: 1 }])).toThrow(/both a file/);
});

test.each(['../songs', 'a/b', '', '.', '..', 'ä', 'x'.repeat(250)])('refuses the topic name %j', (topic) => {
  expect(() => appendToLog(directory, topic, [{ value: 1 }])).toThrow(/no topic/);
  expect(() => createLogTopic(directory, topic)).toThrow(/no topic/);
});

test.each([[new JsonText('{"a":')], [new JsonText('1 2')], [new JsonText('')], [() => 1], [Symbol('x')]])(
  'writes nothing where a value is no JSON',
  (value) => {
    expect(() => appendToLog(directory, 'songs', [{ value: 1 }, { value }])).toThrow(TypeError);
    expect(existsSync(join(directory, 'songs.ndjson'))).toBe(false);
  },
);

test('appends behind what others append', () => {
  appendToLog(directory, 'songs', [{ value: 1, timestamp: 1 }]);
  appendFileSync(join(directory, 'songs.ndjson'), '{"value":2}\n');
  appendToLog(directory, 'songs', [{ value: 3, timestamp: 1 }]);
  expect(lines('songs.ndjson')).toHaveLength(3);
});

test('creates an existing topic again without touching it', () => {
  appendToLog(directory, 'songs', [{ value: 1 }]);
  createLogTopic(directory, 'songs');
  expect(lines('songs.ndjson')).toHaveLength(1);
});

// The values of Kafka's own test of `Utils.murmur2`.
test.each([
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
])('hashes %s as Kafka does', (text, hash) => {
  expect(murmur2(Buffer.from(text))).toBe(hash);
});
