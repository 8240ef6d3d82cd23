import { describe, expect, test } from 'vitest';
import { buildCatalog } from '../../../src/catalog/build.ts';
import { WhereError } from '../../../src/catalog/where-operand.ts';
import { compileWhere, filterOps } from '../../../src/catalog/where.ts';
import type { Predicate } from '../../../src/model/predicate.ts';
import type { ScalarName } from '../../../src/model/value.ts';

const catalog = buildCatalog([
  {
    file: 's.graphql',
    text: `
      type Song @table(topic: "songs") {
        id: ID!
        title: String!
        plays: Int
        price: Decimal
        releasedAt: DateTime
        genre: Genre
        tags: [String!]
        label: Label
        raw: JSON
        artistId: ID
        artist: Artist @relation(fields: ["artistId"])
      }
      type Artist @table(topic: "artists") {
        id: ID!
        name: String
        songs: [Song!]! @relation(references: ["artistId"])
      }
      type Label { name: String address: Address offices: [Address!] }
      type Address { city: String }
      enum Genre { ROCK POP }
    `.replace('artistId: ID\n', 'artistId: ID @index\n'),
  },
]);
const song = catalog.tables[0]!;
const artist = catalog.tables[1]!;

/** A predicate in few words. */
function shape(predicate: Predicate | undefined): unknown {
  if (predicate === undefined) return 'all';
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return [predicate.kind, ...predicate.parts.map(shape)];
    case 'not':
      return ['not', shape(predicate.part)];
    case 'compare': {
      const { column, path, op, operand, insensitive } = predicate;
      return [[column.name, ...path].join('.'), op, operand, ...(insensitive ? ['insensitive'] : [])];
    }
    case 'related':
      return [predicate.relation.name, predicate.quantifier, shape(predicate.part)];
  }
}

