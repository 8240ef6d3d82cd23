import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSchema } from 'graphql';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { readManifest } from '../../src/server/manifest.ts';
import { appendToLog } from '../../src/source/log-writer.ts';
import { runHeadgate, startGatewayProcess } from '../support/gateway-process.ts';
import { readme, readmeBlock } from '../support/readme-blocks.ts';

/** `headgate codegen` in a frontend's project: what it writes compiles, and is what the libraries take. */
const root = fileURLToPath(new URL('../..', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'headgate (codegen) [1] '));
const gql = (file: string) => join(directory, 'src/gql', file);

const schema = `type Artist @table(topic: "artists") { id: ID! name: String! songs: [Song!]! @relation(references: ["artistId"]) }
type Song @table(topic: "songs") {
  id: ID! title: String! @index genre: String! @index plays: Int! price: Decimal at: DateTime
  artistId: ID! @index artist: Artist @relation(fields: ["artistId"])
}
type Play @table(topic: "plays") @key(fields: "songId userId") { songId: ID! userId: ID! }`;

/** Everything that is generated, used as a page would, without a cast. */
const page = `import { ApolloClient, ApolloLink, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { useQuery } from '@apollo/client/react';
import { cacheExchange } from '@urql/exchange-graphcache';
import { apolloDefaults, createLiveClient, createPositions, describeStatus, live } from 'headgate/client';
import { evictDeleted, foldIntoQuery, liveUpdates, positionsLink } from 'headgate/client/apollo';
import { useConnectionStatus } from 'headgate/client/react';
import * as urql from 'headgate/client/urql';
import { graphql } from './gql';
import { possibleTypes, typePolicies } from './gql/apollo';
import { changeStreams, keys, liveFields, schema } from './gql/graphcache';

const songs = graphql(\`query Songs($genre: String!) { songs(where: { genre: { eq: $genre } }) { id title price at } }\`);
const songChanges = graphql(\`subscription Changes($after: String) {
  songChanges(after: $after, snapshot: true) { changes { operation rowId node { id title price at } } deletedIds reset }
}\`);
const positions = createPositions();
export const connection = createLiveClient({ url: 'ws://localhost:4000/graphql', token: async () => 'a token', positions });
export const apollo = new ApolloClient({
  link: ApolloLink.from([new ApolloLink(positionsLink(positions)), new GraphQLWsLink(connection)]),
  cache: new InMemoryCache({ possibleTypes, typePolicies }),
  ...apolloDefaults,
});
export const graphcache = cacheExchange({ schema, keys, updates: { Subscription: urql.liveUpdates(liveFields, changeStreams) } });

export function usePage(genre: string): string[] {
  const status = useConnectionStatus(connection);
  const { data, subscribeToMore } = useQuery(songs, { variables: { genre } });
  subscribeToMore(liveUpdates(songs, { genre }));
  apollo.subscribe({ query: live(songs), variables: { genre } }).subscribe(({ data: frame }) => frame?.songs[0]?.title.length);
  apollo.subscribe({ query: songChanges }).subscribe(({ data: message }) => {
    if (message === undefined || message === null) return;
    foldIntoQuery(apollo.cache, { query: songs, variables: { genre } }, 'songs', message.songChanges, {
      compare: (a, b) => a.title.localeCompare(b.title),
    });
    evictDeleted(apollo.cache, 'Song', message.songChanges);
  });
  const price: string | null | undefined = data?.songs[0]?.price;
  return [price ?? '', status.text, describeStatus(connection.status.get())];
}
// @ts-expect-error: variables are checked
liveUpdates(songs);
// @ts-expect-error: fields are checked
foldIntoQuery(apollo.cache, { query: songs, variables: { genre: '' } }, 'title', { changes: [] });
`;

const tsconfig = {
  compilerOptions: {
    target: 'es2022',
    lib: ['es2022', 'dom', 'esnext.disposable'],
    module: 'esnext',
    moduleResolution: 'bundler',
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    verbatimModuleSyntax: true,
    noUnusedLocals: true,
    jsx: 'react-jsx',
    skipLibCheck: true,
    // A frontend has no types of Node.
    types: [],
    noEmit: true,
  },
  include: ['src'],
};

