import { expect, test } from 'vitest';
import { createTestGateway } from '../../../src/testing.ts';

/** The bounds of a range are prefixes of keys, not keys: what routes a live query by them must not read past their end. */
test.each(['code: { gt: "-1.5" }', 'code: { lt: "-0.001" }', 'code: { gte: "12" }', 'name: { startsWith: "a" }'])(
  'a live query over a range of a key follows it: %s',
  async (where) => {
    const gateway = await createTestGateway({
      schema: 'type T @table(topic: "t") @key(fields: "code name") { code: Decimal! name: String! n: Int }',
    });
    const live = await gateway.subscribe(`subscription { ts(where: { ${where} }) { code n } }`);
    expect(live.frames().map(({ data }) => data)).toEqual([{ ts: [] }]);
    await gateway.produce([
      { topic: 't', key: { code: '-1.25', name: 'abc' }, value: { n: 1 } },
      { topic: 't', key: { code: '13', name: 'abd' }, value: { n: 2 } },
    ]);
    const [frame] = live.frames();
    const pulled = await gateway.query(`{ ts(where: { ${where} }) { code n } }`);
    expect(frame?.data).toEqual(pulled.data);
    expect((pulled.data as { ts: unknown[] }).ts.length).toBeGreaterThan(0);
    await gateway.close();
  },
);
