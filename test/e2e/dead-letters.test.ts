import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { postGraphql, startGatewayProcess } from '../support/gateway-process.ts';
import type { GatewayProcess } from '../support/gateway-process.ts';
import { until } from '../support/until.ts';
import { runCli } from '../../src/cli/run.ts';

/** `headgate dead-letters`: what stands in the records that could not become rows, of a gateway that runs. */
const cwd = mkdtempSync(join(tmpdir(), 'headgate-letters-'));
const log = join(cwd, 'log/songs.ndjson');
let gateway: GatewayProcess;

const bad = [
  '{"key":"s1","value":{"title":"Amber","likes":"many"},"timestamp":1760000000000,"headers":{"by":"hand"}}',
  '{"key":"s2","value":"no object"}',
  'not JSON \u001b[2J',
  '{"key":"s3"}',
];

beforeAll(async () => {
  for (const folder of ['schema', 'log']) mkdirSync(join(cwd, folder));
  const tables = [
    'type Song @table(topic: "songs") { id: ID! title: String! likes: Int } type Play @table(topic: "plays") { id: ID! }',
    'type Liked @view(source: "Song") { id: ID! likes: Int }',
    'type Likes @aggregation(source: "Liked") { id: ID! likes: Int @aggregate(fn: SUM, arg: "likes * 2000000000") }',
  ];
  writeFileSync(join(cwd, 'schema/songs.graphql'), tables.join('\n'));
  writeFileSync(join(cwd, 'log/plays.ndjson'), '');
  writeFileSync(log, ['{"key":"s0","value":{"title":"Blue"}}', ...bad, ''].join('\n'));
  gateway = await startGatewayProcess(['dev'], { cwd });
  const left = '{ _meta { ready tables { bad { count } } } }';
  await until(async () => {
    const { data } = await postGraphql(gateway.url, left);
    const meta = data?.['_meta'] as { tables: { bad: { count: string }[] }[] } | undefined;
    const counts = meta?.tables.flatMap((table) => table.bad) ?? [];
    return counts.reduce((sum, { count }) => sum + Number(count), 0) === bad.length;
  });
});
afterAll(async () => {
  await gateway?.stop();
  rmSync(cwd, { recursive: true, force: true });
});

/** `input`: for `produce`. */
async function run(args: readonly string[], input = '') {
  let stdout = '';
  let stderr = '';
  const out = (text: string): void => void (stdout += text);
  const err = (text: string): void => void (stderr += text);
  const code = await runCli(args, {}, { cwd, input: Readable.from([input]), out, err });
  return { code, stdout, stderr };
}

const deadLetters = (...args: readonly string[]) => run(['dead-letters', ...args]);

test('shows the newest with their records, and nothing that steers a terminal', async () => {
  const { code, stdout, stderr } = await deadLetters('Song');
  expect([code, stderr]).toEqual([0, '']);
  const lines = stdout.trimEnd().split('\n');
  const offsets = bad.map((_, index) =>
    Buffer.byteLength(['{"key":"s0","value":{"title":"Blue"}}', ...bad.slice(0, index), ''].join('\n')),
  );
  expect(lines.filter((_, index) => index % 2 === 0).toReversed()).toEqual([
    expect.stringMatching(new RegExp(`^# songs/0 at offset ${offsets[0]}: TYPE, .*likes`)) as string,
    expect.stringMatching(new RegExp(`^# songs/0 at offset ${offsets[1]}: `)) as string,
    expect.stringMatching(new RegExp(`^# songs/0 at offset ${offsets[2]}: UNREADABLE, `)) as string,
    expect.stringMatching(new RegExp(`^# songs/0 at offset ${offsets[3]}: `)) as string,
  ]);
  expect(lines.filter((_, index) => index % 2 === 1).toReversed()).toEqual([
    bad[0],
    bad[1],
    'not JSON \\u001b[2J',
    bad[3],
  ]);
});

test('a record that was shown is mended and written again', async () => {
  const { stdout } = await deadLetters('Song', '--limit', '4');
  const lines = stdout.split('\n');
  const at = lines.findIndex((line) => line.startsWith('{"key":"s1"'));
  // With the reason above it.
  const shown = lines.slice(at - 1, at + 1).join('\n');
  const produced = await run(['produce', 'songs'], `${shown.replace('"many"', '7')}\n`);
  expect(produced.code).toBe(0);
  await until(async () => {
    const { data } = await postGraphql(gateway.url, '{ song(id: "s1") { likes } }');
    return JSON.stringify(data) === '{"song":{"likes":7}}';
  });
});

test('a derived table has its own, and points to those that it is built from', async () => {
  const built = 'Liked, which has none, Song, which has 4 (headgate dead-letters Song).';
  expect(await deadLetters('Liked')).toEqual({
    code: 0,
    stdout: '',
    stderr: 'Liked has no dead letters.\nLiked is built from Song, which has 4 (headgate dead-letters Song).\n',
  });
  expect(await deadLetters('Likes')).toEqual({
    code: 0,
    stdout: expect.stringMatching(
      /^# a row of Likes: EXPRESSION, there is no row \{"id":"s1"\}: SUM in column likes is outside what Int can hold: declare the column as BigInt, or [^\n]*\n$/,
    ) as string,
    stderr: `Likes is built from ${built}\n`,
  });
  const { stdout } = await run(['status', '--port', '1']);
  expect(stdout).toContain('Likes: dead letter a row of Likes: EXPRESSION, there is no row');
});

test('says what there is none of, and what the topic no longer holds', async () => {
  expect(await deadLetters('Play')).toEqual({ code: 0, stdout: '', stderr: 'Play has no dead letters.\n' });
  expect(await deadLetters('Sonk')).toMatchObject({
    code: 1,
    stderr: 'There is no table "Sonk". Did you mean "Song"? Tables: Song, Play, Liked, Likes.\n',
  });
  expect(await deadLetters('Song', '--limit', '0')).toMatchObject({
    code: 1,
    stderr: '--limit expects a whole number from 1, not "0".\n',
  });
  expect(await deadLetters('Song', '--data', 'elsewhere')).toMatchObject({
    code: 1,
    stderr: 'There is no store in elsewhere. Name its folder with --data.\n',
  });
  mkdirSync(join(cwd, 'other'));
  appendFileSync(join(cwd, 'other/songs.ndjson'), 'short\n');
  const { code, stdout } = await deadLetters('Song', '--limit', '1', '--log', 'other');
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^# songs\/0 at offset .*\n# It cannot be shown: the topic no longer has the record at offset \d+\.\n$/,
  );
});
