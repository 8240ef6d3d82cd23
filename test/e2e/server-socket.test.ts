import { once } from 'node:events';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { must } from '../../src/common/errors.ts';
import { Arrival } from '../support/arrival.ts';
import { createServerWorld, subscribe } from '../support/server-world.ts';
import { closeCode, messagesOf } from '../support/sockets.ts';

const schema = `
type Song @table(topic: "songs") { id: ID! title: String! plays: BigInt artistId: ID @index }
`;
const songs = 'subscription { songs { id title } }';

test('a subscription is the query, live', async () => {
  const world = await createServerWorld(schema);
  world.commit({ Song: { a: { title: 'A' } } });
  const results = subscribe(world.client(), songs);
  expect(await results.at(0)).toEqual({
    data: { songs: [{ id: 'a', title: 'A' }] },
    extensions: { position: world.position('Song') },
  });
  world.commit({ Song: { b: { title: 'B' } } });
  expect(await results.at(1)).toEqual({
    data: {
      songs: [
        { id: 'a', title: 'A' },
        { id: 'b', title: 'B' },
      ],
    },
    extensions: { position: world.position('Song') },
  });
  results.stop();
  while (world.hub.counts().subscribers > 0) await new Promise((resolve) => setImmediate(resolve));
});

test('a late joiner gets the current answer at once, and both get what follows from one evaluation', async () => {
  const world = await createServerWorld(schema);
  const first = subscribe(world.client(), songs);
  await first.at(0);
  world.commit({ Song: { a: { title: 'A' } } });
  await first.at(1);
  const late = subscribe(world.client(), songs);
  expect((await late.at(0)).data).toEqual({ songs: [{ id: 'a', title: 'A' }] });
  const evaluated = world.work.shapesEvaluated;
  world.commit({ Song: { a: { title: 'A2' } } });
  await Promise.all([first.at(2), late.at(1)]);
  expect(world.work.shapesEvaluated - evaluated).toBe(1);
});

test('change streams, with resumption on another socket', async () => {
  const world = await createServerWorld(schema);
  const document =
    'subscription($after: String) { songChanges(after: $after) { live position changes { operation rowId } } }';
  const stream = subscribe(world.client(), document);
  const { data } = await stream.at(0);
  world.commit({ Song: { a: { title: 'A' } } });
  expect((await stream.at(1)).data).toMatchObject({ songChanges: { changes: [{ operation: 'INSERT', rowId: 'a' }] } });
  stream.stop();
  const after = (must(data, 'data')['songChanges'] as { position: string }).position;
  const again = subscribe(world.client(), document, { after });
  expect((await again.at(0)).data).toMatchObject({
    songChanges: { live: false, changes: [{ operation: 'INSERT', rowId: 'a' }] },
  });
  const expired = subscribe(world.client(), document, { after: Buffer.from('["other",1,{}]').toString('base64url') });
  expect((await expired.at(0)).errors?.[0]?.extensions).toMatchObject({ code: 'POSITION_EXPIRED', reason: 'store' });
  await expired.ended;
});

test('queries are answered over a socket too, digit for digit', async () => {
  const world = await createServerWorld(schema);
  world.commit({ Song: { a: { title: 'A', plays: '9223372036854775807' } } });
  const query = subscribe(world.client(), '{ song(id: "a") { plays } }');
  expect((await query.at(0)).data).toEqual({ song: { plays: '9223372036854775807' } });
  expect(await query.ended).toBeUndefined();
});

test('an operation that is not valid is an error of its own; the socket lives on', async () => {
  const world = await createServerWorld(schema);
  const client = world.client();
  const [wrong, garbled] = [subscribe(client, 'subscription { nothing }'), subscribe(client, '{')];
  expect(await wrong.ended).toMatchObject([{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }]);
  expect(await garbled.ended).toMatchObject([{ extensions: { code: 'GRAPHQL_PARSE_FAILED' } }]);
  await subscribe(client, songs).at(0);
});

test('more operations than a socket may have are errors, not a closed socket', async () => {
  const world = await createServerWorld(schema, { limits: { maxSubscriptionsPerSocket: 2 } });
  const client = world.client();
  const open = [subscribe(client, songs), subscribe(client, 'subscription { songs { id } }')];
  await Promise.all(open.map((results) => results.at(0)));
  expect(await subscribe(client, 'subscription { songs { title } }').ended).toMatchObject([
    { message: expect.stringContaining('maxSubscriptionsPerSocket'), extensions: { code: 'LIMIT_EXCEEDED' } },
  ]);
  open[0]?.stop();
  while (world.hub.counts().subscribers > 1) await new Promise((resolve) => setImmediate(resolve));
  await subscribe(client, 'subscription { songs { title } }').at(0);
});

