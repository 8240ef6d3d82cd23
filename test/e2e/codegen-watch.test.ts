import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, onTestFinished, test } from 'vitest';

/** `headgate codegen --watch`, beside `headgate dev`: the types follow the schema and the documents. */
const root = fileURLToPath(new URL('../..', import.meta.url));
const cwd = mkdtempSync(join(tmpdir(), 'headgate-codegen-'));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const schema = (fields: string): void =>
  writeFileSync(join(cwd, 'schema/song.graphql'), `type Song @table(topic: "songs") { id: ID! ${fields} }`);
const document = (fields: string): void =>
  writeFileSync(join(cwd, 'src/page.ts'), `graphql(\`query Songs { songs { ${fields} } }\`);`);
const generated = (file: string): string => readFileSync(join(cwd, 'src/gql', file), 'utf8');

test('writes again when the schema or a document changes, and says what is wrong until it is right', async () => {
  for (const folder of ['schema', 'src', 'node_modules']) mkdirSync(join(cwd, folder));
  for (const name of ['@graphql-codegen', '@graphql-typed-document-node', 'graphql']) {
    symlinkSync(join(root, 'node_modules', name), join(cwd, 'node_modules', name));
  }
  schema('title: String!');
  document('title');
  const command = join(root, 'dist/cli/main.js');
  const child = spawn(process.execPath, [command, 'codegen', '--watch'], { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let told = '';
  const chunks = child.stderr.iterator({ destroyOnReturn: false });
  /** What it says before it waits. */
  const untilWaiting = async (): Promise<string> => {
    for (;;) {
      const end = told.indexOf('Waiting for the schema or the documents to change');
      if (end !== -1) {
        const said = told.slice(0, end);
        told = told.slice(told.indexOf('\n', end) + 1);
        return said;
      }
      const { value, done } = await chunks.next();
      if (done === true) throw new Error(`it ended: ${told}`);
      told += String(value);
    }
  };

  expect(await untilWaiting()).toBe('');
  expect(generated('graphql.ts')).toContain('songs: Array<{ title: string }>');
  document('id title');
  expect(await untilWaiting()).toBe('');
  expect(generated('graphql.ts')).toContain('songs: Array<{ id: string, title: string }>');
  schema('title: Strng!');
  expect(await untilWaiting()).toMatch(/^✗ schema\/song\.graphql:1:\d+: .*"String"/);
  schema('name: String!');
  expect(await untilWaiting()).toMatch(/✗ The typed documents could not be made: .*title/s);
  expect(generated('schema.graphql')).toContain('  name: String!');
  document('name');
  expect(await untilWaiting()).toBe('');
  expect(generated('graphql.ts')).toContain('songs: Array<{ name: string }>');
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});
