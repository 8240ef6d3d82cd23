import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Mistake } from '../../../src/common/errors.ts';
import { readApiKeys } from '../../../src/config/api-key-file.ts';

const key = 'a key of twenty characters';
const sha256 = createHash('sha256').update(key).digest('hex');
const other = createHash('sha256').update('other').digest('hex');

function read(content: unknown) {
  const mistakes: Mistake[] = [];
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  const keys = readApiKeys(text, 'keys.json', mistakes);
  return { keys, mistakes };
}

test('API keys are read, and kept as their SHA-256 alone', () => {
  const more = { roles: ['support'], claims: { tenant: 't1' }, requestsPerSecond: 0 };
  expect(
    read([
      { name: 'billing', key, ...more },
      { name: 'charts', sha256: other.toUpperCase() },
    ]),
  ).toEqual({
    keys: [
      { name: 'billing', sha256, ...more },
      { name: 'charts', sha256: other },
    ],
    mistakes: [],
  });
});

describe('a mistake in the file of API keys', () => {
  test.each<[unknown, string]>([
    ['[{', 'This is no JSON.'],
    [{}, 'The file of API keys is JSON like'],
    [[], 'The file of API keys is JSON like'],
    [['x'], 'Entry 1: it is no object.'],
    [[{ sha256 }], 'Entry 1: "name" is a text'],
    [[{ name: '', sha256 }], 'Entry 1: "name" is a text'],
    [[{ name: 'a' }], 'Entry 1: it has either "sha256" or "key".'],
    [[{ name: 'a', sha256, key }], 'Entry 1: it has either "sha256" or "key".'],
    [[{ name: 'a', sha256: 'abc' }], 'Entry 1: "sha256" is the SHA-256 of the key in 64 hexadecimal digits'],
    [[{ name: 'a', key: 'short' }], 'Entry 1: "key" is a random text of 20 characters or more.'],
    [[{ name: 'a', sha256, roles: 'admin' }], 'Entry 1: "roles" is a list of names.'],
    [[{ name: 'a', sha256, claims: [] }], 'Entry 1: "claims" is an object'],
    [[{ name: 'a', sha256, requestsPerSecond: -1 }], 'Entry 1: "requestsPerSecond" is a number; 0 is no limit.'],
    [[{ name: 'a', sha256, role: ['x'] }], 'Entry 1: there is no "role". Did you mean "roles"?'],
    [
      [
        { name: 'a', sha256 },
        { name: 'a', sha256: other },
      ],
      'Two entries are called "a".',
    ],
    [
      [
        { name: 'a', sha256 },
        { name: 'b', key },
      ],
      '"a" and "b" have the same key.',
    ],
  ])('%j', (content, message) => {
    expect(read(content).mistakes).toEqual([
      { file: 'keys.json', message: expect.stringContaining(message) as string },
    ]);
  });

  test('is told with the others, and without a key', () => {
    const { mistakes } = read([
      { name: 5, key: 'hunter2', roles: 5 },
      { name: 'b', key: 'hunter3' },
    ]);
    expect(mistakes).toHaveLength(4);
    expect(JSON.stringify(mistakes)).not.toContain('hunter');
    expect(read('{"key": "hunter2",').mistakes[0]?.message).not.toContain('hunter');
  });
});
