import { describe, expect, test } from 'vitest';
import { mistakesIn } from '../../support/mistakes-in.ts';

describe('generated names', () => {
  test.each([
    {
      name: 'reserved types',
      schema: [
        'type SongWhere @table(topic: "t") { id: ID! }',
        'type _A @table(topic: "t") { id: ID! }',
        'type PageInfo @table(topic: "t") { id: ID! }',
        'type Date @table(topic: "t") { id: ID! }',
        'type IntFilter @table(topic: "t") { id: ID! }',
      ],
      mistakes: [
        '1:6: SongWhere: types that end in "Where" are generated for tables. Rename it.',
        `2:6: _A: types that start with "_" are Headgate's own. Rename it.`,
        '3:6: The API would have PageInfo twice: it is also a type that every API has. Rename this type.',
        '4:6: The API would have Date twice: it is also a scalar. Rename this type.',
        '5:6: The API would have IntFilter twice: it is also the filter for Int columns. Rename this type.',
      ],
    },
    {
      name: 'a type named like a filter',
      schema: ['type Song @table(topic: "t") { id: ID! }', 'type SongListFilter @table(topic: "u") { id: ID! }'],
      mistakes: [
        '2:6: The API would have SongListFilter twice: it is also the filter made for Song (s.graphql:1:6). Rename this type.',
      ],
    },
    {
      name: 'root fields of two tables',
      schema: [
        'type Song @table(topic: "t") { id: ID! }',
        'type songs @table(topic: "u", plural: "tunes") { id: ID! }',
      ],
      mistakes: [
        '2:6: The API would have the root field "songs" twice: for one songs, and for the list of Song (s.graphql:1:6). Set @table(singular: …) of songs.',
      ],
    },
    {
      name: 'a root field of every API',
      schema: ['type Node1 @table(topic: "t", singular: "node") { id: ID! }'],
      mistakes: [
        '1:41: The API would have the root field "node" twice: for one Node1, and for every API. Set @table(singular: …) of Node1.',
      ],
    },
    {
      name: 'a lookup and a table',
      schema: [
        'type Song @table(topic: "t") { id: ID! isrc: String @index(unique: true) }',
        'type SongByIsrc @table(topic: "u") { id: ID! }',
      ],
      mistakes: [
        '2:6: The API would have the root field "songByIsrc" twice: for one SongByIsrc, and for the lookup of Song by a unique index (s.graphql:1:53). Set @table(singular: …) of SongByIsrc.',
      ],
    },
    {
      name: 'changes and a table',
      schema: [
        'type Song @table(topic: "t", plural: "s") { id: ID! }',
        'type X @table(topic: "u", singular: "songChanges") { id: ID! }',
      ],
      mistakes: [
        '2:37: The API would have the root field "songChanges" twice: for one X, and for the changes of Song (s.graphql:1:6). Set @table(singular: …) of X.',
      ],
    },
    {
      name: 'names that are no names',
      schema: ['type T @table(topic: "t", singular: "_t", plural: "a-b") { id: ID! }'],
      mistakes: [
        '1:37: @table(singular:) is the name of a field: letters, digits and "_", with a letter first; not "_t".',
        '1:51: @table(plural:) is the name of a field: letters, digits and "_", with a letter first; not "a-b".',
      ],
    },
    {
      name: 'fields',
      schema: ['type T @table(topic: "t") { id: ID! nodeId: ID and: Int or: T @relation(fields: ["id"]) }'],
      mistakes: [
        `1:37: T has a field "nodeId" in the generated API already (Relay's global id). Rename it, with @from(path: "nodeId").`,
        '1:48: A field cannot be called "and", which is a word of filters. Rename it, with @from(path: "and").',
        '1:57: A field cannot be called "or", which is a word of filters. Rename it.',
      ],
    },
    {
      name: 'an id that is not the key',
      schema: ['type T @table(topic: "t") @key(fields: "a") { id: ID! a: ID! }'],
      mistakes: [
        '1:47: "id" is not the key of T, and clients know rows by it: the API gives T an "id" made of its key. Rename it, with @from(path: "id").',
      ],
    },
    {
      name: 'an id that is part of the key',
      schema: ['type T @table(topic: "t") @key(fields: "id a") { id: ID! a: ID! }'],
      mistakes: [
        '1:50: "id" is one of several key columns of T, and the API gives T an "id" made of them all. Rename it, with @from(path: "id").',
      ],
    },
    {
      name: 'isNull in an embedded object',
      schema: ['type T @table(topic: "t") { id: ID! o: O }', 'type O { isNull: Int }'],
      mistakes: ['2:6: A field of the embedded O cannot be called "isNull", which is a word of filters. Rename it.'],
    },
  ])('finds $name', ({ schema, mistakes }) => {
    expect(mistakesIn(schema)).toEqual(mistakes);
  });
});
