import { describe, expect, test } from 'vitest';
import { mistakesIn } from '../../support/mistakes-in.ts';

describe('sources of columns', () => {
  test.each([
    {
      name: 'none or several places',
      schema: ['type T @table(topic: "t") { id: ID! a: Int @from b: Int @from(path: "x", header: "y") }'],
      mistakes: [
        '1:44: @from takes one of "path", "header", "key" and "meta"; this has 0.',
        '1:57: @from takes one of "path", "header", "key" and "meta"; this has 2.',
      ],
    },
    {
      name: 'paths',
      schema: [
        'type T @table(topic: "t") { id: ID! a: Int @from(path: "") b: Int @from(path: "a..b") c: Int @from(path: "$") d: String @from(key: "") e: Int @from(header: "") }',
      ],
      mistakes: [
        '1:56: @from(path:) takes members of the value such as "song.title", not "". A dot inside a name is written "\\\\.".',
        '1:79: @from(path:) takes members of the value such as "song.title", not "a..b". A dot inside a name is written "\\\\.".',
        '1:106: @from(path:) takes members of the value such as "song.title", not "$". A dot inside a name is written "\\\\.".',
        '1:132: @from(key:) takes "$" for the whole key, or members of it such as "order.id", not "". A dot inside a name is written "\\\\.".',
        '1:157: @from(header:) is the name of a header, not empty.',
      ],
    },
    {
      name: 'a list from a header',
      schema: ['type T @table(topic: "t") { id: ID! a: [Int] @from(header: "x") }'],
      mistakes: ['1:46: A header is text; "a" cannot be a list or an object.'],
    },
    {
      name: 'types of facts',
      schema: [
        'type T @table(topic: "t") { id: ID! a: Int @from(meta: TIMESTAMP) b: Int @from(meta: OFFSET) c: String @from(meta: PARTITION) d: Int @from(meta: KEY) e: [ID] @from(meta: TOPIC) }',
      ],
      mistakes: [
        '1:44: @from(meta: TIMESTAMP) gives a DateTime; "a" has another type.',
        '1:74: @from(meta: OFFSET) gives a BigInt; "b" has another type.',
        '1:104: @from(meta: PARTITION) gives an Int; "c" has another type.',
        '1:134: @from(meta: KEY) gives a String or an ID; "d" has another type.',
        '1:159: @from(meta: TOPIC) gives a String or an ID; "e" has another type.',
      ],
    },
    {
      name: 'COORDINATES in an UPSERT table',
      schema: ['type T @table(topic: "t") { id: ID! a: ID @from(meta: COORDINATES) }'],
      mistakes: ['1:43: COORDINATES name a record, not a row: they are for tables with mode: APPEND or STREAM.'],
    },
    {
      name: 'a default for what is never absent',
      schema: ['type T @table(topic: "t") { id: ID! a: DateTime @from(meta: TIMESTAMP) @default(value: 0) }'],
      mistakes: ['1:72: "a" is never absent: every record has a timestamp. Remove @default.'],
    },
    {
      name: 'the key of an UPSERT table from elsewhere',
      schema: ['type T @table(topic: "t") { id: ID! @from(header: "x") }'],
      mistakes: [
        `1:37: The key of an UPSERT table comes from the record's key. Remove @from from "id", or write keyFormat: NONE in @table and read it from the value.`,
      ],
    },
    {
      name: 'STRING for several columns',
      schema: ['type T @table(topic: "t", keyFormat: STRING) @key(fields: "a b") { a: ID! b: ID! }'],
      mistakes: ['1:38: keyFormat: STRING fills one key column, and T has 2. Use keyFormat: JSON.'],
    },
    {
      name: 'LONG for a text',
      schema: ['type T @table(topic: "t", keyFormat: LONG) { id: String! }'],
      mistakes: ['1:38: keyFormat: LONG gives a number, for an Int, BigInt or ID; "id" is none of them.'],
    },
    {
      name: 'NONE with columns from the key',
      schema: ['type T @table(topic: "t", keyFormat: NONE) { id: ID! a: String @from(key: "$") }'],
      mistakes: [
        `1:64: With keyFormat: NONE the record's key is not read. Remove keyFormat, or read "a" from the value.`,
      ],
    },
    {
      name: 'members of a STRING key',
      schema: ['type T @table(topic: "t", keyFormat: STRING) { id: ID! a: String @from(key: "x") }'],
      mistakes: [
        `1:77: With keyFormat: STRING the record's key is one value without members. Write @from(key: "$"), or keyFormat: JSON.`,
      ],
    },
    {
      name: 'a list from a STRING key',
      schema: ['type T @table(topic: "t") { id: ID! a: [String] @from(key: "$") }'],
      mistakes: ['1:49: A list or an object cannot be read from a key of format STRING.'],
    },
    {
      name: 'a key format that an APPEND table does not use',
      schema: ['type T @table(topic: "t", mode: APPEND, keyFormat: STRING) { id: ID! }'],
      mistakes: [
        `1:52: No column of T is read from the record's key. Write @from(key: "$") on one, or remove keyFormat.`,
      ],
    },
    {
      name: 'an APPEND key from the value beside columns from the key',
      schema: ['type T @table(topic: "t", mode: APPEND) { id: ID! a: String @from(key: "$") }'],
      mistakes: [
        `1:43: "id" is a key column read from the value, while other columns are read from the record's key. Read the whole key of T from one of them; @from(meta: KEY) gives any column the record's key as text.`,
      ],
    },
  ])('finds $name', ({ schema, mistakes }) => {
    expect(mistakesIn(schema)).toEqual(mistakes);
  });
});
