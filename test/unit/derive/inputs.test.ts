import { afterEach, expect, test } from 'vitest';
import { createTestGateway, type TestGateway } from '../../../src/testing.ts';

const schema = `
type Song @table(topic: "songs") { id: ID! genre: String! }
type Play @table(topic: "plays", mode: APPEND, retention: "1h") {
  id: ID! @from(meta: COORDINATES)
  songId: ID!
  at: DateTime!
  song: Song @relation(fields: ["songId"])
}
type PerGenre @aggregation(source: "Play", intervals: ["1m", "1h"], timestamp: "at", retention: "6h") {
  genre: String @from(path: "song.genre")
  timestamp: DateTime!
  plays: Int! @aggregate(fn: COUNT)
}`;

let gateway: TestGateway | undefined;
afterEach(async () => gateway?.close());

const minute = 60_000;
const play = (at: number) => ({ topic: 'plays', value: { songId: 's', at }, timestamp: at });

test('what an aggregation knows of rows that have expired is corrected for as long as it has their buckets, and then gone', async () => {
  gateway = await createTestGateway({ schema });
  const inputs = gateway.catalog.tables.find(({ name }) => name === 'PerGenre$inputs');
  const count = (): number => {
    const snapshot = gateway?.store.snapshot();
    try {
      return inputs === undefined || snapshot === undefined ? -1 : snapshot.count(inputs);
    } finally {
      snapshot?.release();
    }
  };
  const hours = async () =>
    (await gateway?.query('{ perGenres(where: { interval: { eq: H1 } }) { timestamp genre plays } plays { id } }'))
      ?.data;

  await gateway.produce([play(0), play(minute), play(90 * minute)]);
  await gateway.produce(play(4 * 60 * minute));
  await gateway.produce({ topic: 'songs', key: 's', value: { genre: 'JAZZ' } });
  expect(await hours()).toEqual({
    perGenres: [
      { timestamp: '1970-01-01T00:00:00.000Z', genre: 'JAZZ', plays: 2 },
      { timestamp: '1970-01-01T01:00:00.000Z', genre: 'JAZZ', plays: 1 },
      { timestamp: '1970-01-01T04:00:00.000Z', genre: 'JAZZ', plays: 1 },
    ],
    plays: [{ id: '0-0000000000000003' }],
  });
  expect(count()).toBe(4);

  await gateway.produce(play(9 * 60 * minute));
  await gateway.produce({ topic: 'songs', key: 's', value: { genre: 'ROCK' } });
  expect(await hours()).toEqual({
    perGenres: [
      { timestamp: '1970-01-01T04:00:00.000Z', genre: 'ROCK', plays: 1 },
      { timestamp: '1970-01-01T09:00:00.000Z', genre: 'ROCK', plays: 1 },
    ],
    plays: [{ id: '0-0000000000000004' }],
  });
  expect(count()).toBe(2);
});
