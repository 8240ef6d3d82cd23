import { describe, expect, test } from 'vitest';
import { mistakesIn } from '../../support/mistakes-in.ts';
import { songTables } from '../../support/song-tables.ts';

describe('names', () => {
  test.each([
    {
      name: 'root fields',
      schema: [
        'type A @aggregation(source: "Play", singular: "song") { songId: ID! }',
        'type B @view(source: "Play", plural: "1") { id: ID! }',
      ],
      mistakes: [
        '5:6: The API would have the root field "songs" twice: for the list of A, and for the list of Song (s.graphql:1:6). Set @aggregation(plural: …) of A.',
        '5:6: The API would have the root field "songsConnection" twice: for the connection of A, and for the connection of Song (s.graphql:1:6). Set @aggregation(plural: …) of A.',
        '5:47: The API would have the root field "song" twice: for one A, and for one Song (s.graphql:1:6). Set @aggregation(singular: …) of A.',
        '5:47: The API would have the root field "songChanges" twice: for the changes of A, and for the changes of Song (s.graphql:1:6). Set @aggregation(singular: …) of A.',
        '6:38: @view(plural:) is the name of a field: letters, digits and "_", with a letter first; not "1".',
      ],
    },
    {
      name: 'the enum of intervals',
      schema: [
        'type A @aggregation(source: "Play", intervals: ["1h"]) { songId: ID! timestamp: DateTime! }',
        'enum AInterval { X }',
        'type B @table(topic: "b") { id: ID! i: AInterval }',
      ],
      mistakes: [
        '6:6: The API would have AInterval twice: it is also the enum made for the intervals of an aggregation (s.graphql:5:6). Rename this type.',
      ],
    },
    {
      name: 'fields',
      schema: [
        'type A @aggregation(source: "Play") { id: ID! @from(path: "songId") ms: Int! and: ID! @computed(expr: "songId") not: Int! @aggregate(fn: COUNT) }',
      ],
      mistakes: [
        '5:39: "id" is one of several key columns of A, and the API gives A an "id" made of them all. Rename it.',
        '5:78: A field cannot be called "and", which is a word of filters. Rename it.',
        '5:113: A field cannot be called "not", which is a word of filters. Rename it.',
      ],
    },
  ])('finds $name', ({ schema, mistakes }) => {
    expect(mistakesIn([...songTables, ...schema])).toEqual(mistakes);
  });
});
