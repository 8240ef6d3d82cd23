import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { runCli } from '../../../src/cli/run.ts';
import { makeDirectory } from '../../support/open-test-store.ts';

const schema = 'type Song @table(topic: "songs") { id: ID! title: String! @index }';
const byTitle = 'query ByTitle($title: String!) { songs(where: { title: { eq: $title } }) { id } }';

async function explain(argv: readonly string[], input = '') {
  const cwd = makeDirectory();
  mkdirSync(join(cwd, 'schema'));
  writeFileSync(join(cwd, 'schema/songs.graphql'), schema);
  writeFileSync(join(cwd, 'titles.graphql'), byTitle);
  let stdout = '';
  let stderr = '';
  const terminal = { out: (text: string) => (stdout += text), err: (text: string) => (stderr += text) };
  const code = await runCli(['explain', ...argv], {}, { cwd, input: Readable.from([input]), ...terminal });
  return { code, stdout, stderr };
}

test('takes an operation from the command line, a file or the input', async () => {
  const variables = ['--variables', '{"title":"Blue"}'];
  const explained = await explain([byTitle, ...variables]);
  expect(explained).toMatchObject({ code: 0, stdout: expect.stringContaining('by index "title"') as string });
  expect(await explain(['--file', 'titles.graphql', ...variables])).toEqual(explained);
  expect(await explain(variables, byTitle)).toEqual(explained);
});

test('names all variables that have no value, and how to give them', async () => {
  const two =
    'query($id: ID!, $limit: Int = 3, $title: String!, $n: Int!) { song(id: $id) { id } songs(limit: $n, where: { title: { eq: $title } }) { id } b: songs(limit: $limit) { id } }';
  expect(await explain([two, '--variables', '{"n":"many"}'])).toEqual({
    code: 1,
    stdout: '',
    stderr:
      'operation:1:51: Variable "$n" got invalid value "many"; Int cannot represent non-integer value: "many"\n' +
      `operation: The operation has no value for $id: ID!, $title: String!. Give one: --variables '{"id":…,"title":…}'.\n`,
  });
});

test.each([
  [[], '', `There is no operation: write headgate explain 'query …', name a file with --file, or pipe one in.`],
  [['{ a }', '--file', 'f'], '', 'The operation is an argument, or in the file that --file names: not both.'],
  [['--file', 'none.graphql'], '', 'none.graphql: This file cannot be read: ENOENT'],
  [['{ a }', '--variables', '{title}'], '', '--variables is not JSON ('],
  [['{ a }', '--variables', '["Blue"]'], '', '--variables is no object with the variables by name. Write it like'],
  [[], 'query($id: ID!) { songs { id } }', 'input:1:7: Variable "$id" is never used'],
  [[], '{ nothing }', 'input:1:3: Cannot query field "nothing"'],
  [[], `${byTitle} query Other { songs { id } }`, 'say which with --operation. It has ByTitle, Other.'],
  [['--operation', 'Third'], byTitle, 'The document has no operation "Third". It has ByTitle.'],
] as const)('%j with the input %j is a mistake', async (argv, input, message) => {
  const { code, stderr } = await explain(argv, input);
  expect(code).toBe(1);
  expect(stderr).toContain(message);
});
