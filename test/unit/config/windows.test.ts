import { describe, expect, test } from 'vitest';
import { mistakesIn } from '../../support/mistakes-in.ts';
import { songTables } from '../../support/song-tables.ts';

describe('intervals', () => {
  test.each([
    {
      name: 'intervals that are there twice',
      schema: [
        'type A @aggregation(source: "Play", intervals: ["1h", "60m", "1h"]) { songId: ID! timestamp: DateTime! }',
      ],
      mistakes: [
        '5:55: "60m" is there already, as "1h". Remove one of them.',
        '5:62: "1h" is there already. Remove one of them.',
      ],
    },
    {
      name: 'texts that are no interval',
      schema: [
        'type A @aggregation(source: "Play", intervals: ["1w", "0m", "15 m", "h"]) { songId: ID! timestamp: DateTime! }',
        'type B @aggregation(source: "Play", intervals: ["1h"], hop: "x") { songId: ID! timestamp: DateTime! }',
      ],
      mistakes: [
        '5:49: @aggregation(intervals:) takes a number and a unit of s, m, h or d, such as "15m"; not "1w".',
        '5:55: @aggregation(intervals:) takes a number and a unit of s, m, h or d, such as "15m"; not "0m".',
        '5:61: @aggregation(intervals:) takes a number and a unit of s, m, h or d, such as "15m"; not "15 m".',
        '5:69: @aggregation(intervals:) takes a number and a unit of s, m, h or d, such as "15m"; not "h".',
        '6:61: @aggregation(hop:) takes a number and a unit of s, m, h or d, such as "15m"; not "x".',
      ],
    },
    {
      name: 'no interval at all',
      schema: ['type A @aggregation(source: "Play", intervals: []) { songId: ID! timestamp: DateTime! }'],
      mistakes: [
        '5:48: @aggregation(intervals:) is empty. Write sizes of buckets, such as ["1h", "1d"], or leave it out.',
      ],
    },
    {
      name: 'a hop that does not fit',
      schema: [
        'type A @aggregation(source: "Play", intervals: ["1h"], hop: "25m") { songId: ID! timestamp: DateTime! }',
        'type B @aggregation(source: "Play", intervals: ["1h"], hop: "2h") { songId: ID! timestamp: DateTime! }',
        'type C @aggregation(source: "Play", intervals: ["365d"], hop: "1s") { songId: ID! timestamp: DateTime! }',
      ],
      mistakes: [
        '5:61: @aggregation(hop:) divides every interval, and "25m" does not divide "1h".',
        '6:61: @aggregation(hop:) divides every interval, and "2h" does not divide "1h".',
        '7:63: Every row would be in 31536000 buckets of "365d"; at most 10000 can be.',
      ],
    },
    {
      name: 'intervals and sessions at once',
      schema: [
        'type A @aggregation(source: "Play", intervals: ["1h"], sessionGap: "5m") { songId: ID! timestamp: DateTime! }',
      ],
      mistakes: [
        '5:68: Buckets are intervals or sessions, not both. Remove "intervals" or "sessionGap", or make two aggregations.',
      ],
    },
    {
      name: 'what needs buckets, without',
      schema: ['type A @aggregation(source: "Play", hop: "5m", grace: "1m", retention: "1d") { songId: ID! }'],
      mistakes: [
        '5:42: @aggregation(hop:) is how far apart intervals begin. Add "intervals", or remove it.',
        '5:55: @aggregation(grace:) is about buckets of time, and this has none. Add "intervals" or "sessionGap", or remove it.',
        '5:72: @aggregation(retention:) is about buckets of time, and this has none. Add "intervals" or "sessionGap", or remove it.',
      ],
    },
    {
      name: 'sessions that are removed',
      schema: [
        'type A @aggregation(source: "Play", sessionGap: "5m", retention: "1d") { songId: ID! timestamp: DateTime! }',
      ],
      mistakes: ['5:66: Sessions are kept: remove "retention", or use "intervals".'],
    },
    {
      name: 'a clock that nothing goes by',
      schema: [
        'type A @aggregation(source: "Play", intervals: ["1h"], clock: WALL) { songId: ID! timestamp: DateTime! }',
        'type B @aggregation(source: "Play", intervals: ["1h"], grace: "1h", clock: WALL) { songId: ID! timestamp: DateTime! }',
      ],
      mistakes: ['5:63: @aggregation(clock:) is what "grace" and "retention" go by. Add one of them, or remove it.'],
    },
    {
      name: 'a grace that outlasts the bucket',
      schema: [
        'type A @aggregation(source: "Play", intervals: ["1h"], grace: "2d", retention: "1d") { songId: ID! timestamp: DateTime! }',
      ],
      mistakes: [
        '5:63: A bucket would be removed while records are still added to it: "grace" is at most "retention".',
      ],
    },
  ])('finds $name', ({ schema, mistakes }) => {
    expect(mistakesIn([...songTables, ...schema])).toEqual(mistakes);
  });
});

