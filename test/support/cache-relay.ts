import { Environment, RecordSource, requestSubscription, Store } from 'relay-runtime';
import type { GraphQLTaggedNode, RecordProxy } from 'relay-runtime';
import { createPositions } from '../../src/client/client.ts';
import { changesUpdater, nodeIdOf, relayNetwork } from '../../src/client/relay.ts';
import { Arrival } from './arrival.ts';
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
import { compileRelay, mount, mountLive } from './relay-page.ts';

interface Songs {
  readonly songs?: readonly Shown[];
}

const documents = {
  pageSongsQuery: `query pageSongsQuery { ${listOf(500)} }`,
  pageChangesSubscription: `subscription pageChangesSubscription($after: String) { ${changesOf} }`,
  pageArtistsSubscription: `subscription pageArtistsSubscription($after: String) { ${artistChangesOf} }`,
};

/** Of `listOf(500)`, as Relay names it in its store. */
const listArguments = { where: { genre: { eq: 'ROCK' } }, orderBy: [{ plays: 'DESC' }], limit: 500 };

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

/** A query, kept live. */
export async function relayLive(world: CacheWorld, connection: CacheClient['connection']): Promise<CacheClient> {
  await generate(world, 'relay');
  const { pageSongsQuery } = await compileRelay(world.directory, documents);
  const rendering = new Arrival();
  const { shown, close } = mountLive<Songs>(createRelay(world, connection), pageSongsQuery, () => rendering.tell());
  return { name: 'Relay, live', connection, shown: () => shown()?.songs, rendering, resets: () => 0, close };
}

/** A list that is folded from a change stream. */
export async function relayFolded(world: CacheWorld, connection: CacheClient['connection']): Promise<CacheClient> {
  await generate(world, 'relay');
  const compiled = await compileRelay(world.directory, documents);
  const { pageSongsQuery, pageChangesSubscription, pageArtistsSubscription } = compiled;
  const environment = createRelay(world, connection);
  const rendering = new Arrival();
  const { shown, close } = mount<Songs>(environment, pageSongsQuery, () => rendering.tell());
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
    shown: () => shown()?.songs,
    rendering,
    resets: () => resets,
    close() {
      for (const each of mounted) each.dispose();
      close();
    },
  };
}
