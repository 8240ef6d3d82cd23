import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCharts } from '../../examples/charts/charts.ts';
import { errorCodes } from '../../src/common/errors.ts';
import { createTestGateway } from '../../src/testing.ts';
import { postGraphql, runHeadgate } from '../support/gateway-process.ts';
import { readme, readmeBlock } from '../support/readme-blocks.ts';

/** What README shows is what happens. Blocks are taken from the text, so that it cannot drift. */
const root = fileURLToPath(new URL('../..', import.meta.url));

describe('the first minute', () => {
  const directory = mkdtempSync(join(tmpdir(), 'headgate-readme-'));
  let charts: Awaited<ReturnType<typeof startCharts>>;

  beforeAll(async () => {
    charts = await startCharts({ kafka: undefined, port: 0, rate: 0, seed: 1, directory });
    await charts.gateway.filled();
  });
  afterAll(async () => {
    await charts.close();
    rmSync(directory, { recursive: true, force: true });
  });

  test('the query answers; as a subscription it answers again when the artist is renamed', async () => {
    const query = readmeBlock('graphql', 'songs(limit: 3');
    const { data, errors } = await postGraphql(charts.gateway.url, query);
    expect(errors).toBeUndefined();
    expect(data).toMatchObject({ songs: [{ artist: { name: 'Rua Augusta' } }, {}, {}] });

    const url = charts.gateway.url.replace(/^http/, 'ws');
    const client = createClient({ url, webSocketImpl: WebSocket });
    const frames = client.iterate<object>({ query: query.replace('query', 'subscription') });
    expect((await frames.next()).value).toMatchObject({ data });
    const command = readmeBlock('sh', 'headgate produce artists').replace(/echo '(.*)'[^]*/, '$1');
    const produced = await runHeadgate(['produce', 'artists', '--log', join(directory, 'log')], {
      input: `${command}\n`,
    });
    expect(produced.stderr).toContain('One record written');
    expect((await frames.next()).value).toMatchObject({
      data: { songs: [{ artist: { name: 'Rua Augusta (Lisboa)' } }, {}, {}] },
    });
    await client.dispose();
  });

  test('a position is waited for', async () => {
    const { extensions } = await postGraphql(charts.gateway.url, '{ songs(limit: 1) { id } }');
    const waiting = readmeBlock('graphql', '@atLeast');
    const answer = await postGraphql(charts.gateway.url, waiting, { position: extensions?.position });
    expect(answer.errors).toBeUndefined();
    const offsets = /@atLeast\(offsets: [^)]*\)/.exec(readme)?.[0] ?? '';
    expect(
      (await postGraphql(charts.gateway.url, `query ${offsets} { songs(limit: 1) { id } }`)).errors,
    ).toBeUndefined();
  });
});

test('the schema shown has no mistakes', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'headgate-readme-'));
  mkdirSync(join(directory, 'schema'));
  writeFileSync(join(directory, 'schema', 'songs.graphql'), readmeBlock('graphql', '# schema/songs.graphql'));
  writeFileSync(join(directory, 'schema', 'plays.graphql'), readmeBlock('graphql', '# schema/plays.graphql'));
  writeFileSync(join(directory, 'schema', 'zorders.graphql'), readmeBlock('graphql', '# schema/orders.graphql'));
  const { code, stdout } = await runHeadgate(['check'], { cwd: directory });
  rmSync(directory, { recursive: true, force: true });
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: 'No mistakes: 7 tables, Play, SongStats, SongCard, Song, Artist, Order, Share.\n',
  });
});

test('the derived tables shown answer as said', async () => {
  const schema = ['songs', 'plays'].map((file) => readmeBlock('graphql', `# schema/${file}.graphql`)).join('\n');
  const gateway = await createTestGateway({ schema });
  try {
    const live = await gateway.subscribe(readmeBlock('graphql', 'subscription TopFive'));
    const play = { topic: 'plays', value: { songId: 's1', userId: 'u1', playedAt: '2026-01-01T10:05:00Z' } };
    await gateway.produce([{ topic: 'songs', key: 's1', value: { title: 'Blue', artistId: 'a1' } }, play]);
    await gateway.settled();
    expect(JSON.parse(JSON.stringify(live.frames().at(-1)?.data))).toEqual({
      songStatsList: [{ plays: 1, listeners: 1, closed: false, song: { title: 'Blue' } }],
    });
    await gateway.produce({ topic: 'artists', key: 'a1', value: { name: 'Ann' } });
    const { data } = await gateway.query('{ songCards { title artistName sortKey } }');
    expect(JSON.parse(JSON.stringify(data))).toEqual({
      songCards: [{ title: 'Blue', artistName: 'Ann', sortKey: 'blue' }],
    });
  } finally {
    await gateway.close();
  }
});

