import { describe, expect, test } from 'vitest';
import { mistakesIn } from '../../support/mistakes-in.ts';

describe('directives', () => {
  test.each([
    {
      name: 'an unknown directive',
      schema: ['type T @tabel(topic: "t") { id: ID! }'],
      mistakes: ['1:8: There is no directive @tabel. Did you mean "@table"?'],
    },
    {
      name: 'an unknown directive on a field',
      schema: ['type T @table(topic: "t") { id: ID! @indx }'],
      mistakes: ['1:37: There is no directive @indx. Did you mean "@index"?'],
    },
    {
      name: 'an unknown argument',
      schema: ['type T @table(topc: "t", topic: "t") { id: ID! }'],
      mistakes: ['1:15: @table has no argument "topc". Did you mean "topic"?'],
    },
    {
      name: 'a missing argument',
      schema: ['type T @table { id: ID! }'],
      mistakes: ['1:8: @table needs "topic": write @table(topic: …).'],
    },
    {
      name: 'an argument given twice',
      schema: ['type T @table(topic: "t", topic: "u") { id: ID! }'],
      mistakes: ['1:27: @table has "topic" twice.'],
    },
    {
      name: 'an argument of the wrong type',
      schema: ['type T @table(topic: 5) @limit(max: "x") { id: ID! a: Int @index(unique: "yes") }'],
      mistakes: [
        '1:22: @table(topic:) takes text in quotes, not 5.',
        '1:37: @limit(max:) takes a whole number, not "x".',
        '1:74: @index(unique:) takes true or false, not "yes".',
      ],
    },
    {
      name: 'a null argument',
      schema: ['type T @table(topic: "t", plural: null) { id: ID! }'],
      mistakes: ['1:35: @table(plural:) cannot be null; leave it out instead.'],
    },
    {
      name: 'an unknown enum value',
      schema: ['type T @table(topic: "t", mode: APEND, onBadRecord: "HALT") { id: ID! }'],
      mistakes: [
        '1:33: @table(mode:) takes UPSERT, APPEND, STREAM, not APEND. Did you mean "APPEND"?',
        '1:53: @table(onBadRecord:) takes SKIP, HALT, not "HALT". Leave out the quotes.',
      ],
    },
    {
      name: 'a directive in the wrong place',
      schema: ['type T @table(topic: "t") @from(path: "a") { id: ID! @table(topic: "x") }'],
      mistakes: ['1:27: @from belongs on a field, not on a type.', '1:54: @table belongs on a type, not on a field.'],
    },
    {
      name: 'a directive written twice',
      schema: ['type T @table(topic: "t") @key(fields: "id") @key(fields: "id") { id: ID! a: Int @hidden @hidden }'],
      mistakes: [
        '1:46: @key is already there; it may be written once.',
        '1:90: @hidden is already there; it may be written once.',
      ],
    },
    {
      name: 'a directive without arguments that is given one',
      schema: ['type T @table(topic: "t") { id: ID! a: Int @hidden(x: 1) }'],
      mistakes: ['1:52: @hidden has no argument "x". It takes none.'],
    },
    {
      name: 'durations and sizes',
      schema: [
        'type T @table(topic: "t", retention: "7 days") @changes(retain: "P1M", maxBytes: "2 apples") { id: ID! }',
      ],
      mistakes: [
        '1:38: @table(retention:) takes a length of time, such as "10m", "24h", "7d" or "P7D", not "7 days".',
        '1:65: @changes(retain:) takes a length of time, such as "10m", "24h", "7d" or "P7D", not "P1M".',
        '1:82: @changes(maxBytes:) takes a number of bytes, such as 500000000, "500MB" or "2GB", not "2 apples".',
      ],
    },
    {
      name: 'planned features',
      schema: ['type T @table(topic: "t", valueFormat: AVRO) { id: ID! }'],
      mistakes: ['1:27: @table(valueFormat:) is not supported yet.'],
    },
  ])('finds $name', ({ schema, mistakes }) => {
    expect(mistakesIn(schema)).toEqual(mistakes);
  });
});
