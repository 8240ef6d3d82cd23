import { once } from 'node:events';
import { connect } from 'node:net';
import { createClient } from 'graphql-ws';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { createLiveClient, liveClientOptions } from '../../src/client/client.ts';
import { must } from '../../src/common/errors.ts';
import { createIdentity } from '../../src/identity/create-identity.ts';
import { Events } from '../support/events.ts';
import { signWithSecret, testSecret } from '../support/jwks-server.ts';
import { createServerWorld, subscribe, type ServerWorld, type ServerWorldOptions } from '../support/server-world.ts';
import { closeCode, closeOf, messagesOf, subscribeMessage, type Message } from '../support/sockets.ts';

const schema = `type Song @table(topic: "songs") { id: ID! title: String! }`;
const songs = 'subscription { songs { id title } }';
const silent = { info: () => {}, warn: () => {}, error: () => {} };

/** A server that knows its callers by tokens. */
function createWorld(options: ServerWorldOptions = {}): Promise<ServerWorld> {
  return createServerWorld(schema, {
    identity: createIdentity({ settings: { jwt: { secret: testSecret } }, log: silent }),
    ...options,
  });
}

/** Long enough to connect with on a machine that does other things, too; short enough to wait for. */
const lifeMs = 1_500;

interface ShortLived {
  readonly token: string;
  readonly expiresAtMs: number;
}

async function expiringAt(expiresAtMs: number): Promise<ShortLived> {
  return { token: await signWithSecret({ sub: 'u1', exp: expiresAtMs / 1_000 }), expiresAtMs };
}

function shortLived(): Promise<ShortLived> {
  return expiringAt(Date.now() + lifeMs);
}

function bearer(token: string): { readonly authorization: string } {
  return { authorization: `Bearer ${token}` };
}

/** Changes a row again and again until stopped. */
function keepChanging(world: ServerWorld): { readonly times: number[]; readonly positions: string[]; stop(): void } {
  const times: number[] = [];
  const positions: string[] = [];
  const change = () => {
    world.commit({ Song: { a: { title: String(times.length) } } });
    times.push(Date.now());
    positions.push(world.position('Song'));
  };
  change();
  const timer = setInterval(change, 5);
  const stop = () => clearInterval(timer);
  onTestFinished(stop);
  return { times, positions, stop };
}

/**
 * Rejects once a row has come in that was written when the session should have ended already, by what is promised: a second after the
 * expiry. `newest` gives what came last. Stops looking when `over` has resolved.
 */
