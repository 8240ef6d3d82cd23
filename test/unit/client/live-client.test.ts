import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import type { Client } from 'graphql-ws';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { createLiveClient, createPositions, describeStatus } from '../../../src/client/client.ts';
import type { ConnectionStatus, LiveClient, LiveClientOptions } from '../../../src/client/client.ts';
import { createIdentity } from '../../../src/identity/create-identity.ts';
import { signWithSecret, testSecret } from '../../support/jwks-server.ts';
import { createServerWorld, subscribe, type ServerWorld, type ServerWorldOptions } from '../../support/server-world.ts';

const schema = 'type Song @table(topic: "songs") { id: ID! title: String! }';
const songs = 'subscription { songs { id title } }';
const changes = `subscription S($after: String, $snapshot: Boolean = false) {
  songChanges(after: $after, snapshot: $snapshot) { changes { operation rowId } deletedIds reset }
}`;
const silent = { info: () => {}, warn: () => {}, error: () => {} };
const identity = () => createIdentity({ settings: { jwt: { secret: testSecret } }, log: silent });

function connect(url: string, options: Partial<LiveClientOptions> = {}): LiveClient {
  const client = createLiveClient({ url, webSocketImpl: WebSocket, maxRetryWaitMs: 20, ...options });
  onTestFinished(() => void client.dispose());
  return client;
}

/** The first status that is like this. */
async function until({ status }: LiveClient, holds: (status: ConnectionStatus) => boolean): Promise<ConnectionStatus> {
  while (!holds(status.get())) {
    await new Promise<void>((resolve) => {
      const stop = status.subscribe(() => {
        stop();
        resolve();
      });
    });
  }
  return status.get();
}

const is = (kind: ConnectionStatus['kind']) => (status: ConnectionStatus) => status.kind === kind;

async function world(options: ServerWorldOptions = {}): Promise<ServerWorld> {
  const made = await createServerWorld(schema, options);
  made.commit({ Song: { a: { title: 'A' } } });
  return made;
}

/** The connection is cut, as a network does. */
function cut(client: LiveClient): void {
  client.terminate();
}

test('a page is told: idle, connecting, live, reconnecting with what was exact when, and live again', async () => {
  const { wsUrl, server } = await world();
  const client = connect(wsUrl);
  expect(client.status.get()).toEqual({ kind: 'idle' });
  const results = subscribe(client, songs);
  expect(client.status.get()).toEqual({ kind: 'connecting' });
  await results.at(0);
  const { exactAsOf } = (await until(client, is('live'))) as { exactAsOf: number };
  expect(Date.now() - exactAsOf).toBeLessThan(5_000);
  cut(client);
  expect(client.status.get()).toMatchObject({ kind: 'reconnecting', since: exactAsOf, reason: 'Terminated' });
  await results.at(1);
  await until(client, is('live'));
  results.stop();
  expect(client.status.get()).toEqual({ kind: 'idle' });
  expect(server).toBeDefined();
});

test('progress says that rows are still exact, and silence that they may not be', async () => {
  const spoken = await world({ limits: { progressMs: 50 } });
  const client = connect(spoken.wsUrl, { staleAfterMs: 3_000 });
  await subscribe(client, songs).at(0);
  const first = (await until(client, is('live'))) as { exactAsOf: number };
  await until(client, (status) => status.kind === 'live' && status.exactAsOf > first.exactAsOf);

  const silentWorld = await world({ limits: { progressMs: 60_000 } });
  const other = connect(silentWorld.wsUrl, { staleAfterMs: 50 });
  await subscribe(other, songs).at(0);
  const { since } = (await until(other, is('stale'))) as { since: number };
  silentWorld.commit({ Song: { a: { title: 'B' } } });
  const again = (await until(other, is('live'))) as { exactAsOf: number };
  expect(again.exactAsOf).toBeGreaterThan(since);
});

