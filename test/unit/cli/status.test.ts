import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { runCli } from '../../../src/cli/run.ts';
import { createTestGateway } from '../../../src/testing.ts';
import { makeDirectory } from '../../support/open-test-store.ts';

test.each([
  [3, undefined],
  [4, 'Song: and 1 older dead letter'],
  [9, 'Song: and 6 older dead letters'],
])('status shows the newest of %i dead letters, and how many there are besides', async (count, besides) => {
  const cwd = makeDirectory();
  const schema = 'type Song @table(topic: "songs") { id: ID! title: String! }';
  mkdirSync(join(cwd, 'schema'));
  writeFileSync(join(cwd, 'schema', 'song.graphql'), schema);
  const gateway = await createTestGateway({ schema, dataDir: join(cwd, 'data') });
  await gateway.produce(Array.from({ length: count }, (_, i) => ({ topic: 'songs', key: `s${i}`, value: {} })));
  await gateway.close();
  let stdout = '';
  const code = await runCli(
    // Nothing listens on port 1.
    ['status', '--data', 'data', '--port', '1'],
    {},
    { cwd, input: Readable.from([]), out: (text) => (stdout += text), err: () => {} },
  );
  expect(code).toBe(0);
  expect(stdout).toMatch(/^lag is unknown: no gateway answers at 127\.0\.0\.1:1 \(.+\)\n/);
  const letters = stdout.split('\n').filter((line) => line.includes('dead letter'));
  expect(letters.slice(0, 3).map((line) => /offset (\d+)/.exec(line)?.[1])).toEqual(
    [1, 2, 3].map((i) => String(count - i)),
  );
  expect(letters[3]).toBe(besides);
});

test('status tells of a sink whose topic is still to be brought up to its table', async () => {
  const cwd = makeDirectory();
  const schema = 'type Song @table(topic: "songs") @sink(topic: "songs-out") { id: ID! }';
  mkdirSync(join(cwd, 'schema'));
  writeFileSync(join(cwd, 'schema', 'song.graphql'), schema);
  const gateway = await createTestGateway({ schema, dataDir: join(cwd, 'data') });
  const table = gateway.catalog.tables[0]!;
  await gateway.produce([{ topic: 'songs', key: 's1', value: {} }]);
  const told = async (): Promise<string> => {
    let stdout = '';
    const shown = { cwd, input: Readable.from([]), out: (text: string) => (stdout += text), err: () => {} };
    await runCli(['status', '--data', 'data', '--port', '1'], {}, shown);
    return stdout;
  };
  expect(await told()).toContain('Song: topic songs-out has not been brought up to it yet');
  const { store } = gateway;
  const sent = { version: store.snapshot().version + 1, sequence: 0 };
  const state = { storeId: store.storeId, topic: 'songs-out', incarnation: '', partitions: 1, columns: '' };
  store.putSinkState(table, { ...state, sent });
  expect(await told()).toContain('Song: topic songs-out has all its changes');
  await gateway.produce([{ topic: 'songs', key: 's2', value: {} }]);
  await gateway.produce([{ topic: 'songs', key: 's3', value: {} }]);
  expect(await told()).toContain('Song: topic songs-out is 2 versions behind');
  await gateway.close();
});

describe('status with a schema that is not the one of the store', () => {
  const served = `
    type Song @table(topic: "songs") { id: ID! title: String! }
    type Card @view(source: "Song") { id: ID! title: String! }
  `;

  async function makeStore(): Promise<string> {
    const cwd = makeDirectory();
    mkdirSync(join(cwd, 'schema'));
    const gateway = await createTestGateway({ schema: served, dataDir: join(cwd, 'data') });
    await gateway.produce([
      { topic: 'songs', key: 's1', value: { title: 'Blue' } },
      { topic: 'songs', key: 's2', value: {} },
    ]);
    await gateway.close();
    return cwd;
  }

  async function told(cwd: string, schema: string) {
    writeFileSync(join(cwd, 'schema', 'song.graphql'), schema);
    let stdout = '';
    let stderr = '';
    const out = (text: string) => (stdout += text);
    const shown = { cwd, input: Readable.from([]), out, err: (text: string) => (stderr += text) };
    const code = await runCli(['status', '--data', 'data', '--port', '1'], {}, shown);
    return { code, stdout, stderr };
  }

  test.each([
    ['a mistake', 'type Song @table(topic: "songs") { id: ID! title: Sting! }', /song\.graphql:1:\d+.*Sting/],
    ['another column', served.replaceAll('title: String!', 'title: String! by: String'), /column by is new/],
    ['another table', `${served} type Artist @table(topic: "artists") { id: ID! }`, /ahead.*: table Artist is new\. /],
    [
      'another index',
      served.replace('title: String!', 'title: String! @index'),
      /ahead.*: index Song \(title\) is new\. /,
    ],
    ['nothing in it', '', /./],
  ])('says what is wrong with it, and tells of the store what that says: %s', async (_what, schema, why) => {
    const { code, stdout, stderr } = await told(await makeStore(), schema);
    expect(code).toBe(1);
    expect(stderr).toMatch(why);
    expect(stdout).toMatch(/\nstore \S+, version \d+, [\d.]+ MiB\n/);
    expect(stdout.split('\n').flatMap((line) => (/^(Song|Card) /.test(line) ? [line.split(/ +/)] : []))).toEqual([
      ['Song', 'live', '1', 'songs', '0:2', '-', '1'],
      ['Card', '-', '1', 'derived', '-', '-', '0'],
    ]);
  });

  test('is refused where there is no store either', async () => {
    const cwd = await makeStore();
    rmSync(join(cwd, 'data'), { recursive: true });
    const { code, stdout, stderr } = await told(cwd, 'type Song @table');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('song.graphql');
    expect(stderr).not.toContain('the store itself');
  });
});
