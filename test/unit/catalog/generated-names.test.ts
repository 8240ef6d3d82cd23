import { expect, test } from 'vitest';
import { buildCatalog } from '../../../src/catalog/build.ts';
import { createWork } from '../../../src/common/work.ts';
import { defaultQueryLimits } from '../../../src/config/limits.ts';
import { createQueryEngine } from '../../../src/query/engine.ts';
import { mistakesIn } from '../../support/mistakes-in.ts';

const shop = [
  'type Order @table(topic: "o") @index(fields: "a b", unique: true) { id: ID! a: Int b: Int f: [Int] c: [Kind] d: Place e: [Place] }',
  'type Line @table(topic: "l") { id: ID! orderId: ID! @index no: Int @index(unique: true) order: Order @relation(fields: ["orderId"]) }',
  'type Customer @table(topic: "c") { id: ID! aId: ID @index orders: [Line!]! @relation(references: ["orderId"]) }',
  'type Place { city: String }',
  'enum Kind { A B }',
];
const catalog = buildCatalog([{ file: 's.graphql', text: shop.join('\n') }]);
const { schema } = createQueryEngine({ catalog, work: createWork(), limits: defaultQueryLimits });

const types = Object.keys(schema.getTypeMap()).filter((name) => !name.startsWith('__'));
const rootFields = [schema.getQueryType(), schema.getSubscriptionType()].flatMap((type) =>
  Object.keys(type?.getFields() ?? {}),
);

test.each(types)('no table can be called like the generated type %s', (name) => {
  expect(mistakesIn([...shop, `type ${name} @table(topic: "x", singular: "x", plural: "xs") { id: ID! }`])).not.toEqual(
    [],
  );
});

test.each(rootFields)('no table can have the generated root field %s', (name) => {
  expect(mistakesIn([...shop, `type X @table(topic: "x", singular: "${name}") { id: ID! }`])).not.toEqual([]);
});
