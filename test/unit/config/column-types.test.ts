import { describe, expect, test } from 'vitest';
import { mistakesIn } from '../../support/mistakes-in.ts';

describe('types of columns', () => {
  test.each([
    {
      name: 'an unknown type',
      schema: ['type T @table(topic: "t") { id: ID! a: Strin b: Long c: Timestamp d: [Foo] }'],
      mistakes: [
        '1:40: There is no type Strin. Did you mean "String"?',
        '1:49: There is no type Long. Use BigInt.',
        '1:57: There is no type Timestamp. Use DateTime.',
        '1:71: There is no type Foo.',
      ],
    },
    {
      name: 'a list of lists',
      schema: ['type T @table(topic: "t") { id: ID! a: [[Int]] }'],
      mistakes: ['1:41: Lists of lists are not supported. Use JSON, or a list of an embedded type.'],
    },
    {
      name: 'a field with arguments',
      schema: ['type T @table(topic: "t") { id: ID! a(x: Int): Int o: O }', 'type O { a(x: Int): Int }'],
      mistakes: [
        '1:37: Fields take no arguments in a schema; remove those of "a".',
        '2:10: Fields take no arguments in a schema; remove those of "a".',
      ],
    },
    {
      name: 'a field twice',
      schema: ['type T @table(topic: "t") { id: ID! a: Int a: String __b: Int }'],
      mistakes: ['1:44: T has the field "a" twice.', `1:54: "__b": names that start with "__" are GraphQL's own.`],
    },
    {
      name: 'an embedded object that contains itself',
      schema: ['type T @table(topic: "t") { id: ID! o: O }', 'type O { p: P }', 'type P { o: [O!] }'],
      mistakes: ['3:14: O → P → O: an embedded object cannot contain itself. Use JSON, or make it a table.'],
    },
    {
      name: 'directives and rows in an embedded object',
      schema: [
        'type T @table(topic: "t") { id: ID! o: O }',
        'type O @key(fields: "a") { a: Int @index b: Int @from(path: "x") t: T }',
      ],
      mistakes: [
        '2:8: @key works on tables, and O has no @table.',
        '2:35: @index works on the fields of tables; O is embedded in a column.',
        '2:49: @from works on the fields of tables; O is embedded in a column.',
        '2:69: O is embedded in a column and cannot relate to rows of T. Put the relation on the table, or give O a @table.',
      ],
    },
  ])('finds $name', ({ schema, mistakes }) => {
    expect(mistakesIn(schema)).toEqual(mistakes);
  });
});
