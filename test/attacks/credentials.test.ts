import { createHash, generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { createIdentity } from '../../src/identity/create-identity.ts';
import { createJwksServer, createSigningKey } from '../support/jwks-server.ts';
import { message, opcodes, openRaw, type RawSocket } from '../support/raw-websocket.ts';
import type { ServerWorldOptions } from '../support/server-world.ts';
import { createAttackedWorld } from './wire/attacked-world.ts';
import { goodToken, type Issuer, type TokenAttack, tokenAttacks } from './wire/token-attacks.ts';

const silent = { info: () => {}, warn: () => {}, error: () => {} };
const query = '{ songs { id } }';
const accept = { accept: 'application/graphql-response+json' };
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const known: Issuer = {
  issuer: 'https://issuer.example',
  audience: 'headgate',
  privateKey: pair.privateKey,
  publicKey: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  apiKey: 'the key of a program',
  elsewhere: 'http://127.0.0.1:1/jwks.json',
};

function createWorld({ limits, ...more }: ServerWorldOptions = {}) {
  const { issuer, audience, publicKey, apiKey } = known;
  const identity = createIdentity({
    settings: {
      jwt: { publicKey, issuer, audience: [audience] },
      apiKeys: [{ name: 'u1', sha256: createHash('sha256').update(apiKey).digest('hex') }],
    },
    log: silent,
  });
  return createAttackedWorld({ ...more, identity, limits: { maxRequestsPerSecond: 100_000, ...limits } });
}

function headersOf({ authorization, apiKey }: TokenAttack): Record<string, string> {
  return {
    ...(authorization === undefined ? {} : { authorization }),
    ...(apiKey === undefined ? {} : { 'x-api-key': apiKey }),
  };
}

async function firstText(socket: RawSocket): Promise<string> {
  const frames = await socket.until((all) => all.some(({ opcode }) => opcode === opcodes.text));
  return String(frames.find(({ opcode }) => opcode === opcodes.text)?.payload);
}

test('credentials that are none are refused over every transport, and nothing is fetched or done for them', async () => {
  const elsewhere = await createJwksServer(await createSigningKey('evil'));
  const attacks = tokenAttacks({ ...known, elsewhere: elsewhere.url });
  const world = await createWorld({ limits: { maxSocketsPerCaller: 3 } });
  const found = await Promise.all(
    attacks.map(async (attack) => {
      const { name, close = 4401, authorization, apiKey } = attack;
      const headers = headersOf(attack);
      const response = await world.post({ query }, { ...accept, ...headers });
      const stream = await world.post({ query: `subscription ${query}` }, { accept: 'text/event-stream', ...headers });
      const inParams = await openRaw(world.url);
      await inParams.send(message({ type: 'connection_init', payload: { authorization, apiKey } }));
      const inHeaders = await openRaw(world.url, headers);
      await inHeaders.send(message({ type: 'connection_init' }));
      return {
        name,
        statuses: [response.status, stream.status],
        codes: [await response.text(), await stream.text()].map((text) => /"code":"(\w+)"/.exec(text)?.[1]),
        closes: [await inParams.closed, await inHeaders.closed],
        wanted: close,
      };
    }),
  );
  expect(found).toEqual(
    attacks.map(({ name, close = 4401 }) => ({
      name,
      statuses: [401, 401],
      codes: ['UNAUTHENTICATED', 'UNAUTHENTICATED'],
      closes: [close, close],
      wanted: close,
    })),
  );
  expect(elsewhere.asked).toBe(0);
  await world.isUnharmed();
  // None of them holds a place of a caller.
  for (let place = 0; place < 3; place += 1) {
    const socket = await openRaw(world.url);
    await socket.send(message({ type: 'connection_init', payload: { authorization: `Bearer ${goodToken(known)}` } }));
    expect(await firstText(socket)).toBe('{"type":"connection_ack"}');
  }
});

test('what is good is good', async () => {
  const world = await createWorld();
  const mine = { data: { songs: [{ id: 'a' }] } };
  for (const headers of [{ authorization: `Bearer ${goodToken(known)}` }, { 'x-api-key': known.apiKey }])
    expect(await (await world.post({ query }, headers)).json()).toMatchObject(mine);
});

test('credentials in URLs and cookies are none', async () => {
  const world = await createWorld();
  const token = goodToken(known);
  for (const parameter of ['access_token', 'token', 'authorization', 'apiKey', 'x-api-key', 'jwt']) {
    const value = parameter.toLowerCase().includes('key') ? known.apiKey : token;
    const inUrl = `${world.url}?${new URLSearchParams({ [parameter]: value }).toString()}`;
    const headers = { 'content-type': 'application/json', cookie: `${parameter}=${value}`, ...accept };
    const response = await fetch(inUrl, { method: 'POST', headers, body: JSON.stringify({ query }) });
    expect([parameter, response.status]).toEqual([parameter, 401]);
    const socket = await openRaw(inUrl, { cookie: `${parameter}=${encodeURIComponent(value)}` });
    await socket.send(message({ type: 'connection_init' }));
    await socket.until((frames) => frames.length > 0);
    await socket.send(message({ id: '1', type: 'subscribe', payload: { query: `subscription ${query}` } }));
    const frames = await socket.until((all) => all.length > 1);
    expect(String(frames[1]?.payload)).toContain('"UNAUTHENTICATED"');
    socket.socket.destroy();
  }
  await world.isUnharmed();
});

test.each([
  ['a number', 1],
  ['true', true],
  ['a list', [`Bearer ${goodToken(known)}`]],
  ['an object', { toString: 'x' }],
  ['two that differ', undefined],
])('in connection_init, %s in place of a token is none', async (what, authorization) => {
  const world = await createWorld();
  const socket = await openRaw(world.url);
  const payload =
    what === 'two that differ'
      ? { authorization: `Bearer ${goodToken(known)}`, apiKey: known.apiKey }
      : { authorization };
  await socket.send(message({ type: 'connection_init', payload }));
  expect(await socket.closed).toBe(4401);
  await world.isUnharmed();
});

test('in connection_init, members of the prototype are no credentials, and whatever else there is does not matter', async () => {
  const world = await createWorld();
  const token = goodToken(known);
  const nested = `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`;
  for (const payload of [
    `{"__proto__":{"authorization":"Bearer ${token}"}}`,
    `{"constructor":{"prototype":{"authorization":"Bearer ${token}"}}}`,
    `{"headers":{"__proto__":{"authorization":"Bearer ${token}"}}}`,
    `{"headers":["authorization","Bearer ${token}"]}`,
    `{"a":${nested}}`,
    `{"authorization":null,"apiKey":"","token":null}`,
    'null',
  ]) {
    const socket = await openRaw(world.url);
    await socket.send(message(`{"type":"connection_init","payload":${payload}}`));
    await socket.until((frames) => frames.length > 0);
    await socket.send(message({ id: '1', type: 'subscribe', payload: { query: `subscription ${query}` } }));
    const frames = await socket.until((all) => all.length > 1);
    expect(String(frames[0]?.payload)).toBe('{"type":"connection_ack"}');
    expect(String(frames[1]?.payload)).toContain('"UNAUTHENTICATED"');
    socket.socket.destroy();
  }
  await world.isUnharmed();
});

test('where no proxy is trusted, a client cannot make itself many by x-forwarded-for', async () => {
  const world = await createWorld({ limits: { maxRequestsPerSecond: 0.001 } });
  const ask = async (headers: Record<string, string>) =>
    (await world.post({ query: '{ genres { id } }' }, { ...accept, ...headers })).status;
  expect(await ask({})).toBe(200);
  for (const name of ['x-forwarded-for', 'forwarded', 'x-real-ip', 'x-client-ip', 'true-client-ip', 'cf-connecting-ip'])
    for (const address of ['10.0.0.1', '10.0.0.2, 10.0.0.3', '::1', 'for=10.0.0.4'])
      expect(await ask({ [name]: address })).toBe(429);
});
