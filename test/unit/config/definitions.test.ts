import { describe, expect, test } from 'vitest';
import { mistakesIn } from '../../support/mistakes-in.ts';

describe('definitions', () => {
  test.each([
    {
      name: 'a syntax error in each file that has one',
      schema: ['type T @table(topic: "t") { id: ID! '],
      mistakes: ['1:37: This is not GraphQL: Expected Name, found <EOF>.'],
    },
    {
      name: 'an empty schema',
      schema: ['# nothing yet', ''],
      mistakes: [
        ' The schema is empty: nothing is declared in s.graphql. Declare a table: type Song @table(topic: "songs") { id: ID! }',
      ],
    },
    {
      name: 'a type twice',
      schema: ['type T @table(topic: "t") { id: ID! }', 'type T @table(topic: "t") { id: ID! }'],
      mistakes: ['2:6: There is already a type T, at s.graphql:1:6. Rename one of them.'],
    },
    {
      name: 'root types',
      schema: [
        'type T @table(topic: "t") { id: ID! }',
        'type Query { a: Int }',
        'type Mutation { a: Int }',
        'type Subscription { a: Int }',
      ],
      mistakes: [
        '2:6: Query is generated from the tables. Remove this type.',
        '3:6: There are no mutations: tables change when records arrive. Remove this type.',
        '4:6: Subscription is generated from the tables. Remove this type.',
      ],
    },
    {
      name: 'definitions that are not supported',
      schema: [
        'type T @table(topic: "t") { id: ID! }',
        'scalar DateTime',
        'scalar Money',
        'interface I { a: Int }',
        'union U = T',
        'input In { a: Int }',
        'directive @table on OBJECT',
        'directive @mine on OBJECT',
        'schema { query: T }',
        'extend type T { b: Int }',
        '{ songs { id } }',
        'fragment F on T { id }',
      ],
      mistakes: [
        '2:8: DateTime is there without being declared. Remove this line.',
        '3:8: Scalars of your own are not supported. Use one of ID, String, Int, Float, Boolean, BigInt, Decimal, DateTime, Date, UUID, Duration, Bytes, JSON.',
        '4:11: Interfaces and unions are not supported. Give each table a type of its own, or use a JSON column.',
        '5:7: Interfaces and unions are not supported. Give each table a type of its own, or use a JSON column.',
        '6:7: Input types are generated from the tables. For an object inside a column write "type" instead of "input".',
        '7:12: @table is there without being declared. Remove this definition.',
        '8:12: Directives of your own are not supported. Remove this definition.',
        '9:1: The schema definition is generated. Remove this.',
        '10:13: "extend" is not supported. Write the fields into the definition of T.',
        '11:1: A schema holds types, not operations. Move this out of the schema files.',
        '12:10: A schema holds types, not operations. Move this out of the schema files.',
      ],
    },
    {
      name: 'an interface on a table',
      schema: ['type T implements I @table(topic: "t") { id: ID! }'],
      mistakes: ['1:19: Interfaces are not supported. Remove "implements".'],
    },
    {
      name: 'a type that is neither a table nor used',
      schema: ['type T @table(topic: "t") { id: ID! }', 'type Lost { a: Int }', 'enum E { A }'],
      mistakes: [
        '2:6: Lost is no table, and no column has this type. Add @table(topic: "…") to make it a table, or remove it.',
        '3:6: No column has the type E. Use it or remove it.',
      ],
    },
    {
      name: 'a type without fields and an enum without values',
      schema: ['type T @table(topic: "t")', 'type U @table(topic: "u") { id: ID! e: E o: O }', 'enum E', 'type O'],
      mistakes: [
        '1:6: T has no fields.',
        '3:6: E has no values. Write enum E { … }.',
        '4:6: O has no fields. Write type O { … }.',
      ],
    },
  ])('finds $name', ({ schema, mistakes }) => {
    expect(mistakesIn(schema)).toEqual(mistakes);
  });
});
