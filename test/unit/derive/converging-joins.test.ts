import { expect, test } from 'vitest';
import { createTestGateway } from '../../../src/testing.ts';

const schema = `
  type Stop @table(topic: "stops") {
    id: ID!
    place: Int! @index(unique: true)
    nextPlace: Int! @index
    label: String
    next: Stop @relation(fields: ["nextPlace"], references: ["place"])
  }
  type Glance @view(source: "Stop") {
    id: ID!
    label: String @from(path: "next.next.next.label")
  }`;

test('rows that many moved rows lead to are looked for once', async () => {
  const gateway = await createTestGateway({ schema });
  try {
    const stops = (name: string, label: string) =>
      Array.from({ length: 10 }, (_, i) => {
        return { topic: 'stops', key: `${name}${i}`, value: { place: 1, nextPlace: 1, label } };
      });
    await gateway.produce([...stops('moved', 'old'), ...stops('still', 'old')]);
    const before = gateway.work.rowsRead;
    await gateway.produce(stops('moved', 'new'));
    // All stand in one place: each leads to all, all of these to all, and so on, three times over.
    expect(gateway.work.rowsRead - before).toBeLessThan(500);
    const { data } = await gateway.query('{ glances(where: { label: { eq: "new" } }) { id } }');
    expect((data as { glances: unknown[] }).glances).toHaveLength(20);
  } finally {
    await gateway.close();
  }
});
