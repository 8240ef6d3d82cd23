import { afterEach, expect, test } from 'vitest';
import { createTestGateway, type TestGateway } from '../../../src/testing.ts';

const schema = `
type Play @table(topic: "plays") { id: ID! song: String! at: DateTime! }
type PerSong @aggregation(source: "Play", intervals: ["10s"], timestamp: "at") {
  song: String!
  timestamp: DateTime!
  plays: Int! @aggregate(fn: COUNT)
}
type Evening @aggregation(source: "PerSong", timestamp: "timestamp", sessionGap: "10s") {
  timestamp: DateTime!
  songs: Int! @aggregate(fn: COUNT)
  plays: BigInt! @aggregate(fn: SUM, arg: "plays")
}`;

let gateway: TestGateway | undefined;
afterEach(async () => gateway?.close());

test('rows of an aggregation, which share time and coordinates, are rows of a session each for itself', async () => {
  gateway = await createTestGateway({ schema });
  const play = (id: string, song: string, at: number) => ({ topic: 'plays', key: id, value: { song, at } });
  await gateway.produce([play('1', 'a', 0), play('2', 'b', 1), play('3', 'b', 10_000)]);
  const evenings = async () => (await gateway?.query('{ evenings { timestamp end songs plays } }'))?.data;
  const whole = { timestamp: '1970-01-01T00:00:00.000Z', end: '1970-01-01T00:00:10.000Z', songs: 3, plays: '3' };
  expect(await evenings()).toEqual({ evenings: [whole] });
  await gateway.produce({ topic: 'plays', key: '1', value: null });
  expect(await evenings()).toEqual({ evenings: [{ ...whole, songs: 2, plays: '2' }] });
  await gateway.produce({ topic: 'plays', key: '2', value: null });
  const rest = { timestamp: whole.end, end: whole.end, songs: 1, plays: '1' };
  expect(await evenings()).toEqual({ evenings: [rest] });
});
