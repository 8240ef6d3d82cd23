import { describe, expect, test } from 'vitest';
import { mistakesIn } from '../../support/mistakes-in.ts';
import { songTables } from '../../support/song-tables.ts';

describe('sources', () => {
  test.each([
    {
      name: 'a source that does not exist',
      schema: ['type V @view(source: "Sing") { id: ID! }'],
      mistakes: ['5:22: @view(source:): there is no table Sing. Did you mean "Song"?'],
    },
    {
      name: 'a source that is no table',
      schema: ['type V @view(source: "Place") { id: ID! }'],
      mistakes: ['5:22: @view(source:): Place is no table. Name a type with @table, @view or @aggregation.'],
    },
    {
      name: 'a source that is no text, or missing',
      schema: ['type V @view(source: 1) { id: ID! }', 'type W @aggregation { id: ID! }'],
      mistakes: [
        '5:22: @view(source:) takes text in quotes, not 1.',
        '6:8: @aggregation needs "source": write @aggregation(source: …).',
      ],
    },
    {
      name: 'a source with a mistake of its own, once',
      schema: ['type V @view(source: "N") { id: ID! x: Int }', 'type N @tabl { id: ID! }'],
      mistakes: ['6:8: There is no directive @tabl. Did you mean "@table"?'],
    },
    {
      name: 'a type that is two kinds of table',
      schema: ['type V @view(source: "Song") @table(topic: "v") { id: ID! }'],
      mistakes: ['5:8: A type is one of @table, @view and @aggregation. Remove the others, or make another type.'],
    },
  ])('finds $name', ({ schema, mistakes }) => {
    expect(mistakesIn([...songTables, ...schema])).toEqual(mistakes);
  });
});

describe('keys of views', () => {
  test.each([
    {
      name: 'a missing key',
      schema: ['type V @view(source: "Song") { title: String! }'],
      mistakes: [
        '5:6: The key of V is that of its source Song. Add the field "id: ID!", or another name with @from(path: "id").',
      ],
    },
    {
      name: 'a key of other columns',
      schema: ['type V @view(source: "Song") @key(fields: "title") { id: ID! title: String! }'],
      mistakes: [
        '5:43: The key of V is that of its source Song, in the same order: write @key(fields: "id"), or remove it.',
      ],
    },
    {
      name: 'a key of another type',
      schema: ['type V @view(source: "Song") { id: String! }'],
      mistakes: ['5:36: "id" is in the key and has the type of id: write ID!.'],
    },
    {
      name: 'a key that is another column',
      schema: ['type V @view(source: "Song") { id: ID! @from(path: "title") }'],
      mistakes: [
        '5:6: The key of V is that of its source Song. Add the field "id: ID!", or another name with @from(path: "id").',
      ],
    },
    {
      name: 'a key of several columns',
      schema: [
        'type L @table(topic: "l") @key(fields: "a b") { a: ID! b: Int! }',
        'type V @view(source: "L") @key(fields: "b a") { a: ID! b: Int! }',
        'type W @view(source: "L") { c: ID! @from(path: "a") }',
      ],
      mistakes: [
        '6:40: The key of V is that of its source L, in the same order: write @key(fields: "a b"), or remove it.',
        '7:6: The key of W is that of its source L. Add the field "b: Int!", or another name with @from(path: "b").',
      ],
    },
  ])('finds $name', ({ schema, mistakes }) => {
    expect(mistakesIn([...songTables, ...schema])).toEqual(mistakes);
  });
});

