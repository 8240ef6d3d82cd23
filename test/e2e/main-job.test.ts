import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { liveClientOptions } from '../../src/client/client.ts';
import { freePort } from '../support/free-port.ts';
import { postGraphql, runHeadgate, startGatewayProcess } from '../support/gateway-process.ts';
import type { GatewayProcess } from '../support/gateway-process.ts';

/** What README promises first, with the command line alone: ask, keep live by one word, produce, watch. */
const directory = mkdtempSync(join(tmpdir(), 'headgate-main-'));
const selection = '{ songs(limit: 3, orderBy: [{ title: ASC }]) { id title artist { name } } }';
const schema = `
type Song @table(topic: "songs") {
  id: ID!
  title: String! @index
  artistId: ID! @index
  artist: Artist @relation(fields: ["artistId"])
}
type Artist @table(topic: "artists") {
  id: ID!
  name: String!
  songs: [Song!]! @relation(references: ["artistId"])
}
`;
let gateway: GatewayProcess;
let metricsPort = 0;

async function produce(topic: string, records: readonly object[]): Promise<void> {
  const input = records.map((record) => `${JSON.stringify(record)}\n`).join('');
  const { code, stderr } = await runHeadgate(['produce', topic], { cwd: directory, input });
  if (code !== 0) throw new Error(stderr);
}

async function filled({ wsUrl }: GatewayProcess): Promise<void> {
  const client = createClient(liveClientOptions({ url: wsUrl, webSocketImpl: WebSocket }));
  for await (const { data } of client.iterate<{ _meta: { ready: boolean } }>({
    query: 'subscription { _meta { ready } }',
  })) {
    if (data?._meta.ready === true) break;
  }
  await client.dispose();
}

const song = (title: string, artistId: string) => ({ title, artistId });

beforeAll(async () => {
  mkdirSync(join(directory, 'schema'));
  writeFileSync(join(directory, 'schema', 'songs.graphql'), schema);
  await produce('artists', [
    { key: 'a1', value: { name: 'Ada' } },
    { key: 'a2', value: { name: 'Bo' } },
  ]);
  await produce('songs', [
    { key: 's1', value: song('Amber', 'a1') },
    { key: 's2', value: song('Blue', 'a2') },
    { key: 's3', value: song('Cyan', 'a1') },
    { key: 's4', value: song('Dust', 'a2') },
  ]);
  metricsPort = await freePort();
  gateway = await startGatewayProcess(['serve', '--metrics-port', String(metricsPort)], { cwd: directory });
  await filled(gateway);
});

afterAll(async () => {
  expect(await gateway.stop()).toBe(0);
  rmSync(directory, { recursive: true, force: true });
});

test('a query becomes live by changing one word, and follows the songs and their artists, nothing else', async () => {
  const first = [
    { id: 's1', title: 'Amber', artist: { name: 'Ada' } },
    { id: 's2', title: 'Blue', artist: { name: 'Bo' } },
    { id: 's3', title: 'Cyan', artist: { name: 'Ada' } },
  ];
  expect((await postGraphql(gateway.url, `query ${selection}`)).data).toEqual({ songs: first });

  const client = createClient(liveClientOptions({ url: gateway.wsUrl, webSocketImpl: WebSocket }));
  const frames = client.iterate<{ songs: typeof first }>({ query: `subscription ${selection}` });
  const next = async () => ((await frames.next()).value as { data: { songs: typeof first } }).data.songs;
  expect(await next()).toEqual(first);

  await produce('songs', [{ key: 's2', value: song('Bluer', 'a2') }]);
  expect((await next()).map(({ title }) => title)).toEqual(['Amber', 'Bluer', 'Cyan']);

  await produce('artists', [{ key: 'a1', value: { name: 'Adele' } }]);
  expect((await next()).map(({ artist }) => artist.name)).toEqual(['Adele', 'Bo', 'Adele']);

  // Elsewhere: a song beyond the limit, an artist of none of them, a bad record. The next frame is the one after these.
  await produce('songs', [
    { key: 's4', value: song('Dusty', 'a2') },
    { key: 's1', value: { title: 7 } },
  ]);
  await produce('artists', [{ key: 'a9', value: { name: 'Nobody' } }]);
  await produce('songs', [{ key: 's3', value: null }]);
  expect((await next()).map(({ id, title }) => `${id} ${title}`)).toEqual(['s1 Amber', 's2 Bluer', 's4 Dusty']);
  await client.dispose();
});

test('metrics tell what was written, too', async () => {
  const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  // 6 before it served; s2, a1, s4, a9 and s3 after.
  expect(text).toContain('\nheadgate_rows_written_total 11\n');
  expect(text).toContain('\nheadgate_records_read_total{topic="artists",partition="0"} 4\n');
});

test('status, explain and tail tell about the same gateway', async () => {
  const port = new URL(gateway.url).port;
  const status = await runHeadgate(['status', '--port', port], { cwd: directory });
  expect(status.stdout).toMatch(/^Song +live +3 +songs +0:\d+ +0 +1$/m);
  expect(status.stdout).toContain('TYPE, column `title`: expected String, got a number');
  const explained = await runHeadgate(['explain', `query ${selection}`], { cwd: directory });
  expect(explained.stdout).toContain('index "title", in order');
  expect(explained.stdout).toContain('live: by key');
  const tailed = await runHeadgate(['tail', 'Song', '--port', port, '--where', '{"titel":{"eq":"Blue"}}'], {
    cwd: directory,
  });
  expect(tailed.code).toBe(1);
  expect(tailed.stderr).toMatch(/^--where got invalid value .*"titel".*Did you mean "title"/);
});

test('a taken port, a missing schema, a second gateway on the same store: each says what to do', async () => {
  const port = new URL(gateway.url).port;
  const other = mkdtempSync(join(tmpdir(), 'headgate-other-'));
  const taken = await runHeadgate(['serve', '--port', port, '--data', other], { cwd: directory });
  expect(taken.code).toBe(1);
  expect(taken.stdout + taken.stderr).toMatch(new RegExp(`port ${port} .*--port`, 'is'));
  const second = await runHeadgate(['serve', '--port', '0'], { cwd: directory });
  expect(second.code).toBe(1);
  expect(second.stderr).toContain('.headgate');
  const missing = await runHeadgate(['serve'], { cwd: other });
  expect(missing.code).toBe(1);
  expect(missing.stderr).toContain('No schema file matches');
  rmSync(other, { recursive: true, force: true });
});
