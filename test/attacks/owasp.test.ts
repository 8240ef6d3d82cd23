import { createHash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { serveCharts } from '../support/default-serve.ts';
import { postGraphql } from '../support/gateway-process.ts';
import { makeDirectory } from '../support/open-test-store.ts';
import { owaspChecks } from './owasp.ts';

test('what the cheat sheet asks for is so in what `headgate serve` serves by default', async () => {
  const { url } = await serveCharts('--max-wait-ms', '100');
  for (const { section, asks, document, variables, code, data } of owaspChecks) {
    const answer = await postGraphql(url, document, variables);
    const found = code === undefined ? answer.data : answer.errors?.[0]?.extensions.code;
    expect(found, `${section}: ${asks}`).toEqual(code ?? data);
  }
  expect(existsSync('/tmp/headgate-injected')).toBe(false);

  // Secure configurations: no GraphiQL, no suggestions, no excessive errors.
  const page = await fetch(url, { headers: { accept: 'text/html' } });
  expect(page.status).toBe(406);
  expect(await page.text()).not.toMatch(/<html|<script/);
  for (const document of ['{ artistz { id } }', '{ artists { nam } }', '{ artists(wher: {}) { id } }', '{', '\u0000']) {
    const text = JSON.stringify(await postGraphql(url, document));
    expect(text).toContain('"errors"');
    expect(text).not.toMatch(/Did you mean|stack|node_modules|\.[jt]s\b|\bat .+:\d+/);
  }

  // Batching attacks: a list of operations is none.
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify(Array.from({ length: 10 }, () => ({ query: '{ artists { id } }' })));
  const batch = await fetch(url, { method: 'POST', headers, body });
  expect(batch.status).toBe(400);
  expect(await batch.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });

  // Timeouts: a request waits as long as the server says, whatever it asks for itself.
  const waiting = await postGraphql(
    url,
    'query @atLeast(offsets: [{ topic: "artists", partition: 0, offset: "999999" }], timeoutMs: 2000000000) { artists { id } }',
  );
  expect(waiting.errors?.[0]?.extensions.code).toBe('POSITION_NOT_REACHED');
});

test('rate limiting and access control: limits of one caller are not those of others, and nodes are guarded as edges are', async () => {
  const directory = makeDirectory();
  const [keys, schema] = [join(directory, 'keys.json'), join(directory, 'schema.graphql')];
  const sha256 = createHash('sha256').update('the key of ann').digest('hex');
  writeFileSync(keys, JSON.stringify([{ name: 'ann', sha256 }]));
  writeFileSync(
    schema,
    `type Artist @table(topic: "artists") @auth(public: true) { id: ID! country: String! songs: [Song!]! @relation(references: ["artistId"]) }
     type Song @table(topic: "songs") @auth(rules: [{ where: { title: { eq: "$jwt.sub" } } }]) { id: ID! title: String! artistId: ID! @index }`,
  );
  const { url } = await serveCharts('--schema', schema, '--api-keys-file', keys, '--max-requests-per-second', '20');
  const codeOf = async (document: string) => (await postGraphql(url, document)).errors?.[0]?.extensions.code;
  for (const field of [
    'song(id: "s1") { id }',
    'songs { id }',
    'songsConnection { edges { node { id } } }',
    'songsConnection { nodes { id } }',
    'songsConnection { totalCount }',
    'artists { songs { id } }',
    'artists(where: { songs: { some: { title: { eq: "x" } } } }) { id }',
  ])
    expect(await codeOf(`{ ${field} }`), field).toBe('UNAUTHENTICATED');

  const ask = async (headers: Record<string, string>) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: '{"query":"{ __typename }"}',
    });
    await response.arrayBuffer();
    return response.status;
  };
  const statuses = new Set<number>();
  while (!statuses.has(429)) {
    for (const status of await Promise.all(Array.from({ length: 20 }, () => ask({})))) statuses.add(status);
  }
  expect([...statuses].toSorted()).toEqual([200, 429]);
  expect(await ask({ 'x-api-key': 'the key of ann' })).toBe(200);
});
