import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { Client, gql, subscriptionExchange } from '@urql/core';
import { cacheExchange, type CacheExchangeOpts, type UpdateResolver } from '@urql/exchange-graphcache';
import { createPositions, live, type ChangesMessage } from '../../src/client/client.ts';
import { foldIntoQuery, liveSubscriptions, liveUpdates, positionsExchange } from '../../src/client/urql.ts';
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

const songs = gql<{ songs: Shown[] }, Record<string, never>>(`query Songs { ${listOf(500)} }`);
const songChanges = gql(`subscription S($after: String) { ${changesOf} }`);
const artistChanges = gql(`subscription A($after: String) { ${artistChangesOf} }`);

/** What is in `graphcache.ts`. */
interface Generated {
  readonly schema: NonNullable<CacheExchangeOpts['schema']>;
  readonly keys: NonNullable<CacheExchangeOpts['keys']>;
  readonly liveFields: readonly string[];
  readonly changeStreams: Readonly<Record<string, string>>;
}

type Row = Shown & { __typename?: string };

async function createUrql(
  world: CacheWorld,
  connection: CacheClient['connection'],
  folds: Record<string, UpdateResolver> = {},
): Promise<Client> {
  await generate(world, 'urql');
  const { schema, keys, liveFields, changeStreams } = (await import(
    /* @vite-ignore */ pathToFileURL(join(world.directory, 'src/gql/graphcache.ts')).href
  )) as Generated;
  const updates = liveUpdates(liveFields, changeStreams, folds);
  return new Client({
    url: world.url(),
    preferGetMethod: false,
    exchanges: [
      cacheExchange({ schema, keys, updates: { Subscription: updates } }),
      positionsExchange(createPositions()),
      subscriptionExchange({ forwardSubscription: liveSubscriptions(connection), enableAllOperations: true }),
    ],
  });
}

/** A query, kept live. */
export async function urqlLive(world: CacheWorld, connection: CacheClient['connection']): Promise<CacheClient> {
  const client = await createUrql(world, connection);
  let rendered: readonly Shown[] | undefined;
  const rendering = new Arrival();
  const mounted = [
    client.query(songs, {}).subscribe(({ data }) => {
      rendered = data?.songs;
      rendering.tell();
    }),
    client.subscription(live(songs), {}).subscribe(() => {}),
  ];
  return {
    name: 'urql, live',
    connection,
    shown: () => rendered,
    rendering,
    resets: () => 0,
    close: () => mounted.forEach(({ unsubscribe }) => unsubscribe()),
  };
}

/** A list that is folded from a change stream. */
export async function urqlFolded(world: CacheWorld, connection: CacheClient['connection']): Promise<CacheClient> {
  let rendered: readonly Shown[] | undefined;
  const rendering = new Arrival();
  let resets = 0;
  const client = await createUrql(world, connection, {
    songChanges(result, _args, cache) {
      const message = result['songChanges'] as unknown as ChangesMessage<Row>;
      if (message.reset === true) resets += 1;
      foldIntoQuery(cache, { query: songs }, 'songs', message, { compare: byPlays, startEmpty: true });
    },
  });
  const mounted = [
    client.query(songs, {}, { requestPolicy: 'cache-only' }).subscribe(({ data }) => {
      rendered = data?.songs;
      rendering.tell();
    }),
    client.subscription(songChanges, {}).subscribe(() => {}),
    client.subscription(artistChanges, {}).subscribe(() => {}),
  ];
  return {
    name: 'urql, folded',
    connection,
    shown: () => rendered,
    rendering,
    resets: () => resets,
    close: () => mounted.forEach(({ unsubscribe }) => unsubscribe()),
  };
}
