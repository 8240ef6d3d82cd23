import { once } from 'node:events';
import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { createIdentity } from '../../src/identity/create-identity.ts';
import { createServerWorld, subscribe, type ServerWorld, type ServerWorldOptions } from '../support/server-world.ts';
import { closeOf, messagesOf, refusalOf, subscribeMessage } from '../support/sockets.ts';

const schema = `type Song @table(topic: "songs") { id: ID! title: String! }`;
const songs = 'subscription { songs { id } }';
const silent = { info: () => {}, warn: () => {}, error: () => {} };

const keys = ['ann', 'bob', 'batch'];
const apiKeys = keys.map((name) => ({
  name,
  sha256: createHash('sha256').update(`key of ${name}`).digest('hex'),
  ...(name === 'batch' ? { requestsPerSecond: 0 } : {}),
}));
const by = (name: string) => ({ 'x-api-key': `key of ${name}` });
const paramsOf = (name: string) => ({ apiKey: `key of ${name}` });

/** A server that knows ann, bob, and batch, which has no limit of requests. */
function createWorld(limits: ServerWorldOptions['limits'], options: ServerWorldOptions = {}): Promise<ServerWorld> {
  const identity = createIdentity({ settings: { apiKeys }, log: silent });
  return createServerWorld(schema, { identity, metricsPort: 0, limits: limits ?? {}, ...options });
}

async function refused(world: ServerWorld, limit: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${world.server.metricsPort()}/metrics`)).text();
  return Number(new RegExp(`headgate_refused_total\\{limit="${limit}"\\} (\\d+)`).exec(text)?.[1] ?? 0);
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

/** What comes back on a connection of its own until the server closes it. */
async function raw(world: ServerWorld, text: string): Promise<string> {
  const { hostname, port } = new URL(world.url);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  let answer = '';
  socket.on('data', (data) => (answer += String(data)));
  socket.write(text);
  await once(socket, 'close');
  return answer;
}

/** Whether a WebSocket of this caller is welcome; else how it is closed. */
async function greet(world: ServerWorld, name: string): Promise<unknown> {
  const socket = new WebSocket(world.wsUrl, 'graphql-transport-ws');
  onTestFinished(() => socket.terminate());
  socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload: paramsOf(name) })));
  return Promise.race([once(socket, 'message').then(() => 'welcome'), closeOf(socket)]);
}

test('more requests at once than may be are told to come back, and probes are not', async () => {
  const world = await createServerWorld(schema, { metricsPort: 0, limits: { maxConcurrentRequests: 2 } });
  const query =
    'query @atLeast(offsets: [{ topic: "songs", partition: 0, offset: "1" }], timeoutMs: 10000) { songs { id } }';
  const waiting = [world.query(query), world.query(query)];
  await until(() => world.hub.counts().waiting === 2);
  const shed = await world.post({ query: '{ __typename }' });
  expect(shed.status).toBe(503);
  expect(shed.headers.get('retry-after')).toBe('1');
  expect(await shed.json()).toMatchObject({
    errors: [
      {
        message: expect.stringContaining('setting maxConcurrentRequests'),
        extensions: { code: 'OVERLOADED', retryable: true },
      },
    ],
  });
  expect((await fetch(`${world.origin}/healthz`)).status).toBe(200);
  expect(await refused(world, 'maxConcurrentRequests')).toBe(1);
  world.commit({ Song: { a: { title: 'A' } } });
  await Promise.all(waiting);
  for (let n = 0; n < 5; n += 1) expect((await world.post({ query: '{ __typename }' })).status).toBe(200);
  const metrics = await fetch(`http://127.0.0.1:${world.server.metricsPort()}/metrics`);
  expect(await metrics.text()).toContain('\nheadgate_requests 0\n');
});

