import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { inferTables } from '../../../src/init/infer.ts';
import { sampleCommand } from '../../../src/init/sample-command.ts';
import { recordLine } from './samples.ts';

const at = '2026-01-02T03:04:05Z';

test.each<[string, string, unknown, unknown, string]>([
  ['another key', 'songs', 's1', { title: 'Blue' }, '{"key":"s1-2","value":{"title":"Blue"}}'],
  ['another key, also in the value', 'songs', '7', { id: 7 }, '{"key":"70","value":{"id":70}}'],
  ['the same row where the key is JSON', 'songs', { a: 1 }, {}, '{"key":"{\\"a\\":1}","value":{}}'],
  [
    'another id of an event',
    'clicks',
    'u1',
    { id: 'e1', userId: 'u1', at },
    `{"key":"u1","value":{"id":"e1-2","userId":"u1","at":"${at}"}}`,
  ],
  [
    'the same again where its place is its key',
    'clicks',
    'u1',
    { userId: 'u1', at },
    `{"key":"u1","value":{"userId":"u1","at":"${at}"}}`,
  ],
  ['quotes as a shell takes them', 'songs', 's1', { title: "It's" }, `{"key":"s1-2","value":{"title":"It'\\''s"}}`],
])('writes %s', (_, topic, key, value, line) => {
  const record = recordLine(key, value);
  const { drafts } = inferTables([{ topic, writesKeys: false, records: [record] }]);
  expect(sampleCommand(drafts[0], record)).toBe(
    `${line.includes('\\"') ? "printf '%s\\n'" : 'echo'} '${line}' | npx headgate produce ${topic}`,
  );
});

test('writes what is behind a backslash as it is', () => {
  const record = recordLine('s1', { text: 'a\nb' });
  const { drafts } = inferTables([{ topic: 'songs', writesKeys: false, records: [record] }]);
  const command = sampleCommand(drafts[0], record).replace(' | npx headgate produce songs', '');
  expect(execFileSync('sh', ['-c', command], { encoding: 'utf8' })).toBe('{"key":"s1-2","value":{"text":"a\\nb"}}\n');
});

test('leaves members out of a record that is too long for a line, but none that its row needs', () => {
  const at = '2026-01-02T03:04:05Z';
  const record = recordLine(undefined, {
    text: 'x'.repeat(400),
    id: 'e1',
    lines: Array<number>(300).fill(1),
    title: 'Blue',
    at,
  });
  const { drafts } = inferTables([{ topic: 'clicks', writesKeys: true, records: [record] }]);
  const line = `{"value":{"id":"e1-2","title":"Blue","at":"${at}"}}`;
  expect(sampleCommand(drafts[0], record)).toBe(`echo '${line}' | npx headgate produce clicks`);
});

test.each(['null', '"text"', '[1]', '{"id":', '\u0000\u0000\u0000\u0001\u0006abc'])(
  'says where to write where values are no objects: %j',
  (value) => {
    const record = { ...recordLine('s1', {}), value: Buffer.from(value) };
    const { drafts } = inferTables([{ topic: 'songs', writesKeys: false, records: [record] }]);
    expect(sampleCommand(drafts[0], record)).toBe('npx headgate produce songs');
  },
);

test('writes another key also where it has what means something to a replacement', () => {
  const record = recordLine("US$$ $& $'", { title: 'Blue' });
  const { drafts } = inferTables([{ topic: 'songs', writesKeys: false, records: [record] }]);
  expect(sampleCommand(drafts[0], record)).toContain('{"key":"US$$ $& $');
  expect(sampleCommand(drafts[0], record)).toContain('-2","value":{"title":"Blue"}}');
});

test('names a topic that begins with a dash so that it is no flag', () => {
  const record = recordLine('s1', { title: 'Blue' });
  const { drafts } = inferTables([{ topic: '-songs', writesKeys: false, records: [record] }]);
  expect(sampleCommand(drafts[0], record)).toMatch(/ \| npx headgate produce -- -songs$/);
});

test('leaves a key as long as it is', () => {
  const record = recordLine('k'.repeat(400), { text: 'x'.repeat(400) });
  const { drafts } = inferTables([{ topic: 'songs', writesKeys: false, records: [record] }]);
  expect(sampleCommand(drafts[0], record)).toBe(
    `echo '{"key":"${'k'.repeat(400)}-2","value":{}}' | npx headgate produce songs`,
  );
});