test('it connects to a gateway that comes later, and tells what keeps it', async () => {
  const made = await world();
  const { port } = new URL(made.url);
  // Nothing listens there.
  const placeholder = createServer().listen(0, '127.0.0.1');
  await once(placeholder, 'listening');
  const free = (placeholder.address() as AddressInfo).port;
  placeholder.close();
  let target = String(free);
  const client = connect('', { url: () => `ws://127.0.0.1:${target}/graphql` });
  const results = subscribe(client, songs);
  const status = await until(client, is('reconnecting'));
  expect(status).toMatchObject({ since: undefined, reason: 'the gateway cannot be reached' });
  target = port;
  expect(await results.at(0)).toMatchObject({ data: { songs: [{ id: 'a' }] } });
});

/** A socket that cannot be opened: one macrotask for its error, and the same or another for its close. */
function unreachable(order: 'of ws' | 'of browsers', closed: () => void) {
  return class {
    static readonly OPEN = 1;
    static readonly CLOSING = 2;
    static readonly CLOSED = 3;
    static readonly CONNECTING = 0;
    readonly readyState = 3;
    onerror: ((event: object) => void) | null = null;
    onclose: ((event: object) => void) | null = null;
    constructor() {
      const close = (): void => {
        this.onclose?.({ code: 1006, reason: '' });
        setImmediate(closed);
      };
      setImmediate(() => {
        this.onerror?.({ type: 'error' });
        if (order === 'of ws') close();
        else setImmediate(close);
      });
    }
    close(): void {}
  };
}

test.each(['of ws', 'of browsers'] as const)(
  'a wait is told until its end, in the order of events %s',
  async (order) => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000 });
    vi.spyOn(Math, 'random').mockReturnValue(0.9);
    onTestFinished(() => {
      vi.useRealTimers();
      vi.restoreAllMocks();
    });
    let closed = (): void => {};
    const isClosed = new Promise<void>((resolve) => (closed = resolve));
    const client = connect('ws://127.0.0.1:1', { webSocketImpl: unreachable(order, closed), maxRetryWaitMs: 60_000 });
    const reasons: string[] = [];
    client.status.subscribe(() => {
      const status = client.status.get();
      if (status.kind === 'reconnecting') reasons.push(status.reason);
    });
    subscribe(client, songs);
    await isClosed;
    expect(client.status.get()).toMatchObject({ kind: 'reconnecting', retryAt: 1_000_450 });
    expect(describeStatus(client.status.get())).toBe('connecting in 0 s: the gateway cannot be reached');
    expect(new Set(reasons)).toEqual(new Set(['the gateway cannot be reached']));
  },
);

test('a page that is looked at again, or online again, does not wait, and one that is hidden does', async () => {
  const listeners = new Map<string, () => void>();
  const page = { hidden: true };
  vi.stubGlobal('addEventListener', (type: string, listener: () => void) => listeners.set(type, listener));
  vi.stubGlobal('removeEventListener', (type: string) => listeners.delete(type));
  vi.stubGlobal('document', page);
  // Longer than any test.
  vi.spyOn(Math, 'random').mockReturnValue(1_000);
  onTestFinished(() => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });
  let sockets = 0;
  const wait = async (): Promise<void> => {
    const known = sockets;
    while (sockets === known) await new Promise((resolve) => setImmediate(resolve));
  };
  const client = connect('ws://127.0.0.1:1', {
    webSocketImpl: unreachable('of browsers', () => (sockets += 1)),
    maxRetryWaitMs: 600,
  });
  subscribe(client, songs);
  await wait();
  listeners.get('visibilitychange')?.();
  expect(client.status.get()).toMatchObject({ kind: 'reconnecting' });
  expect((client.status.get() as { retryAt: number }).retryAt).toBeGreaterThan(Date.now());
  page.hidden = false;
  for (const event of ['visibilitychange', 'online']) {
    listeners.get(event)?.();
    await wait();
  }
  await client.dispose();
  expect(listeners.size).toBe(0);
});

