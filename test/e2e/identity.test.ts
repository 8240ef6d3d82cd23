import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'graphql-ws';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
// The writer's thread runs from dist alone.
import { createGateway, SetupError, type Gateway, type GatewayOptions } from '../../dist/index.js';
import { runHeadgate, startGatewayProcess } from '../support/gateway-process.ts';
import { signWithSecret, testSecret } from '../support/jwks-server.ts';

const root = mkdtempSync(join(tmpdir(), 'headgate-identity-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const schema = `type Order @table(topic: "orders")
  @auth(rules: [{ roles: ["support"] }, { where: { customerId: { eq: "$jwt.sub" } } }]) {
  id: ID!
  customerId: ID! @index
}
`;
const orders = ['{"key":"o1","value":{"customerId":"u1"}}', '{"key":"o2","value":{"customerId":"u2"}}'];

/** A project with a schema and a log of two orders. */
function project(): string {
  const cwd = mkdtempSync(join(root, 'project-'));
  mkdirSync(join(cwd, 'schema'));
  mkdirSync(join(cwd, 'log'));
  writeFileSync(join(cwd, 'schema/orders.graphql'), schema);
  writeFileSync(join(cwd, 'log/orders.ndjson'), orders.map((line) => `${line}\n`).join(''));
  writeFileSync(join(cwd, 'jwt-secret'), `${testSecret}\n`);
  writeFileSync(
    join(cwd, 'keys.json'),
    JSON.stringify([{ name: 'helpdesk', key: 'the key of the help desk', roles: ['support'] }]),
  );
  return cwd;
}

async function ask(url: string, headers: Record<string, string> = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json', ...headers },
    body: JSON.stringify({ query: '{ orders { id } }', extensions: { atLeast: { offsets } } }),
  });
  return { status: response.status, body: (await response.json()) as unknown };
}

/** Both orders are there. */
const offsets = [{ topic: 'orders', partition: 0, offset: String((orders[0]?.length ?? 0) + 1) }];
const seen = (...ids: readonly string[]): unknown =>
  expect.objectContaining({
    body: expect.objectContaining({ data: { orders: ids.map((id) => ({ id })) } }) as unknown,
  });
const refused = expect.objectContaining({
  status: 401,
  body: expect.objectContaining({
    errors: [expect.objectContaining({ extensions: { code: 'UNAUTHENTICATED' } })],
  }) as unknown,
}) as unknown;

describe('headgate serve', () => {
  test('shows everybody what the rules grant, once it is told how to identify callers', async () => {
    const cwd = project();
    const gateway = await startGatewayProcess(['serve', '--api-keys-file', 'keys.json'], {
      cwd,
      env: { HEADGATE_JWT_SECRET_FILE: 'jwt-secret' },
    });
    onTestFinished(async () => void (await gateway.stop()));
    const token = await signWithSecret({ sub: 'u1' });
    expect(await ask(gateway.url, { authorization: `Bearer ${token}` })).toEqual(seen('o1'));
    expect(await ask(gateway.url, { 'x-api-key': 'the key of the help desk' })).toEqual(seen('o1', 'o2'));
    expect(await ask(gateway.url)).toEqual(refused);
    expect(await ask(gateway.url, { authorization: `Bearer ${token}x` })).toEqual(refused);
    const status = (env: Record<string, string>) =>
      runHeadgate(['status', '--port', new URL(gateway.url).port], { cwd, env });
    const { host } = new URL(gateway.url);
    expect((await status({})).stdout.split('\n')[0]).toBe(
      `lag is unknown: the gateway at ${host} identifies callers, and tells lag to whom it knows. Set HEADGATE_TOKEN or HEADGATE_API_KEY.`,
    );
    expect((await status({ HEADGATE_API_KEY: 'no key' })).stdout).toContain(
      `lag is unknown: the gateway at ${host} tells this caller no lag: The API key is`,
    );
    for (const known of [{ HEADGATE_API_KEY: 'the key of the help desk' }, { HEADGATE_TOKEN: token }]) {
      const { stdout } = await status(known);
      expect(stdout).not.toContain('lag is unknown');
      expect(stdout).toMatch(/^Order +live +2 +orders +0:\d+ +0 +0$/m);
    }
    expect(gateway.output()).not.toContain(token);
    expect(gateway.output()).not.toContain('nobody can say who they are');
  });

  test('says that nobody can be identified where tables have rules', async () => {
    const gateway = await startGatewayProcess(['serve'], { cwd: project() });
    onTestFinished(async () => void (await gateway.stop()));
    expect(await ask(gateway.url)).toEqual(refused);
    await gateway.stop();
    expect(gateway.output()).toContain('nobody can say who they are');
    expect(gateway.output()).toContain('these tables answer UNAUTHENTICATED to everybody: Order');
  });

  test('is not reachable from other machines without identity', async () => {
    const cwd = project();
    const open = ['serve', '--host', '192.0.2.1'];
    expect((await runHeadgate(open, { cwd })).stderr).toContain('Say how callers are identified (jwt, apiKeysFile or');
    // 192.0.2.1 is nobody's address: it gets as far as trying.
    const { stderr } = await runHeadgate(open, { cwd, env: { HEADGATE_JWT_SECRET: testSecret } });
    expect(stderr).toContain('this machine has no address 192.0.2.1');
  });
});

test('headgate dev takes whoever comes without credentials for whom --as says', async () => {
  const gateway = await startGatewayProcess(['dev', '--as', '{"sub":"u2"}'], { cwd: project() });
  onTestFinished(async () => void (await gateway.stop()));
  expect(gateway.output()).toContain('Callers without credentials have the claims {"sub":"u2"}');
  expect(await ask(gateway.url)).toEqual(seen('o2'));
});

describe('the library', () => {
  async function gatewayWith(options: Partial<GatewayOptions>): Promise<Gateway> {
    const cwd = project();
    const gateway = await createGateway({
      schema: join(cwd, 'schema'),
      source: { kind: 'log', directory: join(cwd, 'log') },
      data: join(cwd, 'data'),
      port: 0,
      ...options,
    });
    onTestFinished(() => gateway.close());
    return gateway;
  }

  test('identifies callers by a hook, and drops their sessions', async () => {
    const session = { open: true };
    const gateway = await gatewayWith({
      identity: {
        authenticate: ({ headers }) =>
          headers.cookie === 'session=1' && session.open ? { claims: { sub: 'u1' }, roles: [] } : undefined,
      },
    });
    expect(await ask(gateway.url, { cookie: 'session=1' })).toEqual(seen('o1'));
    class WithCookie extends WebSocket {
      constructor(address: string, protocols: string) {
        super(address, protocols, { headers: { cookie: 'session=1' } });
      }
    }
    const client = createClient({
      url: gateway.url.replace('http', 'ws'),
      webSocketImpl: WithCookie,
      lazy: false,
      retryAttempts: 0,
      onNonLazyError: () => {},
    });
    onTestFinished(() => void client.dispose());
    const closed = new Promise((resolve) => client.on('closed', resolve));
    const frames = client.iterate({ query: 'subscription { orders { id } }' });
    expect(await frames.next()).toMatchObject({ value: { data: { orders: [{ id: 'o1' }] } } });
    session.open = false;
    expect(gateway.dropSessions({ claim: 'sub', value: 'u2' })).toBe(0);
    expect(gateway.dropSessions({ claim: 'sub', value: 'u1' })).toBe(1);
    expect(await closed).toMatchObject({ code: 4403 });
    expect(await ask(gateway.url, { cookie: 'session=1' })).toEqual(refused);
  });

  test.each<[string, Partial<GatewayOptions>, string]>([
    ['tokens that cannot be verified', { identity: { jwt: {} } }, 'Tokens (jwt) cannot be verified without keys'],
    ['a short admin key', { adminKey: 'short' }, 'adminKey has 5 characters'],
    ['an open host without identity', { host: '0.0.0.0' }, 'reachable from other machines'],
    [
      'an open host in development',
      { host: '0.0.0.0', identity: { as: { sub: 'u1' } } },
      'reachable from other machines',
    ],
  ])('refuses %s', async (_, options, message) => {
    await expect(gatewayWith(options)).rejects.toThrow(message);
    await expect(gatewayWith(options)).rejects.toThrow(SetupError);
  });

  test('asks for rules once callers are identified', async () => {
    const cwd = project();
    writeFileSync(join(cwd, 'schema/songs.graphql'), 'type Song @table(topic: "songs") { id: ID! }');
    const schemaFolder = { schema: join(cwd, 'schema') };
    await expect(gatewayWith({ ...schemaFolder, identity: { jwt: { secret: testSecret } } })).rejects.toThrow('Song');
    expect((await gatewayWith(schemaFolder)).catalog.tables).toHaveLength(2);
  });
});