test("a client that reads slowly is in nobody's way, and one that goes leaves room", async () => {
  const world = await createServerWorld(schema, { limits: { maxConcurrentRequests: 2 } });
  const long = Object.fromEntries(Array.from({ length: 45 }, (_, id) => [id, { title: 'x'.repeat(200_000) }]));
  world.commit({ Song: long });
  const ask = (query: string) => {
    const body = JSON.stringify({ query });
    return `POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
  };
  const { hostname, port } = new URL(world.url);
  const open = (text: string) => {
    const socket = connect(Number(port), hostname);
    onTestFinished(() => void socket.destroy());
    socket.pause();
    socket.write(text);
    return socket;
  };
  const read = world.work.rowsRead;
  const slow = [1, 2, 3].map(() => open(ask('{ songs { title } }')));
  await until(() => world.work.rowsRead === read + 3 * 45);
  expect((await world.post({ query: '{ __typename }' })).status).toBe(200);
  for (const socket of slow) socket.destroy();

  // Two that are sent in one go: the second waits for the first, which waits for a position.
  const later =
    'query @atLeast(offsets: [{ topic: "songs", partition: 0, offset: "100" }], timeoutMs: 10000) { songs { id } }';
  const gone = open(ask(later) + ask(later));
  await until(() => world.hub.counts().waiting === 2);
  expect((await world.post({ query: '{ __typename }' })).status).toBe(503);
  gone.destroy();
  while ((await world.post({ query: '{ __typename }' })).status !== 200);
  expect(world.hub.counts().waiting).toBe(2);
});

test('headers that are too long are refused in our form, and so is what is no HTTP', async () => {
  const world = await createServerWorld(schema, { metricsPort: 0, limits: { maxHeaderBytes: 2_000 } });
  const long = await raw(world, `GET /graphql HTTP/1.1\r\nhost: localhost\r\nx-long: ${'x'.repeat(3_000)}\r\n\r\n`);
  expect(long).toMatch(/^HTTP\/1\.1 431 /);
  expect(long).toContain('"LIMIT_EXCEEDED"');
  expect(long).toContain('setting maxHeaderBytes');
  expect(await refused(world, 'maxHeaderBytes')).toBe(1);
  const garbage = await raw(world, 'hello\r\n\r\n');
  expect(garbage).toMatch(/^HTTP\/1\.1 400 /);
  expect(garbage).toContain('"BAD_USER_INPUT"');
});

test('a connection that never finishes its request, or never begins one, is not kept', async () => {
  const world = await createServerWorld(schema, { limits: { requestTimeoutMs: 200 } });
  const begun = raw(world, 'POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-le');
  const silence = raw(world, '');
  const body = raw(
    world,
    'POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"query"',
  );
  expect(await begun).toMatch(/^HTTP\/1\.1 408 [^]*"TIMEOUT"/);
  expect(await body).toMatch(/^HTTP\/1\.1 408 [^]*"TIMEOUT"/);
  await silence;
});

test('more new WebSockets a second than may be are told so in place of the handshake', async () => {
  const world = await createServerWorld(schema, { metricsPort: 0, limits: { maxAcceptsPerSecond: 0.001 } });
  await world.socket();
  const { status, retryAfter, body } = await refusalOf(new WebSocket(world.wsUrl, 'graphql-transport-ws'));
  expect(status).toBe(503);
  expect(retryAfter).toBe('1');
  expect(body).toMatchObject({
    errors: [{ message: expect.stringContaining('maxAcceptsPerSecond'), extensions: { code: 'OVERLOADED' } }],
  });
  expect(await refused(world, 'maxAcceptsPerSecond')).toBe(1);
});

test.each([
  ['messages', (socket: WebSocket) => socket.send('{"type":"ping"}')],
  ['pings of the protocol', (socket: WebSocket) => socket.ping()],
])('a socket that floods with %s is closed, and only that one', async (_, send) => {
  const world = await createServerWorld(schema, { metricsPort: 0, limits: { maxMessagesPerSecond: 2 } });
  const results = subscribe(world.client(), songs);
  await results.at(0);
  const socket = await world.socket();
  let answers = 0;
  const answered = new Promise((resolve) => {
    for (const event of ['message', 'pong']) socket.on(event, () => (answers += 1) === 20 && resolve('all answered'));
  });
  const closed = closeOf(socket);
  for (let message = 0; message < 20; message += 1) send(socket);
  expect(await Promise.race([closed, answered])).toEqual({
    code: 4429,
    reason: expect.stringContaining('setting maxMessagesPerSecond'),
  });
  expect(await refused(world, 'maxMessagesPerSecond')).toBe(1);
  world.commit({ Song: { a: { title: 'A' } } });
  await results.at(1);
});

test('a message in too many pieces closes the socket', async () => {
  const world = await createServerWorld(schema, { metricsPort: 0 });
  const socket = await world.socket();
  const closed = closeOf(socket);
  for (let piece = 0; piece < 100; piece += 1) socket.send(' ', { fin: false });
  expect((await closed).code).toBe(1008);
  expect(await refused(world, 'maxMessageBytes')).toBe(1);
});

test('one caller has so many connections, whatever their kind, and others have theirs', async () => {
  const world = await createWorld({ maxSocketsPerCaller: 2 });
  const accept = { accept: 'text/event-stream' };
  const first = await world.socket(paramsOf('ann'));
  const stream = await world.post({ query: songs }, { ...accept, ...by('ann') });
  expect(stream.status).toBe(200);
  expect(await greet(world, 'ann')).toEqual({
    code: 1013,
    reason: expect.stringContaining('setting maxSocketsPerCaller'),
  });
  const refusedStream = await world.post({ query: songs }, { ...accept, ...by('ann') });
  expect(refusedStream.status).toBe(429);
  expect(refusedStream.headers.get('retry-after')).toBe('1');
  expect(await refusedStream.json()).toMatchObject({ errors: [{ extensions: { code: 'OVERLOADED' } }] });
  expect(await refused(world, 'maxSocketsPerCaller')).toBe(2);
  expect(await greet(world, 'bob')).toBe('welcome');
  // Both kinds make room when they go.
  first.close();
  await closeOf(first);
  await stream.body?.cancel();
  await until(() => world.hub.counts().subscribers === 0);
  expect(await greet(world, 'ann')).toBe('welcome');
  expect(await greet(world, 'ann')).toBe('welcome');
});

test('one caller has so many subscriptions over all its connections; queries do not count', async () => {
  const world = await createWorld({ maxSubscriptionsPerCaller: 2 });
  const [first, second] = [await world.socket(paramsOf('ann')), await world.socket(paramsOf('ann'))];
  const [ofFirst, ofSecond] = [messagesOf(first), messagesOf(second)];
  first.send(subscribeMessage('1', songs));
  await ofFirst();
  second.send(subscribeMessage('1', songs));
  await ofSecond();
  second.send(subscribeMessage('2', songs));
  expect(await ofSecond()).toMatchObject({
    type: 'error',
    payload: [
      {
        message: expect.stringContaining('setting maxSubscriptionsPerCaller'),
        extensions: { code: 'LIMIT_EXCEEDED' },
      },
    ],
  });
  expect((await world.post({ query: songs }, { accept: 'text/event-stream', ...by('ann') })).status).toBe(429);
  second.send(subscribeMessage('3', '{ songs { id } }'));
  expect(await ofSecond(({ id }) => id === '3')).toMatchObject({ type: 'next' });
  const other = subscribe(world.client({ connectionParams: paramsOf('bob') }), songs);
  await other.at(0);
  // One that ends makes room, however it ends.
  first.send('{"id":"1","type":"complete"}');
  await until(() => world.hub.counts().subscribers === 2);
  second.send(subscribeMessage('4', songs));
  expect(await ofSecond(({ id }) => id === '4')).toMatchObject({ type: 'next' });
  second.terminate();
  await until(() => world.hub.counts().subscribers === 1);
  first.send(subscribeMessage('5', songs));
  expect(await ofFirst(({ id }) => id === '5')).toMatchObject({ type: 'next' });
});

test('one caller asks so often; a key may have a limit of its own, or none', async () => {
  // One now, and the next a long time later.
  const world = await createWorld({ maxRequestsPerSecond: 0.001 });
  const ask = (name: string) => world.post({ query: '{ __typename }' }, by(name));
  expect((await ask('ann')).status).toBe(200);
  const tooOften = await ask('ann');
  expect(tooOften.status).toBe(429);
  expect(Number(tooOften.headers.get('retry-after'))).toBeGreaterThan(900);
  expect(await tooOften.json()).toMatchObject({
    errors: [
      {
        message: expect.stringContaining('setting maxRequestsPerSecond'),
        extensions: { code: 'OVERLOADED', retryable: true, retryAfterMs: expect.any(Number) },
      },
    ],
  });
  expect((await ask('bob')).status).toBe(200);
  for (let n = 0; n < 10; n += 1) expect((await ask('batch')).status).toBe(200);
  // Over a WebSocket the operation is refused, and the socket stays.
  const socket = await world.socket(paramsOf('ann'));
  const next = messagesOf(socket);
  for (const id of ['1', '2']) {
    socket.send(subscribeMessage(id, songs));
    expect(await next()).toMatchObject({ id, type: 'error', payload: [{ extensions: { code: 'OVERLOADED' } }] });
  }
  expect(await refused(world, 'maxRequestsPerSecond')).toBe(3);
});

test('callers without credentials are told apart by their address, which trusted proxies alone can give', async () => {
  const limits = { maxRequestsPerSecond: 0.001 };
  const ask = (world: ServerWorld, forwarded: string) =>
    world.post({ query: '{ __typename }' }, { 'x-forwarded-for': forwarded });
  const behindOne = await createWorld(limits, { trustProxy: 1 });
  expect((await ask(behindOne, '10.0.0.1')).status).toBe(200);
  expect((await ask(behindOne, '10.0.0.2')).status).toBe(200);
  // What the client itself puts in front is its own word.
  expect((await ask(behindOne, '10.0.0.9, 10.0.0.1')).status).toBe(429);
  const behindNone = await createWorld(limits);
  expect((await ask(behindNone, '10.0.0.1')).status).toBe(200);
  expect((await ask(behindNone, '10.0.0.2')).status).toBe(429);
});

test('nobody is limited as a caller where callers are not told apart', async () => {
  const world = await createServerWorld(schema, {
    limits: { maxRequestsPerSecond: 0.001, maxSocketsPerCaller: 1, maxSubscriptionsPerCaller: 1 },
  });
  for (let n = 0; n < 3; n += 1) {
    expect((await world.post({ query: '{ __typename }' })).status).toBe(200);
    await subscribe(world.client(), songs).at(0);
  }
});
