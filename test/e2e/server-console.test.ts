import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { createServerWorld, type ServerWorld } from '../support/server-world.ts';

const schema = '"A track." type Song @table(topic: "songs") { id: ID! title: String! }';
const script = `${'say(1);\n'.repeat(400)}`;

const root = mkdtempSync(join(tmpdir(), 'headgate-console-'));
const folder = join(root, 'console');
mkdirSync(join(folder, 'assets'), { recursive: true });
writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Headgate</title><div id="root"></div>');
writeFileSync(join(folder, 'assets/index-abc.js'), script);
writeFileSync(join(folder, 'assets/font-abc.woff2'), Buffer.from([1, 2, 3]));
writeFileSync(join(root, 'secret.txt'), 'not for anybody');
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Got {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** The path goes over the wire as it is: `fetch` would resolve what is to be tried. */
async function get(
  world: ServerWorld,
  path: string,
  { method = 'GET', headers = {} }: { readonly method?: string; readonly headers?: Record<string, string> } = {},
): Promise<Got> {
  const { hostname, port } = new URL(world.url);
  const request = httpRequest({ hostname, port, path, method, headers, agent: false }).end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) };
}

test('the page runs what was shipped with it alone, talks to this server alone, and is not shown in frames', async () => {
  const world = await createServerWorld(schema, { console: folder });
  const { status, headers, body } = await get(world, '/');
  expect(status).toBe(200);
  expect(body.toString()).toContain('<div id="root">');
  expect(headers).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
  });
  const policy = String(headers['content-security-policy']);
  for (const part of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"]) {
    expect(policy.split('; ')).toContain(part);
  }
  const { host } = new URL(world.url);
  expect(policy).toContain(`connect-src 'self' ws://${host} wss://${host};`);
  expect(policy).not.toMatch(/unsafe|\*|https:|blob:/);
});

test('what the page is made of may be kept for ever, and is packed for whoever takes that', async () => {
  const world = await createServerWorld(schema, { console: folder });
  const path = '/assets/index-abc.js';
  const plain = await get(world, path);
  expect(plain.headers).toMatchObject({
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': 'public, max-age=31536000, immutable',
    'x-content-type-options': 'nosniff',
    vary: 'accept-encoding',
  });
  expect(plain.headers['content-encoding']).toBeUndefined();
  expect(plain.body.toString()).toBe(script);
  const packed = await get(world, `${path}?v=1`, { headers: { 'accept-encoding': 'br, gzip;q=0.5, deflate' } });
  expect(packed.headers['content-encoding']).toBeUndefined();
  const gzip = await get(world, path, { headers: { 'accept-encoding': 'br, gzip, deflate' } });
  expect(gzip.headers['content-encoding']).toBe('gzip');
  expect(gunzipSync(gzip.body).toString()).toBe(script);
  const font = await get(world, '/assets/font-abc.woff2', { headers: { 'accept-encoding': 'gzip' } });
  expect(font.headers).toMatchObject({ 'content-type': 'font/woff2', 'content-length': '3' });
  expect(font.headers['content-encoding']).toBeUndefined();
});

test('HEAD is answered without a body, other methods are refused', async () => {
  const world = await createServerWorld(schema, { console: folder });
  for (const path of ['/', '/assets/index-abc.js']) {
    const head = await get(world, path, { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(Number(head.headers['content-length'])).toBeGreaterThan(0);
    expect(head.body).toHaveLength(0);
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      const refused = await get(world, path, { method });
      expect([refused.status, refused.headers.allow]).toEqual([405, 'GET, HEAD']);
    }
  }
});

test.each([
  '/../secret.txt',
  '/assets/../../secret.txt',
  '/assets/..%2f..%2fsecret.txt',
  '/assets/%2e%2e/%2e%2e/secret.txt',
  '/assets/..\\..\\secret.txt',
  '/assets/./index-abc.js',
  '//assets/index-abc.js',
  '/assets/',
  '/assets',
  '/assets/index-abc.js/',
  '/assets/index-abc.js%00',
  '/index.html',
  '/constructor',
  '/__proto__',
])('nothing but the files of the page is served: %s', async (path) => {
  const world = await createServerWorld(schema, { console: folder });
  const { status, body } = await get(world, path);
  expect(status).toBe(404);
  expect(body.toString()).toContain('GraphQL is at /graphql');
});

test('without the console nothing is there', async () => {
  const world = await createServerWorld(schema);
  for (const path of ['/', '/index.html', '/assets/index-abc.js']) expect((await get(world, path)).status).toBe(404);
});

test('where the page has not been built, a page says so', async () => {
  const world = await createServerWorld(schema, { console: join(root, 'nowhere') });
  const { status, headers, body } = await get(world, '/');
  expect([status, headers['content-type'], headers['cache-control']]).toEqual([
    503,
    'text/html; charset=utf-8',
    'no-store',
  ]);
  expect(body.toString()).toContain('npm run build');
  expect((await get(world, '/assets/index-abc.js')).status).toBe(404);
});

test('a page whose own name leads here all of a sudden gets none of it', async () => {
  const world = await createServerWorld(schema, { console: folder });
  for (const path of ['/', '/assets/index-abc.js', '/schema.graphql']) {
    const { status, body } = await get(world, path, { headers: { host: 'evil.example:4000' } });
    expect(status).toBe(403);
    expect(body.toString()).toContain('FORBIDDEN');
  }
  const noName = await get(world, '/', { headers: { host: "x; script-src 'unsafe-inline'" } });
  expect(noName.status).toBe(400);
  expect(noName.headers['content-security-policy']).toBeUndefined();
});

test('the schema is a text for whom it is told', async () => {
  const told = await createServerWorld(schema, { introspection: true });
  const { status, headers, body } = await get(told, '/schema.graphql');
  expect([status, headers['content-type']]).toEqual([200, 'text/plain; charset=utf-8']);
  expect(body.toString()).toContain('"""A track."""\ntype Song implements Node {');
  expect((await get(told, '/schema.graphql', { method: 'POST' })).status).toBe(405);

  const untold = await createServerWorld(schema, { introspection: false });
  const refused = await get(untold, '/schema.graphql');
  expect(refused.status).toBe(403);
  expect(refused.body.toString()).not.toContain('Song');
  const operators = await createServerWorld(schema, { introspection: false, isOperator: () => true });
  expect((await get(operators, '/schema.graphql')).body.toString()).toContain('type Song');
});
