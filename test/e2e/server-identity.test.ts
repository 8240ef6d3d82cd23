import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import type { IdentitySettings } from '../../src/config/identity-settings.ts';
import { createIdentity } from '../../src/identity/create-identity.ts';
import type { Identity } from '../../src/identity/identity.ts';
import { Events } from '../support/events.ts';
import { signWithSecret, testSecret } from '../support/jwks-server.ts';
import { createServerWorld, type ServerWorld } from '../support/server-world.ts';
import { closeOf, messagesOf, subscribeMessage } from '../support/sockets.ts';

const schema = `
type Song @table(topic: "songs") @auth(rules: [{ where: { owner: { eq: "$jwt.sub" } } }, { roles: ["support"] }]) {
  id: ID!
  owner: ID! @index
}
type Genre @table(topic: "genres") @auth(public: true) { id: ID! }
`;
const query = '{ songs { id } }';
const silent = { info: () => {}, warn: () => {}, error: () => {} };
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

function identityOf(settings: IdentitySettings = { jwt: { secret: testSecret } }): Identity {
  return createIdentity({ settings, log: silent });
}

async function createWorld(identity = identityOf()): Promise<ServerWorld> {
  const world = await createServerWorld(schema, { identity });
  world.commit({ Song: { a: { owner: 'u1' }, b: { owner: 'u2' } }, Genre: { pop: {} } });
  return world;
}

/** How a WebSocket that says this in `connection_init` is closed. */
async function closedUpon(world: ServerWorld, payload: unknown, headers = {}): ReturnType<typeof closeOf> {
  const socket = new WebSocket(world.wsUrl, 'graphql-transport-ws', { headers });
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload }));
  return closeOf(socket);
}

test('the same token says the same over every transport', async () => {
  const world = await createWorld();
  const token = await signWithSecret({ sub: 'u1' });
  const mine = { data: { songs: [{ id: 'a' }] } };
  expect(await (await world.post({ query }, bearer(token))).json()).toMatchObject(mine);
  const accept = { accept: 'text/event-stream' };
  const stream = new Events(await world.post({ query: `subscription ${query}` }, { ...accept, ...bearer(token) }));
  expect((await stream.at(0)).payload).toMatchObject(mine);
  const inParams = await world.socket({ authorization: `Bearer ${token}` });
  const inHeaders = new WebSocket(world.wsUrl, 'graphql-transport-ws', { headers: bearer(token) });
  onTestFinished(() => inHeaders.terminate());
  await once(inHeaders, 'open');
  inHeaders.send('{"type":"connection_init"}');
  for (const socket of [inParams, inHeaders]) {
    const next = messagesOf(socket);
    socket.send(subscribeMessage('1', `subscription ${query}`));
    expect((await next(({ type }) => type === 'next')).payload).toMatchObject(mine);
    socket.send(subscribeMessage('2', query));
    expect((await next(({ id, type }) => id === '2' && type === 'next')).payload).toMatchObject(mine);
  }
});

test('no cache in between may keep an answer: the next who asks is somebody else', async () => {
  const world = await createWorld();
  const headers = { ...bearer(await signWithSecret({ sub: 'u1' })), 'x-headgate-preflight': '1' };
  const url = `${world.url}?query=${encodeURIComponent(query)}`;
  for (const answer of [await fetch(url, { headers }), await fetch(url), await world.post({ query }, headers)]) {
    expect(answer.headers.get('cache-control')).toBe('no-store');
  }
  const stream = await world.post({ query }, { ...headers, accept: 'text/event-stream' });
  expect(stream.headers.get('cache-control')).toMatch(/^no-cache/);
});

