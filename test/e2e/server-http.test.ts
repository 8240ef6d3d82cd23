import { connect } from 'node:net';
import { request as httpRequest } from 'node:http';
import { auditServer } from 'graphql-http';
import { getIntrospectionQuery } from 'graphql';
import { expect, test } from 'vitest';
import type { Progress } from '../../src/query/query.ts';
import { connectRaw } from '../support/raw-http.ts';
import { createServerWorld } from '../support/server-world.ts';

const schema = `
type Song @table(topic: "songs") { id: ID! title: String! plays: BigInt artistId: ID @index artist: Artist @relation(fields: ["artistId"]) }
type Artist @table(topic: "artists") { id: ID! name: String! songs: [Song!]! @relation(references: ["artistId"]) }
`;

const preflighted = { 'x-headgate-preflight': '1' };

test('every audit of GraphQL over HTTP passes', async () => {
  const { url } = await createServerWorld(schema);
  // Those by GET are sent as a client sends them: with the header that no page can send unasked.
  const fetchFn = (target: string, init?: RequestInit) =>
    fetch(target, { ...init, headers: { ...(init?.headers as Record<string, string>), ...preflighted } });
  const results = await auditServer({ url, fetchFn });
  const failed = results.filter(({ status }) => status !== 'ok');
  expect(failed.map((result) => `${result.id} ${result.name}: ${'reason' in result ? result.reason : ''}`)).toEqual([]);
  expect(results.length).toBeGreaterThanOrEqual(60);
});

test('a query is answered with its position, digit for digit', async () => {
  const world = await createServerWorld(schema);
  world.commit({ Song: { a: { title: 'A', plays: '9223372036854775807' } } });
  const text = await (await world.post({ query: '{ song(id: "a") { id plays } }' })).text();
  expect(text).toBe(
    `{"data":{"song":{"id":"a","plays":"9223372036854775807"}},"extensions":{"position":"${world.position('Song')}"}}`,
  );
});

test('a query by GET, with variables', async () => {
  const world = await createServerWorld(schema);
  world.commit({ Song: { a: { title: 'A' } } });
  const parameters = new URLSearchParams({
    query: 'query($id: ID!) { song(id: $id) { title } }',
    variables: '{"id":"a"}',
  });
  const response = await fetch(`${world.url}?${parameters.toString()}`, { headers: preflighted });
  expect(await response.json()).toMatchObject({ data: { song: { title: 'A' } } });
});

test('errors carry codes of the closed list', async () => {
  const { query, post } = await createServerWorld(schema);
  const code = async (text: string) => (await query(text)).errors?.[0]?.extensions['code'];
  expect(await code('{')).toBe('GRAPHQL_PARSE_FAILED');
  expect(await code('{ nothing }')).toBe('GRAPHQL_VALIDATION_FAILED');
  expect(await code('subscription { songs { id } }')).toBe('BAD_USER_INPUT');
  expect(await code('mutation { a }')).toBe('GRAPHQL_VALIDATION_FAILED');
  expect(await (await post('{"query":')).json()).toMatchObject({
    errors: [{ extensions: { code: 'BAD_USER_INPUT' } }],
  });
  expect(await (await post({ no: 'query' })).json()).toMatchObject({
    errors: [{ extensions: { code: 'BAD_USER_INPUT' } }],
  });
  expect(await (await post([{ query: '{ __typename }' }])).json()).toMatchObject({
    errors: [{ extensions: { code: 'BAD_USER_INPUT' } }],
  });
});

test('parameters of a URL that are no JSON are the mistake of who sent them', async () => {
  const { url } = await createServerWorld(schema);
  for (const parameter of ['variables', 'extensions']) {
    const response = await fetch(
      `${url}?${new URLSearchParams({ query: '{ __typename }', [parameter]: '{bad' }).toString()}`,
      { headers: preflighted },
    );
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
  }
});

