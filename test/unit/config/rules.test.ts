import { describe, expect, test } from 'vitest';
import { mistakesIn } from '../../support/mistakes-in.ts';

describe('keys', () => {
  test.each([
    {
      name: 'no key',
      schema: ['type T @table(topic: "t") { a: ID! }'],
      mistakes: ['1:6: T has no key. Add a field "id: ID!", or name the columns of its key with @key(fields: "…").'],
    },
    {
      name: 'unknown and repeated key columns',
      schema: ['type T @table(topic: "t") @key(fields: "ia a a") { id: ID! a: Int! }'],
      mistakes: ['1:40: @key: T has no column "ia". Did you mean "id" or "a"?', '1:40: @key names "a" twice.'],
    },
    {
      name: 'an empty key',
      schema: ['type T @table(topic: "t") @key(fields: " ") { id: ID! }'],
      mistakes: ['1:40: @key(fields:) takes names of fields separated by spaces, such as "orderId lineNo", not " ".'],
    },
    {
      name: 'a nullable key',
      schema: ['type T @table(topic: "t") { id: ID }'],
      mistakes: ['1:33: "id" is in the key of T and so is required: write ID!.'],
    },
    {
      name: 'types that no key has',
      schema: [
        'type T @table(topic: "t") @key(fields: "a b c d e") { a: Float! b: JSON! c: Bytes! d: [Int!]! e: O! }',
        'type O { a: Int }',
      ],
      mistakes: [
        '1:58: "a" is in the key of T and cannot be Float: keys are text, whole numbers, decimals, booleans, instants, days or enums.',
        '1:68: "b" is in the key of T and cannot be JSON: keys are text, whole numbers, decimals, booleans, instants, days or enums.',
        '1:77: "c" is in the key of T and cannot be Bytes: keys are text, whole numbers, decimals, booleans, instants, days or enums.',
        '1:87: "d" is in the key of T and cannot be a list of Int: keys are text, whole numbers, decimals, booleans, instants, days or enums.',
        '1:98: "e" is in the key of T and cannot be O: keys are text, whole numbers, decimals, booleans, instants, days or enums.',
      ],
    },
    {
      name: 'a hidden key, a default key',
      schema: ['type T @table(topic: "t") @key(fields: "a b") { a: ID! @hidden b: Int! @default(value: 1) }'],
      mistakes: [
        '1:56: "a" is in the key of T, which the API shows. Remove @hidden.',
        '1:72: "b" is in the key of T, and rows must not share one. Remove @default.',
      ],
    },
  ])('finds $name', ({ schema, mistakes }) => {
    expect(mistakesIn(schema)).toEqual(mistakes);
  });
});

describe('indexes', () => {
  test.each([
    {
      name: 'unknown columns',
      schema: [
        'type T @table(topic: "t") @index(fields: "creatd") @index(fields: "id id") { id: ID! created: DateTime }',
      ],
      mistakes: ['1:42: @index: T has no column "creatd". Did you mean "created"?', '1:67: @index names "id" twice.'],
    },
    {
      name: 'types that no index has',
      schema: ['type T @table(topic: "t") { id: ID! a: JSON @index b: [Int] @index c: Bytes @index }'],
      mistakes: [
        '1:45: "a" cannot be indexed: JSON has no order that an index could keep.',
        '1:61: "b" cannot be indexed: a list of Int has no order that an index could keep.',
        '1:77: "c" cannot be indexed: Bytes has no order that an index could keep.',
      ],
    },
    {
      name: 'an index twice, an index that is the key',
      schema: [
        'type T @table(topic: "t") @index(fields: "a", unique: true) { id: ID! @index a: Int @index }',
        'type U @table(topic: "u") @index(fields: "a", covering: true) { id: ID! @index(covering: true) a: Int @index }',
      ],
      mistakes: [
        '1:27: "a" is indexed already, at s.graphql:1:85. Remove one of them.',
        '1:71: "id" is the key of T, which is an index already. Remove @index.',
        '2:27: "a" is indexed already, at s.graphql:2:103. Remove one of them.',
        '2:73: "id" is the key of U, which is an index already. Remove @index.',
      ],
    },
    {
      name: 'fields on a field, none on a type',
      schema: ['type T @table(topic: "t") @index { id: ID! a: Int @index(fields: "a") }'],
      mistakes: [
        '1:27: On a type @index needs the columns: @index(fields: "customerId createdAt").',
        '1:66: On a field @index means that field. For several columns write @index(fields: …) on T.',
      ],
    },
  ])('finds $name', ({ schema, mistakes }) => {
    expect(mistakesIn(schema)).toEqual(mistakes);
  });
});