test('credentials that are no good end it, with the reason, until somebody subscribes again', async () => {
  const { wsUrl } = await world({ identity: identity() });
  let token = 'nonsense';
  const client = connect(wsUrl, { token: () => token });
  const refused = subscribe(client, songs);
  expect(await refused.ended).toMatchObject({ code: 4401 });
  expect(client.status.get()).toMatchObject({ kind: 'refused', code: 4401, reason: expect.stringMatching(/token/i) });
  token = await signWithSecret({ sub: 'u1' });
  await subscribe(client, songs).at(0);
  await until(client, is('live'));
});

test('an expired session goes on with the next token, and a token service that fails is asked again', async () => {
  const { wsUrl, commit } = await world({ identity: identity() });
  const asked: string[] = [];
  const token = async (): Promise<string> => {
    asked.push('asked');
    if (asked.length === 2) throw new Error('the token service is away');
    return signWithSecret({ sub: 'u1', exp: (Date.now() + (asked.length === 1 ? 700 : 3_600_000)) / 1_000 });
  };
  const client = connect(wsUrl, { token });
  const reasons: string[] = [];
  client.status.subscribe(() => {
    const status = client.status.get();
    if (status.kind === 'reconnecting') reasons.push(status.reason);
  });
  const results = subscribe(client, songs);
  await results.at(0);
  await until(client, is('reconnecting'));
  commit({ Song: { a: { title: 'later' } } });
  expect(await results.at(1)).toMatchObject({ data: { songs: [{ title: 'later' }] } });
  expect(asked).toHaveLength(3);
  expect(reasons.join('; ')).toMatch(/expired.*the token service is away/);
});

test('a change stream is resumed after the last position that was heard of', async () => {
  const { wsUrl, commit } = await world();
  const client = connect(wsUrl);
  const results = subscribe(client, changes);
  await results.at(0);
  commit({ Song: { b: { title: 'B' } } });
  await results.at(1);
  cut(client);
  commit({ Song: { c: { title: 'C' }, b: null } });
  expect(await results.at(2)).toMatchObject({
    data: {
      songChanges: {
        changes: [
          { operation: 'INSERT', rowId: 'c' },
          { operation: 'DELETE', rowId: 'b' },
        ],
        reset: false,
      },
    },
  });
  expect(results.all.map(({ errors }) => errors)).toEqual([undefined, undefined, undefined]);
});

test('a change stream that cannot be resumed begins again with all rows, and says so', async () => {
  const first = await world();
  const second = await world();
  let target = first.wsUrl;
  const client = connect('', { url: () => target });
  const results = subscribe(client, changes);
  await results.at(0);
  // Another store: its changes are not those that came after.
  target = second.wsUrl;
  cut(client);
  expect(await results.at(1)).toMatchObject({
    data: { songChanges: { reset: true, changes: [{ operation: 'INSERT', rowId: 'a' }] } },
  });
});

test('a change stream without a variable to resume with ends with an error: no silent gap', async () => {
  const { wsUrl } = await world();
  const client = connect(wsUrl);
  const results = subscribe(client, 'subscription { songChanges { changes { rowId } } }');
  await results.at(0);
  cut(client);
  expect(await results.ended).toMatchObject({ message: expect.stringContaining('after: $after') });
});

test('a cursor of a connection that is called after is left alone', async () => {
  const { wsUrl } = await world();
  const client = connect(wsUrl);
  const query = 'subscription ($after: String) { songsConnection(first: 1, after: $after) { nodes { id } } }';
  const results = subscribe(client, query);
  await results.at(0);
  cut(client);
  expect(await results.at(1)).toMatchObject({ data: { songsConnection: { nodes: [{ id: 'a' }] } } });
});

