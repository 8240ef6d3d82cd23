import { mkdirSync, mkdtempSync, rmSync, writeFileSync, appendFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type Client } from 'graphql-ws';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { postGraphql, startGatewayProcess, type GatewayProcess } from '../support/gateway-process.ts';
import { subscribe } from '../support/server-world.ts';
import { until } from '../support/until.ts';

const root = mkdtempSync(join(tmpdir(), 'headgate-console-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function project(schema: string): string {
  const cwd = mkdtempSync(join(root, 'project-'));
  for (const folder of ['schema', 'log']) mkdirSync(join(cwd, folder));
  writeFileSync(join(cwd, 'schema/songs.graphql'), schema);
  writeFileSync(join(cwd, 'log/songs.ndjson'), '');
  produce(cwd, 's1', 's2');
  return cwd;
}

function produce(cwd: string, ...ids: readonly string[]): void {
  const lines = ids.map((id) => `{"key":"${id}","value":{"title":"${id}"}}\n`);
  appendFileSync(join(cwd, 'log/songs.ndjson'), lines.join(''));
}

async function start(...[args, options]: Parameters<typeof startGatewayProcess>): Promise<GatewayProcess> {
  const gateway = await startGatewayProcess(args, options);
  onTestFinished(() => void gateway.kill9());
  return gateway;
}

function clientOf({ wsUrl }: GatewayProcess, connectionParams?: Record<string, unknown>): Client {
  const client = createClient({ url: wsUrl, webSocketImpl: WebSocket, retryAttempts: 0, connectionParams });
  onTestFinished(() => void client.dispose());
  return client;
}

const open = 'type Song @table(topic: "songs") { id: ID! title: String! }';
const operators = '{ _meta { liveQueryCount storeBytes liveQueries { document } } }';

test('serve has no console unless it is asked for one, and tells nobody what others ask', async () => {
  const cwd = project(open);
  const gateway = await start(['serve'], { cwd });
  const page = await fetch(new URL('/', gateway.url));
  expect([page.status, await page.text()]).toEqual([404, expect.stringContaining('GraphQL is at /graphql')]);
  expect((await postGraphql(gateway.url, operators)).data).toEqual({
    _meta: { liveQueryCount: null, storeBytes: null, liveQueries: null },
  });
});

test('dev has a console, which the API tells how the gateway fills and moves', async () => {
  const cwd = project(open);
  const gateway = await start(['dev'], { cwd });
  await until(() => gateway.output().includes('Tables: Song'));
  const address = new URL('/', gateway.url).href;
  expect(gateway.output()).toContain(`Console: ${address}\n`);
  const page = await fetch(address, { headers: { accept: 'text/html' } });
  expect(page.status).toBe(200);
  const files = [...(await page.text()).matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path = '']) => path);
  expect(files.length).toBeGreaterThan(1);
  for (const file of files) {
    const { headers, status } = await fetch(new URL(file, address));
    expect([file, status, headers.get('cache-control')]).toEqual([file, 200, expect.stringContaining('immutable')]);
  }
  expect(await (await fetch(new URL('/schema.graphql', address))).text()).toContain('type Song implements Node');

  interface Meta {
    readonly version: string;
    readonly ready: boolean;
    readonly tables: readonly { readonly phase: string; readonly rows: string }[];
    readonly topics: readonly { readonly records: string; readonly lag: string | null }[];
    readonly liveQueries: readonly { readonly operation: string; readonly subscribers: number }[];
  }
  const results = subscribe(
    clientOf(gateway),
    `subscription Console { _meta { version ready tables { phase rows } topics { records lag } liveQueries { operation subscribers } } }`,
  );
  const metaAt = async (index: number) => (await results.at(index)).data?.['_meta'] as Meta;
  /** The first frame that it holds for, and all those before it. */
  const framesUntil = async (holds: (meta: Meta) => boolean): Promise<readonly Meta[]> => {
    const seen: Meta[] = [];
    for (let index = 0; ; index += 1) {
      const meta = await metaAt(index);
      seen.push(meta);
      if (holds(meta)) return seen;
    }
  };
  const filled = await framesUntil(
    ({ topics, ready }) => ready && topics.every(({ records, lag }) => records === '2' && lag === '0'),
  );
  expect(filled.at(-1)?.tables).toEqual([{ phase: 'LIVE', rows: '2' }]);
  expect(filled.at(-1)?.liveQueries).toEqual([{ operation: 'Console', subscribers: 1 }]);
  produce(cwd, 's3', 's1');
  const moved = await framesUntil(({ topics }) => topics.every(({ records }) => records === '4'));
  expect(moved.at(-1)?.tables).toEqual([{ phase: 'LIVE', rows: '3' }]);
  const versions = moved.map(({ version }) => Number(version));
  expect(versions).toEqual(versions.toSorted((a, b) => a - b));
});

