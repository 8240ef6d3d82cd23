import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { WebSocket } from 'ws';
import { createLiveClient, type LiveClient } from '../../src/client/client.ts';
import { appendToLog } from '../../src/source/log-writer.ts';
import type { Arrival } from './arrival.ts';
import { runHeadgate, startGatewayProcess, type GatewayProcess } from './gateway-process.ts';
import { signWithSecret, testSecret } from './jwks-server.ts';

/** What a page shows of a song. */
export interface Shown {
  readonly id: string;
  readonly title: string;
  readonly plays: number;
  readonly artist: { readonly id: string; readonly name: string } | null;
}

/** A GraphQL client with its cache, and a list that it renders. */
export interface CacheClient {
  readonly name: string;
  readonly connection: LiveClient;
  /** The rows as they are rendered now; undefined before there are any. */
  shown(): readonly Shown[] | undefined;
  /** Told whenever it renders. */
  readonly rendering: Arrival;
  /** Times that its change stream has begun again. */
  resets(): number;
  close(): void | Promise<void>;
}

/** A gateway process that asks who its clients are, over an embedded log. */
export interface CacheWorld {
  readonly directory: string;
  readonly url: () => string;
  /** For whoever has no connection that asks for tokens. */
  token(): Promise<string>;
  /** A connection whose first token lasts for `firstTokenMs`. Its closes are counted by code. */
  connect(options?: { firstTokenMs?: number }): LiveClient & { readonly closes: number[] };
  produce(topic: string, records: readonly { key: string; value: object | null }[]): void;
  /** The rows, once everything that was produced is in them; with the position. */
  pull(): Promise<{ rows: readonly Shown[]; position: string }>;
  /** Resolves once the client renders what a pull query answers. */
  settle(client: CacheClient): Promise<void>;
  /** The gateway is killed; `back` starts it again. Connections are held off in between, `release` lets them go on. */
  kill(): Promise<void>;
  back(): Promise<void>;
  hold(): void;
  release(): void;
  close(): Promise<void>;
}

export const rowFields = 'id title plays artist { id name }';
export const filter = '{ genre: { eq: "ROCK" } }';
export const listOf = (limit: number) =>
  `songs(where: ${filter}, orderBy: [{ plays: DESC }], limit: ${limit}) { ${rowFields} }`;
export const changesOf = `songChanges(where: ${filter}, after: $after, snapshot: true) {
  changes { operation rowId node { ${rowFields} } } deletedIds deletedNodeIds reset
}`;
export const artistChangesOf = `artistChanges(after: $after, snapshot: true) {
  changes { operation rowId node { id name } } deletedIds deletedNodeIds reset
}`;

/** As the server orders them: by plays, most first, then by key. */
export function byPlays(a: Pick<Shown, 'plays' | 'id'>, b: Pick<Shown, 'plays' | 'id'>): number {
  return b.plays - a.plays || (a.id < b.id ? -1 : 1);
}

/** How long a client may take to render what it should; a failure then says what it renders. ms */
const settleMs = 25_000;

export async function createCacheWorld(feedBytes: number): Promise<CacheWorld> {
  const directory = mkdtempSync(join(tmpdir(), 'headgate-caches-'));
  const log = join(directory, 'log');
  mkdirSync(join(directory, 'schema'));
  writeFileSync(
    join(directory, 'schema/songs.graphql'),
    `type Artist @table(topic: "artists") @auth(rules: [{ roles: ["listener"] }]) { id: ID! name: String! }
     type Song @table(topic: "songs") @auth(rules: [{ roles: ["listener"] }]) @changes(maxBytes: "${feedBytes}B") {
       id: ID! title: String! genre: String! @index plays: Int! artistId: ID! @index artist: Artist @relation(fields: ["artistId"])
     }`,
  );
  const env = { HEADGATE_JWT_SECRET: testSecret };
  const args = ['serve', '--log', log, '--data', join(directory, 'data')];
  let gateway: GatewayProcess = await startGatewayProcess(args, { cwd: directory, env });
  const { url, wsUrl } = gateway;
  const port = new URL(url).port;
  const last = new Map<string, number>();
  const connections: LiveClient[] = [];
  let open = (): void => {};
  let held: Promise<void> | undefined;

  const token = (lifeMs = 3_600_000) =>
    signWithSecret({ sub: 'u1', roles: ['listener'], exp: (Date.now() + lifeMs) / 1_000 });

  async function pull(): Promise<{ rows: readonly Shown[]; position: string }> {
    const offsets = [...last].map(([topic, offset]) => `{ topic: "${topic}", partition: 0, offset: "${offset}" }`);
    const query = `query @atLeast(offsets: [${offsets.join(' ')}], timeoutMs: 9000) { ${listOf(500)} artists(limit: 1) { id } }`;
    for (;;) {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${await token()}` },
        body: JSON.stringify({ query }),
      });
      const { data, errors, extensions } = (await response.json()) as {
        data?: { songs: Shown[] };
        errors?: { extensions: { retryable?: boolean } }[];
        extensions?: { position: string };
      };
      if (data !== undefined && data !== null) return { rows: data.songs, position: extensions?.position ?? '' };
      if (errors?.[0]?.extensions.retryable !== true) throw new Error(JSON.stringify(errors));
    }
  }

  return {
    directory,
    url: () => url,
    token: () => token(),
    connect({ firstTokenMs } = {}) {
      const closes: number[] = [];
      let asked = 0;
      const connection = createLiveClient({
        url: async () => {
          await held;
          return wsUrl;
        },
        token: () => token(asked++ === 0 ? firstTokenMs : undefined),
        webSocketImpl: WebSocket,
        maxRetryWaitMs: 200,
        on: { closed: (event) => void closes.push((event as { code: number }).code) },
      });
      connections.push(connection);
      return { ...connection, closes };
    },
    produce(topic, records) {
      last.set(topic, appendToLog(log, topic, records).at(-1)?.offset ?? 0);
    },
    pull,
    async settle(client) {
      const { rows } = await pull();
      const expected = JSON.stringify(rows.map(textOf));
      const settled = client.rendering.until(() => JSON.stringify(client.shown()?.map(textOf)) === expected);
      await Promise.race([settled, delay(settleMs, undefined, { ref: false })]);
      expect(client.shown()?.map(textOf), client.name).toEqual(rows.map(textOf));
    },
    kill: () => gateway.kill9(),
    async back() {
      gateway = await startGatewayProcess([...args, '--port', port], { cwd: directory, env });
    },
    hold: () => void (held = new Promise((resolve) => (open = resolve))),
    release() {
      held = undefined;
      open();
    },
    async close() {
      open();
      for (const connection of connections) await connection.dispose();
      await gateway.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** What `headgate codegen` writes for the schema, into `src/gql`. */
export async function generate({ directory }: CacheWorld, library: string): Promise<void> {
  const { code, stderr } = await runHeadgate(['codegen', '--for', library], { cwd: directory });
  if (code !== 0) throw new Error(stderr);
}

function textOf({ id, title, plays, artist }: Shown): string {
  return `${id}: ${title.slice(0, 20)} (${plays}) ${artist?.name}`;
}
