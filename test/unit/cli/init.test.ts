import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { JsxEmit, ModuleKind, transpileModule } from 'typescript';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCli } from '../../../src/cli/run.ts';

let cwd = '';
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'headgate-init-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

/** With answers there is somebody to ask, who types them one after the other. */
async function run(argv: readonly string[], answers?: readonly string[]) {
  let stdout = '';
  let stderr = '';
  const left = [...(answers ?? [])];
  const input = Object.assign(new PassThrough(), { isTTY: answers !== undefined });
  if (answers === undefined) input.end();
  const code = await runCli(
    argv,
    {},
    {
      cwd,
      input,
      out(text) {
        stdout += text;
        if (!text.endsWith('] ')) return;
        const answer = left.shift();
        if (answer === undefined) input.end();
        else input.write(`${answer}\n`);
      },
      err: (text) => (stderr += text),
    },
  );
  return { code, stdout, stderr };
}

const write = (file: string, text: string) => writeFileSync(join(cwd, file), text);
const read = (file: string) => readFileSync(join(cwd, file), 'utf8');
const manifest = () =>
  JSON.parse(read('package.json')) as {
    scripts: Record<string, string>;
    dependencies: Record<string, string>;
    type?: string;
  };
const song = '{"id":"s1","title":"Blue"}\n';

describe('headgate init', () => {
  test('writes a project that check has nothing against, and says what was guessed and what to do', async () => {
    write('songs.ndjson', song);
    const { code, stdout, stderr } = await run(['init', '--file', 'songs.ndjson']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(`  Song  songs, one record: a row for each id: the records had no key; "id" is it now

Written in .: schema/song.graphql, headgate.config.mjs, package.json, .gitignore, log/songs.ndjson

Next:
  npm install
  npm run dev
GraphiQL is at http://127.0.0.1:4000/graphql. To see a row arrive:
  echo '{"key":"s1-2","value":{"id":"s1-2","title":"Blue"}}' | npx headgate produce songs
`);
    expect(manifest()).toMatchObject({
      type: 'module',
      scripts: { dev: 'headgate dev', check: 'headgate check', codegen: 'headgate codegen' },
    });
    expect(read('log/songs.ndjson')).toMatch(/^\{"key":"s1","value":\{"id":"s1","title":"Blue"\},"timestamp":\d+\}\n$/);
    expect(read('.gitignore')).toBe('node_modules/\n.headgate/\n');
    expect(await run(['check'])).toMatchObject({ code: 0, stdout: 'No mistakes: one table, Song.\n' });
  });

  test('takes several files, their topics, and a folder to write into', async () => {
    write('a.ndjson', song);
    write('b.jsonl', '{"key":"a1","value":{"name":"Ann"}}\n');
    const args = [
      'init',
      'my-page',
      '--file',
      'a.ndjson',
      '--topic',
      'songs',
      '--file',
      'b.jsonl',
      '--topic',
      'acme.artists',
      '--page',
      'react',
    ];
    const { code, stdout } = await run(args);
    expect(code).toBe(0);
    expect(stdout).toContain('Next:\n  cd my-page\n  npm install\n');
    expect(readdirSync(join(cwd, 'my-page/schema'))).toEqual(['artist.graphql', 'song.graphql']);
    expect(readdirSync(join(cwd, 'my-page/log'))).toEqual(['acme.artists.ndjson', 'songs.ndjson']);
    expect(read('my-page/page/index.html')).toContain('<title>Songs, live</title>');
    expect(read('my-page/package.json')).toContain('"name": "my-page"');
    expect(JSON.parse(read('my-page/package.json'))).toMatchObject({
      scripts: { predev: 'npm run --silent codegen', dev: 'headgate dev --start vite' },
    });
  });

  test('makes records up for a topic that has none', async () => {
    expect((await run(['init', '--topic', 'order-lines'])).code).toBe(0);
    expect(read('schema/order-line.graphql')).toContain('  name: String\n');
    expect(read('log/order-lines.ndjson')).toContain('{"key":"order-line-1","value":{"name":"The first order line"},');
  });

  test('adds to a package.json and a .gitignore that are there', async () => {
    write('package.json', '{"name":"mine","scripts":{"dev":"mine"},"dependencies":{"headgate":"file:x"}}');
    write('.gitignore', '.headgate\n*.log');
    const { stdout } = await run(['init', '--topic', 'songs']);
    expect(stdout).toContain('package.json has a script "dev" already; ours would be: headgate dev\n');
    expect(manifest()).toMatchObject({
      name: 'mine',
      scripts: { dev: 'mine', check: 'headgate check' },
      dependencies: { headgate: 'file:x' },
    });
    expect(manifest().type).toBeUndefined();
    expect(read('.gitignore')).toBe('.headgate\n*.log\nnode_modules/\n');
  });

  test.each(['null', '[]', '{', '{"scripts":"x"}'])('leaves a package.json that is %s', async (text) => {
    write('package.json', text);
    const { code, stderr } = await run(['init', '--topic', 'songs']);
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('package.json: Nothing was written') as string,
    });
    expect(read('package.json')).toBe(text);
    expect(readdirSync(cwd)).toEqual(['package.json']);
  });

  test('follows no link out of the folder', async () => {
    mkdirSync(join(cwd, 'project/schema'), { recursive: true });
    symlinkSync(join(cwd, 'elsewhere'), join(cwd, 'project/schema/song.graphql'));
    const { code, stderr } = await run(['init', 'project', '--topic', 'songs']);
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('EEXIST') as string });
    expect(existsSync(join(cwd, 'elsewhere'))).toBe(false);
  });

  test.each(['returns', 'classes', 'package', 'new'])('makes a page of %s that is TypeScript', async (topic) => {
    expect((await run(['init', '--topic', topic, '--page', 'react'])).code).toBe(0);
    const { diagnostics } = transpileModule(read('page/main.tsx'), {
      reportDiagnostics: true,
      compilerOptions: { jsx: JsxEmit.ReactJSX, module: ModuleKind.ESNext },
    });
    expect(diagnostics).toEqual([]);
  });

  test('writes over nothing, and writes nothing where something is there', async () => {
    write('vite.config.mts', 'mine');
    write('headgate.config.mjs', 'export default {}');
    const { code, stderr } = await run(['init', '--topic', 'songs', '--page', 'react']);
    expect(code).toBe(1);
    expect(stderr).toContain(
      'Nothing was written, because these are there already: headgate.config.mjs, vite.config.mts. Name another folder',
    );
    expect(readdirSync(cwd)).toEqual(['headgate.config.mjs', 'vite.config.mts']);
  });

  test('leaves a file that is in the log already where it is', async () => {
    expect((await run(['init', '--topic', 'songs'])).code).toBe(0);
    for (const file of readdirSync(cwd)) if (file !== 'log') rmSync(join(cwd, file), { recursive: true });
    const before = read('log/songs.ndjson');
    expect((await run(['init', '--file', 'log/songs.ndjson'])).code).toBe(0);
    expect(read('log/songs.ndjson')).toBe(before);
  });

  test.each([
    [['--file', 'none.ndjson'], 'none.ndjson: There is no such file.\n'],
    [['--topic', 'a b'], '"a b" cannot be a topic'],
    [['--topic', 'a', '--topic', 'a'], 'The topic "a" is given twice.\n'],
    [['--file', 'songs.ndjson', '--topic', 'a,b'], 'Each --file has a --topic, or none has: these are 1 and 2.\n'],
    [['--file', 'songs.ndjson', '--kafka', 'localhost:9092'], 'give --file or --kafka, not both'],
    [['--topic', 'a', '--page', 'vue'], '--page is react or none, not "vue".\n'],
    [
      ['--kafka', 'localhost:9092'],
      'There is nobody to ask here: say where records are. headgate init --file songs.ndjson',
    ],
    [['a', 'b'], 'headgate init does not take "b".'],
  ])('refuses %j', async (args, message) => {
    write('songs.ndjson', song);
    const { code, stderr } = await run(['init', ...args]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(message) });
    expect(readdirSync(cwd)).toEqual(['songs.ndjson']);
  });
});

