import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCli } from '../../../src/cli/run.ts';

const secret = { HEADGATE_JWT_SECRET: 'a secret of at least thirty-two bytes' };

let cwd = '';
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'headgate-cli-'));
  mkdirSync(join(cwd, 'schema'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

async function run(argv: readonly string[], env: Record<string, string> = {}) {
  let stdout = '';
  let stderr = '';
  const code = await runCli(argv, env, {
    cwd,
    input: Readable.from([]),
    out: (text) => (stdout += text),
    err: (text) => (stderr += text),
  });
  return { code, stdout, stderr };
}

function writeSchema(text: string): void {
  writeFileSync(join(cwd, 'schema/orders.graphql'), text);
}

const guarded = `type Order @table(topic: "orders")
  @auth(rules: [{ roles: ["support"] }, { where: { customerId: { eq: "$jwt.sub" } } }]) {
  id: ID!
  customerId: ID! @index
}`;

describe('check', () => {
  test('asks for rules once callers are identified', async () => {
    writeSchema('type Song @table(topic: "songs") { id: ID! }');
    expect((await run(['check'])).code).toBe(0);
    const { code, stdout } = await run(['check'], secret);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^schema\/orders\.graphql:1:\d+: .*Song.*@auth/);
    // Claims that everybody has in development say who nobody is.
    expect((await run(['check'], { HEADGATE_AS: '{"sub":"u1"}' })).code).toBe(0);
    // By a flag as well.
    const keys = join(cwd, 'keys.json');
    writeFileSync(keys, JSON.stringify([{ name: 'shop', key: 'x'.repeat(40) }]));
    expect(await run(['check', '--api-keys-file', keys])).toMatchObject({ code: 1, stdout });
  });

  test('finds the mistakes of the configuration, too', async () => {
    writeSchema(guarded);
    expect((await run(['check'], secret)).code).toBe(0);
    const { code, stderr } = await run(['check'], { HEADGATE_JWT_SECRET: 'short' });
    expect(code).toBe(1);
    expect(stderr).toContain('jwt.secret has 5 bytes');
  });
});

test('check looks through the trusted documents', async () => {
  writeSchema(guarded);
  const file = join(cwd, 'documents.json');
  const env = { HEADGATE_TRUSTED_DOCUMENTS: file };
  writeFileSync(file, JSON.stringify({ a: 'query A { orders { id } }' }));
  expect((await run(['check'], env)).code).toBe(0);
  writeFileSync(file, JSON.stringify({ a: 'query A { orders { id } }', b: 'query B { orders { total } }' }));
  const { code, stdout } = await run(['check'], env);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^[^\n]*documents\.json: document "b": .*"total"[^\n]*\n$/);
});

describe('explain', () => {
  test('applies the rules of whoever --as says', async () => {
    writeSchema(guarded);
    const explain = (...more: readonly string[]) => run(['explain', '{ orders { id } }', ...more]);
    const own = await explain('--as', '{"sub":"u1"}');
    const all = await explain('--as', '{"sub":"u1","roles":["support"]}');
    expect([own.code, all.code]).toEqual([0, 0]);
    expect(own.stdout).toContain('customerId');
    expect(all.stdout).not.toContain('customerId');
  });

  test('says how to say whose rules apply', async () => {
    writeSchema(guarded);
    const { code, stderr } = await run(['explain', '{ orders { id } }']);
    expect(code).toBe(1);
    expect(stderr).toContain(`Say whose rules apply: --as '{"sub":"u1"}'.`);
  });
});

describe('serve', () => {
  test('takes no claims for everybody', async () => {
    writeSchema(guarded);
    expect((await run(['serve', '--as', '{"sub":"u1"}'])).stderr).toContain('There is no flag --as here.');
    const { code, stderr } = await run(['serve'], { HEADGATE_AS: '{"sub":"u1"}' });
    expect(code).toBe(1);
    expect(stderr).toContain('is for headgate dev and explain. Remove HEADGATE_AS');
  });

  test('tells its settings in sections', async () => {
    const { stdout } = await run(['serve', '--help']);
    expect(stdout).toMatch(/\n {2}--port N [^]*\nRecords:\n[^]*\nCallers and security:\n[^]*\nLimits:\n/);
    expect(stdout).toContain('  HEADGATE_ADMIN_KEY[_FILE]');
    expect(stdout).not.toContain('--as ');
    expect((await run(['tail', '--help'])).stdout).toContain('HEADGATE_TOKEN');
  });
});