test('what is wrong with the schema is told by _meta while dev serves the one of before, and only then', async () => {
  const cwd = project(open);
  const write = (text: string): void => writeFileSync(join(cwd, 'schema/songs.graphql'), text);
  const gateway = await start(['dev'], { cwd });
  await until(() => gateway.output().includes('Tables: Song'));
  const asked = '_meta { startedAt schemaMistakes { message file line column } }';
  interface Told {
    readonly startedAt: string;
    readonly schemaMistakes: readonly unknown[];
  }
  const told = async () => (await postGraphql(gateway.url, `{ ${asked} }`)).data?.['_meta'] as Told;
  const { startedAt, schemaMistakes } = await told();
  expect(schemaMistakes).toEqual([]);
  const results = subscribe(clientOf(gateway), `subscription { ${asked} }`);
  const frameWith = async (count: number) => {
    for (let index = 0; ; index += 1) {
      const meta = (await results.at(index)).data?.['_meta'] as Told;
      if (meta.schemaMistakes.length === count) return meta.schemaMistakes;
    }
  };
  await frameWith(0);
  write(open.replace('String!', 'Strng! liked: Int @indx'));
  const place = { file: 'schema/songs.graphql', line: 1 };
  expect(await frameWith(2)).toEqual([
    { ...place, column: 51, message: 'There is no type Strng. Did you mean "String" or "Song"?' },
    { ...place, column: 69, message: 'There is no directive @indx. Did you mean "@index"?' },
  ]);
  expect((await postGraphql(gateway.url, '{ songs { title } }')).data).toEqual({
    songs: [{ title: 's1' }, { title: 's2' }],
  });
  write(open);
  await until(() => gateway.output().split('Tables: Song').length === 3);
  const after = await told();
  expect(after.schemaMistakes).toEqual([]);
  // For whoever wants to know whether the schema may be another one.
  expect(after.startedAt > startedAt).toBe(true);
});

test('where callers are identified, only those with a role of consoleRoles are told what others ask', async () => {
  const cwd = project(open.replace('{', '@auth(public: true) {'));
  const keys = ['operator', 'other'].map((role) => ({ name: role, key: `the key of the ${role}`, roles: [role] }));
  writeFileSync(join(cwd, 'keys.json'), JSON.stringify(keys));
  const serve = ['serve', '--console', '--api-keys-file', 'keys.json'];
  const roles = await start([...serve, '--console-roles', 'admin,operator'], { cwd });
  expect((await fetch(new URL('/', roles.url))).status).toBe(200);
  const asked = 'subscription { songs { title } }';
  await subscribe(clientOf(roles, { apiKey: 'the key of the other' }), asked).at(0);
  const told = async (apiKey?: string) =>
    (await subscribe(clientOf(roles, apiKey === undefined ? {} : { apiKey }), `subscription ${operators}`).at(0))
      .data?.['_meta'];
  const nothing = { liveQueryCount: null, storeBytes: null, liveQueries: null };
  expect(await told()).toEqual(nothing);
  expect(await told('the key of the other')).toEqual(nothing);
  expect(await told('the key of the operator')).toMatchObject({
    liveQueries: expect.arrayContaining([{ document: asked }]) as unknown,
  });
  // Nobody is told the schema by serve, but operators are.
  const schema = (headers: Record<string, string>) => fetch(new URL('/schema.graphql', roles.url), { headers });
  expect((await schema({})).status).toBe(403);
  expect((await schema({ 'x-api-key': 'no key' })).status).toBe(401);
  expect((await schema({ 'x-api-key': 'the key of the other' })).status).toBe(403);
  expect((await schema({ 'x-api-key': 'the key of the operator' })).status).toBe(200);
  expect(roles.output()).not.toContain('consoleRoles names no role');

  const nobody = await start(serve, { cwd, env: { HEADGATE_DATA: join(cwd, 'other') } });
  await until(() => nobody.output().includes('consoleRoles names no role'));
  const response = await fetch(nobody.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': 'the key of the operator' },
    body: JSON.stringify({ query: operators }),
  });
  expect(await response.json()).toMatchObject({ data: { _meta: nothing } });
});
