import { documents, repeat, variables } from './document-attack.ts';
import type { Attack } from './document-attack.ts';

const where = 'query ($where: SongWhere) { songs(where: $where) { id } }';
const ids = 'query ($ids: [ID!]) { songs(where: { id: { in: $ids } }) { id } }';
const needed = 'query ($id: ID!) { song(id: $id) { id } }';
const typed =
  'query ($plays: BigInt, $price: Decimal, $genre: Genre, $limit: Int, $at: DateTime, $no: Boolean = false) { songs(where: { plays: { gt: $plays }, price: { lt: $price }, genre: { eq: $genre }, updatedAt: { gt: $at } }, limit: $limit) { id title @skip(if: $no) } }';

function nested(depth: number): Record<string, unknown> {
  let filter: Record<string, unknown> = {};
  for (let i = 0; i < depth; i += 1) filter = { not: filter };
  return filter;
}

/** Values that are none, that are too many, or that are nested without end. */
export const variableAttacks: readonly Attack[] = [
  ...variables('BAD_USER_INPUT', where, {
    'a filter nested sixty deep': { where: nested(60) },
    'a filter nested two hundred deep': { where: nested(199) },
    'a filter nested two thousand deep': { where: nested(2_000) },
    'a value nested in a variable that there is not': { other: nested(1_000) },
    'a filter that is a list': { where: [] },
    'a filter that is a text': { where: '{ id: { eq: 1 } }' },
    'a filter of NoSQL': { where: { id: { $ne: null } } },
    'a filter with forty mistakes': { where: { and: Array.from({ length: 40 }, () => ({ nothing: 1 })) } },
    'a null for a value': { where: { id: { eq: null } } },
    'a null among values': { where: { id: { in: ['a', null] } } },
    'a null for a filter': { where: { title: null } },
    'a null for a relation': { where: { artist: null } },
    'an operator of another type': { where: { plays: { startsWith: '1' } } },
    'a mode where it means nothing': { where: { title: { gt: 'a', mode: 'INSENSITIVE' } } },
  }),
  ...variables('BAD_USER_INPUT', needed, {
    'a variable that is missing': {},
    'a variable that is null': { id: null },
    'an id that is an object': { id: { toString: 'a' } },
    'an id that is a list': { id: ['a', 'b'] },
    'an id that is a fraction': { id: 1.5 },
    'an id that is true': { id: true },
  }),
  ...variables('BAD_USER_INPUT', typed, {
    'a number that is not exact': { plays: 2 ** 60 },
    'a number of fifty thousand digits': { plays: '9'.repeat(50_000) },
    'a decimal with an exponent of a billion': { price: '1e999999999' },
    'a decimal of fifty thousand digits': { price: `0.${'1'.repeat(50_000)}` },
    'a number that is a text': { plays: 'Infinity' },
    'a value that the enum has not': { genre: 'POLKA' },
    'an enum that is a number': { genre: 1 },
    'a limit that is a text': { limit: '1; DROP TABLE' },
    'a limit of 2^31': { limit: 2_147_483_648 },
    'a limit that is a fraction': { limit: 0.5 },
    'a day that there is not': { at: '2026-02-30T00:00:00Z' },
    'a time behind the end of time': { at: 1e300 },
    'a year of fifty thousand digits': { at: `${'2'.repeat(50_000)}-01-01T00:00:00Z` },
    'a Boolean that is a text': { no: 'true' },
    'a condition that is null': { no: null },
  }),
  {
    name: 'a limit that is too large, in a variable',
    request: { query: typed, variables: { limit: 101 } },
    code: 'LIMIT_EXCEEDED',
  },
  ...(
    [
      ['a list', []],
      ['a text', '{"id":"a"}'],
      ['a number', 5],
      ['true', true],
    ] as const
  ).map(([what, given]): Attack => ({
    name: `variables that are ${what}`,
    request: { query: needed, variables: given },
    code: 'BAD_USER_INPUT',
  })),
  ...documents('GRAPHQL_VALIDATION_FAILED', {
    'a variable that nobody declared': '{ song(id: $id) { id } }',
    'a variable that nobody uses': 'query ($id: ID) { songs { id } }',
    'a variable of a type of the output': 'query ($song: Song) { songs(where: $song) { id } }',
    'a variable of a type that there is not': 'query ($x: Users) { songs(where: $x) { id } }',
    'a variable of another type': 'query ($id: Int) { song(id: $id) { id } }',
    'a variable declared twice': 'query ($id: ID!, $id: ID!) { song(id: $id) { id } }',
    'a default of another type': 'query ($n: Int = "x") { songs(limit: $n) { id } }',
    'a default that is a variable': 'query ($a: Int, $n: Int = $a) { songs(limit: $n) { id } }'.replace(
      '= $a',
      '= {a: 1}',
    ),
  }),
  ...variables(null, where, {
    'variables that are null': null,
    'two thousand variables that nobody asked for': Object.fromEntries(
      Array.from({ length: 2_000 }, (_, i) => [`v${i}`, i]),
    ),
    'a text of fifty thousand letters': { where: { title: { eq: 'x'.repeat(50_000) } } },
    'a prefix of fifty thousand letters': { where: { title: { startsWith: 'x'.repeat(50_000) } } },
    'half a surrogate in an id': { where: { id: { startsWith: 'a\u0000' } } },
    'a thousand filters that say nothing': { where: { and: Array.from({ length: 1_000 }, () => ({})) } },
  }),
  ...variables(null, ids, {
    'nine thousand ids': { ids: Array.from({ length: 9_000 }, (_, i) => `x${i}`) },
    'one id nine thousand times': { ids: Array.from({ length: 9_000 }, () => 'x') },
    'an id instead of a list': { ids: 'x' },
    'no ids': { ids: [] },
  }),
  ...documents(null, { 'a key that is too long to be one': `{ song(id: "${'k'.repeat(5_000)}") { id } }` }),
  ...documents('BAD_USER_INPUT', {
    'a filter nested sixty deep, in the document': `{ songs(where: ${'{ not: '.repeat(60)}{}${' }'.repeat(60)}) { id } }`,
    'a filter that is null': '{ songs(where: null) { id } }',
    'a filter of a null': '{ songs(where: { title: { eq: null } }) { id } }',
    'a relation to many without saying which': '{ artists(where: { songs: {} , name: null }) { id } }',
  }),
  ...documents(null, {
    'a hundred orders': `{ songs(orderBy: [${repeat(100, '{ id: ASC }', ',')}]) { id } }`,
    'no order': '{ songs(orderBy: []) { id } }',
  }),
];
