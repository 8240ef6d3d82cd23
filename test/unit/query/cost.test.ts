import { getIntrospectionQuery } from 'graphql';
import { expect, test } from 'vitest';
import { chartsSchema } from '../../support/charts.ts';
import { createQueryWorld } from '../../support/query-world.ts';
import type { QueryWorld } from '../../support/query-world.ts';

type Variables = Readonly<Record<string, unknown>>;

/** What the operation costs, found by asking for less and less. */
function costOf(query: string, variables?: Variables): unknown {
  const world = createQueryWorld(chartsSchema, { limits: { maxCost: 1, maxTokens: 10_000 } });
  const [error] = world.refuse({ query, variables });
  expect(error?.extensions, error?.message).toMatchObject({ code: 'LIMIT_EXCEEDED', setting: 'maxCost', limit: 1 });
  return error?.extensions['cost'];
}

function messageOf(world: QueryWorld, query: string): string {
  return world
    .refuse(query)
    .map(({ message }) => message)
    .join('\n');
}

test('a field counts once, in a list once for each row it may have', () => {
  expect(costOf('{ song(id: "a") { id title artist { name } } }')).toBe(1 + 2 + 1 + 1);
  expect(costOf('{ songs(limit: 7) { id title __typename } }')).toBe(1 + 7 * 3);
  // The table's default, and an artist's.
  expect(costOf('{ songs { id } }')).toBe(1 + 10);
  expect(costOf('{ artists { songs(limit: 3) { id artist { songs { id } } } } }')).toBe(
    1 + 50 * (1 + 3 * (1 + 1 + (1 + 10))),
  );
  expect(costOf('query ($n: Int) { songs(limit: $n) { id } }', { n: 100 })).toBe(1 + 100);
  expect(costOf('{ a: songs(limit: 0) { id } song(id: "a") { tags sound { bpm } } }')).toBe(1 + 1 + 1 + 1 + 1);
});

test('a connection counts its page, and what is beside it once', () => {
  expect(costOf('{ songsConnection(first: 5) { totalCount edges { cursor node { id } } } }')).toBe(1 + 1 + 1 + 5 * 3);
  expect(costOf('{ songsConnection(last: 5) { nodes { id } pageInfo { endCursor } } }')).toBe(1 + 1 + 5 + 1 + 1);
  expect(costOf('{ songsConnection(first: 9, last: 5) { nodes { id } } }')).toBe(1 + 1 + 5);
  expect(costOf('{ songsConnection { nodes { id } } }')).toBe(1 + 1 + 10);
});

test('a live query costs what the query does, a change stream what one change does', () => {
  expect(costOf('subscription { songs(limit: 7) { id } }')).toBe(1 + 7);
  expect(
    costOf('subscription { songChanges { position changes { rowId node { id listens(limit: 4) { n } } } } }'),
  ).toBe(1 + 1 + 1 + (1 + 1 + (1 + 1 + 4)));
});

test('fragments count as often as they are spread, and what is skipped does not count', () => {
  const song = 'fragment F on Song { id title }';
  const page = 'fragment P on SongConnection { nodes { ...F } }';
  expect(costOf(`{ songs(limit: 2) { ...F ... on Song { ...F } } } ${song}`)).toBe(1 + 2 * 4);
  expect(
    costOf(`{ a: songsConnection(first: 2) { ...P } b: songsConnection(first: 3) { ...P } } ${page} ${song}`),
  ).toBe(1 + 1 + 2 * 2 + (1 + 1 + 3 * 2));
  const skipping = `query ($no: Boolean = false) { songs(limit: 2) { id ...F @include(if: $no) title @skip(if: true) } } ${song}`;
  expect(costOf(skipping)).toBe(1 + 2);
  expect(costOf(skipping, { no: true })).toBe(1 + 2 * 3);
});

test('_meta counts the tables there are', () => {
  expect(costOf('{ _meta { position tables { name rows } } }')).toBe(1 + 1 + 1 + 4 * 2);
});

