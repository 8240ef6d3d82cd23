import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { createIdentity } from '../../src/identity/create-identity.ts';
import { createServerWorld, type ServerWorld, type ServerWorldOptions } from '../support/server-world.ts';
import { refusalOf } from '../support/sockets.ts';

const schema = `type Song @table(topic: "songs") { id: ID! title: String! }`;
const shop = 'https://shop.example';
const query = '{ __typename }';

/** Asks everybody who they are, and takes those who do not say. */
const identified = () =>
  createIdentity({ settings: { apiKeys: [{ name: 'k', sha256: '0'.repeat(64) }] }, log: silent });
const silent = { info: () => {}, warn: () => {}, error: () => {} };

/** What a page of this origin gets when it opens a WebSocket: `open`, or the status of the refusal. */
async function connectFrom(world: ServerWorld, origin: string | undefined, host?: string): Promise<unknown> {
  const headers = host === undefined ? {} : { host };
  const socket = new WebSocket(world.wsUrl, 'graphql-transport-ws', {
    headers,
    ...(origin === undefined ? {} : { origin }),
  });
  onTestFinished(() => socket.terminate());
  return Promise.race([
    once(socket, 'open').then(() => 'open'),
    refusalOf(socket).then(({ status, body }) => {
      expect(body).toMatchObject({ errors: [{ message: expect.any(String) }] });
      return status;
    }),
  ]);
}

test.each<[string, ServerWorldOptions, string | undefined, unknown]>([
  ['no page at all', {}, undefined, 'open'],
  ['no page at all, with origins', { allowedOrigins: [shop] }, undefined, 'open'],
  ['a page of another origin', {}, 'https://evil.example', 403],
  ['a page of another origin, with origins', { allowedOrigins: [shop] }, 'https://evil.example', 403],
  ['a page of an origin that is allowed', { allowedOrigins: [shop] }, shop, 'open'],
  ['a page of a name that begins like it', { allowedOrigins: [shop] }, `${shop}.evil.example`, 403],
  ['a page of the same name by another scheme', { allowedOrigins: [shop] }, 'http://shop.example', 403],
  ['a page without an origin', { allowedOrigins: [shop] }, 'null', 403],
  ['a page of this machine', {}, 'http://localhost:5173', 403],
  ['a page of this machine, in development', { allowLoopbackOrigins: true }, 'http://localhost:5173', 'open'],
  ['a page of this machine by address', { allowLoopbackOrigins: true }, 'http://127.0.0.1:5173', 'open'],
  ['a page of this machine by IPv6', { allowLoopbackOrigins: true }, 'http://[::1]:5173', 'open'],
  ['a page that is only called so', { allowLoopbackOrigins: true }, 'http://localhost.evil.example', 403],
  ['another page, in development', { allowLoopbackOrigins: true }, 'https://evil.example', 403],
])('%s may open a WebSocket, or not', async (_, options, origin, expected) => {
  const world = await createServerWorld(schema, options);
  expect(await connectFrom(world, origin)).toBe(expected);
});

test('a page that is served under the very name may open a WebSocket, whoever ends TLS', async () => {
  const world = await createServerWorld(schema, { identity: identified() });
  expect(await connectFrom(world, world.origin)).toBe('open');
  expect(await connectFrom(world, shop, 'shop.example')).toBe('open');
  expect(await connectFrom(world, `${shop}:8443`, 'shop.example:8443')).toBe('open');
  expect(await connectFrom(world, `${shop}:8443`, 'shop.example')).toBe(403);
  expect(await connectFrom(world, shop, 'shop.example, evil.example')).toBe(400);
});

test('a page whose own name leads to this machine reads nothing, where nobody is asked who they are', async () => {
  const ask = async (options: ServerWorldOptions, host: string, path = '/graphql') => {
    const world = await createServerWorld(schema, options);
    const { port } = new URL(world.url);
    const request = httpRequest({
      port,
      path,
      method: 'POST',
      headers: { host, origin: `http://${host}`, 'content-type': 'application/json' },
    });
    request.end(JSON.stringify({ query }));
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
    const upgraded = await connectFrom(world, `http://${host}`, host);
    return [response.statusCode, upgraded, Buffer.concat(chunks).toString().includes('"data"')];
  };
  const refused = [403, 403, false];
  const answered = [200, 'open', true];
  expect(await ask({}, 'evil.example:4000')).toEqual(refused);
  expect(await ask({ allowLoopbackOrigins: true }, 'evil.example:4000')).toEqual(refused);
  expect(await ask({}, 'localhost.evil.example')).toEqual(refused);
  for (const name of ['localhost', 'localhost:4000', 'charts.localhost', '127.0.0.1', '10.0.0.7:4000', '[::1]:4000']) {
    expect(await ask({}, name), name).toEqual(answered);
  }
  expect(await ask({ allowedOrigins: [shop] }, 'shop.example')).toEqual(answered);
  expect(await ask({ identity: identified() }, 'shop.example')).toEqual(answered);
  expect(await ask({}, 'evil.example', '/readyz')).toEqual([403, 403, false]);
});

