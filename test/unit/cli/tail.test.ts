import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, expect, test } from 'vitest';
import { runCli } from '../../../src/cli/run.ts';
import type { Credentials } from '../../../src/config/authenticate.ts';
import { createIdentity } from '../../../src/identity/create-identity.ts';
import { createServerWorld } from '../../support/server-world.ts';

const schema = 'type Order @table(topic: "orders") @auth(rules: [{}]) { id: ID! }';
const cwd = mkdtempSync(join(tmpdir(), 'headgate-tail-'));
writeFileSync(join(cwd, 'schema.graphql'), schema);
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

/** Runs `tail` against a gateway that lets nobody in, and ends it thereby. */
async function tailWith(env: Record<string, string>) {
  const seen: Credentials['connectionParams'][] = [];
  const identity = createIdentity({
    settings: {
      authenticate({ connectionParams }) {
        seen.push(connectionParams);
        return undefined;
      },
    },
    log: { info: () => {}, warn: () => {}, error: () => {} },
  });
  const world = await createServerWorld(schema, { identity });
  let stderr = '';
  const code = await runCli(['tail', 'Order', '--schema', 'schema.graphql', '--port', new URL(world.url).port], env, {
    cwd,
    input: Readable.from([]),
    out: () => {},
    err: (text) => (stderr += text),
  });
  return { code, stderr, seen };
}

test.each<[Record<string, string>, object]>([
  [{ HEADGATE_TOKEN: 'x.y.z' }, { token: 'x.y.z' }],
  [{ HEADGATE_API_KEY: 'k' }, { apiKey: 'k' }],
])('tail shows the gateway the credentials in %j', async (env, connectionParams) => {
  const { code, stderr, seen } = await tailWith(env);
  expect(code).toBe(1);
  expect(seen).toEqual([connectionParams]);
  expect(stderr).toContain('is not known here.');
  expect(stderr).not.toContain('Set HEADGATE_TOKEN');
});

test('tail says how to show credentials where it has none', async () => {
  const { code, stderr, seen } = await tailWith({});
  expect(code).toBe(1);
  expect(seen).toEqual([{}]);
  expect(stderr).toContain('Set HEADGATE_TOKEN or HEADGATE_API_KEY.');
});
