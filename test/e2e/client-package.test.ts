import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** `headgate/client` as a page bundles it, and the package as npm packs it. */
const root = fileURLToPath(new URL('../..', import.meta.url));

/** A page that says this, minified for browsers: any module of Node would fail. */
async function bundle(
  code: string,
  external: string[] = [],
): Promise<{ bytes: number; gzipped: number; of: string[] }> {
  const result = await build({
    stdin: { contents: code, resolveDir: root },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    write: false,
    metafile: true,
    logLevel: 'silent',
    external,
  });
  const contents = result.outputFiles[0]?.contents ?? new Uint8Array();
  const of = Object.keys(result.metafile.inputs).filter((file) => file !== '<stdin>');
  return { bytes: contents.length, gzipped: gzipSync(contents, { level: 9 }).length, of };
}

const libraries = ['graphql-ws/client', '@apollo/client', 'rxjs', '@urql/core', 'relay-runtime', 'react'];

describe('what a page loads', () => {
  // README says the first: bytes of headgate/client, gzipped, without and with graphql-ws. 80 of them are for change streams to
  // outlive a topic that is created anew, 90 for live() to say of what it can make no subscription.
  test.each([
    ["export * from 'headgate/client'", 3_900],
    ["export { createLiveClient, describeStatus } from 'headgate/client'", 2_950],
    ["export { liveClientOptions, apolloDefaults } from 'headgate/client'", 300],
    // Of which 100 send the ids of documents along, without which there is no page with trusted documents; and with live().
    ["export * from 'headgate/client/apollo'", 1_000],
    ["export * from 'headgate/client/urql'", 800],
    ["export * from 'headgate/client/relay'", 1_150],
    ["export * from 'headgate/client/react'", 500],
  ])('%s is at most %i bytes, gzipped', async (code, most) => {
    const { gzipped } = await bundle(code, libraries);
    expect(gzipped).toBeLessThanOrEqual(most);
    // What is much smaller than its limit has no limit.
    expect(gzipped).toBeGreaterThan(most * 0.7);
  });

  test('with graphql-ws it is at most 6,850 bytes, gzipped', async () => {
    expect((await bundle("export * from 'headgate/client'")).gzipped).toBeLessThanOrEqual(6_850);
  });

  test('nothing of Node or of the server is in it, and nothing of libraries that are not asked for', async () => {
    const { of } = await bundle("export * from 'headgate/client'");
    expect(of.filter((file) => !/^dist\/client\/|^node_modules\/graphql-ws\//.test(file))).toEqual([]);
    for (const name of ['apollo', 'urql', 'relay', 'react']) {
      const { of: files } = await bundle(`export * from 'headgate/client/${name}'`, libraries);
      expect(files.filter((file) => !file.startsWith('dist/client/'))).toEqual([]);
    }
  });
});

describe('the package', () => {
  const directory = mkdtempSync(join(tmpdir(), 'headgate-pack-'));
  const run = (bin: string, ...args: string[]) => execFileSync(bin, args, { cwd: root, encoding: 'utf8' });
  const local = (name: string) => join(root, 'node_modules/.bin', name);
  let file: string;

  beforeAll(() => {
    // Without scripts: it is built already, and is not to be built under the feet of other tests.
    run('npm', 'pack', '--ignore-scripts', '--silent', '--pack-destination', directory);
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    file = join(directory, `headgate-${version}.tgz`);
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test('has the types and entries that it says, for Node and bundlers', () => {
    // Ends with an error where it finds one. How it prints depends on the terminal.
    expect(
      run(
        local('attw'),
        file,
        '--profile',
        'esm-only',
        '--exclude-entrypoints',
        'schema/headgate.graphql',
        '--no-emoji',
      ),
    ).toContain('headgate/client/react');
  });

  test('carries the console: a page, and what it loads, in less than 160 kB gzipped beside its fonts', () => {
    run('tar', '-xzf', file, '-C', directory);
    const folder = join(directory, 'package/dist/console');
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    expect(names).toContain('index.html');
    const loaded = names.filter((name) => /\.(js|css)$/.test(name));
    const page = readFileSync(join(folder, 'index.html'), 'utf8');
    for (const name of loaded) expect(page).toContain(`"/${name}"`);
    const bytes = loaded.reduce((sum, name) => sum + gzipSync(readFileSync(join(folder, name))).length, 0);
    expect(bytes).toBeLessThan(160_000);
    expect(bytes).toBeGreaterThan(110_000);
    // Neither scripts within the page, which its policy forbids, nor what only a builder needs.
    expect(page).not.toMatch(/<script[^>]*>[^<]/);
    expect(names.filter((name) => /\.(map|tsx?)$/.test(name))).toEqual([]);
  });

  test('is as publint wants it', () => {
    expect(run(local('publint'), 'run', file, '--strict')).toContain('All good!');
  });
});
