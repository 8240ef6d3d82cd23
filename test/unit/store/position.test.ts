import { expect, test } from 'vitest';
import type { Table } from '../../../src/catalog/catalog.ts';
import { encodePosition, ownTopic } from '../../../src/model/position.ts';
import type { Snapshot, Store } from '../../../src/store/store.ts';
import { makeCatalog, tableOf } from '../../support/catalog.ts';
import { scalar } from '../../support/make-table.ts';
import { keyOf, makeRow } from '../../support/make-row.ts';
import { makeDirectory, openTestStore, read } from '../../support/open-test-store.ts';
import { createRandom, seedFromEnvironment } from '../../support/random.ts';

const columns = [
  { name: 'id', type: scalar('ID'), required: true },
  { name: 'title', type: scalar('String') },
];
const catalog = makeCatalog([
  { name: 'Song', columns, changes: { retainMs: 100, maxBytes: 1_000_000 } },
  { name: 'Cover', topic: 'song', columns, changes: { retainMs: 50, maxBytes: 1_000 } },
  { name: 'Play', columns, changes: { retainMs: 100, maxBytes: 1_000_000 } },
]);
const song = tableOf(catalog, 'Song');
const cover = tableOf(catalog, 'Cover');
const play = tableOf(catalog, 'Play');
const tables = [song, cover, play];

function openLive(options: Parameters<typeof openTestStore>[1] = {}): Store {
  const store = openTestStore(catalog, options);
  store.write((tx) => tables.forEach((table) => tx.setState(table, { phase: 'live' })));
  return store;
}

const plainOffsets = (snapshot: Snapshot, of: readonly Table[], version?: number) =>
  Object.fromEntries(
    [...snapshot.position(of, version).offsets].map(([topic, next]) => [topic, Object.fromEntries(next)]),
  );

test('tells the exact offsets of an earlier version, whatever moved them and whether rows changed or not', () => {
  const store = openLive();
  const letter = { topic: 'song', partition: 0, offset: 1, code: 'JSON', reason: 'no', timestampMs: 0 } as const;
  const a = makeRow(song, { id: 'a', title: 'A' });
  const commits: Parameters<Store['write']>[0][] = [
    (tx) => (tx.upsert(song, a), tx.setNext(song, 0, 1)),
    (tx) => (tx.addDeadLetter(song, letter), tx.setNext(song, 0, 2)),
    (tx) => (tx.upsert(song, { ...a, offset: 2 }), tx.setNext(song, 0, 3)),
    (tx) => tx.setNext(cover, 0, 3),
    (tx) => tx.setNext(song, 1, 0),
    (tx) => void tx.tick(),
    (tx) => (tx.delete(song, keyOf(song, { id: 'a' }), 0), tx.setNext(song, 0, 4), tx.setNext(cover, 0, 4)),
    (tx) => (tx.setNext(play, 0, 9), tx.tick()),
    (tx) => tx.setNext(cover, 1, 5),
  ];
  const songOnly = commits.map((apply) => {
    store.write(apply);
    return read(store, (snapshot) => plainOffsets(snapshot, [song]));
  });
  expect(songOnly).toEqual([
    { song: { 0: 1 }, [ownTopic]: { 0: 0 } },
    { song: { 0: 2 }, [ownTopic]: { 0: 0 } },
    { song: { 0: 3 }, [ownTopic]: { 0: 0 } },
    { song: { 0: 3 }, [ownTopic]: { 0: 0 } },
    { song: { 0: 3, 1: 0 }, [ownTopic]: { 0: 0 } },
    { song: { 0: 3, 1: 0 }, [ownTopic]: { 0: 1 } },
    { song: { 0: 4, 1: 0 }, [ownTopic]: { 0: 1 } },
    { song: { 0: 4, 1: 0 }, [ownTopic]: { 0: 2 } },
    { song: { 0: 4, 1: 0 }, [ownTopic]: { 0: 2 } },
  ]);
  read(store, (snapshot) => {
    expect(songOnly.map((_, at) => plainOffsets(snapshot, [song], at + 2))).toEqual(songOnly);
    expect(songOnly.map((_, at) => plainOffsets(snapshot, [song, cover], at + 2)['song'])).toEqual([
      { 0: 0 },
      { 0: 0 },
      { 0: 0 },
      { 0: 3 },
      { 0: 3, 1: 0 },
      { 0: 3, 1: 0 },
      { 0: 4, 1: 0 },
      { 0: 4, 1: 0 },
      { 0: 4, 1: 0 },
    ]);
    expect(snapshot.position(tables, 5)).toMatchObject({ storeId: store.storeId, version: 5 });
    expect([...snapshot.feed(song, 0)].map(({ version, changes }) => [version, changes.length])).toEqual([
      [2, 1],
      [8, 1],
    ]);
    expect(() => snapshot.position([song], 11)).toThrow('has not come yet');
  });
});

test('a commit that changed no row is not in the feed and costs its reader nothing', () => {
  const store = openLive();
  for (let next = 1; next <= 20; next += 1) store.write((tx) => tx.setNext(song, 0, next));
  read(store, (snapshot) => {
    expect([...snapshot.feed(song, 0)]).toEqual([]);
    expect(snapshot.feedBytes(song, 0)).toBe(0);
  });
  expect(store.work.feedEntriesRead).toBe(0);
});

