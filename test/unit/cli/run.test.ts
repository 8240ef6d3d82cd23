import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCli } from '../../../src/cli/run.ts';

let cwd = '';
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'headgate-cli-'));
  mkdirSync(join(cwd, 'schema'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

async function run(argv: readonly string[], input: readonly string[] = [], env: Record<string, string> = {}) {
  let stdout = '';
  let stderr = '';
  const code = await runCli(argv, env, {
    cwd,
    input: Readable.from(input.map((piece) => Buffer.from(piece))),
    out: (text) => (stdout += text),
    err: (text) => (stderr += text),
  });
  return { code, stdout, stderr };
}

function writeSchema(text: string, file = 'schema/song.graphql'): void {
  writeFileSync(join(cwd, file), text);
}

describe('headgate', () => {
  test('tells its commands', async () => {
    const { code, stdout } = await run(['--help']);
    expect(code).toBe(0);
    expect(stdout).toContain('Every mistake of a schema, with file:line:column.');
    expect((await run([])).code).toBe(1);
  });

  test.each([
    ['check', '--help'],
    ['help', 'check'],
    ['check', '-h'],
  ])('tells of a command: %s %s', async (...argv) => {
    const { code, stdout } = await run(argv);
    expect(code).toBe(0);
    expect(stdout).toContain('Usage: headgate check [--schema GLOB]');
    expect(stdout).toContain('[HEADGATE_SCHEMA]');
  });

  test.each(['tail', 'status'])('%s says of --host and --port which gateway is asked', async (command) => {
    const { stdout } = await run([command, '--help']);
    expect(stdout).toContain('Address of the gateway that is asked. Default: 127.0.0.1. [HEADGATE_HOST]');
    expect(stdout).toContain('Port of the gateway that is asked. Default: 4000. [HEADGATE_PORT]');
    expect(stdout).not.toContain('listen');
  });

  test.each(['-x', '--help', '-h', '--topic'])('takes what stands behind -- as it is: produce -- %s', async (topic) => {
    const { code, stdout } = await run(['produce', '--', topic], ['{"value":{"a":1}}']);
    expect({ code, written: JSON.parse(stdout) as unknown }).toEqual({
      code: 0,
      written: { topic, partition: 0, offset: '0' },
    });
    expect(readFileSync(join(cwd, 'log', `${topic}.ndjson`), 'utf8')).toContain('{"a":1}');
  });

  test('tells its version', async () => {
    expect(await run(['--version'])).toEqual({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+/), stderr: '' });
  });

  test.each([
    [['chek'], 'headgate has no command "chek". Did you mean "check"? See headgate --help.\n'],
    [['constructor'], 'headgate has no command "constructor". See headgate --help.\n'],
    [['check', '--port', '1'], 'There is no flag --port here.\n'],
    [['check', 'schema'], 'headgate check does not take "schema". Usage: headgate check [--schema GLOB]\n'],
    [
      ['produce'],
      'headgate produce needs TOPIC. Usage: headgate produce TOPIC [--file F] [--kafka HOST:PORT,… | --log DIR]\n',
    ],
  ])('refuses %j', async (argv, stderr) => {
    expect(await run(argv)).toEqual({ code: 1, stdout: '', stderr });
  });
});

describe('check', () => {
  test('names the tables of a schema without mistakes', async () => {
    writeSchema('type Song @table(topic: "songs") { id: ID! }');
    expect(await run(['check'])).toEqual({ code: 0, stdout: 'No mistakes: one table, Song.\n', stderr: '' });
  });

  test('prints every mistake and fails', async () => {
    writeSchema('type Song @table(topic: "songs") {\n  id: ID!\n  title: Strin\n}', 'schema/b.graphql');
    writeSchema('type Artist @table { id: ID }', 'schema/a.graphql');
    expect(await run(['check'])).toEqual({
      code: 1,
      stdout: [
        'schema/a.graphql:1:13: @table needs "topic": write @table(topic: …).',
        'schema/a.graphql:1:26: "id" is in the key of Artist and so is required: write ID!.',
        'schema/b.graphql:3:10: There is no type Strin. Did you mean "String"?',
        '',
      ].join('\n'),
      stderr: '3 mistakes.\n',
    });
  });

  test('says where it looked for a schema', async () => {
    const { code, stderr } = await run(['check', '--schema', 'x/*.graphql']);
    expect(code).toBe(1);
    expect(stderr).toContain(`No schema file matches x/*.graphql in ${cwd}.`);
  });
});

test('print-schema prints the generated API', async () => {
  writeSchema('"A track." type Song @table(topic: "songs") { id: ID! title: String! }');
  const { code, stdout } = await run(['print-schema']);
  expect(code).toBe(0);
  expect(stdout).toContain('"""A track."""\ntype Song implements Node {');
  expect(stdout).toContain('input SongWhere {');
});

describe('produce', () => {
  test('appends records to the embedded log, digit for digit, and tells their offsets', async () => {
    const lines = [
      '{"key":"a","value":{"n":12345678901234567890}}\n\n',
      '{"key":{"id":1},"value":null,',
      '"timestamp":5}',
    ];
    const { code, stdout, stderr } = await run(['produce', 'songs', '--log', 'here'], lines);
    expect(stderr).toBe('2 records written to songs, the embedded log here.\n');
    expect(code).toBe(0);
    const written = readFileSync(join(cwd, 'here/songs.ndjson'), 'utf8').split('\n');
    expect(written[0]).toMatch(/^\{"key":"a","value":\{"n":12345678901234567890\},"timestamp":\d+\}$/);
    expect(written[1]).toBe('{"key":"{\\"id\\":1}","value":null,"timestamp":5}');
    expect(JSON.parse(stdout)).toEqual({ topic: 'songs', partition: 0, offset: String((written[0] ?? '').length + 1) });
  });

  test('reads a file, and writes to a partition', async () => {
    writeFileSync(join(cwd, 'r.ndjson'), '{"key":"a","value":1}\n{"key":"b","value":2,"partition":0}\n');
    const { code, stdout } = await run(['produce', 'songs', '--file', 'r.ndjson', '--partition', '1']);
    expect(code).toBe(0);
    expect(stdout).toBe('{"topic":"songs","partition":0,"offset":"0"}\n{"topic":"songs","partition":1,"offset":"0"}\n');
    expect(readFileSync(join(cwd, 'log/songs/1.ndjson'), 'utf8')).toContain('"key":"a"');
  });

  test.each([
    ['nonsense', 'This is no record: not a line of the form {"key":…,"value":…}'],
    ['{"key":"a"}', 'The record has no "value". Write "value": null to delete the row of its key.'],
    ['{"value":1,"partition":-1}', '"partition" is a whole number from 0, not -1.'],
    ['{"value":1,"title":"x"}', 'A record has no "title"; its fields are members of "value".'],
  ])('stops at a line that is no record: %s', async (line, message) => {
    const { code, stdout, stderr } = await run(['produce', 'songs'], [`{"key":"a","value":1}\n${line}\n{"value":2}\n`]);
    expect(code).toBe(1);
    expect(stdout).toContain('"offset":"0"');
    expect(stderr).toContain('One record written to songs, the embedded log log.\n');
    expect(stderr).toContain(`input:2: ${message}`);
  });

  test('tells of a topic that no table reads, where there is a schema', async () => {
    writeSchema('type Song @table(topic: "songs") { id: ID! }\ntype Play @table(topic: "plays") { id: ID! }');
    const { code, stderr } = await run(['produce', 'song'], ['{"key":"a","value":{}}\n']);
    expect(code).toBe(0);
    expect(stderr).toBe(
      'No table of the schema reads the topic "song". Did you mean "songs"? Tables read: songs, plays.\n' +
        'One record written to song, the embedded log log.\n',
    );
    expect((await run(['produce', 'plays'], ['{"value":{}}\n'])).stderr).not.toContain('No table');
    writeSchema('type Song {');
    expect((await run(['produce', 'song'], ['{"value":{}}\n'])).stderr).not.toContain('No table');
    const named = await run(['produce', 'song', '--schema', 'none'], ['{"value":{}}\n']);
    expect(named).toMatchObject({ code: 1, stderr: expect.stringContaining('No schema file matches none') });
  });

  test('refuses a partition that is none, and a file that is not there', async () => {
    expect((await run(['produce', 's', '--partition', 'x'])).stderr).toBe(
      '--partition expects a whole number from 0, not "x".\n',
    );
    expect((await run(['produce', 's', '--file', 'none'])).stderr).toBe('none: There is no such file.\n');
  });
});
