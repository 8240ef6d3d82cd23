import { describe, expect, test } from 'vitest';
import { mistakesIn } from '../../support/mistakes-in.ts';
import { songTables } from '../../support/song-tables.ts';

describe('circles', () => {
  test.each([
    {
      name: 'a table that follows from itself',
      schema: ['type V @view(source: "V") { id: ID! }'],
      mistakes: ['5:22: V → V: a table cannot follow from itself.'],
    },
    {
      name: 'a circle of sources',
      schema: ['type V @view(source: "W") { id: ID! }', 'type W @view(source: "V") { id: ID! }'],
      mistakes: ['5:22: V → W → V: a table cannot follow from itself.'],
    },
    {
      name: 'a circle through a relation',
      schema: [
        'type X @view(source: "Song") { id: ID! y: Y @relation(fields: ["id"]) }',
        'type Y @view(source: "X") { id: ID! a: ID @from(path: "y.id") }',
      ],
      mistakes: ['6:22: Y → Y: a table cannot follow from itself.'],
    },
    {
      name: 'a circle through a relation of a source',
      schema: [
        'type T @table(topic: "t") { id: ID! y: Y @relation(fields: ["id"]) }',
        'type X @view(source: "T") { id: ID! a: ID @from(path: "y.id") }',
        'type Y @view(source: "X") { id: ID! }',
      ],
      mistakes: ['6:22: X → Y → X: a table cannot follow from itself.'],
    },
    {
      name: 'a circle through a filter',
      schema: [
        'type T @table(topic: "t") { id: ID! a: A @relation(fields: ["id"]) }',
        'type A @aggregation(source: "T", where: { a: { n: { gt: 1 } } }) { id: ID! n: Int! @aggregate(fn: COUNT) }',
      ],
      mistakes: ['6:29: A → A: a table cannot follow from itself.'],
    },
  ])('finds $name', ({ schema, mistakes }) => {
    expect(mistakesIn([...songTables, ...schema])).toEqual(mistakes);
  });
});

describe('what is counted and removed', () => {
  test.each([
    {
      name: 'an UPSERT table with retention',
      schema: [
        'type T @table(topic: "t", retention: "1d") { id: ID! g: String }',
        'type A @aggregation(source: "T") { g: String }',
      ],
      mistakes: [
        '6:29: T has a retention, after which its rows stay counted: one that comes again under its key would be counted twice. Make T a table with mode: APPEND and the key id: ID! @from(meta: COORDINATES), or remove its "retention".',
      ],
    },
    {
      name: 'an APPEND table with retention under a key of its own, behind a view',
      schema: [
        'type T @table(topic: "t", mode: APPEND, retention: "1d") { id: ID! g: String }',
        'type V @view(source: "T") { id: ID! g: String }',
        'type A @aggregation(source: "V") { g: String }',
      ],
      mistakes: [
        '7:29: T has a retention, after which its rows stay counted: one that comes again under its key would be counted twice. Make T a table with mode: APPEND and the key id: ID! @from(meta: COORDINATES), or remove its "retention".',
      ],
    },
    {
      name: 'a view with columns of other rows over a table with retention',
      schema: [
        'type T @table(topic: "t", mode: APPEND, retention: "1d") { id: ID! @from(meta: COORDINATES) s: ID song: Song @relation(fields: ["s"]) }',
        'type V @view(source: "T") { id: ID! title: String @from(path: "song.title") }',
        'type W @view(source: "V") { id: ID! title: String }',
        'type A @aggregation(source: "W") { title: String }',
        'type B @aggregation(source: "T") { title: String @from(path: "song.title") }',
      ],
      mistakes: [
        '8:29: V reads rows of other tables, which may change when the retention of T has removed a row that A still counts. Aggregate T and lead through its relations in A, or remove the retention.',
      ],
    },
    {
      name: 'an aggregation with retention',
      schema: [
        'type A @aggregation(source: "Play", intervals: ["1h"], retention: "1d") { songId: ID! timestamp: DateTime! }',
        'type B @aggregation(source: "A") { songId: ID! }',
      ],
      mistakes: [
        '6:29: A removes buckets that are past its retention, and B would lose what it counts of them. Aggregate the source of A instead, or remove its "retention".',
      ],
    },
  ])('finds $name', ({ schema, mistakes }) => {
    expect(mistakesIn([...songTables, ...schema])).toEqual(mistakes);
  });
});

