import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Client, createClient } from 'graphql-ws';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { appendToLog } from '../../src/source/log-writer.ts';
import { Arrival } from '../support/arrival.ts';
import { residentKb } from '../support/default-serve.ts';
import { type GatewayProcess, postGraphql, startGatewayProcess } from '../support/gateway-process.ts';
import { makeDirectory } from '../support/open-test-store.ts';

const schema = `type Tick @table(topic: "ticks") { id: ID! n: Int! sentMs: BigInt! filler: String! }`;
const live = 'subscription { tick(id: "t") { n sentMs filler } }';
const changes = 'subscription { tickChanges(where: { id: { neq: "t" } }) { changes { node { n sentMs } } } }';

/** Of those that mean no good so many are tried; one that is ended is tried again. */
const floodSockets = 2_800;
/** So many of them are open at once, at least, however fast the machine is. */
const fewestAtOnce = 1_000;
/** Of those that mean well: half of them live queries, half change streams. */
const clients = 20;
const tickMs = 20;
/** What the flood may add to the memory of the server, kB: some 150 for each connection, most of it not yet collected. */
const mostKb = 300_000;

interface Listener {
  readonly kind: 'live' | 'changes';
  /** Every `n` that came, in order. */
  readonly seen: number[];
  /** ms from the record to the frame. */
  readonly lateMs: number[];
}

interface Node {
  readonly n: number;
  readonly sentMs: string;
}

interface Frame {
  readonly tick?: Node | null;
  readonly tickChanges?: { readonly changes: readonly { readonly node: Node }[] };
}

function listen(client: Client, kind: Listener['kind'], arrival: Arrival): Listener {
  const listener: Listener = { kind, seen: [], lateMs: [] };
  client.subscribe<Frame>(
    { query: kind === 'live' ? live : changes },
    {
      next({ data }) {
        const nodes = kind === 'live' ? [data?.tick] : (data?.tickChanges?.changes.map(({ node }) => node) ?? []);
        for (const node of nodes) {
          if (node === undefined || node === null) continue;
          listener.seen.push(node.n);
          listener.lateMs.push(Date.now() - Number(node.sentMs));
        }
        arrival.tell();
      },
      error: () => {},
      complete: () => {},
    },
  );
  return listener;
}

interface Run {
  readonly gateway: GatewayProcess;
  /** Appends so many ticks, one every `tickMs`, and waits until every listener has the last. */
  tick(times: number, listeners: readonly Listener[]): Promise<void>;
  /** So many more of both kinds, each with a first frame. */
  listeners(count: number): Promise<readonly Listener[]>;
}