describe('fields of views', () => {
  test.each([
    {
      name: 'columns that the source does not have',
      schema: [
        'type V @view(source: "Song") { id: ID! titel: String! name: String @from(path: "artist.nam") town: String @from(path: "place.town") }',
      ],
      mistakes: [
        '5:40: "titel": Song has no column "titel". Did you mean "title"?',
        '5:88: @from(path:): Artist has no column "nam". Did you mean "name"?',
        '5:126: @from(path:): "place" has no field "town".',
      ],
    },
    {
      name: 'paths that lead to no value',
      schema: [
        'type V @view(source: "Song") { id: ID! a: String @from(path: "plays.id") b: String @from(path: "artist") c: Int @from(path: "a b") }',
      ],
      mistakes: [
        '5:63: @from(path:): "plays" leads to many rows; a path can only lead to one.',
        '5:97: @from(path:): "artist" is a row, not a value: write one of its columns, as in artist.id.',
        '5:125: @from(path:) names a column of the source, also through relations and embedded objects, such as "song.genre"; not "a b". For more write @computed(expr: …).',
      ],
    },
    {
      name: 'other types',
      schema: [
        'type V @view(source: "Song") { id: ID! a: Int @from(path: "title") b: String! @from(path: "artist.name") c: String! @from(path: "genre") }',
      ],
      mistakes: [
        '5:43: "a": title is String and the column is Int: write toInt(title), or declare it String.',
        '5:71: "b": artist.name may be null; the column is required: make it nullable, or write coalesce(artist.name, …).',
        '5:109: "c": genre may be null; the column is required: make it nullable, or write coalesce(genre, …).',
      ],
    },
    {
      name: 'what is read from records',
      schema: [
        'type V @view(source: "Song") { id: ID! a: String @from(header: "a") b: DateTime @from(meta: TIMESTAMP) c: String @from d: String @default(value: "x") @from(path: "genre") }',
      ],
      mistakes: [
        '5:64: @from(header:) reads a record, and the rows of V come from Song. Give that table the column, and name it with @from(path: …).',
        '5:93: @from(meta:) reads a record, and the rows of V come from Song. Give that table the column, and name it with @from(path: …).',
        '5:114: @from takes "path" here: a column of the source, such as "song.genre".',
        '5:130: @default fills what a record leaves out, and "d" is not read from a record. Remove it; in an expression, coalesce(…) gives a value for null.',
      ],
    },
    {
      name: 'directives that contradict each other',
      schema: [
        'type V @view(source: "Song") { id: ID! a: Int @aggregate(fn: COUNT) b: Int @computed(expr: "seconds * 2") @from(path: "seconds") }',
      ],
      mistakes: [
        '5:47: @aggregate is for types with @aggregation, and V has none.',
        '5:107: "b" is computed: @computed says from what. Remove @from.',
      ],
    },
    {
      name: 'columns with a mistake of their own, once',
      schema: [
        'type T @table(topic: "t") { id: ID! a: Nope b: Int @auth(rules: []) }',
        'type V @view(source: "T") { id: ID! a: Int b: Int c: Int @computed(expr: "b + 1") d: Int @from(pth: "x") }',
      ],
      mistakes: [
        '5:40: There is no type Nope.',
        '5:65: @auth(rules:) lists no rule, so that nobody could read: to keep the field out of the API write @hidden.',
        '6:96: @from has no argument "pth". Did you mean "path"?',
      ],
    },
  ])('finds $name', ({ schema, mistakes }) => {
    expect(mistakesIn([...songTables, ...schema])).toEqual(mistakes);
  });
});

describe('filters', () => {
  test.each([
    {
      name: 'a relation to many rows',
      schema: ['type V @view(source: "Song", where: { plays: { some: { ms: { gt: 1 } } } }) { id: ID!  }'],
      mistakes: [
        '5:39: @view(where:): "plays" leads to many rows; columns of Song, and relations to one row, can be used here.',
      ],
    },
    {
      name: 'a column that a related table does not have',
      schema: ['type V @view(source: "Song", where: { artist: { nme: { eq: "x" } } }) { id: ID!  }'],
      mistakes: ['5:49: @view(where:): Artist has no column "nme" to filter by. Did you mean "name"?'],
    },
    {
      name: 'a value of another type',
      schema: [
        'type V @view(source: "Song", where: { or: [{ artist: { name: { in: ["x", 1] } } }, { seconds: { gt: 1 } }] }) { id: ID!  }',
      ],
      mistakes: ['5:74: @view(where:): Expected a String, got 1.'],
    },
    {
      name: 'a wrong filter of an aggregation',
      schema: [
        'type A @aggregation(source: "Play", where: { song: { plays: { none: {} } } }) { songId: ID! }',
        'type B @aggregation(source: "Play", where: { mss: { gt: 1 } }) { songId: ID! }',
      ],
      mistakes: [
        '5:54: @aggregation(where:): "plays" leads to many rows; columns of Song, and relations to one row, can be used here.',
        '6:46: @aggregation(where:): Play has no column "mss" to filter by. Did you mean "ms"?',
      ],
    },
  ])('finds $name', ({ schema, mistakes }) => {
    expect(mistakesIn([...songTables, ...schema])).toEqual(mistakes);
  });
});
