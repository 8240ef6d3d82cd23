import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import {
  ApolloClient,
  ApolloLink,
  InMemoryCache,
  gql,
  type TypePolicies,
  type TypedDocumentNode,
} from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { evictDeleted, foldIntoQuery, liveUpdates, positionsLink } from '../../src/client/apollo.ts';
import { apolloDefaults, createPositions, type ChangesMessage } from '../../src/client/client.ts';
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

type Songs = { songs: Shown[] };
const songs: TypedDocumentNode<Songs, Record<string, never>> = gql(`query Songs { ${listOf(500)} }`);
const songChanges: TypedDocumentNode<{ songChanges: Message<Shown> }> = gql(
  `subscription S($after: String) { ${changesOf} }`,
);
const artistChanges: TypedDocumentNode<{ artistChanges: Message<object> }> = gql(
  `subscription A($after: String) { ${artistChangesOf} }`,
);
type Message<Row> = ChangesMessage<Row> & { readonly deletedIds: readonly string[]; readonly reset: boolean };

async function createApollo(world: CacheWorld, connection: CacheClient['connection']): Promise<ApolloClient> {
  await generate(world, 'apollo');
  const { possibleTypes, typePolicies } = (await import(
    /* @vite-ignore */ pathToFileURL(join(world.directory, 'src/gql/apollo.ts')).href
  )) as { possibleTypes: Record<string, string[]>; typePolicies: TypePolicies };
  return new ApolloClient({
    link: ApolloLink.from([new ApolloLink(positionsLink(createPositions())), new GraphQLWsLink(connection)]),
    cache: new InMemoryCache({ possibleTypes, typePolicies }),
    ...apolloDefaults,
  });
}

/** A query, kept live. */
export async function apolloLive(world: CacheWorld, connection: CacheClient['connection']): Promise<CacheClient> {
  const client = await createApollo(world, connection);
  const query = client.watchQuery({ query: songs });
  let rendered: readonly Shown[] | undefined;
  const rendering = new Arrival();
  const mounted = query.subscribe(({ data, dataState }) => {
    if (dataState === 'complete') rendered = data.songs;
    rendering.tell();
  });
  query.subscribeToMore(liveUpdates(songs));
  return {
    name: 'Apollo, live',
    connection,
    shown: () => rendered,
    rendering,
    resets: () => 0,
    close() {
      mounted.unsubscribe();
      client.stop();
    },
  };
}

/** A list that is folded from a change stream. */
export async function apolloFolded(world: CacheWorld, connection: CacheClient['connection']): Promise<CacheClient> {
  const client = await createApollo(world, connection);
  const query = client.watchQuery({ query: songs, fetchPolicy: 'cache-only' });
  let rendered: readonly Shown[] | undefined;
  const rendering = new Arrival();
  let resets = 0;
  const mounted = [
    query.subscribe(({ data, dataState }) => {
      if (dataState === 'complete') rendered = data.songs;
      rendering.tell();
    }),
    client.subscribe({ query: songChanges }).subscribe(({ data }) => {
      if (data === undefined || data === null) return;
      if (data.songChanges.reset) resets += 1;
      foldIntoQuery(client.cache, { query: songs }, 'songs', data.songChanges, { compare: byPlays, startEmpty: true });
      evictDeleted(client.cache, 'Song', data.songChanges);
    }),
    client.subscribe({ query: artistChanges }).subscribe(({ data }) => {
      if (data !== undefined && data !== null) evictDeleted(client.cache, 'Artist', data.artistChanges);
    }),
  ];
  return {
    name: 'Apollo, folded',
    connection,
    shown: () => rendered,
    rendering,
    resets: () => resets,
    close() {
      for (const each of mounted) each.unsubscribe();
      client.stop();
    },
  };
}
