import { readFileSync, readdirSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

/**
 * The map of `src`: which room may import which, type imports included. A file's folder says what it may touch.
 *
 *   write wing  source ─ decode ─ derive ─ sink ─ ingest   knows no GraphQL        they meet in
 *   read wing   query ─ live ─ server                      knows no Kafka          store and feed
 *
 * An entry is a room (folder) or one file of it, usually the room's contract.
 */
const walls: Readonly<Record<string, readonly string[]>> = {
  common: [],
  // Rows and values are told apart by columns, whose types in turn are made of them.
  model: ['common', 'catalog/column.ts'],
  config: ['model', 'common'],
  catalog: ['config', 'model', 'common'],
  source: ['model', 'common'],
  decode: ['source', 'catalog', 'model', 'common', 'store/store.ts', 'store/keys.ts'],
  store: ['catalog', 'model', 'common'],
  feed: ['store', 'catalog', 'model', 'common'],
  // The functions of aggregations: what they keep, and how a row is taken out again.
  aggregate: [
    'catalog',
    'model',
    'common',
    'store/store.ts',
    'store/keys.ts',
    'store/key-codec.ts',
    'store/key-bytes.ts',
  ],
  derive: ['aggregate', 'catalog', 'model', 'common', 'store/store.ts', 'store/keys.ts', 'store/find-rows.ts'],
  sink: ['source', 'store', 'catalog', 'model', 'common'],
  ingest: ['source', 'decode', 'derive', 'sink', 'store', 'feed', 'catalog', 'config', 'model', 'common'],
  query: ['store', 'catalog', 'model', 'common'],
  live: ['query', 'feed', 'store', 'catalog', 'model', 'common'],
  // Who a client is: knows neither tables nor operations.
  identity: ['config', 'model/caller.ts', 'model/claims.ts', 'common'],
  server: [
    'live',
    'query',
    'identity/identity.ts',
    'config',
    'catalog',
    'common',
    'store/store.ts',
    'model/caller.ts',
    'model/position.ts',
  ],
  client: [],
  // Gateways of several processes: one that writes, others that serve.
  workers: [
    'gateway.ts',
    'ingest',
    'server/listen.ts',
    'server/metrics.ts',
    'server/operators-server.ts',
    'store',
    'catalog',
    'config',
    'common',
  ],
  // Guesses a schema from records and tries it by decoding them: knows what a topic's table is, and serves nothing.
  init: ['source', 'decode', 'catalog', 'config', 'model', 'common'],
  // What runs in browsers: what all pages are made of, those of the examples too, and the console. They know the API alone.
  page: [],
  console: ['page'],
  // What `headgate init` copies into a project, where it is the project's own: nothing here imports it.
  template: [],
  cli: [
    'gateway.ts',
    'init',
    'workers',
    'server/limits.ts',
    'server/trusted-documents.ts',
    'identity',
    'client',
    'config',
    'catalog',
    'common',
    'source',
    'query',
    'store',
    'model',
  ],
  'gateway.ts': ['server', 'identity', 'live', 'query', 'ingest', 'store', 'catalog', 'config', 'model', 'common'],
  'testing.ts': [
    'live',
    'query',
    'ingest',
    'feed',
    'store',
    'decode',
    'source',
    'catalog',
    'config',
    'model',
    'common',
  ],
  'index.ts': ['gateway.ts', 'testing.ts', 'catalog', 'config', 'model', 'common', 'source/log-writer.ts'],
};

/** The doors of packages: the files that may import them. */
const doors: Readonly<Record<string, RegExp>> = {
  '@apollo/client': /^(client\/apollo\.ts$|page\/|console\/|template\/)/,
  '@graphql-yoga/render-graphiql': /^server\//,
  '@toondepauw/node-zstd': /^source\/record-batch-codecs\.ts$/,
  '@urql/core': /^client\/urql\.ts$/,
  '@urql/exchange-graphcache': /^client\/urql\.ts$/,
  graphql: /^((config|catalog|query|live|server|cli)\/|client\/live-document\.ts$|console\/sdl\.ts$)/,
  'graphql-ws': /^(server|client|cli)\//,
  'graphql-yoga': /^server\//,
  jose: /^identity\//,
  jsep: /^catalog\/expression-parse\.ts$/,
  kafkajs: /^source\/kafka[\w-]*\.ts$/,
  lmdb: /^store\/lmdb\.ts$/,
  'lz4-napi': /^source\/record-batch-codecs\.ts$/,
  pino: /^(server|cli)\//,
  pluralize: /^catalog\/names\.ts$/,
  'prom-client': /^server\/metrics\.ts$/,
  react: /^(client\/react\.ts$|page\/|console\/|template\/)/,
  'relay-runtime': /^client\/relay\.ts$/,
  rxjs: /^client\/apollo\.ts$/,
  snappy: /^source\/record-batch-codecs\.ts$/,
  ws: /^(server|cli)\//,
};

/** The doors of what the console is bundled from and nobody installs with the package; its own client is one of them. */
const bundled: Readonly<Record<string, RegExp>> = {
  '@fontsource-variable/inter': /^(page|console)\//,
  headgate: /^(page|console|template)\//,
  'react-dom': /^(page|template)\//,
};

/** Those have no Node. */
const forBrowsers: ReadonlySet<string> = new Set(['client', 'page', 'console']);

interface Manifest {
  readonly name: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

const root = fileURLToPath(new URL('../src', import.meta.url));
const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => /\.tsx?$/.test(file))
  .toSorted();

/** A folder, or a file that stands beside the folders. */
function roomOf(file: string): string {
  return file.split('/')[0] ?? file;
}

/** What a file imports, in whatever form: type imports, re-exports and dynamic imports count. */
function importsOf(file: string): readonly string[] {
  const text = readFileSync(posix.join(root, file), 'utf8');
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
}

function isAllowed(file: string, specifier: string): boolean {
  if (specifier.startsWith('node:')) return !forBrowsers.has(roomOf(file));
  if (!specifier.startsWith('.')) {
    const name = specifier.startsWith('@') ? specifier.split('/').slice(0, 2).join('/') : roomOf(specifier);
    return (doors[name] ?? bundled[name])?.test(file) ?? false;
  }
  const target = posix.join(posix.dirname(file), specifier);
  const room = roomOf(file);
  if (target.startsWith('..') || !/\.(tsx?|css)$/.test(target)) return false;
  return roomOf(target) === room || (walls[room] ?? []).some((entry) => entry === target || entry === roomOf(target));
}

describe('walls', () => {
  test.each(files)('%s imports only what its room may', (file) => {
    expect(
      importsOf(file).filter((specifier) => !isAllowed(file, specifier)),
      `${file} crosses a wall`,
    ).toEqual([]);
  });

  test('every room is on the map, and every room on the map exists', () => {
    expect(new Set(files.map(roomOf))).toEqual(new Set(Object.keys(walls)));
  });

  test('no folder is deeper than a room', () => {
    expect(files.filter((file) => file.split('/').length > 2)).toEqual([]);
  });

  test('every package has its door, and every door its package', () => {
    const manifest = JSON.parse(readFileSync(posix.join(root, '../package.json'), 'utf8')) as Manifest;
    const { name, dependencies, devDependencies, optionalDependencies, peerDependencies } = manifest;
    const declared = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
    expect(Object.keys(doors).toSorted()).toEqual(declared.toSorted());
    expect(Object.keys({ ...devDependencies, [name]: '' })).toEqual(expect.arrayContaining(Object.keys(bundled)));
    const used = new Set(files.flatMap(importsOf).filter((specifier) => !/^(\.|node:)/.test(specifier)));
    const isUsed = (door: string) => [...used].some((each) => each === door || each.startsWith(`${door}/`));
    expect(Object.keys({ ...doors, ...bundled }).filter((door) => !isUsed(door))).toEqual([]);
  });
});

describe('the map itself', () => {
  test.each([
    ['store/lmdb.ts', '../live/hub.ts'],
    ['source/kafka.ts', '../store/store.ts'],
    ['sink/sink.ts', '../decode/decode.ts'],
    ['source/log.ts', 'kafkajs'],
    ['query/engine.ts', 'lmdb'],
    ['query/engine.ts', '../ingest/ingest.ts'],
    ['decode/decode.ts', '../store/lmdb.ts'],
    ['store/keys.ts', 'lmdb'],
    ['common/errors.ts', '../model/row.ts'],
    ['model/row.ts', '../catalog/build.ts'],
    ['query/engine.ts', './order.js'],
    ['query/engine.ts', '../../test/support/random.ts'],
    ['query/engine.ts', 'left-pad'],
    ['client/client.ts', 'node:fs'],
    ['client/client.ts', 'rxjs'],
    ['init/infer.ts', '../query/engine.ts'],
    ['init/names.ts', 'pluralize'],
    ['client/client.ts', '../page/live-client.tsx'],
    ['page/live-page.tsx', '../client/client.ts'],
    ['page/live-page.tsx', '../console/console.css'],
    ['console/main.tsx', '../catalog/column.ts'],
    ['console/main.tsx', 'node:fs'],
    ['server/server.ts', 'react-dom'],
  ])('forbids %s to import %s', (file, specifier) => {
    expect(isAllowed(file, specifier)).toBe(false);
  });
});
