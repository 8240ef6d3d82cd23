import { printSchema, validateSchema } from 'graphql';
import { expect, test } from 'vitest';
import { chartsSchema } from '../../support/charts.ts';
import { createQueryWorld } from '../../support/query-world.ts';

test('generates the API of the charts', async () => {
  const { engine } = createQueryWorld(chartsSchema);
  expect(validateSchema(engine.schema)).toEqual([]);
  await expect(`${printSchema(engine.schema)}\n`).toMatchFileSnapshot('charts.api.graphql');
});
