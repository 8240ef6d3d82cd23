import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { inferFromFiles } from '../../../src/init/read-topics.ts';
import { printDraft } from '../../../src/init/print-draft.ts';
import { maxLines, sampleFile } from '../../../src/init/sample-file.ts';

const directory = mkdtempSync(join(tmpdir(), 'headgate-samples-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function write(name: string, text: string | Buffer): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

const inferred = (path: string) => inferFromFiles([{ topic: 'songs', path, file: 'songs.ndjson', inPlace: false }]);

describe('a file', () => {
  test.each([
    ['of records', '{"key":"s1","value":{"n":1}}\n\n{"key":"s1","value":null}\n', 'record', 2],
    ['of values', '{"id":"s1"}\r\n{"id":"s2"}', 'value', 2],
    ['of values that have a value', '{"sensor":"a","value":3}\n', 'value', 1],
    ['of values that look like a record', '{"timestamp":1,"value":3}\n', 'value', 1],
    ['that begins with a byte order mark', '\uFEFF{"id":"s1"}\n{"id":"s2"}\n', 'value', 2],
    ['that begins with a deletion', '{"key":"s1","value":null}\n', 'record', 1],
  ])('%s', async (_, text, form, count) => {
    const sample = await sampleFile(write('f.ndjson', text), 'f.ndjson');
    expect({ form: sample.form, count: sample.records.length }).toEqual({ form, count });
  });

  test.each([
    ['', 'f.ndjson: This file has no records: write at least one, as a JSON object on a line.'],
    ['\n \n', 'f.ndjson: This file has no records'],
    ['{"id":1}\n{"id":\n', 'f.ndjson:2: This is no JSON.'],
    [
      'id,title\n1,Blue\n',
      'f.ndjson:1: This is no JSON. Each line is a record, {"key": "s1", "value": {"title": "Blue"}}, or its value alone',
    ],
    ['id,title\n', 'For a table of commas (CSV): npx csvtojson FILE'],
    ['[{"id":1}]\n', 'f.ndjson:1: This is JSON, but no object.'],
    ['[{"id":1}]\n', "jq -c '.[]' FILE"],
    ['{\n  "id": 1\n}\n', 'For JSON over several lines: jq -c . FILE'],
    [Buffer.from('{"id":"\xe9"}\n', 'latin1'), 'f.ndjson:1: This is not UTF-8, and records are.'],
    ['{"key":"a","value":{}}\n{"id":"b"}\n', 'f.ndjson:2: The record has no "value".'],
    ['{"key":"a","value":{}}\n{"key":"a","value":{},"extra":1}\n', 'f.ndjson:2: A record has no "extra"'],
  ])('that is %j is refused, and it is said where and why', async (text, message) => {
    await expect(sampleFile(write('f.ndjson', text), 'f.ndjson')).rejects.toThrow(message);
  });

  test.each([
    [
      'deeper than any record',
      () => `{"id":${'['.repeat(2_000)}${']'.repeat(2_000)}}`,
      'is nested more than 1000 deep',
    ],
    ['longer than any record', () => 'x'.repeat(16_777_217), 'f.ndjson:1: This line has more than 16777216 bytes'],
  ])('with a line %s is refused', async (_, textOf, message) => {
    await expect(sampleFile(write('f.ndjson', textOf()), 'f.ndjson')).rejects.toThrow(message);
  });

  test('of a hundred thousand lines is looked at by its ends, of which little is read', async () => {
    const lines = Array.from(
      { length: 100_000 },
      (_, i) => `{"id":"s${i}","title":"A title of some length, number ${i}"}\n`,
    );
    const path = write('large.ndjson', lines.join(''));
    const { records, bytesRead } = await sampleFile(path, 'large.ndjson');
    expect(records.length).toBe(2 * maxLines);
    expect(Buffer.from(records.at(-1)?.value ?? []).toString()).toContain('"s99999"');
    expect(bytesRead).toBeLessThan(2_000_000);
  });
});

test('records that samples did not show are asked, too: each becomes a row', async () => {
  const line = (i: number) => (i === 2_500 ? '{"id":2500,"n":"none"}' : `{"id":${i},"n":${i}}`);
  const path = write('songs.ndjson', Array.from({ length: 5_000 }, (_, i) => `${line(i)}\n`).join(''));
  const { inference, bad, counts } = await inferred(path);
  expect(bad).toEqual([]);
  expect(counts.get('songs')).toBe(5_000);
  expect(printDraft(inference.drafts[0]!)).toContain('  n: JSON! #');
});

test('a line in the middle that is no record is told by its number, before anything is written', async () => {
  const path = write(
    'songs.ndjson',
    Array.from({ length: 5_000 }, (_, i) => (i === 2_500 ? 'oops\n' : `{"id":${i}}\n`)).join(''),
  );
  await expect(inferred(path)).rejects.toThrow('songs.ndjson:2501: This is no JSON.');
});

test('what no type can hold is told, with its line', async () => {
  const path = write('songs.ndjson', '{"key":"a","value":{"n":1}}\n{"key":"b","value":[1]}\n');
  const { bad } = await inferred(path);
  expect(bad).toEqual([{ file: 'songs.ndjson', line: 2, reason: 'expected the value to be an object, got a list' }]);
});