async function sentTooLate(
  { times }: { readonly times: readonly number[] },
  { expiresAtMs }: ShortLived,
  newest: () => string,
  over: Promise<unknown>,
): Promise<void> {
  let isOver = false;
  void over.then(() => (isOver = true));
  const isLate = () => {
    const title = /"title":"(\d+)"/.exec(newest())?.[1];
    return title !== undefined && (times[Number(title)] ?? 0) > expiresAtMs + 1_000;
  };
  await until(() => isOver || isLate());
  if (isLate()) throw new Error('a row has been sent that was written more than a second after the expiry');
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

/** Until a session with this token has been ended. */
async function expiryOf(world: ServerWorld, { token }: ShortLived): Promise<void> {
  await closeOf(await world.socket({ token }));
}

test('a WebSocket ends with the token, up to where it was exact, and nothing of later rows is sent', async () => {
  const world = await createWorld();
  const short = await shortLived();
  const socket = await world.socket({ token: short.token });
  const closed = closeOf(socket);
  const received: string[] = [];
  socket.on('message', (data) => received.push(String(data)));
  const changes = keepChanging(world);
  socket.send(subscribeMessage('1', songs));
  await sentTooLate(changes, short, () => received.at(-1) ?? '', closed);
  expect(await closed).toEqual({ code: 4403, reason: expect.stringContaining('expired') });
  expect(world.hub.counts()).toMatchObject({ subscribers: 0, shapes: 0 });
  expect(received.filter((text) => text.includes('"next"')).length).toBeGreaterThan(3);
  // No word that the operation is complete: the client subscribes again when it is back, after this position.
  const last = JSON.parse(must(received.at(-1), 'a message')) as Message;
  expect(last).toMatchObject({ type: 'ping', payload: { positions: { 1: expect.any(String) } } });
  expect(changes.positions).toContain((last.payload as { positions: Record<string, string> }).positions['1']);
});

test('an SSE response ends with the token, up to where it was exact, and nothing of later rows is sent', async () => {
  const world = await createWorld();
  const short = await shortLived();
  const changes = keepChanging(world);
  const response = await world.post({ query: songs }, { accept: 'text/event-stream', ...bearer(short.token) });
  const events = new Events(response);
  const last = events.last();
  await sentTooLate(changes, short, () => events.events.at(-1)?.data ?? '', last);
  expect(await last).toEqual({ event: 'complete', payload: undefined });
  expect(world.hub.counts()).toMatchObject({ subscribers: 0, shapes: 0 });
  expect(events.events.length).toBeGreaterThan(3);
  const { payload } = await events.at(events.events.length - 2);
  expect(payload).toEqual({
    data: null,
    errors: [{ message: expect.stringContaining('expired'), extensions: { code: 'UNAUTHENTICATED', retryable: true } }],
    extensions: { position: expect.any(String) },
  });
  expect(changes.positions).toContain((payload as { extensions: { position: string } }).extensions.position);
});

const waiting =
  'query @atLeast(offsets: [{ topic: "songs", partition: 0, offset: "1" }], timeoutMs: 10000) { songs { title } }';

test('a machine that sleeps past the expiry sends nothing when it wakes, though no timer has come', async () => {
  const startMs = Date.now();
  vi.useFakeTimers({ toFake: ['Date'], now: startMs });
  onTestFinished(() => void vi.useRealTimers());
  const world = await createWorld();
  const { token } = await expiringAt(startMs + 60_000);
  const socket = await world.socket(bearer(token));
  const closed = closeOf(socket);
  const next = messagesOf(socket);
  socket.send(subscribeMessage('1', songs));
  expect(await next()).toMatchObject({ type: 'next' });
  const sse = new Events(await world.post({ query: songs }, { accept: 'text/event-stream', ...bearer(token) }));
  await sse.at(0);
  vi.setSystemTime(startMs + 3_600_000);
  world.commit({ Song: { a: { title: 'too late' } } });
  expect(await closed).toMatchObject({ code: 4403 });
  await sse.last();
  expect(sse.events.map(({ event, data }) => [event, /"code":"(\w+)"/.exec(data)?.[1]])).toEqual([
    ['next', undefined],
    ['next', 'UNAUTHENTICATED'],
    ['complete', undefined],
  ]);
  expect(JSON.stringify(sse.events)).not.toContain('too late');
  // What came before the close.
  expect(await Promise.race([next((message) => message.type === 'next'), 'nothing'])).toBe('nothing');
});

test('a query that waits for a position is not answered with rows once the token has expired', async () => {
  const world = await createWorld();
  const short = await shortLived();
  const asked = world.post({ query: waiting }, bearer(short.token));
  const streamed = world.post({ query: waiting }, { accept: 'text/event-stream', ...bearer(short.token) });
  await until(() => world.hub.counts().waiting === 2);
  await expiryOf(world, short);
  world.commit({ Song: { a: { title: 'later' } } });
  const answer = await (await asked).text();
  expect(JSON.parse(answer)).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED', retryable: true } }] });
  expect(answer).not.toContain('later');
  expect(await (await streamed).text()).not.toContain('later');
});

test('a request that is still being sent when the token expires is not answered', async () => {
  const world = await createWorld();
  world.commit({ Song: { a: { title: 'A' } } });
  const short = await shortLived();
  const { hostname, port } = new URL(world.url);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  const body = JSON.stringify({ query: '{ songs { title } }' });
  socket.write(
    `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nconnection: close\r\n` +
      `authorization: Bearer ${short.token}\r\ncontent-length: ${body.length}\r\n\r\n${body.slice(0, 5)}`,
  );
  await expiryOf(world, short);
  let answer = '';
  socket.on('data', (data) => (answer += String(data)));
  socket.write(body.slice(5));
  await once(socket, 'close');
  expect(answer).toContain('"UNAUTHENTICATED"');
  expect(answer).toContain('expired');
  expect(answer).not.toContain('"A"');
});

test('what a client has not read when its token expires is not sent later', async () => {
  const world = await createWorld();
  // A frame is 6 MB, so that a few are more than the kernel's buffers take.
  const fill = (step: number) =>
    world.commit({
      Song: Object.fromEntries(
        Array.from({ length: 30 }, (_, id) => [id, { title: `${step} ${'x'.repeat(200_000)}` }]),
      ),
    });
  fill(0);
  const { token, expiresAtMs } = await shortLived();
  // One that reads, and ends when those that do not have had their second.
  const later = expiryOf(world, await expiringAt(expiresAtMs + 1_500));
  const socket = await world.socket({ token });
  const closed = closeCode(socket);
  socket.pause();
  socket.send(subscribeMessage('1', songs));
  const { hostname, port } = new URL(world.url);
  const stream = connect(Number(port), hostname);
  onTestFinished(() => void stream.destroy());
  stream.pause();
  stream.write(
    `GET /graphql?query=${encodeURIComponent(songs)} HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\n` +
      `authorization: Bearer ${token}\r\n\r\n`,
  );
  await until(() => world.hub.counts().subscribers === 2);
  for (let step = 1; step <= 5; step += 1) {
    fill(step);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await later;
  socket.resume();
  // Not 4403: that was behind what it had not read.
  expect(await closed).toBe(1006);
  let text = '';
  stream.on('data', (data) => (text += String(data)));
  stream.resume();
  await once(stream, 'close');
  expect(text).toContain('event: next');
  expect(text).not.toContain('UNAUTHENTICATED');
});

test('a client that gets a new token when the old one has expired goes on by itself', async () => {
  const world = await createWorld();
  const changes = keepChanging(world);
  const tokens = [(await shortLived()).token, await signWithSecret({ sub: 'u1' })];
  const closes: number[] = [];
  const client = createClient({
    ...liveClientOptions({
      url: world.wsUrl,
      webSocketImpl: WebSocket,
      connectionParams: () => ({ token: tokens.shift() }),
    }),
    on: { closed: (event) => closes.push((event as { code: number }).code) },
  });
  onTestFinished(() => void client.dispose());
  const results = subscribe(client, songs);
  await until(() => closes.length === 1);
  const { length } = results.all;
  expect(closes).toEqual([4403]);
  await results.at(length + 3);
  changes.stop();
  expect(tokens).toEqual([]);
});

test('revoked sessions end, over WebSockets and SSE, and those of others go on', async () => {
  const world = await createWorld();
  const changes = keepChanging(world);
  const [hers, his] = await Promise.all([
    // Surely before the second of the revocation.
    signWithSecret({ sub: 'u1', groups: ['sales'] }, Date.now() - 2_000),
    signWithSecret({ sub: 'u2', groups: ['support'] }),
  ]);
  const socket = await world.socket({ token: hers });
  socket.send(subscribeMessage('1', songs));
  await messagesOf(socket)(({ type }) => type === 'next');
  const closed = closeOf(socket);
  const accept = { accept: 'text/event-stream' };
  const stream = new Events(await world.post({ query: songs }, { ...accept, ...bearer(hers) }));
  await stream.at(0);
  const other = await world.socket({ token: his });
  const others = messagesOf(other);
  other.send(subscribeMessage('1', songs));
  await others(({ type }) => type === 'next');

  // A list that holds the value counts.
  expect(world.server.dropSessions('groups', 'sales')).toBe(2);
  expect(world.hub.counts().subscribers).toBe(1);
  expect(await closed).toEqual({ code: 4403, reason: expect.stringContaining('revoked') });
  expect(await stream.last()).toEqual({ event: 'complete', payload: undefined });
  expect((await stream.at(stream.events.length - 2)).payload).toMatchObject({
    errors: [{ message: expect.stringContaining('revoked'), extensions: { code: 'UNAUTHENTICATED', retryable: true } }],
    extensions: { position: expect.any(String) },
  });
  await others(({ type }) => type === 'next');
  changes.stop();

  // The token is no good any more, over any transport; one that is issued later is.
  const query = '{ songs { id } }';
  for (const headers of [bearer(hers), { ...accept, ...bearer(hers) }]) {
    expect((await world.post({ query }, headers)).status).toBe(401);
  }
  const again = new WebSocket(world.wsUrl, 'graphql-transport-ws');
  again.on('open', () => again.send(JSON.stringify({ type: 'connection_init', payload: { token: hers } })));
  expect(await closeCode(again)).toBe(4401);
  const later = await signWithSecret({ sub: 'u1', groups: ['sales'] }, Date.now() + 2_000);
  expect((await world.post({ query }, bearer(later))).status).toBe(200);
});

test('a client whose new token is of the very second of a revocation is refused, and goes on with one of the next', async () => {
  const startMs = 1_000 * Math.floor(Date.now() / 1_000);
  vi.useFakeTimers({ toFake: ['Date'], now: startMs });
  onTestFinished(() => void vi.useRealTimers());
  const world = await createWorld();
  const closes: number[] = [];
  const client = createLiveClient({
    url: world.wsUrl,
    webSocketImpl: WebSocket,
    token: () => signWithSecret({ sub: 'u1' }),
    maxRetryWaitMs: 20,
    on: { closed: (event) => closes.push((event as { code: number }).code) },
  });
  onTestFinished(() => void client.dispose());
  const results = subscribe(client, songs);
  await results.at(0);
  vi.setSystemTime(startMs + 1_500);
  expect(world.server.dropSessions('sub', 'u1')).toBe(1);
  await until(() => closes.length === 3);
  const refused = await world.post({ query: '{ songs { id } }' }, bearer(await signWithSecret({ sub: 'u1' })));
  expect(refused.status).toBe(401);
  expect(await refused.json()).toMatchObject({
    errors: [
      { message: expect.stringContaining('new token'), extensions: { code: 'UNAUTHENTICATED', retryable: true } },
    ],
  });
  vi.setSystemTime(startMs + 2_000);
  await results.at(1);
  expect(new Set(closes)).toEqual(new Set([4403]));
  expect(client.status.get()).toMatchObject({ kind: 'live' });
});

test('a query that waits for a position is not answered with rows once its caller is revoked', async () => {
  const world = await createWorld();
  const token = await signWithSecret({ sub: 'u1' });
  const asked = world.post({ query: waiting }, bearer(token));
  await until(() => world.hub.counts().waiting === 1);
  world.server.dropSessions('sub', 'u1');
  world.commit({ Song: { a: { title: 'later' } } });
  expect(await (await asked).json()).toMatchObject({
    errors: [{ message: expect.stringContaining('revoked'), extensions: { code: 'UNAUTHENTICATED' } }],
  });
});

test('operators drop sessions on the port of the metrics, with the key alone', async () => {
  const adminKey = 'a key of at least thirty-two characters';
  const world = await createWorld({ metricsPort: 0, adminKey });
  const origin = `http://127.0.0.1:${world.server.metricsPort()}`;
  const closed = closeCode(await world.socket({ token: await signWithSecret({ sub: 'u1', age: 42 }) }));
  const drop = (key: string | undefined, body: unknown, at = origin) =>
    fetch(`${at}/admin/sessions/drop`, {
      method: 'POST',
      headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const him = { claim: 'sub', value: 'u1' };
  for (const key of [undefined, '', 'another key', `${adminKey}x`]) {
    const refused = await drop(key, him);
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toBe('Bearer');
  }
  for (const body of [
    '',
    'no JSON',
    'null',
    {},
    { claim: 'sub' },
    { claim: '', value: 'u1' },
    { claim: 'sub', value: {} },
  ])
    expect((await drop(adminKey, body)).status).toBe(400);
  expect((await drop(adminKey, { claim: 'sub', value: 'x'.repeat(20_000) })).status).toBe(400);
  expect((await fetch(`${origin}/admin/sessions/drop`, { headers: bearer(adminKey) })).status).toBe(405);
  // Not where clients are.
  expect((await drop(adminKey, him, world.origin)).status).toBe(404);
  expect(await (await drop(adminKey, { claim: 'sub', value: 'u2' })).json()).toEqual({ dropped: 0 });
  expect(await (await drop(adminKey, { claim: 'age', value: 42 })).json()).toEqual({ dropped: 1 });
  expect(await closed).toBe(4403);
  expect((await fetch(`${origin}/metrics`)).status).toBe(200);

  const without = await createWorld({ metricsPort: 0 });
  expect((await drop('', him, `http://127.0.0.1:${without.server.metricsPort()}`)).status).toBe(404);
});