describe('values', () => {
  test.each([
    {
      name: 'defaults that do not fit',
      schema: [
        'type T @table(topic: "t") { id: ID! a: Int @default(value: "1") b: [Int] @default(value: 1) c: E @default(value: C) d: E @default(value: "A") e: String @default(value: x) f: DateTime @default(value: "yesterday") g: Int @default(value: null) h: BigInt @default(value: 1.5) i: O @default(value: { a: b }) j: [String!] @default(value: ["a", 1]) }',
        'enum E { A B }',
        'type O { a: String }',
      ],
      mistakes: [
        '1:60: The default of "a" does not fit its type: Expected an Int (a whole number of 32 bits), got "1".',
        '1:90: The default of "b" does not fit its type: write a list, [1] or [].',
        '1:114: The default of "c" does not fit its type: Expected one of A, B, got "C".',
        '1:138: The default of "d" does not fit its type: write A without quotes.',
        '1:169: The default of "e" does not fit its type: write "x" in quotes.',
        '1:200: The default of "f" does not fit its type: Expected a DateTime (ISO 8601 with Z or an offset, like "2026-11-21T10:00:00Z", or whole milliseconds since 1970), got "yesterday".',
        '1:236: @default(value:) cannot be null; leave it out instead.',
        '1:268: The default of "h" does not fit its type: Expected a BigInt (a whole number of up to 1000 digits), got "1.5".',
        '1:299: The default of "i" does not fit its type: write "b" in quotes.',
        '1:333: The default of "j" does not fit its type: [1]: Expected a String, got 1.',
      ],
    },
    {
      name: 'accept',
      schema: [
        'type T @table(topic: "t", accept: { n: { gtt: 1 } }) { id: ID! n: Int s: String r: T @relation(fields: ["id"]) }',
      ],
      mistakes: ['1:42: @table(accept:): "n" cannot be filtered by "gtt". Did you mean "gt" or "gte"?'],
    },
    {
      name: 'accept with an unknown column',
      schema: ['type T @table(topic: "t", accept: { knd: { eq: "x" } }) { id: ID! kind: String }'],
      mistakes: ['1:37: @table(accept:): T has no column "knd" to filter by. Did you mean "kind" or "and"?'],
    },
    {
      name: 'accept with a wrong value',
      schema: [
        'type T @table(topic: "t", accept: { or: [{ n: { eq: 1 } }, { n: { in: [1, "2"] } }] }) { id: ID! n: Int }',
      ],
      mistakes: ['1:75: @table(accept:): Expected an Int (a whole number of 32 bits), got "2".'],
    },
    {
      name: 'accept through a relation',
      schema: [
        'type T @table(topic: "t", accept: { r: { id: { eq: "x" } } }) { id: ID! r: T @relation(fields: ["id"]) }',
      ],
      mistakes: ['1:37: @table(accept:): "r" is a relation; only columns of T itself can be used here.'],
    },
    {
      name: 'accept with null',
      schema: ['type T @table(topic: "t", accept: { n: { eq: null } }) { id: ID! n: Int }'],
      mistakes: [
        '1:42: @table(accept:): null is not a value to compare with. Leave the operator out for no constraint, or write isNull: true.',
      ],
    },
    {
      name: 'accept that is no filter',
      schema: ['type T @table(topic: "t", accept: "n > 1") { id: ID! n: Int }'],
      mistakes: ['1:35: @table(accept:) takes a filter, such as { status: { eq: PAID } }, not "n > 1".'],
    },
    {
      name: 'limits',
      schema: [
        'type T @table(topic: "t") @limit(default: 100, max: 10) { id: ID! }',
        'type U @table(topic: "u") @limit(default: 0) { id: ID! }',
      ],
      mistakes: [
        '1:27: @limit of T: the default of 100 is above the max of 10.',
        '2:27: @limit of U: "default" and "max" are at least 1.',
      ],
    },
    {
      name: 'a clock that nothing goes by',
      schema: [
        'type T @table(topic: "t", clock: WALL) { id: ID! }',
        'type U @table(topic: "u", clock: WALL, retention: "1h") { id: ID! }',
        'type V @table(topic: "v", clock: STREAM) { id: ID! }',
        'type W @table(topic: "w", clock: CLOCK, retention: "1h") { id: ID! }',
      ],
      mistakes: [
        '1:34: @table(clock:) is what "retention" goes by. Add "retention", or remove it.',
        '4:34: @table(clock:) takes STREAM, WALL, not CLOCK.',
      ],
    },
    {
      name: 'topics and clusters',
      schema: [
        'type T @table(topic: "a b", cluster: "eu") { id: ID! }',
        'type U @table(topic: "_headgate") { id: ID! }',
      ],
      mistakes: [
        `1:22: "a b" cannot be a topic: 1 to 249 letters, digits, ".", "_" or "-", and not "_headgate", which is Headgate's own.`,
        '1:38: Only the cluster "default" is supported yet.',
        `2:22: "_headgate" cannot be a topic: 1 to 249 letters, digits, ".", "_" or "-", and not "_headgate", which is Headgate's own.`,
      ],
    },
  ])('finds $name', ({ schema, mistakes }) => {
    expect(mistakesIn(schema)).toEqual(mistakes);
  });
});