describe('who is asked', () => {
  test('takes what is proposed by Enter', async () => {
    write('songs.ndjson', song);
    const { code, stdout } = await run(['init'], ['', '']);
    expect(code).toBe(0);
    expect(stdout).toContain('Files with sample records, NDJSON? [songs.ndjson] ');
    expect(existsSync(join(cwd, 'page/main.tsx'))).toBe(true);
    expect(existsSync(join(cwd, 'schema/song.graphql'))).toBe(true);
  });

  test('may have no records and want no page', async () => {
    expect((await run(['init'], ['', 'plays', 'no'])).code).toBe(0);
    expect(readdirSync(cwd)).toEqual(['.gitignore', 'headgate.config.mjs', 'log', 'package.json', 'schema']);
    expect(readdirSync(join(cwd, 'log'))).toEqual(['plays.ndjson']);
  });

  test('is asked for nothing that was said', async () => {
    expect((await run(['init', '--topic', 'songs', '--page', 'none'], [])).stdout).not.toContain('?');
    rmSync(cwd, { recursive: true });
    cwd = mkdtempSync(join(tmpdir(), 'headgate-init-'));
    expect((await run(['init', '--topic', 'songs', '--yes'], [])).stdout).not.toContain('?');
  });

  test('may leave, and nothing was written', async () => {
    const { code, stderr } = await run(['init'], []);
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'Not asked to the end: nothing was written.\n' });
    expect(readdirSync(cwd)).toEqual([]);
  });
});