test.each([
  [415, { 'content-type': 'text/plain' }],
  [415, { 'content-type': 'text/plain', accept: 'text/event-stream' }],
  [406, { accept: 'application/xml' }],
])('media types that cannot be dealt with are answered %d, and with what can', async (status, headers) => {
  const { post } = await createServerWorld(schema);
  const response = await post('{"query":"{ __typename }"}', headers);
  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject({
    errors: [{ message: expect.stringContaining('application/json'), extensions: { code: 'BAD_USER_INPUT' } }],
  });
});

test('a Host header that is none is refused without a word of our insides', async () => {
  const { url } = await createServerWorld(schema);
  const answer = await raw(
    url,
    'GET /graphql?query=%7B__typename%7D HTTP/1.1\r\nhost: a b:99999999/@\r\nconnection: close\r\n\r\n',
  );
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  expect(answer).toContain('"BAD_USER_INPUT"');
  expect(answer).not.toContain('node_modules');
});

test('an offer to go on in HTTP/2 is passed over, body and all', async () => {
  const world = await createServerWorld(schema);
  world.commit({ Song: { a: { title: 'A' } } });
  const body = JSON.stringify({ query: '{ song(id: "a") { title } }' });
  const offer = 'connection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n';
  const head = `POST /graphql HTTP/1.1\r\nHost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n`;
  const second = 'GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n';
  const answer = await raw(world.url, `${head}${offer}\r\n${body.slice(0, 5)}`, `${body.slice(5)}${second}`);
  expect(answer).toContain('"title":"A"');
  expect(answer).toContain('"status":"ok"');
});

/** What comes back on a connection of its own until the server closes it. Each piece is sent once the one before has left. */
async function raw(url: string, ...pieces: readonly string[]): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.setNoDelay(true);
  let answer = '';
  socket.on('data', (data) => (answer += String(data)));
  for (const piece of pieces) {
    await new Promise((resolve) => socket.write(piece, resolve));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await new Promise((resolve) => socket.once('close', resolve));
  return answer;
}

test('a query waits for the write that it is told of', async () => {
  const world = await createServerWorld(schema);
  const asked = world.query(
    '{ song(id: "a") { title } } '.replace(
      '{',
      'query @atLeast(offsets: [{ topic: "songs", partition: 0, offset: "1" }], timeoutMs: 5000) {',
    ),
  );
  while (world.hub.counts().waiting === 0) await new Promise((resolve) => setImmediate(resolve));
  world.commit({ Song: { a: { title: 'A' } } });
  expect(await asked).toMatchObject({ data: { song: { title: 'A' } } });
});

test('a position that is not reached is an error with a status of its own', async () => {
  const { post } = await createServerWorld(schema);
  const query =
    'query @atLeast(offsets: [{ topic: "songs", partition: 0, offset: "7" }], timeoutMs: 1) { songs { id } }';
  const response = await post({ query }, { accept: 'application/graphql-response+json' });
  expect(response.status).toBe(504);
  expect(await response.json()).toMatchObject({
    errors: [{ extensions: { code: 'POSITION_NOT_REACHED', lag: { songs: { 0: 8 } } } }],
  });
});

test('bodies that are too long are refused, whether they say so or not', async () => {
  const { post, url } = await createServerWorld(schema, { limits: { maxBodyBytes: 1_000 } });
  const query = `{ __typename } # ${'x'.repeat(2_000)}`;
  const response = await post({ query });
  expect(response.status).toBe(413);
  expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'LIMIT_EXCEEDED' } }] });
  const status = await new Promise((resolve, reject) => {
    const chunked = httpRequest(url, { method: 'POST', headers: { 'content-type': 'application/json' } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    chunked.on('error', reject);
    chunked.write(JSON.stringify({ query }));
    chunked.end();
  });
  expect(status).toBe(413);
});

test('a chunked body within the limit is read', async () => {
  const { url } = await createServerWorld(schema);
  const text = await new Promise((resolve, reject) => {
    const chunked = httpRequest(url, { method: 'POST', headers: { 'content-type': 'application/json' } }, (answer) => {
      let body = '';
      answer.on('data', (chunk) => (body += String(chunk)));
      answer.on('end', () => resolve(body));
    });
    chunked.on('error', reject);
    chunked.write('{"query":');
    chunked.end('"{ __typename }"}');
  });
  expect(text).toContain('"__typename":"Query"');
});