test('more sockets than there may be are told to try again later', async () => {
  const world = await createServerWorld(schema, { limits: { maxSockets: 1 } });
  await world.socket();
  const second = new WebSocket(world.wsUrl, 'graphql-transport-ws');
  expect(await closeCode(second)).toBe(1013);
});

test('a message that is too long closes the socket, and only that one', async () => {
  const world = await createServerWorld(schema, { limits: { maxMessageBytes: 1_000 } });
  const results = subscribe(world.client(), songs);
  await results.at(0);
  const socket = await world.socket();
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: 'x'.repeat(2_000) } }));
  expect(await closeCode(socket)).toBe(1009);
  world.commit({ Song: { a: { title: 'A' } } });
  await results.at(1);
});

test.each([
  ['no connection_init', [], 4408],
  ['a subscription before it', ['{"id":"1","type":"subscribe","payload":{"query":"{ __typename }"}}'], 4401],
  ['a message that is none', ['{"type":"connection_init"}', 'hello'], 4400],
  ['a message of the server', ['{"type":"connection_init"}', '{"id":"1","type":"next","payload":{}}'], 4400],
  ['two connection_inits', ['{"type":"connection_init"}', '{"type":"connection_init"}'], 4429],
])('%s closes the socket with the code of the protocol', async (_, messages, expected) => {
  const world = await createServerWorld(schema, { limits: { initTimeoutMs: 100 } });
  const socket = new WebSocket(world.wsUrl, 'graphql-transport-ws');
  await once(socket, 'open');
  const closed = closeCode(socket);
  for (const message of messages) socket.send(message);
  expect(await closed).toBe(expected);
});

function one(id: string): string {
  return JSON.stringify({ id, type: 'subscribe', payload: { query: songs } });
}

test('two operations of one id close the socket', async () => {
  const world = await createServerWorld(schema);
  const socket = await world.socket();
  socket.send(one('1'));
  socket.send(one('1'));
  expect(await closeCode(socket)).toBe(4409);
});

test('an id given away again at once belongs to its last operation alone, and nothing outlives the socket', async () => {
  const world = await createServerWorld(schema);
  const socket = await world.socket();
  const next = messagesOf(socket);
  // In one piece, as a client writes them that does not wait between.
  socket.send(one('1'));
  socket.send('{"id":"1","type":"complete"}');
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: 'subscription { songs { id } }' } }));
  await next(({ type, payload }) => type === 'next' && JSON.stringify(payload).includes('"songs"'));
  await until(() => world.hub.counts().subscribers === 1);
  socket.terminate();
  await until(() => world.hub.counts().subscribers === 0);
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

test('another subprotocol is refused', async () => {
  const world = await createServerWorld(schema);
  expect([1006, 4406]).toContain(await closeCode(new WebSocket(world.wsUrl, 'graphql-ws')));
});

test('another path is no WebSocket', async () => {
  const world = await createServerWorld(schema);
  const socket = new WebSocket(world.wsUrl.replace('/graphql', '/other'), 'graphql-transport-ws');
  const [error] = (await once(socket, 'error')) as [Error];
  expect(error.message).toContain('404');
});

test('origins are checked where they are configured', async () => {
  const world = await createServerWorld(schema, { allowedOrigins: ['https://shop.example'] });
  const open = (origin?: string) =>
    new WebSocket(world.wsUrl, 'graphql-transport-ws', origin === undefined ? {} : { origin });
  const [error] = (await once(open('https://evil.example'), 'error')) as [Error];
  expect(error.message).toContain('403');
  for (const origin of ['https://shop.example', undefined]) {
    const socket = open(origin);
    await once(socket, 'open');
    socket.terminate();
  }
});