test('an event stream by GET is for pages that may open a WebSocket, too', async () => {
  const world = await createServerWorld(schema, { allowedOrigins: [shop] });
  const ask = async (origin?: string) => {
    const headers = { accept: 'text/event-stream', ...(origin === undefined ? {} : { origin }) };
    const response = await fetch(`${world.url}?query=${encodeURIComponent(query)}`, { headers });
    await response.body?.cancel();
    return response.status;
  };
  expect(await Promise.all([undefined, shop, world.origin, 'https://evil.example'].map(ask))).toEqual([
    200, 200, 200, 403,
  ]);
});

test('the log says of each origin once that its pages are not let in, and what to do, however often they come', async () => {
  const warnings: unknown[] = [];
  const log = {
    ...silent,
    warn: (message: string, facts?: object) => void warnings.push({ message, ...facts }),
  };
  const world = await createServerWorld(schema, { allowedOrigins: [shop], log });
  const warned = async (doing: () => Promise<unknown>) => {
    const before = warnings.length;
    await doing();
    return warnings.slice(before);
  };
  const warningOf = (origin: string) => ({
    message: 'a web page was not let in',
    origin,
    reason: expect.stringContaining('allowedOrigins'),
  });
  const askedFrom = (origin: string, init: RequestInit = { method: 'OPTIONS' }) =>
    fetch(world.url, { ...init, headers: { ...init.headers, origin } });

  const evil = 'https://evil.example';
  expect(await warned(() => connectFrom(world, evil))).toEqual([warningOf(evil)]);
  // Browsers ask before they send; what they need not ask about is told of, too.
  expect(await warned(() => askedFrom('https://a.example'))).toEqual([warningOf('https://a.example')]);
  expect(await warned(() => world.post({ query }, { origin: 'https://b.example' }))).toEqual([
    warningOf('https://b.example'),
  ]);
  const eventSource = { headers: { accept: 'text/event-stream' } };
  expect(await warned(() => askedFrom('https://c.example', eventSource))).toEqual([warningOf('https://c.example')]);
  expect(await warned(() => connectFrom(world, 'http://proxied.example', 'proxied.example'))).toEqual([
    warningOf('http://proxied.example'),
  ]);

  const again = async () => {
    for (const origin of [evil, 'https://a.example']) await askedFrom(origin);
    await connectFrom(world, evil);
    for (const origin of [shop, world.origin]) {
      expect(await connectFrom(world, origin)).toBe('open');
      await askedFrom(origin);
    }
    await world.post({ query });
  };
  expect(await warned(again)).toEqual([]);

  // Nobody fills the log with names: it is told of a hundred.
  for (let n = 0; n < 120; n += 1) await askedFrom(`https://${n}.example`);
  expect(warnings).toHaveLength(100);
});

const corsHeaders = (response: Response) => ({
  origin: response.headers.get('access-control-allow-origin'),
  credentials: response.headers.get('access-control-allow-credentials'),
});

test('no page reads an answer unless its origin is named, whatever the answer is', async () => {
  const off = await createServerWorld(schema);
  expect(corsHeaders(await off.post({ query }, { origin: shop }))).toEqual({ origin: null, credentials: null });
  const on = await createServerWorld(schema, { allowedOrigins: [shop, 'https://other.example'] });
  for (const body of [{ query }, { query: '{' }, 'no JSON']) {
    const response = await on.post(body, { origin: shop });
    // Never with cookies.
    expect(corsHeaders(response)).toEqual({ origin: shop, credentials: null });
    expect(response.headers.get('vary')).toContain('origin');
  }
  const streamed = await on.post(
    { query: 'subscription { songs { id } }' },
    { accept: 'text/event-stream', origin: shop },
  );
  expect(corsHeaders(streamed).origin).toBe(shop);
  await streamed.body?.cancel();
  const other = await on.post({ query }, { origin: 'https://evil.example' });
  expect(corsHeaders(other).origin).toBeNull();
  expect(other.headers.get('vary')).toContain('origin');
  const development = await createServerWorld(schema, { allowLoopbackOrigins: true });
  const local = 'http://localhost:5173';
  expect(corsHeaders(await development.post({ query }, { origin: local })).origin).toBe(local);
  expect(corsHeaders(await development.post({ query }, { origin: shop })).origin).toBeNull();
});

test('browsers are told what a page may send, if it may send anything', async () => {
  const world = await createServerWorld(schema, { allowedOrigins: [shop] });
  const ask = (origin: string) =>
    fetch(world.url, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
    });
  const allowed = await ask(shop);
  expect(allowed.status).toBe(204);
  expect(corsHeaders(allowed).origin).toBe(shop);
  expect(allowed.headers.get('access-control-allow-methods')).toBe('GET, POST');
  const headers = allowed.headers.get('access-control-allow-headers')?.split(', ');
  expect(headers).toEqual(
    expect.arrayContaining(['authorization', 'x-api-key', 'content-type', 'apollo-require-preflight']),
  );
  const refused = await ask('https://evil.example');
  expect(corsHeaders(refused).origin).toBeNull();
  expect(refused.headers.get('access-control-allow-headers')).toBeNull();
});

