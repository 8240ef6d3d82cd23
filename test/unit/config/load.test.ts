import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadSchemaFiles } from '../../../src/config/load.ts';

const cwd = mkdtempSync(join(tmpdir(), 'headgate-load-'));

function write(file: string, text: string | Uint8Array = `# ${file}`): void {
  mkdirSync(dirname(join(cwd, file)), { recursive: true });
  writeFileSync(join(cwd, file), text);
}

beforeAll(() => {
  for (const file of ['b.graphql', 'a.graphql', 'deep/c.graphql', 'deep/er/d.gql', 'notes.md']) write(`schema/${file}`);
  write('schema/.hidden/e.graphql');
  write('schema/node_modules/f.graphql');
  write('latin1/g.graphql', Buffer.from([0xe4, 0xf6]));
  symlinkSync(join(cwd, 'schema'), join(cwd, 'schema/deep/circle'));
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

describe('reads', () => {
  test.each<[string | readonly string[], readonly string[]]>([
    ['schema/a.graphql', ['schema/a.graphql']],
    ['schema/*.graphql', ['schema/a.graphql', 'schema/b.graphql']],
    ['./schema/*.graphql', ['schema/a.graphql', 'schema/b.graphql']],
    ['schema/?.graphql', ['schema/a.graphql', 'schema/b.graphql']],
    ['schema/{a,c}.graphql', ['schema/a.graphql']],
    [
      'schema/**/*.{graphql,gql}',
      ['schema/a.graphql', 'schema/b.graphql', 'schema/deep/c.graphql', 'schema/deep/er/d.gql'],
    ],
    ['**/er/*.gql', ['schema/deep/er/d.gql']],
    ['schema', ['schema/a.graphql', 'schema/b.graphql', 'schema/deep/c.graphql', 'schema/deep/er/d.gql']],
    [
      ['schema/b.graphql', 'schema/*.graphql'],
      ['schema/b.graphql', 'schema/a.graphql'],
    ],
    [join(cwd, 'schema/*.graphql'), ['schema/a.graphql', 'schema/b.graphql']],
  ])('%s', async (patterns, files) => {
    expect((await loadSchemaFiles(patterns, cwd)).map(({ file }) => file)).toEqual(files);
  });

  test('the text', async () => {
    expect(await loadSchemaFiles('schema/a.graphql', cwd)).toEqual([
      { file: 'schema/a.graphql', text: '# schema/a.graphql' },
    ]);
  });
});

test('names every pattern that matches nothing', async () => {
  await expect(loadSchemaFiles(['none/*.graphql', 'none.graphql'], cwd)).rejects.toMatchObject({
    mistakes: [
      {
        message: expect.stringMatching(/^No schema file matches none.*Write one there.*npx headgate init/) as string,
      },
      { message: expect.stringContaining(`No schema file matches none.graphql in ${cwd}. `) as string },
    ],
  });
});

test('names files that are not UTF-8', async () => {
  await expect(loadSchemaFiles('latin1', cwd)).rejects.toMatchObject({
    mistakes: [{ file: 'latin1/g.graphql', message: 'This file is not UTF-8.' }],
  });
});
