import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'graphql-ws';
import type { Client } from 'graphql-ws';
import { WebSocket } from 'ws';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { liveClientOptions } from '../../src/client/client.ts';
import { appendToLog } from '../../src/source/log-writer.ts';
import { postGraphql, runHeadgate, startGatewayProcess } from '../support/gateway-process.ts';
import type { GatewayProcess } from '../support/gateway-process.ts';

/** Charts over a stream of plays, as `headgate dev` serves them to a graphql-ws client. */
const schema = `
enum Genre { ROCK JAZZ }
type Song @table(topic: "songs") {
  id: ID!
  title: String!
  genre: Genre
  stats: [SongStats!]! @relation(references: ["songId"])
}
type Play @table(topic: "plays", mode: STREAM) {
  id: ID! @from(meta: COORDINATES)
  songId: ID!
  playedAt: DateTime!
  ms: Int!
  song: Song @relation(fields: ["songId"])
}
type LongPlay @view(source: "Play", where: { ms: { gte: 60000 } }) {
  id: ID!
  songId: ID!
  minutes: Int! @computed(expr: "floor(ms / 60000)")
}
type SongStats @aggregation(source: "Play", intervals: ["1h"], timestamp: "playedAt", grace: "10m")
  @index(fields: "interval timestamp plays") @index(fields: "songId") {
  songId: ID!
  timestamp: DateTime!
  plays: Int! @aggregate(fn: COUNT)
  song: Song @relation(fields: ["songId"])
}
type GenreStats @aggregation(source: "Song") {
  genre: Genre
  songs: Int! @aggregate(fn: COUNT)
}
`;

const directory = mkdtempSync(join(tmpdir(), 'headgate-derived-'));
const log = join(directory, 'log');
const args = ['dev', '--schema', 'schema.graphql', '--log', log, '--data', join(directory, 'data')];
let gateway: GatewayProcess;
let client: Client;

const at = (clock: string) => `2026-05-01T${clock}:00.000Z`;
const songs = (...records: readonly { key: string; value: unknown }[]) => appendToLog(log, 'songs', records);
const plays = (...records: readonly (readonly [songId: string, clock: string, ms?: number])[]) =>
  appendToLog(
    log,
    'plays',
    records.map(([songId, clock, ms = 30_000]) => ({
      value: { songId, playedAt: at(clock), ms },
      timestamp: Date.parse(at(clock)),
    })),
  );

async function start(): Promise<void> {
  gateway = await startGatewayProcess(args, { cwd: directory });
  client = createClient(liveClientOptions({ url: gateway.wsUrl, webSocketImpl: WebSocket }));
}

/** The values of a subscription's only field, one by one. */
function listen<T>(query: string): { next(): Promise<T>; until(enough: (value: T) => boolean): Promise<T> } {
  const frames = client.iterate<Record<string, T>>({ query });
  async function next(): Promise<T> {
    const { value } = (await frames.next()) as { value?: { data?: Record<string, T>; errors?: unknown } };
    const [field] = Object.values(value?.data ?? {});
    if (field === undefined) throw new Error(`no data: ${JSON.stringify(value)}`);
    return field;
  }
  return {
    next,
    async until(enough) {
      for (;;) {
        const value = await next();
        if (enough(value)) return value;
      }
    },
  };
}

beforeAll(async () => {
  writeFileSync(join(directory, 'schema.graphql'), schema);
  songs({ key: 's1', value: { title: 'One', genre: 'ROCK' } }, { key: 's2', value: { title: 'Two' } });
  plays(['s1', '10:05'], ['s2', '10:06'], ['s2', '10:07']);
  await start();
});

afterAll(async () => {
  await client.dispose();
  await gateway.stop();
  rmSync(directory, { recursive: true, force: true });
});

interface Stats {
  readonly plays: number;
  readonly song: { readonly title: string } | null;
}
const top = `songStatsList(where: { interval: { eq: H1 }, timestamp: { eq: "${at('10:00')}" } }, orderBy: [{ plays: DESC }], limit: 2) { plays song { title } }`;

test('a chart over a stream is live, with the titles of the songs beside it', async () => {
  const chart = listen<readonly Stats[]>(`subscription { ${top} }`);
  const isFull = (rows: readonly Stats[]) => rows.length === 2 && rows.every(({ song }) => song !== null);
  expect(await chart.until((rows) => isFull(rows) && rows[0]?.plays === 2)).toEqual([
    { plays: 2, song: { title: 'Two' } },
    { plays: 1, song: { title: 'One' } },
  ]);
  plays(['s1', '10:20'], ['s1', '10:21']);
  expect(await chart.until((rows) => rows[0]?.plays === 3)).toEqual([
    { plays: 3, song: { title: 'One' } },
    { plays: 2, song: { title: 'Two' } },
  ]);
  songs({ key: 's2', value: { title: 'Zwei' } });
  expect((await chart.next())[1]).toEqual({ plays: 2, song: { title: 'Zwei' } });
});