test('limits on documents name the limit and its setting', async () => {
  const { query } = await createServerWorld(schema, {
    limits: { maxDepth: 4, maxAliases: 2, maxRootFields: 3, maxDirectives: 2 },
  });
  const error = async (text: string) => (await query(text)).errors?.[0];
  const limit = (setting: string) => ({
    message: expect.stringContaining(setting),
    extensions: { code: 'LIMIT_EXCEEDED' },
  });
  expect(await error('{ songs { artist { songs { artist { id } } } } }')).toMatchObject(limit('maxDepth'));
  expect(await error('{ songs { ...A } } fragment A on Song { artist { songs { artist { id } } } }')).toMatchObject(
    limit('maxDepth'),
  );
  expect(await error('{ songs { a: id b: id c: id } }')).toMatchObject(limit('maxAliases'));
  expect(await error('{ ...Q ...Q } fragment Q on Query { songs { id } song(id: "a") { id } }')).toMatchObject(
    limit('maxRootFields'),
  );
  const skip = '@skip(if: true)';
  expect(await error(`{ songs ${skip} { id ${skip} title ${skip} } }`)).toMatchObject(limit('maxDirectives'));
  expect((await query('{ songs { artist { songs { id } } } }')).errors).toBeUndefined();
});

test('a bomb of fragments costs nothing', async () => {
  const { query } = await createServerWorld(schema);
  const fragments = Array.from({ length: 40 }, (_, at) => `fragment F${at} on Song { ...F${at + 1} ...F${at + 1} }`);
  const bomb = `{ songs { ...F0 } } ${fragments.join(' ')} fragment F40 on Song { a: id }`;
  const before = performance.now();
  expect((await query(bomb)).errors?.[0]?.extensions['code']).toBe('LIMIT_EXCEEDED');
  expect(performance.now() - before).toBeLessThan(2_000);
});

test('introspection works, as tools ask for it', async () => {
  const { query } = await createServerWorld(schema);
  expect((await query(getIntrospectionQuery())).errors).toBeUndefined();
});

test('/healthz says that the process serves, /readyz whether it should be sent clients', async () => {
  let progress: Progress = {
    connected: true,
    ends: new Map([['songs', new Map([[0, 5]])]]),
    missingTopics: new Set(),
    records: new Map(),
  };
  const world = await createServerWorld(schema, { filling: true, progress: () => progress });
  const get = async (path: string) => {
    const response = await fetch(`${world.origin}${path}`);
    return { status: response.status, body: (await response.json()) as unknown };
  };
  expect((await get('/healthz')).status).toBe(200);
  expect(await get('/readyz')).toMatchObject({
    status: 503,
    body: {
      ready: false,
      tables: { Song: { phase: 'filling', lag: 5, rows: 0 }, Artist: { phase: 'filling', lag: 0 } },
    },
  });
  world.store.write((tx) => {
    for (const table of world.catalog.tables) tx.setState(table, { phase: 'live' });
  });
  world.commit({ Song: { a: { title: 'A' } } });
  expect(await get('/readyz')).toMatchObject({
    status: 200,
    body: { ready: true, tables: { Song: { rows: 1, lag: 3 } } },
  });
  progress = { ...progress, connected: false, reason: 'no broker' };
  expect(await get('/readyz')).toMatchObject({ status: 200, body: { ready: true, degraded: 'no broker' } });
  expect((await get('/nowhere')).status).toBe(404);
});

test('metrics are on a port of their own', async () => {
  const world = await createServerWorld(schema, { metricsPort: 0 });
  world.commit({ Song: { a: { title: 'A' } } });
  await world.query('{ song(id: "a") { id } }');
  const text = await (await fetch(`http://127.0.0.1:${world.server.metricsPort()}/metrics`)).text();
  expect(text).toContain('headgate_rows_read_total 1');
  expect(text).toContain('headgate_table_rows{table="Song"} 1');
  expect(text).toContain('headgate_shapes 0');
  expect((await fetch(`${world.origin}/metrics`)).status).toBe(404);
});