test('how far a table was is kept as long as its changes: by age, and within its bytes', () => {
  let now = 0;
  const store = openLive({ now: () => now });
  for (now = 1; now <= 60; now += 1) store.write((tx) => (tx.setNext(song, 0, now), tx.setNext(cover, 0, now)));
  store.trim(40);
  const horizon = read(store, (snapshot) => {
    expect(snapshot.feedHorizon(song)).toBe(1);
    // None is old yet; 1,000 bytes hold some dozens of headers.
    const trimmed = snapshot.feedHorizon(cover);
    expect(trimmed).toBeGreaterThan(20);
    expect(trimmed).toBeLessThan(50);
    expect(plainOffsets(snapshot, [cover], trimmed)['song']).toEqual({ 0: trimmed - 1 });
    // Not known any more: it counts as nothing, not as what came later.
    expect(plainOffsets(snapshot, [cover], trimmed - 1)['song']).toEqual({});
    expect(plainOffsets(snapshot, [song], trimmed - 1)['song']).toEqual({ 0: trimmed - 2 });
    return trimmed;
  });
  store.trim(40);
  read(store, (snapshot) => expect(snapshot.feedHorizon(cover)).toBe(horizon));
  store.trim(1_000);
  read(store, (snapshot) => {
    expect([song, cover, play].map((table) => snapshot.feedHorizon(table))).toEqual([61, 61, 1]);
    expect(plainOffsets(snapshot, [song, cover])['song']).toEqual({ 0: 60 });
  });
});

test("what is known of Headgate's own numbers is kept as long as any table keeps changes; then it limits all of them", () => {
  let now = 0;
  const store = openLive({ now: () => now });
  for (now = 1; now <= 10; now += 1) store.write((tx) => void tx.tick());
  store.trim(101);
  read(store, (snapshot) => {
    expect(snapshot.feedHorizon(play)).toBe(1);
    expect(plainOffsets(snapshot, [play], 4)[ownTopic]).toEqual({ 0: 3 });
  });
  store.trim(105);
  read(store, (snapshot) => {
    expect(snapshot.feedHorizon(play)).toBe(5);
    expect(plainOffsets(snapshot, [play], 5)[ownTopic]).toEqual({ 0: 4 });
    expect(plainOffsets(snapshot, [play])[ownTopic]).toEqual({ 0: 10 });
  });
});

test('a rebuild takes one of the numbers: the other tables know when', async () => {
  const directory = makeDirectory();
  const store = openLive({ directory });
  store.write((tx) => (tx.setNext(song, 0, 5), tx.setNext(play, 0, 7)));
  await store.close();
  const again = openTestStore(catalog, { directory, rebuild: ['Song'] });
  again.write((tx) => tx.setNext(play, 0, 8));
  read(again, (snapshot) => {
    expect([2, 3, 4].map((version) => plainOffsets(snapshot, [play], version))).toEqual([
      { play: { 0: 7 }, [ownTopic]: { 0: 0 } },
      { play: { 0: 7 }, [ownTopic]: { 0: 1 } },
      { play: { 0: 8 }, [ownTopic]: { 0: 1 } },
    ]);
    expect(plainOffsets(snapshot, [song, play], 2)['song']).toEqual({});
  });
});

const seed = seedFromEnvironment();

test.each(Array.from({ length: 10 }, (_, round) => seed + round))(
  'after random commits, every position that may be resumed can be told again (HEADGATE_SEED=%i)',
  async (roundSeed) => {
    const random = createRandom(roundSeed);
    const directory = makeDirectory();
    let now = 0;
    let store = openLive({ directory, now: () => now });
    const sets = [[song], [cover], [play], [song, cover], [song, play], tables];
    const told = new Map<number, readonly string[]>();
    const remember = () =>
      read(store, (snapshot) =>
        told.set(
          snapshot.version,
          sets.map((set) => encodePosition(snapshot.position(set))),
        ),
      );
    remember();
    let compared = 0;
    for (let commit = 0; commit < 80; commit += 1) {
      now += random.int(4);
      const before = read(store, ({ version }) => version);
      const { version } = store.write((tx) => {
        for (const table of tables) {
          if (random.int(3) === 0) tx.upsert(table, makeRow(table, { id: `${random.int(3)}`, title: `${commit}` }));
          if (random.int(3) === 0) tx.setNext(table, random.int(2), random.int(5) + 5 * commit);
          if (random.int(12) === 0) {
            tx.setState(table, { phase: tx.state(table).phase === 'live' ? 'filling' : 'live' });
          }
        }
        if (random.int(6) === 0) tx.tick();
      });
      if (version > before) remember();
      if (random.int(10) === 0) store.trim(now);
      if (random.int(15) === 0) {
        await store.close();
        store = openTestStore(catalog, { directory, now: () => now });
      }
      read(store, (snapshot) => {
        for (const [past, positions] of told) {
          for (const [at, set] of sets.entries()) {
            if (set.some((table) => snapshot.feedHorizon(table) > past)) continue;
            expect(encodePosition(snapshot.position(set, past))).toBe(positions[at]);
            compared += 1;
          }
        }
      });
    }
    expect(compared).toBeGreaterThan(500);
  },
);
