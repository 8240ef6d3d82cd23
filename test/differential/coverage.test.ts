import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodePosition } from '../../src/model/position.ts';
import { createTestGateway } from '../../src/testing.ts';
import type { TestGateway } from '../../src/testing.ts';
import { allowedOrigin, startServers } from './servers.ts';
import type { Sent, Servers } from './servers.ts';

/** What takes the short way and what does not, one by one; the same bytes from both, heads included. */
const query = 'query ($id: ID!) { song(id: $id) { id title } }';
const waiting =
  'query ($id: ID!, $position: String) @atLeast(position: $position, timeoutMs: 2) { song(id: $id) { id } }';
const id = createHash('sha256').update(query).digest('hex');
const variables = { id: 's1' };

let gateway: TestGateway;
let servers: Servers;
let listed: Servers;
let position: string;

beforeAll(async () => {
  gateway = await createTestGateway({ schema: 'type Song @table(topic: "songs") { id: ID! title: String! }' });
  await gateway.produce({ topic: 'songs', key: 's1', value: { title: 'Ünicode' } });
  const snapshot = gateway.store.snapshot();
  position = encodePosition(snapshot.position(gateway.catalog.tables));
  snapshot.release();
  const byId = (given: string) => (given === id ? query : undefined);
  servers = await startServers(gateway, [], {});
  listed = await startServers(gateway, [], {}, { byId, liveById: () => undefined, byText: (text) => text });
});
afterAll(async () => {
  await servers.close();
  await listed.close();
  await gateway.close();
});

function post(body: unknown, headers: Sent['headers'] = {}): Sent {
  const text = JSON.stringify(body);
  const length = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
  return { method: 'POST', path: '/graphql', headers: { ...length, ...headers }, body: text };
}

function get(parameters: Readonly<Record<string, string>>, headers: Sent['headers'] = {}): Sent {
  const path = `/graphql?${new URLSearchParams({ ...parameters, variables: JSON.stringify(variables) })}`;
  return { method: 'GET', path, headers: { 'x-headgate-preflight': '1', ...headers }, body: undefined };
}

/** Twice: the first time the document becomes known. */
async function waysOf(server: Servers, sent: Sent): Promise<'short' | 'long'> {
  for (const _time of [1, 2]) {
    const short = await server.ask('short', sent);
    expect(short).toEqual(await server.ask('long', sent));
  }
  return server.tookShortWay() ? 'short' : 'long';
}

test.each<[string, () => Sent]>([
  ['a POST', () => post({ query, variables })],
  ['a POST of a page that may read it', () => post({ query, variables }, { origin: allowedOrigin })],
  ['a POST of another page', () => post({ query, variables }, { origin: 'https://other.example' })],
  ['a GET', () => get({ query })],
  ['a GET that is preflighted for its content type', () => get({ query }, { 'content-type': 'application/json' })],
  [
    'a position that is reached, in the extensions',
    () => post({ query, variables, extensions: { atLeast: { position } } }),
  ],
  [
    'a position that is reached, in the document',
    () => post({ query: waiting, variables: { ...variables, position } }),
  ],
  ['no position, where the document would have one', () => post({ query: waiting, variables })],
])('%s takes the short way', async (_name, sent) => {
  expect(await waysOf(servers, sent())).toBe('short');
});

test.each<[string, () => Sent]>([
  ['the id of the draft', () => post({ documentId: id, variables })],
  ["Relay's id", () => post({ doc_id: id, variables })],
  ['an id', () => post({ id, variables })],
  ['the id in the extensions', () => post({ variables, extensions: { documentId: id } })],
  ["Apollo's hash", () => post({ variables, extensions: { persistedQuery: { version: 1, sha256Hash: id } } })],
  ['an id beside an empty text', () => post({ query: '', id, variables })],
  ['an id in a URL', () => get({ documentId: id })],
  [
    "Apollo's hash in a URL",
    () => get({ extensions: JSON.stringify({ persistedQuery: { version: 1, sha256Hash: id } }) }),
  ],
  ['the text', () => post({ query, variables })],
])('a document of the list by %s takes the short way', async (_name, sent) => {
  await waysOf(listed, post({ query, variables }));
  expect(await waysOf(listed, sent())).toBe('short');
});

const later = { offsets: [{ topic: 'songs', partition: 0, offset: '9999' }], timeoutMs: 2 };

test.each<[string, () => Sent]>([
  ['a GET that a page can send unasked', () => get({ query }, { 'x-headgate-preflight': [] })],
  ['a HEAD', () => ({ ...get({ query }), method: 'HEAD' })],
  ['a PUT', () => ({ ...get({ query }), method: 'PUT' })],
  ['a position that is not reached', () => post({ query, variables, extensions: { atLeast: later } })],
  ['a document that is not on the list', () => post({ id: 'other', variables })],
  ['an unknown parameter', () => post({ query, variables, unknown: 1 })],
  ['what has an error', () => post({ query, variables: {} })],
])('%s takes the long way', async (_name, sent) => {
  expect(await waysOf(listed, sent())).toBe('long');
});

const chunked = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' };

test.each<[string, number, () => Sent]>([
  ['a type that nobody accepts', 406, () => post({ query }, { accept: 'image/png' })],
  ['a body that is no JSON', 415, () => post({ query }, { 'content-type': 'text/plain' })],
  ['a body that is too long', 413, () => post({ query: `{ a }${' '.repeat(1_100_000)}` })],
  [
    'the same of unknown length',
    413,
    () => ({ ...post({ query: `{ a }${' '.repeat(1_100_000)}` }), headers: chunked }),
  ],
  ['a GET that a page can send unasked', 400, () => get({ query }, { 'x-headgate-preflight': [] })],
  ['the question of a browser', 204, () => ({ method: 'OPTIONS', path: '/graphql', headers: {}, body: undefined })],
  ['an unknown document', 403, () => post({ id: 'x' }, { accept: 'application/graphql-response+json' })],
])('%s is answered with the headers of every answer', async (_name, status, sending) => {
  const sent = sending();
  const received = await listed.ask('short', { ...sent, headers: { ...sent.headers, origin: allowedOrigin } });
  expect(received.status).toBe(status);
  expect(received.headers.slice(1, 4)).toEqual([
    'x-content-type-options: nosniff',
    'vary: origin',
    `access-control-allow-origin: ${allowedOrigin}`,
  ]);
});
