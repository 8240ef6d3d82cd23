import { describe, expect, test } from 'vitest';
import { mistakesIn } from '../../support/mistakes-in.ts';
import { songTables } from '../../support/song-tables.ts';

describe('streams', () => {
  test.each([
    {
      name: 'what needs rows',
      schema: [
        'type S @table(topic: "s", mode: STREAM, retention: "1d") @expose(query: true, live: false) @index(fields: "a") { id: ID! @from(meta: COORDINATES) a: Int }',
      ],
      mistakes: [
        '5:52: There is nothing to remove: the rows of S are not kept. Remove "retention".',
        '5:73: There is nothing to query: the rows of S are not kept. Its change stream is all it has.',
        '5:92: There is nothing to index: the rows of S are not kept. Remove @index.',
      ],
    },
    {
      name: 'a key that is no place',
      schema: ['type S @table(topic: "s", mode: STREAM) { id: ID! }'],
      mistakes: [
        '5:43: The key of S is the place of its record, because no row is kept that it could be compared with: write id: ID! @from(meta: COORDINATES).',
      ],
    },
    {
      name: 'a relation to a stream',
      schema: [
        'type S @table(topic: "s", mode: STREAM) { id: ID! @from(meta: COORDINATES) }',
        'type R @table(topic: "r") { id: ID! s: S @relation(fields: ["id"]) }',
      ],
      mistakes: ['6:40: "s" would lead to no row: those of S are not kept. Relate to a table with mode: APPEND.'],
    },
    {
      name: 'what needs rows in a view of a stream',
      schema: [
        'type S @table(topic: "s", mode: STREAM) { id: ID! @from(meta: COORDINATES) }',
        'type V @view(source: "S") @expose(live: true) { id: ID! @index }',
        'type R @table(topic: "r") { id: ID! v: V @relation(fields: ["id"]) }',
      ],
      mistakes: [
        '6:41: There is nothing to query: the rows of V are not kept. Its change stream is all it has.',
        '6:57: There is nothing to index: the rows of V are not kept. Remove @index.',
        '7:40: "v" would lead to no row: those of V are not kept. Relate to a table with mode: APPEND.',
      ],
    },
    {
      name: 'related rows',
      schema: [
        'type S @table(topic: "s", mode: STREAM) { id: ID! @from(meta: COORDINATES) songId: ID! song: Song @relation(fields: ["songId"]) }',
        'type V @view(source: "S", where: { song: { title: { eq: "x" } } }) { id: ID! title: String @from(path: "song.title") }',
        'type A @aggregation(source: "S") { title: String @from(path: "song.title") m: BigInt @aggregate(fn: SUM, arg: "song.seconds") }',
        'type B @aggregation(source: "S", intervals: ["1h"], timestamp: "song.at") { songId: ID! timestamp: DateTime! t: [ID!]! @aggregate(fn: TOP_K, arg: "songId", by: "song.seconds", n: 1) }',
      ],
      mistakes: [
        '6:34: @view(where:): the rows of S are not kept, so none could be found again when a row changes that it relates to. Give the topic a table with mode: APPEND, and a "retention" that is long enough.',
        '6:104: "title": the rows of S are not kept, so none could be found again when a row changes that it relates to. Give the topic a table with mode: APPEND, and a "retention" that is long enough.',
        '7:62: "title": the rows of S are not kept, so none could be found again when a row changes that it relates to. Give the topic a table with mode: APPEND, and a "retention" that is long enough.',
        '7:111: "m": the rows of S are not kept, so none could be found again when a row changes that it relates to. Give the topic a table with mode: APPEND, and a "retention" that is long enough.',
        '8:64: @aggregation(timestamp:): the rows of S are not kept, so none could be found again when a row changes that it relates to. Give the topic a table with mode: APPEND, and a "retention" that is long enough.',
        '8:161: "t": the rows of S are not kept, so none could be found again when a row changes that it relates to. Give the topic a table with mode: APPEND, and a "retention" that is long enough.',
      ],
    },
  ])('finds $name', ({ schema, mistakes }) => {
    expect(mistakesIn([...songTables, ...schema])).toEqual(mistakes);
  });
});
