import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { apolloFolded, apolloLive } from '../support/cache-apollo.ts';
import { relayFolded, relayLive } from '../support/cache-relay.ts';
import { urqlFolded, urqlLive } from '../support/cache-urql.ts';
import { createCacheWorld, changesOf, type CacheClient, type CacheWorld } from '../support/cache-world.ts';
import { createRandom, seedFromEnvironment } from '../support/random.ts';

/**
 * Apollo, urql with Graphcache and Relay, each with a list that is a live query and one that is folded from a change stream, against a
 * gateway process: after each step what they render equals a pull query. The steps follow each other.
 */
const open = { apolloLive, apolloFolded, urqlLive, urqlFolded, relayLive, relayFolded };

/** Of the reconnects; 100,000 in the nightly lane. */
const manyChanges = Number(process.env['HEADGATE_CACHE_CHANGES'] ?? 3_000);
/** Rows that they are of. */
const rowsChanged = 1_000;
/** So that the change feed holds the many changes, and not what the last step writes. */
const feedBytes = Math.max(2_000_000, manyChanges * 1_000);
/** Of a client's first token: over before the steps are. */
const firstTokenMs = 4_000;

let world: CacheWorld;
let clients: (CacheClient & { readonly closes: readonly number[] })[];

beforeAll(async () => {
  world = await createCacheWorld(feedBytes);
  world.produce('artists', [
    { key: 'ann', value: { name: 'Ann' } },
    { key: 'bob', value: { name: 'Bob' } },
  ]);
  world.produce('songs', [song('a', 'Amber', 3), song('b', 'Blue', 2), song('j', 'Jade', 9, 'JAZZ')]);
  await world.pull();
  clients = [];
  for (const create of Object.values(open)) {
    const connection = world.connect({ firstTokenMs });
    clients.push({ ...(await create(world, connection)), closes: connection.closes });
  }
});

afterAll(async () => {
  for (const client of clients) await client.close();
  await world.close();
});

function song(key: string, title: string, plays: number, genre = 'ROCK', artistId = 'ann') {
  return { key, value: { title, plays, genre, artistId } };
}

async function settle(): Promise<void> {
  await Promise.all(clients.map((client) => world.settle(client)));
}

test('the rows there are', async () => {
  await settle();
  expect(
    clients.map(({ shown }) =>
      shown()
        ?.map(({ id }) => id)
        .join(' '),
    ),
  ).toEqual(clients.map(() => 'a b'));
});

test.each([
  ['a row is inserted', [song('c', 'Coral', 1)]],
  ['a row that does not match is inserted', [song('k', 'Khaki', 8, 'JAZZ')]],
  ['a row is updated', [song('a', 'Amber II', 3)]],
  ['rows change places', [song('c', 'Coral', 5), song('a', 'Amber II', 0)]],
  ['a row enters the filter', [song('j', 'Jade', 4)]],
  ['a row leaves the filter', [song('b', 'Blue', 2, 'JAZZ')]],
  ['a row is joined with another', [song('c', 'Coral', 5, 'ROCK', 'bob')]],
  ['a row is deleted', [{ key: 'j', value: null }]],
  [
    'rows are inserted, updated and deleted in one commit',
    [song('d', 'Dun', 7), song('a', 'A', 1), { key: 'c', value: null }],
  ],
])('%s', async (_what, records) => {
  world.produce('songs', records);
  await settle();
});

test('a joined row changes', async () => {
  world.produce('artists', [{ key: 'ann', value: { name: 'Anna' } }]);
  await settle();
  expect(clients.map(({ shown }) => shown()?.[0]?.artist?.name)).toEqual(clients.map(() => 'Anna'));
});

test('the token expires: they go on with a new one', async () => {
  await Promise.all(clients.map(({ connection, closes }) => closed(connection, closes, 4403)));
  world.produce('songs', [song('e', 'Ecru', 6)]);
  await settle();
});

test('the gateway is killed and comes back', async () => {
  await world.kill();
  world.produce('songs', [song('f', 'Fawn', 12), { key: 'd', value: null }]);
  await world.back();
  await settle();
  expect(clients.map(({ connection }) => connection.status.get().kind)).toEqual(clients.map(() => 'live'));
});

test('many changes while they are away: change streams are resumed', { timeout: 600_000 }, async () => {
  const random = createRandom(seedFromEnvironment());
  console.info(`HEADGATE_SEED=${random.seed}`);
  world.hold();
  await world.kill();
  await world.back();
  for (let done = 0; done < manyChanges; done += rowsChanged) {
    // Each row once in a commit, and a commit at a time: none of these changes is merged with another one.
    world.produce(
      'songs',
      Array.from({ length: Math.min(rowsChanged, manyChanges - done) }, (_, row) => {
        const key = `m${row}`;
        if (random.int(10) === 0) return { key, value: null };
        return song(
          key,
          `M ${done} ${random.int(100)}`,
          random.int(50),
          row < 60 ? random.pick(['ROCK', 'JAZZ']) : 'JAZZ',
        );
      }),
    );
    await world.pull();
  }
  world.release();
  await settle();
  expect(clients.map(({ name, resets }) => [name, resets()])).toEqual(clients.map(({ name }) => [name, 0]));
});

test('more changes than the feed keeps: change streams begin again, and say so', { timeout: 600_000 }, async () => {
  const { position } = await world.pull();
  world.hold();
  await world.kill();
  await world.back();
  // Of one row, a commit keeps one change.
  const title = 'x'.repeat(Math.ceil(feedBytes / 300));
  world.produce('songs', [
    ...Array.from({ length: 600 }, (_, i) => song(`n${i}`, title, i, 'JAZZ')),
    song('n0', 'N', 1),
    { key: 'e', value: null },
  ]);
  await expired(position);
  world.release();
  await settle();
  const folded = clients.filter(({ name }) => name.includes('folded'));
  expect(folded.map(({ resets }) => resets())).toEqual(folded.map(() => 1));
  world.produce('songs', [song('g', 'Gold', 100)]);
  await settle();
});

/** Until the connection has been closed with this code. */
async function closed(connection: CacheClient['connection'], closes: readonly number[], code: number): Promise<void> {
  if (closes.includes(code)) return;
  await new Promise<void>((resolve) => {
    const stop = connection.on('closed', (event) => {
      if ((event as { code: number }).code !== code) return;
      stop();
      resolve();
    });
  });
}

/** Until change streams cannot be resumed after this position. */
async function expired(position: string): Promise<void> {
  const token = await world.token();
  const client = createClient({
    url: world.url().replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { token },
  });
  const query = `subscription S($after: String) { ${changesOf.replace('snapshot: true', 'snapshot: false')} }`;
  const first = async () => {
    for await (const { errors } of client.iterate({ query, variables: { after: position } })) return errors?.[0];
    return undefined;
  };
  // One that follows is not cut off: each asks anew. The gateway looks every 15 s what it need not keep.
  while ((await first())?.extensions?.['code'] !== 'POSITION_EXPIRED') {
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  await client.dispose();
}