test('the rules shown let callers read what is said', async () => {
  const gateway = await createTestGateway({ schema: readmeBlock('graphql', '# schema/orders.graphql') });
  try {
    const order = (id: string, customerId: string) => ({
      topic: 'orders',
      key: id,
      value: { customerId, total: '9.50', margin: '1.25' },
    });
    await gateway.produce([order('o1', 'u1'), order('o2', 'u2')]);
    const query = '{ orders { id margin } }';
    const mine = gateway.as({ claims: { sub: 'u1' } });
    const live = await mine.subscribe(`subscription ${query}`);
    const changes = await mine.subscribe(
      'subscription { orderChanges { changes { operation rowId node { total } } } }',
    );
    const share = { topic: 'shares', key: { orderId: 'o2', userId: 'u1' } };
    await gateway.produce({ ...share, value: {} });
    await gateway.produce({ ...share, value: null });
    const one = { id: 'o1', margin: null };
    expect(live.frames().map(({ data }) => data)).toEqual([
      { orders: [one] },
      { orders: [one, { id: 'o2', margin: null }] },
      { orders: [one] },
    ]);
    expect(
      changes.frames().flatMap(({ data }) => (data as { orderChanges: { changes: unknown } }).orderChanges.changes),
    ).toEqual([
      { operation: 'INSERT', rowId: 'o2', node: { total: '9.50' } },
      { operation: 'DELETE', rowId: 'o2', node: null },
    ]);
    const all = gateway.as({ roles: ['support', 'finance'] });
    expect((await all.query(query)).data).toEqual({
      orders: [
        { id: 'o1', margin: '1.25' },
        { id: 'o2', margin: '1.25' },
      ],
    });
    expect((await gateway.query(query)).errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
  } finally {
    await gateway.close();
  }
});

test('every flag that README names is one of serve, dev, init or codegen', async () => {
  const helps = await Promise.all(
    ['serve', 'dev', 'init', 'codegen'].map((command) => runHeadgate([command, '--help'])),
  );
  const help = helps.map(({ stdout }) => stdout).join('');
  const named = [...readme.matchAll(/(?<![\w-])--([a-z][a-z-]+)/g)].map(([, flag = '']) => flag);
  const ofKafkaTopics = ['bootstrap-server', 'create', 'partitions'];
  const others = new Set(['help', 'import', 'save-dev', ...ofKafkaTopics]);
  expect(named.filter((flag) => !others.has(flag) && !help.includes(`--${flag}`))).toEqual([]);
});

test('the configuration file is read', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'headgate-readme-'));
  mkdirSync(join(directory, 'schema'));
  writeFileSync(join(directory, 'schema', 'songs.graphql'), readmeBlock('graphql', '# schema/songs.graphql'));
  const file = join(directory, 'headgate.config.mjs');
  writeFileSync(file, readmeBlock('js', 'allowedOrigins'));
  expect((await runHeadgate(['check'], { cwd: directory })).code).toBe(0);
  writeFileSync(file, readmeBlock('js', 'allowedOrigins').replace('allowedOrigins', 'allowedOrigin'));
  const misspelt = await runHeadgate(['check'], { cwd: directory });
  rmSync(directory, { recursive: true, force: true });
  expect(misspelt.stderr).toContain('Did you mean "allowedOrigins"?');
});

test('the function that identifies callers is taken from the configuration, and asks for rules', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'headgate-readme-'));
  mkdirSync(join(directory, 'schema'));
  const schema = join(directory, 'schema', 'orders.graphql');
  writeFileSync(schema, readmeBlock('graphql', '# schema/orders.graphql'));
  const sessions = 'const sessions = { find: async () => undefined };\n';
  writeFileSync(join(directory, 'headgate.config.mjs'), sessions + readmeBlock('js', 'async authenticate'));
  expect((await runHeadgate(['check'], { cwd: directory })).code).toBe(0);
  writeFileSync(schema, readmeBlock('graphql', '# schema/songs.graphql'));
  const unguarded = await runHeadgate(['check'], { cwd: directory });
  rmSync(directory, { recursive: true, force: true });
  expect(unguarded.stdout).toContain('Song does not say who may read it');
});

test('the test gateway runs as shown', async () => {
  // Inside the package, so that `headgate` is this one.
  const file = join(root, `.readme-${process.pid}.mjs`);
  writeFileSync(file, readmeBlock('ts', 'createTestGateway'));
  try {
    const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(0);
    expect(out).toContain('{"data":{"songs":[{"title":"Blue"}]}');
  } finally {
    rmSync(file);
  }
});

test('every command of the list is there, with help', async () => {
  const listed = [...(/```\n(headgate init[^]*?)```/.exec(readme)?.[1] ?? '').matchAll(/^headgate (\S+)/gm)];
  expect(listed.length).toBe(11);
  for (const [, command = ''] of listed) {
    const { code, stdout } = await runHeadgate([command, '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: headgate ${command}`);
  }
});

test('the table of errors is the closed list', () => {
  const table = readme.slice(readme.indexOf('## Errors'), readme.indexOf('## Running it'));
  const codes = [...table.matchAll(/^\|([^|]+)\|/gm)].flatMap(([, cell = '']) => [...cell.matchAll(/`([A-Z_]+)`/g)]);
  expect(codes.map(([, code]) => code).toSorted()).toEqual([...errorCodes].toSorted());
});

test('every file that is named as a proof exists', () => {
  for (const [, file = ''] of readme.matchAll(/`(test\/[\w/.-]+\.ts)`/g)) {
    expect(() => readFileSync(join(root, file)), file).not.toThrow();
  }
});
