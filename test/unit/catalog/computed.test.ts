import { describe, expect, test } from 'vitest';
import { mistakesIn } from '../../support/mistakes-in.ts';
import { songTables } from '../../support/song-tables.ts';

describe('computed columns', () => {
  test.each([
    {
      name: 'what is no expression',
      schema: [
        'type V @view(source: "Song") { id: ID! a: Int @computed(expr: "seconds +") b: Int @computed(expr: "seconds * artist.nme") }',
      ],
      mistakes: [
        '5:73: @computed: the expression ends too early.',
        '5:117: @computed: Artist has no column "nme". Did you mean "name"?',
      ],
    },
    {
      name: 'a place behind an escape',
      schema: [
        'type V @view(source: "Song") { id: ID! a: Boolean @computed(expr: "title == \\"\\u0041\\" && titel == 1") }',
      ],
      mistakes: ['5:91: @computed: Song has no column "titel". Did you mean "title"?'],
    },
    {
      name: 'a place in a block',
      schema: [
        'type V @view(source: "Song") { id: ID! a: String @computed(expr: """\n  concat(\n    title,\n      titel)\n  """) }',
      ],
      mistakes: ['8:7: @computed: Song has no column "titel". Did you mean "title"?'],
    },
    {
      name: 'a result of another type',
      schema: [
        'type V @view(source: "Song") { id: ID! a: Int @computed(expr: "title") b: Int! @computed(expr: "seconds * artist.seconds") }',
      ],
      mistakes: [
        '5:43: "a": title is String and the column is Int: write toInt(title), or declare it String.',
        '5:114: @computed: Artist has no column "seconds".',
      ],
    },
    {
      name: 'rows where a value is needed',
      schema: [
        'type V @view(source: "Song") { id: ID! a: Int @computed(expr: "plays.id") b: String @computed(expr: "artist") }',
      ],
      mistakes: [
        '5:64: @computed: "plays" leads to many rows; a path can only lead to one.',
        '5:102: @computed: "artist" is a row, not a value: write one of its columns, as in artist.id.',
      ],
    },
    {
      name: 'columns that need each other',
      schema: [
        'type T @table(topic: "t") { id: ID! a: BigInt @computed(expr: "b + 1") b: BigInt @computed(expr: "a + c") c: Int d: BigInt @computed(expr: "d") }',
      ],
      mistakes: [
        '5:63: @computed: a → b → a: a column cannot be computed from itself.',
        '5:140: @computed: d → d: a column cannot be computed from itself.',
      ],
    },
    {
      name: 'a related row in a table of a topic',
      schema: [
        'type T @table(topic: "t") { id: ID! title: String @computed(expr: "song.title") song: Song @relation(fields: ["id"]) }',
      ],
      mistakes: ['5:68: @computed: "song" is a relation; only columns of T itself can be used here.'],
    },
    {
      name: 'directives that contradict each other',
      schema: [
        'type T @table(topic: "t") { id: ID! a: Int @computed(expr: "c") @from(path: "x") b: Int @computed(expr: "c") @default(value: 1) c: Int d: Int @aggregate(fn: COUNT) }',
      ],
      mistakes: [
        '5:65: "a" is computed: @computed says from what. Remove @from.',
        '5:110: @default fills what a record leaves out, and "b" is not read from a record. Remove it; in an expression, coalesce(…) gives a value for null.',
        '5:143: @aggregate is for types with @aggregation, and T has none.',
      ],
    },
    {
      name: 'a computed key',
      schema: ['type T @table(topic: "t") { id: ID! @computed(expr: "a") a: ID! }'],
      mistakes: ['5:37: "id" is in the key of T, which is read from the record. Remove @computed.'],
    },
  ])('finds $name', ({ schema, mistakes }) => {
    expect(mistakesIn([...songTables, ...schema])).toEqual(mistakes);
  });
});
