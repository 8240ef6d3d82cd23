import { once } from 'node:events';
import { readFileSync, readdirSync, readlinkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createClient } from 'graphql-ws';
import type { Client } from 'graphql-ws';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { createLiveClient } from '../../src/client/client.ts';
import { appendToLog } from '../../src/source/log-writer.ts';
import { Arrival } from '../support/arrival.ts';
import { freePort } from '../support/free-port.ts';
import { startGatewayProcess } from '../support/gateway-process.ts';
import type { GatewayProcess } from '../support/gateway-process.ts';
import { makeDirectory } from '../support/open-test-store.ts';
import { signWithSecret, testSecret } from '../support/jwks-server.ts';
import { until } from '../support/until.ts';

const schema = 'type Song @table(topic: "songs") @auth(public: true) { id: ID! title: String! }';
const adminKey = 'k'.repeat(40);

interface World {
  readonly gateway: GatewayProcess;
  /** Puts a file into the gateway's folder, whole or not at all. */
  write(name: string, text: string): void;
  remove(name: string): void;
  /** Of the serving processes. */
  pids(): readonly number[];
  /** Appends a record; its offset. */
  produce(title: string): number;
  /** The titles, once the record of this offset is in them. */
  pull(offset: number, connection?: 'close' | 'keep-alive'): Promise<unknown>;
  metrics(): Promise<string>;
  drop(sub: string): Promise<unknown>;
}

async function start(workers = 2, files: Readonly<Record<string, string>> = {}): Promise<World> {
  const directory = makeDirectory();
  const log = join(directory, 'log');
  const write = (name: string, text: string): void => {
    writeFileSync(join(directory, `${name}.new`), text);
    renameSync(join(directory, `${name}.new`), join(directory, name));
  };
  for (const [name, text] of Object.entries({ 'schema.graphql': schema, ...files })) write(name, text);
  const produce = (title: string) => appendToLog(log, 'songs', [{ key: 'a', value: { title } }])[0]?.offset ?? 0;
  produce('0');
  const metricsPort = await freePort();
  const args = ['serve', '--schema', 'schema.graphql', '--log', log, '--data', join(directory, 'data')];
  const gateway = await startGatewayProcess(
    [...args, '--workers', String(workers), '--metrics-port', String(metricsPort)],
    { cwd: directory, env: { HEADGATE_JWT_SECRET: testSecret, HEADGATE_ADMIN_KEY: adminKey } },
  );
  onTestFinished(async () => void (await gateway.stop()));
  const operators = `http://127.0.0.1:${metricsPort}`;
  return {
    gateway,
    write,
    remove: (name) => rmSync(join(directory, name)),
    pids: () => readFileSync(`/proc/${gateway.pid}/task/${gateway.pid}/children`, 'utf8').trim().split(' ').map(Number),
    produce,
    async pull(offset, connection = 'close') {
      const offsets = `[{ topic: "songs", partition: 0, offset: "${offset}" }]`;
      const query = `query @atLeast(offsets: ${offsets}, timeoutMs: 9000) { song(id: "a") { title } }`;
      const response = await fetch(gateway.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', connection },
        body: JSON.stringify({ query }),
      });
      return response.json();
    },
    metrics: async () => (await fetch(`${operators}/metrics`)).text(),
    async drop(sub) {
      const response = await fetch(`${operators}/admin/sessions/drop`, {
        method: 'POST',
        headers: { authorization: `Bearer ${adminKey}` },
        body: JSON.stringify({ claim: 'sub', value: sub }),
      });
      return response.json();
    },
  };
}

