import { printSchema, validateSchema } from 'graphql';
import { expect, test } from 'vitest';
import { chartsSchema } from '../../support/charts.ts';
import { createQueryWorld } from '../../support/query-world.ts';

test('generates the API of the charts', async () => {
  const { engine } = createQueryWorld(chartsSchema);
  expect(validateSchema(engine.schema)).toEqual([]);
  await expect(`${printSchema(engine.schema)}\n`).toMatchFileSnapshot('charts.api.graphql');
});

test('generates the API of derived tables and streams', async () => {
  const { engine } = createQueryWorld(`
    enum Genre { ROCK JAZZ }
    type Song @table(topic: "songs") { id: ID! genre: Genre }
    type Play @table(topic: "plays", mode: STREAM) { id: ID! @from(meta: COORDINATES) genre: Genre playedAt: DateTime! }
    "Plays per genre and hour."
    type GenreStats @aggregation(source: "Play", intervals: ["1h", "15m"], timestamp: "playedAt") {
      genre: Genre
      timestamp: DateTime!
      plays: Int! @aggregate(fn: COUNT)
    }
    type SongsOfGenre @aggregation(source: "Song") { genre: Genre songs: Int! @aggregate(fn: COUNT) }
    type RockPlay @view(source: "Play", where: { genre: { eq: ROCK } }) { id: ID! playedAt: DateTime! }
  `);
  expect(validateSchema(engine.schema)).toEqual([]);
  await expect(`${printSchema(engine.schema)}\n`).toMatchFileSnapshot('derived.api.graphql');
});