describe('compiles', () => {
  test.each<[string, unknown, unknown]>([
    ['nothing', undefined, 'all'],
    ['no constraint', {}, 'all'],
    ['an absent operator', { title: {} }, 'all'],
    ['an undefined operator', { title: { eq: undefined }, plays: undefined }, 'all'],
    ['one comparison', { title: { eq: 'A' } }, ['title', 'eq', 'A']],
    [
      'several members as and',
      { title: { eq: 'A' }, plays: { gt: 1 } },
      ['and', ['title', 'eq', 'A'], ['plays', 'gt', 1]],
    ],
    ['several operators as and', { plays: { gt: 1, lte: 9 } }, ['and', ['plays', 'gt', 1], ['plays', 'lte', 9]]],
    [
      'and, flattened',
      { and: [{ plays: { gt: 1 } }, { and: [{ plays: { lt: 5 } }] }] },
      ['and', ['plays', 'gt', 1], ['plays', 'lt', 5]],
    ],
    [
      'or beside columns',
      { plays: { gt: 1 }, or: [{ id: { eq: 'a' } }, { id: { eq: 'b' } }] },
      ['and', ['plays', 'gt', 1], ['or', ['id', 'eq', 'a'], ['id', 'eq', 'b']]],
    ],
    ['an or of one', { or: [{ id: { eq: 'a' } }] }, ['id', 'eq', 'a']],
    ['an empty or, which holds for no row', { or: [] }, ['or']],
    ['an empty and, which holds for every row', { and: [] }, 'all'],
    ['an or with a member without constraint', { or: [{}, { id: { eq: 'a' } }] }, 'all'],
    ['not', { not: { id: { eq: 'a' } } }, ['not', ['id', 'eq', 'a']]],
    ['not of everything', { not: {} }, ['not', ['and']]],
    [
      'values of types',
      { releasedAt: { gte: '2026-11-21T10:00:00Z' }, price: { eq: 1.5 } },
      ['and', ['releasedAt', 'gte', 1_795_255_200_000_000n], ['price', 'eq', '1.5']],
    ],
    ['values that are Values already', { releasedAt: { eq: 5n } }, ['releasedAt', 'eq', 5n]],
    ['a list', { genre: { in: ['ROCK', 'POP'] } }, ['genre', 'in', ['ROCK', 'POP']]],
    ['an empty list', { genre: { in: [] } }, ['genre', 'in', []]],
    ['isNull', { genre: { isNull: false } }, ['genre', 'isNull', false]],
    [
      'insensitive text',
      { title: { startsWith: 'a', mode: 'INSENSITIVE' } },
      ['title', 'startsWith', 'a', 'insensitive'],
    ],
    ['mode alone', { title: { mode: 'INSENSITIVE' } }, 'all'],
    ['sensitive text', { title: { eq: 'a', mode: 'SENSITIVE' } }, ['title', 'eq', 'a']],
    [
      'lists',
      { tags: { has: 'x', hasSome: ['a'], hasEvery: [], isEmpty: false } },
      ['and', ['tags', 'has', 'x'], ['tags', 'hasSome', ['a']], ['tags', 'hasEvery', []], ['tags', 'isEmpty', false]],
    ],
    [
      'embedded objects',
      { label: { isNull: false, address: { city: { eq: 'Bern' } } } },
      ['and', ['label', 'isNull', false], ['label.address.city', 'eq', 'Bern']],
    ],
    ['a list of embedded objects', { label: { offices: { isEmpty: true } } }, ['label.offices', 'isEmpty', true]],
    ['a to-one relation', { artist: { name: { eq: 'X' } } }, ['artist', 'one', ['name', 'eq', 'X']]],
    ['a to-one relation without constraint', { artist: {} }, 'all'],
    [
      'relations in relations',
      { artist: { songs: { some: { title: { eq: 'A' } } } } },
      ['artist', 'one', ['songs', 'some', ['title', 'eq', 'A']]],
    ],
  ])('%s', (_what, input, expected) => {
    expect(shape(compileWhere(catalog, song, input))).toEqual(expected);
  });

  test.each<[string, unknown, unknown]>([
    [
      'some, every, none',
      { songs: { some: { plays: { gt: 1 } }, none: { id: { eq: 'a' } }, every: {} } },
      ['and', ['songs', 'some', ['plays', 'gt', 1]], ['songs', 'none', ['id', 'eq', 'a']], ['songs', 'every', ['and']]],
    ],
    ['whether there is any', { songs: { some: {} } }, ['songs', 'some', ['and']]],
    ['no quantifier', { songs: {} }, 'all'],
  ])('to-many: %s', (_what, input, expected) => {
    expect(shape(compileWhere(catalog, artist, input))).toEqual(expected);
  });

  test('with the columns and relations of the catalog', () => {
    const predicate = compileWhere(catalog, song, { artist: { name: { eq: 'X' } } });
    expect(predicate).toMatchObject({ kind: 'related' });
    if (predicate?.kind !== 'related' || predicate.part.kind !== 'compare') throw new Error('another predicate');
    expect(predicate.relation).toBe(song.relations[0]);
    expect(predicate.part.column).toBe(artist.columnsByName.get('name'));
  });

  test('the type of what is compared, inside an embedded object', () => {
    expect(compileWhere(catalog, song, { label: { name: { eq: 'x' } } })).toMatchObject({
      path: ['name'],
      type: { kind: 'scalar', scalar: 'String' },
    });
  });
});