test('what a page can send without being asked is not answered', async () => {
  const world = await createServerWorld(schema);
  const simple: readonly [string | undefined, string][] = [
    ['application/x-www-form-urlencoded', `query=${encodeURIComponent(query)}`],
    ['text/plain', JSON.stringify({ query })],
    ['text/plain; application/json', JSON.stringify({ query })],
    ['multipart/form-data; boundary=x', `--x\r\ncontent-disposition: form-data; name="query"\r\n\r\n${query}\r\n--x--`],
    ['application/graphql', query],
    ['application/json; charset=utf-16', JSON.stringify({ query })],
    ['application/json; charset=iso-8859-1', JSON.stringify({ query })],
    ['application/json, text/plain', JSON.stringify({ query })],
  ];
  for (const [type, body] of simple) {
    const response = await world.post(body, { 'content-type': type ?? '' });
    expect(response.status, type).toBe(415);
    expect(await response.text()).not.toContain('"data"');
  }
  for (const type of [
    'application/json; charset=utf-8',
    'application/json;charset="UTF-8"',
    'application/graphql+json',
  ]) {
    expect((await world.post({ query }, { 'content-type': type })).status, type).toBe(200);
  }
  const get = (headers: Record<string, string>) =>
    fetch(`${world.url}?${new URLSearchParams({ query }).toString()}`, { headers });
  for (const accept of ['*/*', 'application/json', 'application/json, text/event-stream']) {
    const response = await get({ accept });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      errors: [{ message: expect.stringContaining('x-headgate-preflight'), extensions: { code: 'BAD_USER_INPUT' } }],
    });
  }
  for (const [name, value] of [
    ['x-headgate-preflight', '1'],
    ['apollo-require-preflight', 'true'],
    ['content-type', 'application/json'],
  ] as const) {
    expect(await (await get({ [name]: value })).json()).toEqual({
      data: { __typename: 'Query' },
      extensions: expect.anything(),
    });
  }
  // A page cannot read these: they are events, and CORS covers them.
  expect((await get({ accept: 'text/event-stream' })).status).toBe(200);
});

test('several operations in one request are not answered', async () => {
  const world = await createServerWorld(schema);
  const response = await world.post([{ query }, { query }]);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
});

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

test.each([
  'a b:99999999/@',
  'localhost@evil.example',
  'localhost/evil',
  'localhost?x',
  'localhost:99999',
  'localhost\r\nhost: evil.example',
])('a Host header that is no name is refused: %j', async (host) => {
  const world = await createServerWorld(schema);
  const body = JSON.stringify({ query });
  const answer = await raw(
    world,
    `POST /graphql HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\ncontent-type: application/json\r\n` +
      `content-length: ${body.length}\r\n\r\n${body}`,
  );
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  expect(answer).toContain('"BAD_USER_INPUT"');
  expect(answer).not.toMatch(/node_modules|\/work\/|at \w+ \(/);
});

test('no response may be taken for what it is not, or tells what serves it', async () => {
  const world = await createServerWorld(schema, { graphiql: true });
  const preflight = { 'x-headgate-preflight': '1' };
  const responses = [
    await world.post({ query }),
    await world.post({ query: '{' }),
    await world.post('', { 'content-type': 'text/plain' }),
    await fetch(`${world.url}?query=${encodeURIComponent(query)}`, { headers: preflight }),
    await fetch(`${world.origin}/healthz`),
    await fetch(`${world.origin}/readyz`),
    await fetch(`${world.origin}/nowhere`),
    await fetch(world.url, { headers: { accept: 'text/html' } }),
    await fetch(world.url, { method: 'DELETE' }),
  ];
  for (const { headers } of responses) {
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    for (const name of ['x-powered-by', 'server', 'x-yoga-id']) expect(headers.get(name)).toBeNull();
  }
});

test('the page of GraphiQL runs nothing from elsewhere, talks to this server alone, and is not shown in frames', async () => {
  const world = await createServerWorld(schema, { graphiql: true });
  const page = await fetch(world.url, { headers: { accept: 'text/html' } });
  const policy = page.headers.get('content-security-policy') ?? '';
  const { host } = new URL(world.url);
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).toContain(`connect-src 'self' ws://${host} wss://${host};`);
  expect(policy).not.toMatch(/\*|https:/);
  // Over a WebSocket it would leave out what stands in its tab of headers.
  expect(await page.text()).toContain('"subscriptionsProtocol":"SSE"');
  expect((await world.post({ query })).headers.get('content-security-policy')).toBeNull();
});
