import { expect, test } from 'vitest';
import type { Work } from '../../../src/common/work.ts';
import { openEnvironment } from '../../../src/store/lmdb.ts';
import { createNoted, notedEnvironment } from '../../support/noted-environment.ts';
import { createQueryWorld } from '../../support/query-world.ts';
import type { QueryWorld, QueryWorldOptions } from '../../support/query-world.ts';

/** What answers cost in rows and entries, and not how long they take. */
const schema = `
  type Song @table(topic: "songs") @limit(default: 50, max: 1000) {
    id: ID!
    title: String!
    artistId: ID! @index
    plays: Int
    price: Decimal @index
    artist: Artist @relation(fields: ["artistId"])
  }
  type Artist @table(topic: "artists") {
    id: ID!
    name: String
    songs: [Song!]! @relation(references: ["artistId"])
  }`;

function createSongs(text = schema, options: QueryWorldOptions = {}): QueryWorld {
  const world = createQueryWorld(text, options);
  world.write(
    'Artist',
    [0, 1, 2].map((i) => ({ id: `a${i}`, name: `artist ${i}` })),
  );
  world.write(
    'Song',
    Array.from({ length: 300 }, (_, i) => ({
      id: `s${i}`,
      title: i % 7 === 0 ? `Ünicode ${i}` : `song ${i}`,
      artistId: `a${i % 3}`,
      plays: i % 5 === 0 ? null : (i * 37) % 101,
      price: `${i}.50`,
    })),
  );
  return world;
}

const counted = ['rowsRead', 'indexEntriesRead', 'predicatesTested'] as const;

/** What the request costs once its document is known. */
function costOf(world: QueryWorld, query: string, variables?: Record<string, unknown>): Partial<Work> {
  world.run(query, variables);
  const before = { ...world.work };
  world.run(query, variables);
  return Object.fromEntries(counted.map((name) => [name, world.work[name] - before[name]]));
}

test('a lookup reads one row', () => {
  const cost = costOf(createSongs(), 'query ($id: ID!) { song(id: $id) { id title plays } }', { id: 's7' });
  expect(cost).toEqual({ rowsRead: 1, indexEntriesRead: 0, predicatesTested: 0 });
});

test('a list of 100 by an index reads 100 rows, and tests none of them', () => {
  const query = 'query ($of: ID!) { songs(where: { artistId: { eq: $of } }, limit: 100) { id title artistId plays } }';
  expect(costOf(createSongs(), query, { of: 'a1' })).toEqual({
    rowsRead: 100,
    indexEntriesRead: 100,
    predicatesTested: 0,
  });
});

test('a page behind an offset reads no rows before it', () => {
  const query = '{ songs(where: { artistId: { eq: "a1" } }, offset: 60, limit: 10) { id title } }';
  expect(costOf(createSongs(), query)).toEqual({ rowsRead: 10, indexEntriesRead: 70, predicatesTested: 0 });
});

test('what the keys of an index tell is not read from rows', () => {
  const world = createSongs();
  const query = '{ songs(where: { artistId: { eq: "a1" } }, limit: 3) { artistId id __typename } }';
  expect(costOf(world, query)).toEqual({ rowsRead: 0, indexEntriesRead: 3, predicatesTested: 0 });
  expect(world.run(query).data).toEqual({
    songs: ['s1', 's10', 's100'].map((id) => ({ artistId: 'a1', id, __typename: 'Song' })),
  });
  // A decimal is shown as it was written, which its key does not tell.
  const prices = '{ songs(where: { price: { gte: 0 } }, orderBy: { price: ASC }, limit: 2) { id price } }';
  expect(costOf(world, prices)).toEqual({ rowsRead: 2, indexEntriesRead: 2, predicatesTested: 0 });
  expect(world.run(prices).data).toEqual({ songs: [0, 1].map((i) => ({ id: `s${i}`, price: `${i}.50` })) });
});

test('nested lists read the range of each parent', () => {
  const query = '{ artists { id songs(limit: 5) { id title } } }';
  expect(costOf(createSongs(), query)).toMatchObject({ rowsRead: 18, predicatesTested: 0 });
});

test('totalCount without a filter reads nothing, and with one that an index serves no row', () => {
  const world = createSongs();
  expect(costOf(world, '{ songsConnection { totalCount } }')).toEqual({
    rowsRead: 0,
    indexEntriesRead: 0,
    predicatesTested: 0,
  });
  expect(costOf(world, '{ songsConnection(where: { artistId: { eq: "a1" } }) { totalCount } }')).toEqual({
    rowsRead: 0,
    indexEntriesRead: 100,
    predicatesTested: 0,
  });
});

test('by a covering index no row is looked up by its key, whatever the way that it is read', () => {
  const questions = {
    list: '{ songs(where: { artistId: { eq: "a1" } }, limit: 50) { id title } }',
    keys: '{ songs(where: { artistId: { eq: "a1" } }, limit: 50) { id artistId } }',
    executed: '{ songs(where: { artistId: { eq: "a1" } }, limit: 50) { id artist { __typename } } }',
    sorted: '{ songs(where: { artistId: { eq: "a1" } }, orderBy: { plays: DESC }, limit: 50) { id title } }',
    filtered: '{ songs(where: { artistId: { eq: "a1" }, title: { startsWith: "s" } }, limit: 50) { id title } }',
    page: '{ songsConnection(where: { artistId: { eq: "a1" } }, first: 50) { edges { node { id title } } } }',
    nested: '{ artists { id songs(limit: 50) { id title } } }',
    count: '{ songsConnection(where: { artistId: { eq: "a1" } }) { totalCount } }',
  };
  const answer = (text: string) => {
    const noted = createNoted();
    const world = createSongs(text, { openEnvironment: notedEnvironment(openEnvironment, noted) });
    return Object.entries(questions).map(([name, query]) => {
      const { rowsRead } = costOf(world, query);
      const before = noted.got.get('rows:1:1') ?? 0;
      const { data, errors } = world.run(query);
      return { name, data, errors, rowsRead, lookups: (noted.got.get('rows:1:1') ?? 0) - before };
    });
  };
  const plain = answer(schema);
  const covering = answer(schema.replace('artistId: ID! @index', 'artistId: ID! @index(covering: true)'));
  const told = (answers: typeof plain) => answers.map(({ name, data, errors }) => ({ name, data, errors }));
  expect(told(covering)).toEqual(told(plain));
  expect(covering.map(({ name, lookups }) => [name, lookups])).toEqual(Object.keys(questions).map((name) => [name, 0]));
  expect(plain.filter(({ lookups }) => lookups === 0).map(({ name }) => name)).toEqual(['keys', 'count']);
  expect(covering.map(({ rowsRead }) => rowsRead)).toEqual(
    plain.map(({ name, rowsRead }) => (name === 'keys' ? 50 : rowsRead)),
  );
});