describe('refuses', () => {
  test.each<[string, unknown, readonly (string | number)[], string]>([
    ['null for a filter', null, [], 'Expected a filter of Song, got null. Leave it out for no constraint.'],
    ['a list for a filter', [], [], 'Expected a filter of Song.'],
    [
      'an unknown column',
      { titel: { eq: 'A' } },
      ['titel'],
      'Song has no column "titel" to filter by. Did you mean "title"?',
    ],
    [
      'an unknown operator',
      { title: { like: 'A' } },
      ['title', 'like'],
      '"title" cannot be filtered by "like". It has eq, neq, in, notIn, gt, gte, lt, lte, contains, startsWith, endsWith, isNull.',
    ],
    [
      'an operator that the type lacks',
      { genre: { startsWith: 'R' } },
      ['genre', 'startsWith'],
      '"genre" cannot be filtered by "startsWith". It has eq, neq, in, notIn, isNull.',
    ],
    [
      'an explicit null',
      { title: { eq: null } },
      ['title', 'eq'],
      'null is not a value to compare with. Leave the operator out for no constraint, or write isNull: true.',
    ],
    [
      'null for a column',
      { title: null },
      ['title'],
      'null is not a value to compare with. Leave the operator out for no constraint, or write { title: { isNull: true } }.',
    ],
    [
      'null in a list',
      { id: { in: ['a', null] } },
      ['id', 'in', 1],
      '"in" takes values, not null. Add { isNull: true } with "or".',
    ],
    ['a value for a list', { id: { in: 'a' } }, ['id', 'in'], '"in" takes a list.'],
    [
      'a value of another type',
      { or: [{ plays: { gt: 'x' } }] },
      ['or', 0, 'plays', 'gt'],
      'Expected an Int (a whole number of 32 bits), got "x".',
    ],
    ['isNull of another type', { plays: { isNull: 'yes' } }, ['plays', 'isNull'], '"isNull" takes true or false.'],
    ['a bare value', { plays: 5 }, ['plays'], 'Expected a filter of "plays", such as { eq: … }.'],
    ['an or that is no list', { or: {} }, ['or'], '"or" takes a list of filters.'],
    [
      'null for a relation',
      { artist: null },
      ['artist'],
      'Expected a filter of Artist, got null. Leave it out for no constraint.',
    ],
    [
      'mode with an order',
      { title: { gt: 'a', mode: 'INSENSITIVE' } },
      ['title', 'gt'],
      'mode: INSENSITIVE has no meaning for "gt".',
    ],
    ['an unknown mode', { title: { eq: 'a', mode: 'X' } }, ['title', 'mode'], '"mode" is SENSITIVE or INSENSITIVE.'],
    [
      'mode without text',
      { id: { eq: 'a', mode: 'INSENSITIVE' } },
      ['id', 'mode'],
      '"id" cannot be filtered by "mode". It has eq, neq, in, notIn, gt, gte, lt, lte, startsWith, isNull.',
    ],
    ['JSON by value', { raw: { eq: '{}' } }, ['raw', 'eq'], '"raw" cannot be filtered by "eq". It has isNull.'],
    [
      'an unknown field of an embedded object',
      { label: { nam: { eq: 'x' } } },
      ['label', 'nam'],
      '"label" cannot be filtered by "nam". Did you mean "name"?',
    ],
  ])('%s', (_what, input, path, message) => {
    expect(thrown(() => compileWhere(catalog, song, input))).toMatchObject({ path, message });
  });

  test('rows of many without a quantifier', () => {
    expect(thrown(() => compileWhere(catalog, artist, { songs: { title: { eq: 'A' } } }))).toMatchObject({
      path: ['songs', 'title'],
      message: '"songs" leads to many rows: say which with some, every or none, not "title".',
    });
  });

  test('relations where only the row itself is known', () => {
    const compile = (): unknown => compileWhere(catalog, song, { artist: { id: { eq: 'a' } } }, { relations: false });
    expect(thrown(compile)).toMatchObject({ path: ['artist'] });
  });

  test('filters nested without end', () => {
    let filter: unknown = {};
    for (let i = 0; i < 20_000; i += 1) filter = { not: filter };
    expect(thrown(() => compileWhere(catalog, song, filter)).message).toBe('A filter may be nested at most 50 deep.');
  });
});

test('every type that has an order has its operators', () => {
  const ordered: readonly ScalarName[] = [
    'ID',
    'String',
    'Int',
    'Float',
    'BigInt',
    'Decimal',
    'DateTime',
    'Date',
    'UUID',
  ];
  for (const scalar of ordered) expect(filterOps({ kind: 'scalar', scalar })).toContain('gte');
  for (const scalar of ['Boolean', 'Duration', 'Bytes', 'JSON'] as const) {
    expect(filterOps({ kind: 'scalar', scalar })).not.toContain('gte');
  }
});

function thrown(run: () => unknown): WhereError {
  try {
    run();
  } catch (error) {
    if (error instanceof WhereError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
