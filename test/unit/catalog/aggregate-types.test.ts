import { describe, expect, test } from 'vitest';
import { mistakesIn } from '../../support/mistakes-in.ts';
import { songTables } from '../../support/song-tables.ts';

describe('aggregates', () => {
  test.each([
    {
      name: 'arguments that are missing or too many',
      schema: [
        'type A @aggregation(source: "Song") {',
        '  id: ID!',
        '  a: Int @aggregate(fn: SUM)',
        '  b: [String!]! @aggregate(fn: TOP_K, arg: "genre")',
        '  c: [String!]! @aggregate(fn: TOP_K, arg: "genre", n: 0)',
        '  d: String @aggregate(fn: MIN, arg: "genre", by: "seconds", n: 1)',
        '}',
      ],
      mistakes: [
        '7:10: SUM needs "arg", what it is of: write @aggregate(fn: SUM, arg: "…").',
        '8:17: TOP_K needs "n", how many: write @aggregate(fn: TOP_K, arg: "…", n: 5).',
        '9:56: @aggregate(n:) is at least 1.',
        '10:51: @aggregate(by:) is for TOP_K, which it orders; MIN has none. Remove it.',
        '10:65: @aggregate(n:) is for TOP_K, COLLECT_LIST and COLLECT_SET; MIN gives one value. Remove it.',
      ],
    },
    {
      name: 'arguments that the function does not take',
      schema: [
        'type A @aggregation(source: "Song") {',
        '  id: ID!',
        '  a: Int @aggregate(fn: SUM, arg: "title")',
        '  b: Int! @aggregate(fn: COUNT_DISTINCT, arg: "place")',
        '  c: [String!]! @aggregate(fn: TOP_K, arg: "genre", by: "place", n: 1)',
        '  d: Float @aggregate(fn: AVG, arg: "at")',
        '}',
      ],
      mistakes: [
        '7:35: SUM takes numbers; "title" is String.',
        '8:47: COUNT_DISTINCT takes text, numbers, booleans, instants, days or enums; "place" is Place.',
        '9:57: @aggregate(by:) cannot be Place, which has no order.',
        '10:37: AVG takes numbers; "at" is DateTime.',
      ],
    },
    {
      name: 'arguments that mean nothing',
      schema: [
        'type A @aggregation(source: "Song") {',
        '  id: ID!',
        '  a: Int @aggregate(fn: LAST, arg: "secnds")',
        '  b: Int @aggregate(fn: SUM, arg: "seconds + artist.nme")',
        '  c: Int! @aggregate(fn: NOPE)',
        '}',
      ],
      mistakes: [
        '7:37: @aggregate(arg:): Song has no column "secnds". Did you mean "seconds"?',
        '8:53: @aggregate(arg:): Artist has no column "nme". Did you mean "name"?',
        '9:26: @aggregate(fn:) takes COUNT, COUNT_DISTINCT, SUM, AVG, MIN, MAX, FIRST, LAST, TOP_K, COLLECT_LIST, COLLECT_SET, STDDEV, VARIANCE, not NOPE.',
      ],
    },
    {
      name: 'results of another type',
      schema: [
        'type A @aggregation(source: "Song") {',
        '  id: ID!',
        '  a: Float @aggregate(fn: COUNT)',
        '  b: Float! @aggregate(fn: SUM, arg: "seconds")',
        '  c: Float @aggregate(fn: SUM, arg: "price")',
        '  d: Decimal @aggregate(fn: SUM, arg: "rating")',
        '  e: Int @aggregate(fn: AVG, arg: "seconds")',
        '  f: Decimal @aggregate(fn: AVG, arg: "rating")',
        '  g: Int @aggregate(fn: MAX, arg: "genre")',
        '  h: [String] @aggregate(fn: TOP_K, arg: "genre", n: 1)',
        '  i: [Int!]! @aggregate(fn: COLLECT_SET, arg: "genre")',
        '  j: [String]! @aggregate(fn: COLLECT_LIST, arg: "genre")',
        '  k: Decimal @aggregate(fn: STDDEV, arg: "seconds")',
        '}',
      ],
      mistakes: [
        '7:6: "a" is the COUNT of rows: write Int! or BigInt!.',
        '8:6: "b" is the SUM of Int: write BigInt! or Int! or Decimal!.',
        '9:6: "c" is the SUM of Decimal: write Decimal.',
        '10:6: "d" is the SUM of Float: write Float.',
        '11:6: "e" is the AVG of Int: write Decimal! or Float!.',
        '12:6: "f" is the AVG of Float: write Float.',
        '13:6: "g" is the MAX of String: write String.',
        '14:6: "h" is the TOP_K of String: write [String!]!.',
        '15:6: "i" is the COLLECT_SET of String: write [String!]!.',
        '16:6: "j" is the COLLECT_LIST of String: write [String!]!.',
        '17:6: "k" is the STDDEV of Int: write Float.',
      ],
    },
    {
      name: 'results that may be null',
      schema: [
        'type A @aggregation(source: "Song") {',
        '  id: ID!',
        '  a: Decimal! @aggregate(fn: SUM, arg: "price")',
        '  b: String! @aggregate(fn: MAX, arg: "genre")',
        '  c: String! @aggregate(fn: LAST, arg: "artist.name")',
        '  d: Float! @aggregate(fn: VARIANCE, arg: "seconds")',
        '}',
      ],
      mistakes: [
        '7:6: "a" may be null: "price" may be null, and of nothing but nulls there is none. Write Decimal.',
        '8:6: "b" may be null: "genre" may be null, and of nothing but nulls there is none. Write String.',
        '9:6: "c" may be null: "artist.name" may be null, and of nothing but nulls there is none. Write String.',
        '10:6: "d" may be null: of fewer than two values there is none. Write Float.',
      ],
    },
  ])('finds $name', ({ schema, mistakes }) => {
    expect(mistakesIn([...songTables, ...schema])).toEqual(mistakes);
  });
});