describe('fields of aggregations', () => {
  test.each([
    {
      name: 'fields that are generated',
      schema: [
        'type A @aggregation(source: "Play", intervals: ["1h"]) { songId: ID! interval: Int closed: Boolean timestamp: DateTime! }',
        'type B @aggregation(source: "Play", sessionGap: "5m") { songId: ID! end: DateTime! timestamp: DateTime! interval: ID! @from(path: "songId") }',
      ],
      mistakes: [
        '5:70: "interval" is a field that every aggregation with such buckets has. Rename or remove this one.',
        '5:84: "closed" is a field that every aggregation with such buckets has. Rename or remove this one.',
        '6:69: "end" is a field that every aggregation with such buckets has. Rename or remove this one.',
      ],
    },
    {
      name: 'no start of the bucket, or a wrong one',
      schema: [
        'type A @aggregation(source: "Play", intervals: ["1h"]) { songId: ID! }',
        'type B @aggregation(source: "Play", intervals: ["1h"]) { songId: ID! timestamp: String }',
        'type C @aggregation(source: "Play", intervals: ["1h"]) { songId: ID! timestamp: DateTime! @from(path: "at") }',
      ],
      mistakes: [
        '5:6: A has buckets of time: add the field "timestamp: DateTime!", for the start of the bucket.',
        '6:81: "timestamp" is the start of the bucket: write DateTime!.',
        '7:91: "timestamp" is the start of the bucket. Remove @from; the column that says when something happened is @aggregation(timestamp:).',
      ],
    },
    {
      name: 'no group',
      schema: ['type A @aggregation(source: "Play") { n: Int! @aggregate(fn: COUNT) }'],
      mistakes: [
        '5:6: A has no field that says which group a row is. Add a column of the source to group by, or for one row over all @computed(expr: "\'all\'") on a field such as "id: ID!".',
      ],
    },
    {
      name: 'dimensions that groups cannot be told apart by',
      schema: ['type A @aggregation(source: "Song") { rating: Float place: Place genre: String }'],
      mistakes: [
        '5:47: "rating" says which group a row of A is and cannot be Float: groups are told apart by text, whole numbers, decimals, booleans, instants, days or enums. For a result write @aggregate.',
        '5:60: "place" says which group a row of A is and cannot be Place: groups are told apart by text, whole numbers, decimals, booleans, instants, days or enums. For a result write @aggregate.',
      ],
    },
    {
      name: 'a dimension of another type',
      schema: ['type A @aggregation(source: "Play") { songId: String! genre: String! @from(path: "song.genre") }'],
      mistakes: [
        '5:62: "genre": song.genre may be null; the column is required: make it nullable, or write coalesce(song.genre, …).',
      ],
    },
    {
      name: 'an aggregate that is also something else',
      schema: [
        'type A @aggregation(source: "Play") { songId: ID! n: Int! @aggregate(fn: COUNT) @computed(expr: "1") m: Int! @aggregate(fn: COUNT) @from(path: "ms") }',
      ],
      mistakes: [
        '5:81: "n" is an aggregate, and @aggregate(arg:) says what of. Remove @computed.',
        '5:132: "m" is an aggregate, and @aggregate(arg:) says what of. Remove @from.',
      ],
    },
    {
      name: 'a hidden dimension',
      schema: ['type A @aggregation(source: "Play") { songId: ID! @hidden }'],
      mistakes: ['5:51: "songId" is in the key of A, which the API shows. Remove @hidden.'],
    },
  ])('finds $name', ({ schema, mistakes }) => {
    expect(mistakesIn([...songTables, ...schema])).toEqual(mistakes);
  });
});

describe('keys of aggregations', () => {
  test.each([
    {
      name: 'a key that leaves something out',
      schema: [
        'type A @aggregation(source: "Play", intervals: ["1h"]) @key(fields: "songId timestamp") { songId: ID! timestamp: DateTime! }',
      ],
      mistakes: [
        '5:69: The key of A is "interval", "timestamp", "songId": all that say which group a row is. @key may put them in another order, no more.',
      ],
    },
    {
      name: 'a key with an aggregate',
      schema: [
        'type A @aggregation(source: "Play") @key(fields: "songId n") { songId: ID! n: Int! @aggregate(fn: COUNT) }',
      ],
      mistakes: [
        '5:50: The key of A is "songId": all that say which group a row is. @key may put them in another order, no more.',
      ],
    },
  ])('finds $name', ({ schema, mistakes }) => {
    expect(mistakesIn([...songTables, ...schema])).toEqual(mistakes);
  });
});
