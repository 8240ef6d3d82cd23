import { afterEach, expect, test } from 'vitest';
import { createTestGateway, type TestGateway } from '../../../src/testing.ts';

const schema = `
type Product @table(topic: "products") { id: ID! name: String! }
type Order @table(topic: "orders") {
  id: ID!
  productId: ID!
  at: DateTime!
  product: Product @relation(fields: ["productId"])
}
type Note @view(source: "Order") { id: ID! name: String @from(path: "product.name") }
type PerHour @aggregation(source: "Order", intervals: ["1h"], timestamp: "at") {
  timestamp: DateTime!
  orders: Int! @aggregate(fn: COUNT)
}
type Hour @view(source: "PerHour") { interval: PerHourInterval! timestamp: DateTime! orders: Int! }
`;

let gateway: TestGateway | undefined;
afterEach(async () => gateway?.close());

test('a change of a derived table is as old as the record that caused it, be it of a related row', async () => {
  gateway = await createTestGateway({ schema });
  const { subscribe, settled } = gateway;
  const follow = (field: string) => subscribe(`subscription { ${field} { changes { timestamp } } }`);
  const notes = await follow('noteChanges');
  const hours = await follow('hourChanges');
  const told = async (subscription: typeof notes) => {
    await settled();
    return JSON.stringify(subscription.frames().map(({ data }) => data)).match(/1970-01-01T00:00:[\d.]+Z/g);
  };
  await told(notes);
  await gateway.produce({ topic: 'orders', key: 'o', value: { productId: 'p', at: 0 }, timestamp: 1_000 });
  expect(await told(notes)).toEqual(['1970-01-01T00:00:01.000Z']);
  expect(await told(hours)).toEqual(['1970-01-01T00:00:01.000Z']);
  await gateway.produce({ topic: 'products', key: 'p', value: { name: 'Lamp' }, timestamp: 9_000 });
  expect(await told(notes)).toEqual(['1970-01-01T00:00:09.000Z']);
});