const packages = ['react', 'react-dom', 'relay-runtime', 'graphql', 'graphql-ws', 'rxjs', 'ws'];

const run = (bin: string, ...args: string[]) =>
  execFileSync(process.execPath, [join(root, 'node_modules', bin), ...args], { cwd: directory, encoding: 'utf8' });

beforeAll(() => {
  mkdirSync(join(directory, 'schema'));
  mkdirSync(join(directory, 'src'));
  writeFileSync(join(directory, 'schema/songs.graphql'), schema);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test('without a generator the API is written, and what to install is said', async () => {
  const { code, stdout, stderr } = await runHeadgate(['codegen'], { cwd: directory });
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'src/gql/schema.graphql\n' });
  expect(stderr).toContain('npm install --save-dev @graphql-codegen/cli @graphql-codegen/client-preset');
  expect(
    buildSchema(readFileSync(gql('schema.graphql'), 'utf8'))
      .getQueryType()
      ?.getFields(),
  ).toHaveProperty('songs');
});

test('a library that is none is refused with the names there are', async () => {
  const { code, stderr } = await runHeadgate(['codegen', '--for', 'appollo'], { cwd: directory });
  expect(code).toBe(1);
  expect(stderr).toContain('mean "apollo"');
});

test('in a project with the libraries everything is written, and compiles under strict TypeScript', async () => {
  mkdirSync(join(directory, 'node_modules'));
  for (const name of ['@apollo', '@urql', '@graphql-codegen', '@graphql-typed-document-node', '@types', ...packages]) {
    symlinkSync(join(root, 'node_modules', name), join(directory, 'node_modules', name));
  }
  symlinkSync(root, join(directory, 'node_modules/headgate'));
  writeFileSync(join(directory, 'src/page.ts'), page);
  writeFileSync(join(directory, 'src/app.tsx'), readmeBlock('tsx', 'createLiveClient'));
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(tsconfig));
  const { code, stderr } = await runHeadgate(['codegen', '--persisted-documents'], { cwd: directory });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(run('typescript/bin/tsc', '--project', 'tsconfig.json')).toBe('');
  const apollo = readFileSync(gql('apollo.ts'), 'utf8');
  expect(apollo).toContain("songsConnection: relayStylePagination(['where', 'orderBy'])");
  expect(apollo).toContain('songs: { merge: false }');
});

test('the page that README shows runs: it renders, and its live query answers', async () => {
  const song = { title: 'Blue', genre: 'jazz', plays: 1, artistId: 'a1' };
  appendToLog(join(directory, 'log'), 'songs', [{ key: 's1', value: song }]);
  const gateway = await startGatewayProcess(['serve', '--port', '0', '--log', 'log'], { cwd: directory });
  onTestFinished(() => void gateway.stop());
  const app = join(directory, 'src/app.tsx');
  const text = readFileSync(app, 'utf8');
  writeFileSync(app, text.replace('ws://localhost:4000/graphql', gateway.url.replace(/^http/, 'ws')));
  writeFileSync(
    join(directory, 'src/run.tsx'),
    `import { renderToString } from 'react-dom/server';
    import { WebSocket } from 'ws';
    Object.assign(globalThis, { WebSocket, localStorage: { getItem: () => null } });
    void Promise.all([import('./app.tsx'), import('headgate/client')]).then(([{ App, apollo, songs }, { live }]) => {
      console.log(renderToString(<App />));
      apollo.subscribe({ query: live(songs) }).subscribe(({ data }) => {
        if (data?.songs.length === 0) return;
        console.log(JSON.stringify(data));
        process.exit();
      });
    });`,
  );
  const shown = run('tsx/dist/cli.mjs', 'src/run.tsx');
  for (const file of ['app.tsx', 'run.tsx']) rmSync(join(directory, 'src', file));
  expect(shown).toContain('<section><p>idle</p></section>');
  expect(shown).toContain('"title":"Blue"');
});