/** Nothing where it was closed meanwhile. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** A live query on a connection of its own. */
function listen({ gateway }: World, connectionParams?: Record<string, unknown>) {
  const titles: string[] = [];
  const closes: number[] = [];
  const arrival = new Arrival();
  const client: Client = createClient({
    url: gateway.wsUrl,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    ...(connectionParams && { connectionParams }),
    on: {
      closed(event) {
        closes.push((event as { code: number }).code);
        arrival.tell();
      },
    },
  });
  onTestFinished(() => client.dispose());
  client.subscribe<{ song: { title: string } }>(
    { query: 'subscription { song(id: "a") { title } }' },
    {
      next({ data }) {
        titles.push(data?.song.title ?? '');
        arrival.tell();
      },
      error: () => {},
      complete: () => {},
    },
  );
  return { titles, closes, arrival };
}

test.skipIf(process.platform !== 'linux')(
  'several processes serve one store on one port, and metrics and revocations are of them all',
  { timeout: 60_000 },
  async () => {
    const world = await start();
    const listeners = Array.from({ length: 12 }, () => listen(world));
    // A minute old: one of the second of its revocation might be newer than that.
    const token = await signWithSecret({ sub: 'u1', iat: Math.floor(Date.now() / 1_000) - 60 });
    const hers = Array.from({ length: 4 }, () => listen(world, { token }));
    const all = [...listeners, ...hers];
    await Promise.all(all.map(({ titles, arrival }) => arrival.until(() => titles.length > 0)));
    const offset = world.produce('1');
    await Promise.all(all.map(({ titles, arrival }) => arrival.until(() => titles.at(-1) === '1')));
    for (let n = 0; n < 4; n += 1) expect(await world.pull(offset)).toMatchObject({ data: { song: { title: '1' } } });

    const metrics = await world.metrics();
    expect(metrics).toContain('headgate_workers 2\n');
    // By the one that writes.
    expect(metrics).toContain('headgate_rows_written_total 2\n');
    expect(metrics).toContain('headgate_sockets 16\n');
    expect(metrics).toContain('headgate_table_rows{table="Song"} 1\n');
    // Whoever is free takes the next one.
    const sockets = [...metrics.matchAll(/headgate_worker_sockets\{pid="\d+"\} (\d+)\n/g)].map(([, count]) =>
      Number(count),
    );
    expect(sockets).toHaveLength(2);
    expect(Math.min(...sockets)).toBeGreaterThan(0);
    expect(sockets.reduce((sum, count) => sum + count)).toBe(16);

    expect(await world.drop('u1')).toEqual({ dropped: 4 });
    await Promise.all(hers.map(({ closes, arrival }) => arrival.until(() => closes.length > 0)));
    expect(hers.map(({ closes }) => closes)).toEqual(hers.map(() => [4403]));

    // A process that comes later refuses her, too.
    const before = world.pids();
    process.kill(world.gateway.pid, 'SIGUSR2');
    await until(() => world.pids().length === 2 && world.pids().every((pid) => !before.includes(pid)), 30_000);
    const again = [listen(world, { token }), listen(world, { token })];
    await Promise.all(again.map(({ closes, arrival }) => arrival.until(() => closes.length > 0)));
    expect(again.map(({ closes, titles }) => [...titles, ...closes])).toEqual([[4401], [4401]]);
    expect(await world.gateway.stop()).toBe(0);
  },
);

test.skipIf(process.platform !== 'linux')(
  'a serving process that is killed, or replaced, costs nobody an answer',
  { timeout: 60_000 },
  async () => {
    const world = await start();
    const seen: string[] = [];
    const arrival = new Arrival();
    const connections = Array.from({ length: 4 }, () =>
      createLiveClient({ url: world.gateway.wsUrl, webSocketImpl: WebSocket, maxRetryWaitMs: 100 }),
    );
    onTestFinished(async () => {
      for (const connection of connections) await connection.dispose();
    });
    connections.forEach((connection, at) => {
      connection.subscribe<{ song: { title: string } }>(
        { query: 'subscription { song(id: "a") { title } }' },
        {
          next({ data }) {
            seen[at] = data?.song.title ?? '';
            arrival.tell();
          },
          error: () => {},
          complete: () => {},
        },
      );
    });
    const allSee = (title: string) => arrival.until(() => connections.every((_, at) => seen[at] === title));
    await allSee('0');

    const [first = 0, second = 0] = world.pids();
    process.kill(first, 'SIGKILL');
    world.produce('1');
    await allSee('1');
    await until(() => world.pids().length === 2, 30_000);

    // Told to end, it finishes; another one is there before.
    process.kill(second, 'SIGTERM');
    let ended = false;
    void until(() => !world.pids().includes(second), 30_000).then(() => (ended = true));
    const offset = world.produce('2');
    const askOn = async (connection: 'close' | 'keep-alive') => {
      while (!ended) expect(await world.pull(offset, connection)).toMatchObject({ data: { song: { title: '2' } } });
    };
    await Promise.all([askOn('close'), ...Array.from({ length: 6 }, () => askOn('keep-alive'))]);
    await allSee('2');
    world.produce('3');
    await allSee('3');
  },
);