test('a null group is asked for, and followed, as any other', async () => {
  const none = listen<{ songs: number } | null>('subscription { genreStats(genre: null) { songs } }');
  expect(await none.next()).toEqual({ songs: 1 });
  songs({ key: 's3', value: { title: 'Three' } });
  expect(await none.next()).toEqual({ songs: 2 });
  const [written] = songs({ key: 's2', value: { title: 'Zwei', genre: 'ROCK' } });
  expect(await none.next()).toEqual({ songs: 1 });
  const { data, errors } = await postGraphql(
    gateway.url,
    `query @atLeast(offsets: [{ topic: "songs", partition: 0, offset: "${written?.offset}" }]) { genreStatsList { genre songs } }`,
  );
  expect({ data, errors }).toEqual({
    data: {
      genreStatsList: [
        { genre: 'ROCK', songs: 2 },
        { genre: null, songs: 1 },
      ],
    },
    errors: undefined,
  });
});

interface Changes {
  readonly changes: readonly { readonly operation: string; readonly node: Record<string, unknown> | null }[];
  readonly position: string;
}

test('records and changes are resumed after the process was killed', async () => {
  const streams = () => [
    'longPlayChanges%s { changes { operation node { songId minutes } } position }',
    'songStatsChanges%s { changes { operation node { songId plays } } position }',
  ];
  const [longPlays, stats] = streams().map((each) => listen<Changes>(`subscription { ${each.replace('%s', '')} }`));
  const first = [await longPlays?.next(), await stats?.next()];
  expect(first.map((message) => message?.changes)).toEqual([[], []]);
  await gateway.kill9();
  // What a socket says as it is closed concerns nobody any more.
  await Promise.resolve(client.dispose()).catch(() => {});
  plays(['s1', '10:30', 150_000], ['s2', '10:31', 59_999]);
  await start();
  const resumed = streams().map((each, i) =>
    listen<Changes>(`subscription { ${each.replace('%s', `(after: "${first[i]?.position}")`)} }`),
  );
  const [long, counted] = await Promise.all(resumed.map((each) => each.until(({ changes }) => changes.length > 0)));
  expect(long?.changes).toEqual([{ operation: 'INSERT', node: { songId: 's1', minutes: 2 } }]);
  const seen = [...(counted?.changes ?? [])];
  while (seen.length < 2) seen.push(...((await resumed[1]?.next())?.changes ?? []));
  expect(seen).toEqual([
    { operation: 'UPDATE', node: { songId: 's1', plays: 4 } },
    { operation: 'UPDATE', node: { songId: 's2', plays: 3 } },
  ]);
});

test('status, check and explain know derived tables', async () => {
  // The second is more than ten minutes late for its hour.
  const [, late] = plays(['s1', '12:30'], ['s1', '10:59']);
  await postGraphql(
    gateway.url,
    `query @atLeast(offsets: [{ topic: "plays", partition: 0, offset: "${late?.offset}" }]) { songStatsList { plays } }`,
  );
  const { port } = new URL(gateway.url);
  const data = ['--data', join(directory, 'data')];
  const options = { cwd: directory };
  const schemaFile = ['--schema', 'schema.graphql'];
  const status = await runHeadgate(['status', ...schemaFile, ...data, '--port', port], options);
  expect(status.stdout).toMatch(/^Play +live +- +plays +0:\d+ +0 +0$/m);
  expect(status.stdout).toMatch(/^LongPlay +live +- +from Play +- +0 +0$/m);
  expect(status.stdout).toMatch(/^SongStats +live +3 +from Play +- +0 +1$/m);
  expect(status.stdout).toMatch(/^GenreStats +live +2 +from Song +- +0 +0$/m);
  expect(status.stdout).toContain('SongStats: records left out, by reason: LATE 1');
  expect(status.stdout).not.toContain('$');
  const check = await runHeadgate(['check', ...schemaFile], options);
  expect(check.stdout).toContain('5 tables, Song, Play, LongPlay, SongStats, GenreStats');
  const explained = await runHeadgate(['explain', `query { ${top} }`, ...schemaFile, ...data], options);
  expect(explained.stdout).toContain('index "interval timestamp plays" where interval = … and timestamp = …, in order');
  expect(explained.stdout).toContain('SongStats is an aggregation of Play');
  const refused = await runHeadgate(['tail', 'SongStat', ...schemaFile, '--port', port], options);
  expect(refused.stderr).toContain('Did you mean "SongStats"?');
  const ready = (await (await fetch(new URL('/readyz', gateway.url))).json()) as { tables: Record<string, unknown> };
  expect(Object.keys(ready.tables)).toEqual(['Song', 'Play', 'LongPlay', 'SongStats', 'GenreStats']);
});