test('progress comes in pings that stock clients answer and do not show', async () => {
  const world = await createServerWorld(schema, { limits: { progressMs: 20 } });
  const pings: unknown[] = [];
  const arrival = new Arrival();
  const client = world.client({
    on: {
      ping(received, payload) {
        if (received) pings.push(payload);
        arrival.tell();
      },
    },
  });
  const results = subscribe(client, songs);
  await results.at(0);
  world.commit({ Song: { a: { title: 'A' } } });
  await results.at(1);
  const position = world.position('Song');
  await arrival.until(() => JSON.stringify(pings.at(-1) ?? '').includes(position));
  expect(Object.values((pings.at(-1) as { positions: Record<string, string> }).positions)).toEqual([position]);
  // Nothing changed for this answer: the position advances all the same.
  const other = subscribe(client, 'subscription { song(id: "zzz") { title } }');
  await other.at(0);
  world.commit({ Song: { b: { title: 'B' } } });
  await results.at(2);
  const newest = world.position('Song');
  await arrival.until(() => JSON.stringify(pings.at(-1)).split(newest).length === 3);
  expect(other.all).toHaveLength(1);
  expect(results.all).toHaveLength(3);
});

test('a client that leaves pings unanswered is gone', async () => {
  const world = await createServerWorld(schema, { limits: { pingMs: 500 } });
  const socket = new WebSocket(world.wsUrl, 'graphql-transport-ws', { autoPong: false });
  await once(socket, 'open');
  const next = messagesOf(socket);
  socket.send('{"type":"connection_init"}');
  await next();
  socket.send(one('1'));
  await next();
  expect(world.hub.counts().subscribers).toBe(1);
  const answering = await world.socket();
  await once(socket, 'close');
  while (world.hub.counts().subscribers > 0) await new Promise((resolve) => setImmediate(resolve));
  expect(answering.readyState).toBe(WebSocket.OPEN);
});

test('a client that vanishes frees its shapes', async () => {
  const world = await createServerWorld(schema);
  const socket = await world.socket();
  const next = messagesOf(socket);
  for (const id of ['1', '2', '3']) socket.send(one(id));
  for (const _ of ['1', '2', '3']) await next();
  expect(world.hub.counts()).toMatchObject({ shapes: 1, subscribers: 3 });
  socket.terminate();
  while (world.hub.counts().subscribers > 0) await new Promise((resolve) => setImmediate(resolve));
  expect(world.hub.counts()).toMatchObject({ shapes: 0 });
});

test('a socket that does not read costs bounded memory and nobody else; it gets the newest state when it reads', async () => {
  const world = await createServerWorld(schema);
  const title = (step: number) => `${step} ${'x'.repeat(200_000)}`;
  world.commit({ Song: { a: { title: title(0) } } });
  const slow = await world.socket();
  const good = subscribe(world.client(), songs);
  await good.at(0);
  const next = messagesOf(slow);
  slow.send(one('1'));
  await next();
  slow.pause();
  const steps = 100;
  const sentBefore = world.work.framesSent;
  for (let step = 1; step <= steps; step += 1) {
    world.commit({ Song: { a: { title: title(step) } } });
    const { data } = await good.at(step);
    expect((must(data, 'data')['songs'] as { title: string }[])[0]?.title.split(' ')[0]).toBe(String(step));
  }
  // 20 MB of answers; the slow socket was handed what fits into the kernel's buffers, and one frame more.
  const sentToSlow = world.work.framesSent - sentBefore - steps;
  expect(sentToSlow).toBeLessThan(70);
  const newest = next(({ payload }) => JSON.stringify(payload).includes(`${steps} x`));
  slow.resume();
  await newest;
});

test('shutting down tells clients to come back, and finishes what is under way', async () => {
  const world = await createServerWorld(schema);
  const closes: number[] = [];
  const client = world.client({ on: { closed: (event) => closes.push((event as { code: number }).code) } });
  const results = subscribe(client, songs);
  await results.at(0);
  const waiting = world.query(
    'query @atLeast(offsets: [{ topic: "songs", partition: 0, offset: "1" }], timeoutMs: 5000) { songs { id } }',
  );
  while (world.hub.counts().waiting === 0) await new Promise((resolve) => setImmediate(resolve));
  const ready = await fetch(`${world.origin}/readyz`);
  expect(ready.status).toBe(200);
  const drained = world.server.drain();
  world.commit({ Song: { a: { title: 'A' } } });
  expect((await waiting).data).toEqual({ songs: [{ id: 'a' }] });
  await drained;
  await results.ended;
  expect(closes).toEqual([1012]);
  await expect(fetch(`${world.origin}/healthz`)).rejects.toThrow('fetch failed');
});