test.skipIf(process.platform !== 'linux')(
  'a connection on its way to a serving process that is killed is closed',
  { timeout: 60_000 },
  async () => {
    const { gateway, pids } = await start();
    const socketsOfPrimary = () => {
      const folder = `/proc/${gateway.pid}/fd`;
      return readdirSync(folder).filter((fd) => linkOf(join(folder, fd)).startsWith('socket:')).length;
    };
    const before = socketsOfPrimary();
    // They take none, and look as if they would.
    const stopped = pids();
    for (const pid of stopped) process.kill(pid, 'SIGSTOP');
    const sockets = stopped.map(() => connect(Number(new URL(gateway.url).port), '127.0.0.1'));
    onTestFinished(() => sockets.forEach((socket) => socket.destroy()));
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    await until(() => socketsOfPrimary() === before + sockets.length);
    const closed = sockets.map((socket) => once(socket, 'close'));
    for (const pid of stopped) process.kill(pid, 'SIGKILL');
    await Promise.all(closed);
  },
);

test.skipIf(process.platform !== 'linux')('what is wrong is told once, and nothing is left running', async () => {
  const taken = await start(2);
  const port = new URL(taken.gateway.url).port;
  const directory = makeDirectory();
  writeFileSync(join(directory, 'schema.graphql'), schema);
  const args = ['serve', '--schema', 'schema.graphql', '--log', 'log', '--port', port, '--workers', '3'];
  const failed = startGatewayProcess(args, { cwd: directory, env: { HEADGATE_JWT_SECRET: testSecret } });
  const message = await failed.then(
    () => '',
    (error: unknown) => String(error),
  );
  expect(message).toContain('ended with 1');
  expect(message.split(`port ${port} on 127.0.0.1 is taken`)).toHaveLength(2);
  // The serving processes go with the primary.
  const pids = taken.pids();
  process.kill(taken.gateway.pid, 'SIGKILL');
  await taken.gateway.exited;
  await until(() => pids.every((pid) => !isRunning(pid)), 30_000);
});

const keys = JSON.stringify([{ name: 'billing', key: 'k'.repeat(40) }]);

/** The lines of this message so far. */
function linesOf({ gateway }: World, message: string): readonly Record<string, unknown>[] {
  const lines = gateway.output().split('\n').slice(0, -1);
  return lines
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ msg }) => `${msg}`.includes(message));
}

/** Those that answer. */
async function serving({ metrics }: World): Promise<readonly number[]> {
  return [...(await metrics()).matchAll(/headgate_worker_sockets\{pid="(\d+)"\}/g)].map(([, pid]) => Number(pid));
}