describe('time', () => {
  test.each([
    {
      name: 'columns that tell no time',
      schema: [
        'type A @aggregation(source: "Play", intervals: ["1h"], timestamp: "aat") { songId: ID! timestamp: DateTime! }',
        'type B @aggregation(source: "Play", intervals: ["1h"], timestamp: "ms") { songId: ID! timestamp: DateTime! }',
      ],
      mistakes: [
        '5:68: @aggregation(timestamp:): Play has no column "aat". Did you mean "at"?',
        '6:67: @aggregation(timestamp:) names a column that is DateTime!, so that every row has its time; "ms" is Int.',
      ],
    },
    {
      name: 'times that records do not tell',
      schema: [
        'type A @aggregation(source: "Play", intervals: ["1h"], timestamp: "song.at", grace: "1m") { songId: ID! timestamp: DateTime! }',
        'type V @view(source: "Play") { id: ID! songId: ID! later: DateTime! @computed(expr: "coalesce(at, at)") }',
        'type B @aggregation(source: "V", intervals: ["1h"], timestamp: "later", retention: "1d") { songId: ID! timestamp: DateTime! }',
      ],
      mistakes: [
        '5:67: With "grace" records are judged as they come, by a column of Play itself. "song.at" is not one that A has of it as it is.',
        '7:64: With "retention" records are judged as they come, by a column of Play itself. "later" is not one that B has of it as it is.',
      ],
    },
    {
      name: 'the time of records behind an aggregation',
      schema: [
        'type A @aggregation(source: "Play") { songId: ID! n: Int! @aggregate(fn: COUNT) }',
        'type B @aggregation(source: "A", intervals: ["1h"], grace: "1m", retention: "1d") { songId: ID! timestamp: DateTime! }',
        'type C @aggregation(source: "A") { songId: ID! n: Int! @aggregate(fn: LAST, arg: "n") }',
      ],
      mistakes: [
        '6:8: The rows of A are those of the aggregation A and have no record whose time could say their bucket. Name a column with "timestamp".',
        '6:60: @aggregation(grace:) goes by the time of records, and the rows of A are those of the aggregation A. Remove it; A can have it.',
        '6:77: @aggregation(retention:) goes by the time of records, and the rows of A are those of the aggregation A. Remove it.',
        '7:8: The rows of A are those of the aggregation A and have no record whose time LAST could go by. Name a column with "timestamp".',
      ],
    },
  ])('finds $name', ({ schema, mistakes }) => {
    expect(mistakesIn([...songTables, ...schema])).toEqual(mistakes);
  });
});

describe('sinks', () => {
  test.each([
    {
      name: 'a topic that the table is made from',
      schema: [
        'type V @view(source: "Song") @sink(topic: "songs") { id: ID! }',
        'type T @table(topic: "t") @sink(topic: "t") { id: ID! }',
        'type W @view(source: "Play") @sink(topic: "artists") { id: ID! n: String @from(path: "song.artist.name") }',
      ],
      mistakes: [
        '5:43: V is made from "songs" (by Song) and would read its own changes for ever. Use another topic.',
        '6:40: T is made from "t" and would read its own changes for ever. Use another topic.',
        '7:43: W is made from "artists" (by Artist) and would read its own changes for ever. Use another topic.',
      ],
    },
    {
      name: 'a topic for two tables',
      schema: [
        'type V @view(source: "Song") @sink(topic: "out") { id: ID! }',
        'type W @view(source: "Song") @sink(topic: "out") { id: ID! }',
      ],
      mistakes: [
        '6:43: "out" is the sink of V already (s.graphql:5:6), and keys of both would mix. Use another topic.',
      ],
    },
    {
      name: 'what is no topic',
      schema: ['type V @view(source: "Song") @sink(topic: "a b") { id: ID! }'],
      mistakes: [
        '5:43: "a b" cannot be a topic: 1 to 249 letters, digits, ".", "_" or "-", and not "_headgate", which is Headgate\'s own.',
      ],
    },
  ])('finds $name', ({ schema, mistakes }) => {
    expect(mistakesIn([...songTables, ...schema])).toEqual(mistakes);
  });
});