test('without credentials one reads what is public, and is told what is not, with a status of its own', async () => {
  const world = await createWorld();
  const accept = { accept: 'application/graphql-response+json' };
  expect(await (await world.post({ query: '{ genres { id } }' })).json()).toMatchObject({
    data: { genres: [{ id: 'pop' }] },
  });
  const refused = await world.post({ query }, accept);
  expect(refused.status).toBe(401);
  expect(refused.headers.get('www-authenticate')).toBe('Bearer');
  expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  const socket = await world.socket();
  const next = messagesOf(socket);
  socket.send(subscribeMessage('1', query));
  expect(await next()).toMatchObject({ type: 'error', payload: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  socket.send(subscribeMessage('2', '{ genres { id } }'));
  expect(await next()).toMatchObject({ type: 'next', payload: { data: { genres: [{ id: 'pop' }] } } });
});

test('credentials that are no good are refused before anything is read, and not by their own words', async () => {
  const world = await createWorld();
  const forged = await signWithSecret({ sub: 'u1' }, Date.now(), 'another secret of thirty-two bytes');
  for (const token of [forged, 'nonsense']) {
    for (const accept of ['application/json', 'text/event-stream']) {
      const response = await world.post('{"query":', { accept, ...bearer(token) });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toBe('Bearer');
      const text = await response.text();
      expect(JSON.parse(text)).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
      expect(text).not.toContain(token);
    }
    const { code, reason } = await closedUpon(world, { token });
    expect(code).toBe(4401);
    expect(reason).not.toBe('');
    expect((await closedUpon(world, undefined, bearer(token))).code).toBe(4401);
  }
});

test('a token that has expired is told apart: with a new one the client may come back', async () => {
  const world = await createWorld();
  const token = await signWithSecret({ sub: 'u1', exp: Math.floor(Date.now() / 1_000) - 60 });
  const response = await world.post({ query }, bearer(token));
  expect(response.status).toBe(401);
  expect(await response.json()).toMatchObject({
    errors: [{ extensions: { code: 'UNAUTHENTICATED', retryable: true } }],
  });
  expect(await closedUpon(world, { token })).toEqual({ code: 4403, reason: expect.stringContaining('expired') });
});

test('a client is told to come back where nobody can judge its token now', async () => {
  const issuer = createServer((_, response) => response.writeHead(500).end());
  issuer.listen(0, '127.0.0.1');
  await once(issuer, 'listening');
  onTestFinished(() => void issuer.close());
  const jwksUrl = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/keys`;
  const world = await createWorld(identityOf({ jwt: { jwksUrl, algorithms: ['ES256'] } }));
  const unknown = `${Buffer.from('{"alg":"ES256"}').toString('base64url')}.${Buffer.from('{}').toString('base64url')}.AA`;
  const response = await world.post({ query }, bearer(unknown));
  expect(response.status).toBe(503);
  expect(response.headers.get('retry-after')).toMatch(/^\d+$/);
  expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'OVERLOADED', retryable: true } }] });
  expect((await closedUpon(world, { token: unknown })).code).toBe(1013);
});

test('a client that goes while it is found out who it is leaves nothing behind', async () => {
  const asked: (() => void)[] = [];
  const known = { id: 'u1', claims: { sub: 'u1' } };
  const authenticate = () => new Promise<typeof known>((resolve) => asked.push(() => resolve(known)));
  const world = await createWorld(identityOf({ authenticate }));
  const socket = new WebSocket(world.wsUrl, 'graphql-transport-ws');
  await once(socket, 'open');
  socket.send('{"type":"connection_init"}');
  const gone = new AbortController();
  const url = `${world.url}?${new URLSearchParams({ query: `subscription ${query}` }).toString()}`;
  const stream = fetch(url, { headers: { accept: 'text/event-stream' }, signal: gone.signal });
  while (asked.length < 2) await new Promise((resolve) => setImmediate(resolve));
  socket.terminate();
  gone.abort();
  await expect(stream).rejects.toThrow('abort');
  // The server has noticed both once it answers somebody who came later.
  const later = world.query('{ __typename }');
  while (asked.length < 3) await new Promise((resolve) => setImmediate(resolve));
  for (const answer of asked) answer();
  await later;
  expect(world.hub.counts().subscribers).toBe(0);
  expect(world.server.dropSessions('sub', 'u1')).toBe(0);
});

test('/readyz tells whoever asks no more than probes need, where callers are told apart', async () => {
  const world = await createWorld();
  const ready = await fetch(`${world.origin}/readyz`);
  expect(ready.status).toBe(200);
  expect(await ready.json()).toEqual({ status: 'ready', ready: true });
});