test('the page that README shows runs with trusted documents, its queries over HTTP too', async () => {
  // README's sentence about it.
  const link = 'new ApolloLink(documentIds).concat(new GraphQLWsLink(connection))';
  expect(readme).toContain(`\`link: ${link}\``);
  const list = ['--trusted-documents', gql('persisted-documents.json')];
  const gateway = await startGatewayProcess(['serve', '--log', 'log', ...list], { cwd: directory });
  onTestFinished(() => void gateway.stop());
  writeFileSync(
    join(directory, 'src/app.tsx'),
    readmeBlock('tsx', 'createLiveClient')
      .replace('ws://localhost:4000/graphql', gateway.wsUrl)
      .replace('link: new GraphQLWsLink(connection)', `link: ${link}`)
      .replace('{ ApolloClient', '{ ApolloLink, ApolloClient')
      .replace('import { graphql }', "import { documentIds } from 'headgate/client/apollo';\nimport { graphql }"),
  );
  writeFileSync(
    join(directory, 'src/run.tsx'),
    `import { ApolloLink, HttpLink } from '@apollo/client';
    import { WebSocket } from 'ws';
    Object.assign(globalThis, { WebSocket, localStorage: { getItem: () => null } });
    const imports = [import('./app.tsx'), import('headgate/client'), import('headgate/client/apollo')] as const;
    void Promise.all(imports).then(async ([{ apollo, songs }, { live }, { documentIds }]) => {
    const query = async () => (await apollo.query({ query: songs, fetchPolicy: 'network-only' })).data;
    const shown = [await query()];
    await new Promise((resolve) => apollo.subscribe({ query: live(songs) }).subscribe((frame) => resolve(shown.push(frame.data))));
    const cached = Object.keys(apollo.cache.extract());
    const http = new HttpLink({ uri: '${gateway.url}' });
    apollo.setLink(new ApolloLink(documentIds).concat(http));
    shown.push(await query());
    apollo.setLink(http);
    const refused = await query().catch(({ errors }) => errors[0].extensions.code);
    console.log(JSON.stringify({ shown, cached, refused }));
    process.exit();
    });`,
  );
  const { shown, cached, refused } = JSON.parse(run('tsx/dist/cli.mjs', 'src/run.tsx')) as Record<string, unknown>;
  for (const file of ['app.tsx', 'run.tsx']) rmSync(join(directory, 'src', file));
  const data = { songs: [{ __typename: 'Song', id: 's1', title: 'Blue' }] };
  expect(shown).toEqual([data, data, data]);
  // As Apollo's cache tells rows apart.
  expect(cached).toContain('Song:s1');
  // The text alone is not the one of the list.
  expect(refused).toBe('FORBIDDEN');
});

test('the list of persisted documents is what trustedDocuments takes', () => {
  const file = gql('persisted-documents.json');
  const documents = readManifest(file, readFileSync(file, 'utf8'));
  expect([...documents.keys()].every((id) => id.startsWith('sha256:'))).toBe(true);
  expect(new Set([...documents.values()].map((text) => text.slice(0, 11)))).toEqual(
    new Set(['query Songs', 'query First', 'subscriptio']),
  );
});

test('written again, files that are the same are left alone', async () => {
  writeFileSync(gql('schema.graphql'), 'old');
  const before = readFileSync(gql('apollo.ts'));
  await runHeadgate(['codegen', '--for', 'relay'], { cwd: directory });
  expect(readFileSync(gql('schema.graphql'), 'utf8')).not.toBe('old');
  expect(readFileSync(gql('apollo.ts'))).toEqual(before);
});

test("Relay's compiler takes what is written for it", () => {
  writeFileSync(
    join(directory, 'src/relay.ts'),
    "import { graphql } from 'relay-runtime';\ngraphql`query relaySongsQuery { songs(limit: 3) { title price } }`;\n",
  );
  expect(run('relay-compiler/cli.js', 'src/gql/relay.config.json')).toContain('Done');
  const compiled = join(directory, 'src/__generated__/relaySongsQuery.graphql.ts');
  expect(existsSync(compiled)).toBe(true);
  expect(readFileSync(compiled, 'utf8')).toContain('readonly price: string | null');
  expect(readFileSync(compiled, 'utf8')).toContain('nodeId');
});

test("an operation that is wrong ends it with the generator's words", async () => {
  writeFileSync(join(directory, 'src/wrong.graphql'), 'query Wrong { sons { id } }');
  const { code, stderr } = await runHeadgate(['codegen'], { cwd: directory });
  expect(code).toBe(1);
  expect(stderr).toContain('or "songs"');
  expect(stderr).toContain('wrong.graphql');
});