test('GraphiQL is served only where it is asked for', async () => {
  const page = { headers: { accept: 'text/html' } };
  const off = await createServerWorld(schema);
  for (const accept of ['text/html', 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8']) {
    const refused = await fetch(off.url, { headers: { accept } });
    expect(refused.status).toBe(406);
    expect(refused.headers.get('content-type')).toContain('text/plain');
    expect(await refused.text()).toMatch(/GraphiQL is off.*headgate dev.*--graphiql.*POST/s);
  }
  // Whoever asks a question gets its answer, whatever he takes besides.
  const asked = await fetch(`${off.url}?query=${encodeURIComponent('{ __typename }')}`, {
    headers: { accept: 'text/html,*/*;q=0.8', ...preflighted },
  });
  expect(await asked.json()).toMatchObject({ data: { __typename: 'Query' } });
  const on = await createServerWorld(schema, { graphiql: true });
  const response = await fetch(on.url, page);
  expect(response.headers.get('content-type')).toContain('text/html');
  const text = await response.text();
  expect(text).not.toContain('unpkg.com');
  expect(text).toContain(JSON.stringify('  songs(limit: 10) {\n    id\n    title\n    plays\n').slice(1, -1));
  const untold = await createServerWorld(schema, { graphiql: true, introspection: false });
  const general = await (await fetch(untold.url, page)).text();
  expect(general).toContain('tables {');
  expect(general).not.toContain('songs(');
  const opening = await createServerWorld(schema, { graphiql: 'subscription { songs { title } }' });
  expect(await (await fetch(opening.url, page)).text()).toContain('subscription { songs { title } }');
});

test('CORS is off unless origins are configured', async () => {
  const origin = 'https://shop.example';
  const off = await createServerWorld(schema);
  expect(
    (await off.post({ query: '{ __typename }' }, { origin })).headers.get('access-control-allow-origin'),
  ).toBeNull();
  const on = await createServerWorld(schema, { allowedOrigins: [origin] });
  expect((await on.post({ query: '{ __typename }' }, { origin })).headers.get('access-control-allow-origin')).toBe(
    origin,
  );
  const other = await on.post({ query: '{ __typename }' }, { origin: 'https://evil.example' });
  expect(other.headers.get('access-control-allow-origin')).not.toBe('https://evil.example');
});

test('a client that vanishes in the middle of its request harms nobody', async () => {
  const world = await createServerWorld(schema);
  const { port } = new URL(world.url);
  const socket = connect(Number(port), '127.0.0.1');
  socket.write(
    'POST /graphql HTTP/1.1\r\nHost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"que',
  );
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.destroy();
  expect((await world.query('{ __typename }')).data).toEqual({ __typename: 'Query' });
});

test('what is on its way when the server is told to end is answered: a request, and a connection', async () => {
  const world = await createServerWorld(schema);
  const connection = await connectRaw(world.url);
  const body = '{"query":"{ __typename }"}';
  const head = 'POST /graphql HTTP/1.1\r\nHost: localhost\r\ncontent-type: application/json\r\ncontent-length: ';
  const request = `${head}${body.length}\r\n\r\n${body}`;
  const answers = (received: Buffer) => received.toString().split('"__typename":"Query"').length - 1;
  await connection.send(request);
  await connection.until((received) => answers(received) === 1);
  // It has left, and this process, which is the server's as well, has not read it yet.
  connection.socket.write(request);
  // Nobody has taken these yet.
  const others = Array.from({ length: 5 }, () => connectRaw(world.url));
  const drained = world.server.drain();
  expect(answers(await connection.closed)).toBe(2);
  for (const other of await Promise.all(others)) {
    await other.send(request);
    expect(answers(await other.closed)).toBe(1);
  }
  await drained;
});