test('no answer is older than an earlier one: a lagging replica is waited for', async () => {
  const fresh = await world();
  const lagging = await createServerWorld(schema);
  for (const title of ['B', 'C']) fresh.commit({ Song: { a: { title } } });
  lagging.commit({ Song: { a: { title: 'A' } } });
  const positions = createPositions();
  let target = fresh.wsUrl;
  const client = connect('', { url: () => target, positions });
  const results = subscribe(client, songs);
  expect(await results.at(0)).toMatchObject({ data: { songs: [{ title: 'C' }] } });
  target = lagging.wsUrl;
  cut(client);
  while (lagging.hub.counts().waiting === 0) await new Promise((resolve) => setImmediate(resolve));
  for (const title of ['B', 'C']) lagging.commit({ Song: { a: { title } } });
  expect(await results.at(1)).toMatchObject({ data: { songs: [{ title: 'C' }] } });
});

test('closes that graphql-ws takes for final are tried again, but for those that are', async () => {
  const { wsUrl } = await world();
  const broken = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  onTestFinished(() => void broken.close());
  await once(broken, 'listening');
  const codes = [1011, 4500, 4429];
  broken.on('connection', (socket) => socket.close(codes.shift() ?? 1006, 'broken'));
  const brokenUrl = `ws://127.0.0.1:${(broken.address() as AddressInfo).port}`;
  const client = connect('', { url: () => (codes.length === 0 ? wsUrl : brokenUrl) });
  await subscribe(client, songs).at(0);
  expect(codes).toEqual([]);
});

test('a connection that answers no pings is replaced', async () => {
  const deaf = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'graphql-transport-ws' });
  onTestFinished(() => {
    for (const socket of deaf.clients) socket.terminate();
    deaf.close();
  });
  await once(deaf, 'listening');
  deaf.on('connection', (socket) => {
    socket.once('message', () => socket.send('{"type":"connection_ack"}'));
  });
  const client = connect(`ws://127.0.0.1:${(deaf.address() as AddressInfo).port}`, { keepAlive: 40 });
  subscribe(client, songs);
  await once(deaf, 'connection');
  await once(deaf, 'connection');
});

test('results can be iterated over, and the end of the iteration ends the operation', async () => {
  const made = await world();
  const client = connect(made.wsUrl);
  for await (const { data } of client.iterate({ query: songs })) {
    expect(data).toEqual({ songs: [{ id: 'a', title: 'A' }] });
    break;
  }
  expect(client.status.get()).toEqual({ kind: 'idle' });
});

test('one that is disposed of while it waits ends its operations and tries no more', async () => {
  const client = createLiveClient({ url: 'ws://127.0.0.1:1', webSocketImpl: WebSocket });
  const results = subscribe(client, songs);
  await until(client, is('reconnecting'));
  await client.dispose();
  expect(await results.ended).toBeUndefined();
  expect(client.status.get()).toEqual({ kind: 'idle' });
});

test('the status is told in words', () => {
  const now = 100_000;
  expect(
    (
      [
        { kind: 'live', exactAsOf: 97_000 },
        { kind: 'stale', since: 60_000 },
        { kind: 'reconnecting', since: 90_000, retryAt: 104_000, reason: 'Headgate restarts' },
        { kind: 'reconnecting', since: undefined, retryAt: 99_000, reason: 'Headgate restarts' },
        { kind: 'refused', code: 4401, reason: 'The token is signed by nobody that is known.' },
        { kind: 'connecting' },
      ] as const
    ).map((status) => describeStatus(status, now)),
  ).toEqual([
    'live, exact as of 3 s ago',
    'no word from the gateway, exact as of 40 s ago',
    'reconnecting in 4 s, exact as of 10 s ago: Headgate restarts',
    'connecting now: Headgate restarts',
    'refused: The token is signed by nobody that is known.',
    'connecting',
  ]);
});

test("it is graphql-ws' client to whoever takes one", () => {
  const client: Client = connect('ws://127.0.0.1:1');
  expect(client.subscribe).toBeTypeOf('function');
});