test.skipIf(process.platform !== 'linux')(
  'a serving process that cannot start keeps nobody: neither those that serve, nor signals',
  { timeout: 60_000 },
  async () => {
    const world = await start(2, {
      'keys.json': keys,
      'later.json': '[',
      // As it is for the second one where the file is written while the first one starts.
      'headgate.config.mjs': `import cluster from 'node:cluster';
        export default { apiKeysFile: cluster.worker?.id > 1 ? 'later.json' : 'keys.json' };`,
    });
    const [failed] = linesOf(world, 'could not serve');
    expect(failed).toMatchObject({
      level: 50,
      pid: expect.any(Number),
      reason: expect.stringContaining('later.json: '),
    });
    expect(failed?.['msg']).toBe(
      `serving process ${String(failed?.['pid'])} could not serve; another one is tried in 1 s`,
    );
    const [first = 0] = await serving(world);
    expect(first).not.toBe(failed?.['pid']);

    process.kill(first, 'SIGKILL');
    await until(() => linesOf(world, `serving process ${first} ended with SIGKILL`).length === 1);
    process.kill(world.gateway.pid, 'SIGUSR2');
    await until(() => linesOf(world, 'cannot serve; those of before go on').length === 1);
    world.write('later.json', keys);
    process.kill(world.gateway.pid, 'SIGUSR2');
    await until(() => linesOf(world, 'the serving processes are new').length === 1);
    expect(await serving(world)).toHaveLength(2);
    expect(await world.pull(0)).toMatchObject({ data: { song: { title: '0' } } });
    expect(await world.gateway.stop()).toBe(0);
  },
);

test.skipIf(process.platform !== 'linux')(
  'while the configuration is broken those of before serve, and each that ends is replaced once it is mended',
  { timeout: 60_000 },
  async () => {
    const world = await start(2, {
      'keys.json': keys,
      'headgate.config.mjs': `import { existsSync } from 'node:fs';
        while (existsSync('wait')) await new Promise((resolve) => setTimeout(resolve, 10));
        export default { apiKeysFile: 'keys.json' };`,
    });
    const before = world.pids();
    const [first = 0, second = 0] = before;
    world.write('keys.json', '[');
    process.kill(world.gateway.pid, 'SIGUSR2');
    await until(() => linesOf(world, 'a new serving process cannot serve; those of before go on').length === 1);
    const [kept] = linesOf(world, 'those of before go on');
    expect(kept).toMatchObject({ level: 50, reason: expect.stringMatching(/^keys\.json: This is no JSON.*$/) });
    await until(() => world.pids().length === 2);
    expect(world.pids()).toEqual(before);

    process.kill(first, 'SIGKILL');
    await until(() => linesOf(world, 'could not serve; another one is tried in 1 s').length === 1);
    world.write('keys.json', keys);
    await until(async () => (await serving(world)).length === 2);
    expect(await serving(world)).not.toContain(first);

    // Killed while another one is started for it, which then cannot serve, either.
    world.write('wait', '');
    process.kill(world.gateway.pid, 'SIGUSR2');
    await until(() => world.pids().length === 3);
    process.kill(second, 'SIGKILL');
    await until(() => !world.pids().includes(second));
    world.write('keys.json', '[');
    world.remove('wait');
    await until(() => linesOf(world, `serving process ${second} ended meanwhile`).length === 1);
    world.write('keys.json', keys);
    await until(async () => (await serving(world)).length === 2);
    expect(world.pids()).toHaveLength(2);
    expect(await world.gateway.stop()).toBe(0);
  },
);

test('SIGTERM ends it while its first serving process still starts', { timeout: 60_000 }, async () => {
  const directory = makeDirectory();
  writeFileSync(join(directory, 'schema.graphql'), schema);
  // What a gateway prints when it serves, so that it is taken for one.
  const config = `import cluster from 'node:cluster';
    if (cluster.isWorker) console.log('http://127.0.0.1/graphql');
    if (cluster.isWorker) await new Promise((resolve) => setTimeout(resolve, 100_000));
    export default {};`;
  writeFileSync(join(directory, 'headgate.config.mjs'), config);
  const args = ['serve', '--schema', 'schema.graphql', '--log', 'log', '--workers', '2'];
  const gateway = await startGatewayProcess(args, { cwd: directory });
  onTestFinished(() => gateway.kill9());
  expect(await gateway.stop()).toBe(0);
  expect(gateway.output()).toContain('SIGTERM: closed before it served');
});

function isRunning(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z');
  } catch {
    return false;
  }
}
