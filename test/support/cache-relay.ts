import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  createOperationDescriptor,
  Environment,
  fetchQuery,
  RecordSource,
  requestSubscription,
  Store,
} from 'relay-runtime';
import type { ConcreteRequest, GraphQLTaggedNode, RecordProxy } from 'relay-runtime';
import { createPositions } from '../../src/client/client.ts';
import { changesUpdater, nodeIdOf, relayNetwork } from '../../src/client/relay.ts';
import {
  artistChangesOf,
  byPlays,
  changesOf,
  generate,
  listOf,
  type CacheClient,
  type CacheWorld,
  type Shown,
} from './cache-world.ts';

const compiler = fileURLToPath(new URL('../../node_modules/relay-compiler/cli.js', import.meta.url));

const documents = {
  pageSongsQuery: `query pageSongsQuery { ${listOf(500)} }`,
  pageChangesSubscription: `subscription pageChangesSubscription($after: String) { ${changesOf} }`,
  pageArtistsSubscription: `subscription pageArtistsSubscription($after: String) { ${artistChangesOf} }`,
};

/** Of `listOf(500)`, as Relay names it in its store. */
const listArguments = { where: { genre: { eq: 'ROCK' } }, orderBy: [{ plays: 'DESC' }], limit: 500 };

/** Compiles the documents with what `headgate codegen` writes for relay-compiler. */
async function compile(world: CacheWorld): Promise<Record<keyof typeof documents, ConcreteRequest>> {
  const { directory } = world;
  await generate(world, 'relay');
  const tags = Object.values(documents).map((text) => `graphql\`${text}\`;\n`);
  writeFileSync(join(directory, 'src/page.js'), `import { graphql } from 'relay-runtime';\n${tags.join('')}`);
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }');
  const config = join(directory, 'src/gql/relay.config.json');
  // As it is written, but for the language: what is compiled is run here.
  writeFileSync(config, readFileSync(config, 'utf8').replace('"typescript"', '"javascript"'));
  execFileSync(process.execPath, [compiler, 'src/gql/relay.config.json'], { cwd: directory, stdio: 'pipe' });
  const compiled = await Promise.all(
    Object.keys(documents).map(async (name) => {
      const file = pathToFileURL(join(directory, `src/__generated__/${name}.graphql.js`)).href;
      return [name, ((await import(/* @vite-ignore */ file)) as { default: ConcreteRequest }).default] as const;
    }),
  );
  return Object.fromEntries(compiled) as Record<keyof typeof documents, ConcreteRequest>;
}

function createRelay(world: CacheWorld, connection: CacheClient['connection']): Environment {
  return new Environment({
    network: relayNetwork({
      url: world.url(),
      connection,
      positions: createPositions(),
      headers: async () => ({ authorization: `Bearer ${await world.token()}` }),
    }),
    getDataID: nodeIdOf,
    store: new Store(new RecordSource()),
  });
}

/** What a component that shows the query renders. */
function mount(
  environment: Environment,
  query: ConcreteRequest,
): { shown(): readonly Shown[] | undefined; unmount(): void } {
  const operation = createOperationDescriptor(query, {});
  const retained = environment.retain(operation);
  let snapshot = environment.lookup(operation.fragment);
  const subscribed = environment.subscribe(snapshot, (next) => (snapshot = next));
  return {
    shown: () => (snapshot.data as { songs?: Shown[] } | undefined)?.songs,
    unmount() {
      subscribed.dispose();
      retained.dispose();
    },
  };
}

/** A query, kept live. */
export async function relayLive(world: CacheWorld, connection: CacheClient['connection']): Promise<CacheClient> {
  const { pageSongsQuery } = await compile(world);
  const environment = createRelay(world, connection);
  const { shown, unmount } = mount(environment, pageSongsQuery);
  const live = fetchQuery(
    environment,
    pageSongsQuery as unknown as GraphQLTaggedNode,
    {},
    {
      networkCacheConfig: { liveConfigId: 'live', force: true },
    },
  ).subscribe({});
  return {
    name: 'Relay, live',
    connection,
    shown,
    resets: () => 0,
    close() {
      live.unsubscribe();
      unmount();
    },
  };
}

/** A list that is folded from a change stream. */
export async function relayFolded(world: CacheWorld, connection: CacheClient['connection']): Promise<CacheClient> {
  const { pageSongsQuery, pageChangesSubscription, pageArtistsSubscription } = await compile(world);
  const environment = createRelay(world, connection);
  const { shown, unmount } = mount(environment, pageSongsQuery);
  let resets = 0;
  const keyOf = (row: RecordProxy) => ({ plays: row.getValue('plays') as number, id: row.getValue('id') as string });
  const mounted = [
    requestSubscription(environment, {
      subscription: pageChangesSubscription as unknown as GraphQLTaggedNode,
      variables: {},
      updater: changesUpdater({
        changes: 'songChanges',
        list: { field: 'songs', args: listArguments },
        compare: (a, b) => byPlays(keyOf(a), keyOf(b)),
      }),
      onNext(response) {
        if ((response as { songChanges: { reset: boolean } }).songChanges.reset) resets += 1;
      },
    }),
    requestSubscription(environment, {
      subscription: pageArtistsSubscription as unknown as GraphQLTaggedNode,
      variables: {},
      updater: changesUpdater({ changes: 'artistChanges' }),
    }),
  ];
  return {
    name: 'Relay, folded',
    connection,
    shown,
    resets: () => resets,
    close() {
      for (const each of mounted) each.dispose();
      unmount();
    },
  };
}