test('numbers end where they could not be counted any more', () => {
  const levels = Array.from(
    { length: 40 },
    (_, i) => `fragment F${i} on Song { artist { songs(limit: 100) { ...F${i + 1} ...F${i + 1} } } }`,
  );
  const bomb = `{ songs { ...F0 } } ${levels.join(' ')} fragment F40 on Song { id }`;
  expect(costOf(bomb)).toBe(Number.MAX_SAFE_INTEGER);
});

test('an operation above maxCost is refused with the field that costs most, and nothing is read', () => {
  const world = createQueryWorld(chartsSchema, { limits: { maxCost: 1_000 } });
  const before = { ...world.work };
  const query = '{ artists { name hits: songs(limit: 20) { id title } } song(id: "a") { id } }';
  const [error] = world.refuse(query);
  expect(error?.extensions).toEqual({ code: 'LIMIT_EXCEEDED', setting: 'maxCost', limit: 1_000, cost: 2_103 });
  expect(error?.message).toBe(
    'The operation asks for up to 2,103 fields, those of a list for each of its rows; at most 1000 are allowed (setting maxCost). Most of them, 2,000, are in artists.hits, which may have 20 rows each time: ask for fewer rows with limit, or select less of it.',
  );
  expect(error?.locations).toEqual([{ line: 1, column: 18 }]);
  expect(world.work).toEqual(before);
  expect(world.prepare(query.replace('20', '5')).kind).toBe('query');
  expect(
    messageOf(
      world,
      '{ songsConnection(first: 100) { edges { node { id title genre tags price plays isrc artistId extra } } } artists { id } }',
    ),
  ).toContain(
    'Most of them, 1,000, are in songsConnection, which may have 100 rows each time: ask for fewer rows with first or last,',
  );
});

test('the default fits lists in lists, and ends where three of them have no limit', () => {
  const world = createQueryWorld(chartsSchema);
  expect(world.prepare('{ artists { name songs(limit: 50) { id title genre plays } } }').kind).toBe('query');
  expect(world.prepare('{ artists(limit: 1000) { id name country songs(limit: 10) { id title } } }').kind).toBe(
    'query',
  );
  expect(messageOf(world, '{ artists { songs(limit: 100) { listens { n userId msPlayed } } } }')).toContain(
    'are in artists.songs.listens, which may have 50 rows each time',
  );
});

test('the usual introspection goes whatever the limit, and not much more', () => {
  const world = createQueryWorld(chartsSchema, { limits: { maxCost: 1, maxTokens: 10_000 } });
  expect(world.run(getIntrospectionQuery({ oneOf: true, specifiedByUrl: true })).errors).toEqual([]);
  const fields = 'fields { name args { name type { name } } type { fields { name args { name } type { name } } } }';
  const aliases = Array.from({ length: 9 }, (_, i) => `a${i}: __schema { types { ${fields} } }`);
  const [error] = world.refuse(`{ ${aliases.join(' ')} }`);
  expect(error?.extensions).toMatchObject({ code: 'LIMIT_EXCEEDED', setting: 'maxCost' });
  expect(error?.message).toContain('fields of the schema');
});

test('introspection counts what it gives', () => {
  const world = createQueryWorld(chartsSchema, { limits: { maxCost: 1 } });
  const query = '{ __schema { types { name fields { name args { name } } inputFields { name } } } }';
  const count = (value: unknown): number => {
    if (Array.isArray(value)) return value.reduce((sum: number, each) => sum + count(each), 0);
    if (typeof value !== 'object' || value === null) return 0;
    return Object.values(value).reduce((sum: number, each) => sum + 1 + count(each), 0);
  };
  const given = count(world.run(query).data);
  // As often as it takes to be refused.
  for (let times = 1; ; times += 1) {
    const copies = Array.from({ length: times }, (_, i) => query.slice(2, -2).replace('__schema', `a${i}: __schema`));
    const prepared = world.engine.prepare({ query: `{ ${copies.join(' ')} }` });
    if ('kind' in prepared) continue;
    const cost = prepared[0]?.extensions['cost'];
    expect(cost).toBeGreaterThanOrEqual(given * times);
    // It does not leave out what is deprecated.
    expect(cost).toBeLessThan(given * times * 1.02);
    return;
  }
});
