import { afterEach, expect, test } from 'vitest';
import { createTestGateway, type TestGateway } from '../../../src/testing.ts';

const schema = `
type Sale @table(topic: "sales") { id: ID! price: Decimal }
type PerPrice @aggregation(source: "Sale") { price: Decimal sales: Int! @aggregate(fn: COUNT) }
`;

let gateway: TestGateway;
afterEach(() => gateway.close());

test('Decimals of one value are one group, however they are written', async () => {
  gateway = await createTestGateway({ schema });
  const sale = (key: string, price: string) => ({ topic: 'sales', key, value: { price } });
  await gateway.produce([sale('1', '1.50'), sale('2', '1.5'), sale('3', '15e-1'), sale('4', '2')]);
  const perPrice = async () => (await gateway.query('{ perPrices { price sales } }')).data;
  expect(await perPrice()).toEqual({
    perPrices: [
      { price: '1.5', sales: 3 },
      { price: '2', sales: 1 },
    ],
  });
  await gateway.produce([sale('4', '1.500'), { topic: 'sales', key: '1', value: null }]);
  expect(await perPrice()).toEqual({ perPrices: [{ price: '1.5', sales: 3 }] });
});
