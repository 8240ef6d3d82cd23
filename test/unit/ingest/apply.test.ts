import { afterEach, describe, expect, test } from 'vitest';
import { createTestGateway } from '../../../src/testing.ts';
import type { TestGateway, TestRecord } from '../../../src/testing.ts';

const gateways: TestGateway[] = [];
afterEach(async () => {
  await Promise.all(gateways.splice(0).map((gateway) => gateway.close()));
});

/** The rows after these commits. */
async function rowsAfter(schema: string, commits: readonly (readonly TestRecord[])[]): Promise<unknown> {
  const gateway = await createTestGateway({ schema });
  gateways.push(gateway);
  for (const commit of commits) await gateway.produce(commit);
  return (await gateway.query('{ events(orderBy: { id: ASC }) { id n } }')).data;
}

describe('where commits end does not matter', () => {
  const schema = 'type Event @table(topic: "events", mode: APPEND, retention: "PT10S") { id: ID! n: Int! }';
  const records = [
    { topic: 'events', value: { id: 'k', n: 1 }, timestamp: 1_000 },
    { topic: 'events', value: { id: 'x', n: 2 }, timestamp: 101_000 },
    { topic: 'events', value: { id: 'k', n: 3 }, timestamp: 101_001 },
    { topic: 'events', value: { id: 'k', n: 4 }, timestamp: 101_002 },
  ] as const;

  test('a key repeats after its row has passed retention', async () => {
    const expected = {
      events: [
        { id: 'k', n: 3 },
        { id: 'x', n: 2 },
      ],
    };
    expect(await rowsAfter(schema, [records])).toEqual(expected);
    expect(
      await rowsAfter(
        schema,
        records.map((record) => [record]),
      ),
    ).toEqual(expected);
  });
});