async function start(): Promise<Run> {
  const directory = makeDirectory();
  const log = join(directory, 'log');
  writeFileSync(join(directory, 'schema.graphql'), schema);
  let n = 0;
  const append = () => {
    n += 1;
    const value = { n, sentMs: String(Date.now()), filler: 'x'.repeat(2_000) };
    // One row that is always the newest, and one that is new: a change stream tells a commit's last word of each.
    const records = ['t', `t${n}`].map((id) => ({ key: id, value: { ...value, id } }));
    appendToLog(log, 'ticks', records);
  };
  append();
  const args = ['serve', '--schema', 'schema.graphql', '--log', log, '--data', join(directory, 'data')];
  const gateway = await startGatewayProcess(args, { cwd: directory });
  const opened: Client[] = [];
  const arrival = new Arrival();
  onTestFinished(async () => {
    for (const client of opened) await client.dispose();
    await gateway.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  return {
    gateway,
    async tick(times, listeners) {
      for (let left = times; left > 0; left -= 1) {
        append();
        await delay(tickMs);
      }
      await arrival.until(() => listeners.every(({ seen }) => seen.at(-1) === n));
    },
    async listeners(count) {
      const added = Array.from({ length: count }, (_, at) => {
        const client = createClient({ url: gateway.wsUrl, webSocketImpl: WebSocket, retryAttempts: 0 });
        opened.push(client);
        return listen(client, at % 2 === 0 ? 'live' : 'changes', arrival);
      });
      // A change stream says nothing before there is a change: one is made until all have heard of one.
      while (added.some(({ seen }) => seen.length === 0)) {
        append();
        await delay(tickMs);
      }
      return added;
    },
  };
}

async function startFlood(url: string): Promise<ChildProcess> {
  const script = fileURLToPath(new URL('../support/flood-child.ts', import.meta.url));
  const args = [new URL(url).port, String(floodSockets), live];
  const flood = fork(script, args, { execArgv: ['--import', 'tsx'], stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  onTestFinished(() => void flood.kill('SIGKILL'));
  if (flood.stdout !== null) await once(flood.stdout, 'data');
  return flood;
}

function figures(what: string, listeners: readonly Listener[], sinceMs: number, from: readonly number[]): string {
  const late = listeners.flatMap(({ lateMs }, at) => lateMs.slice(from[at])).toSorted((a, b) => a - b);
  const seconds = (Date.now() - sinceMs) / 1_000;
  const p = (part: number) => late[Math.floor(late.length * part)] ?? 0;
  return `${what}: ${(late.length / seconds).toFixed(0)} frames/s, p50 ${p(0.5)} ms, p99 ${p(0.99)} ms`;
}

/** A live query may skip what is no longer new, a change stream nothing; neither goes back or says anything twice. */
function lostBy({ kind, seen }: Listener): string | undefined {
  for (let at = 1; at < seen.length; at += 1) {
    const step = (seen[at] ?? 0) - (seen[at - 1] ?? 0);
    if (kind === 'live' ? step < 1 : step !== 1) return `${kind}: ${seen[at]} after ${seen[at - 1]}`;
  }
  return undefined;
}

test(
  'thousands of connections that mean no good cost bounded memory, and nobody else anything',
  { timeout: 120_000 },
  async () => {
    const { gateway, tick, listeners } = await start();
    const fds = () => readdirSync(`/proc/${gateway.pid}/fd`).length;
    const all = [...(await listeners(clients / 2))];
    const counts = () => all.map(({ seen }) => seen.length);

    let [sinceMs, from] = [Date.now(), counts()];
    await tick(100, all);
    console.log(figures('quiet', all, sinceMs, from));
    const quiet = { kb: residentKb(gateway.pid), fds: fds() };

    const flood = await startFlood(gateway.url);
    let mostSeenKb = 0;
    let mostFds = 0;
    const watching = setInterval(() => {
      mostSeenKb = Math.max(mostSeenKb, residentKb(gateway.pid));
      mostFds = Math.max(mostFds, fds());
    }, 100);
    onTestFinished(() => clearInterval(watching));
    // Newcomers are let in beside it, and questions are answered.
    all.push(...(await listeners(clients / 2)));
    [sinceMs, from] = [Date.now(), counts()];
    const asking = (async () => {
      for (let asked = 0; asked < 50; asked += 1) {
        const { data, errors } = await postGraphql(gateway.url, '{ tick(id: "t") { n } }');
        expect(errors).toBeUndefined();
        expect(data?.['tick']).toMatchObject({ n: expect.any(Number) });
      }
    })();
    await tick(200, all);
    await asking;
    console.log(figures(`beside ${mostFds - quiet.fds} connections`, all, sinceMs, from));
    flood.kill('SIGKILL');
    await once(flood, 'exit');
    clearInterval(watching);

    expect(all.flatMap((listener) => lostBy(listener) ?? [])).toEqual([]);
    expect(mostFds - quiet.fds).toBeGreaterThan(fewestAtOnce);
    console.log(`memory: ${quiet.kb} kB, at most ${mostSeenKb} kB`);
    expect(mostSeenKb - quiet.kb).toBeLessThan(mostKb);
    while (fds() > quiet.fds + clients) await delay(tickMs);
    await tick(20, all);
    expect(all.flatMap((listener) => lostBy(listener) ?? [])).toEqual([]);
    expect(await gateway.stop()).toBe(0);
  },
);
