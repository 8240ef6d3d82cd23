import { afterEach, expect, test } from 'vitest';
import { createTestGateway, type TestGateway } from '../../../src/testing.ts';

const schema = `
type Song @table(topic: "songs") { id: ID! genre: String! }
type Play @table(topic: "plays") { id: ID! songId: ID! song: Song @relation(fields: ["songId"]) }
type Card @view(source: "Play") { id: ID! genre: String @from(path: "song.genre") }
type PerGenre @aggregation(source: "Play") { genre: String @from(path: "song.genre") plays: Int! @aggregate(fn: COUNT) }
`;

let gateway: TestGateway | undefined;
afterEach(() => gateway?.close());

/** What it costs that a song, which so many plays relate to among others, changes its genre. */
async function costOf(related: number): Promise<Readonly<Record<string, number>>> {
  await gateway?.close();
  gateway = await createTestGateway({ schema });
  const play = (i: number, songId: string) => ({ topic: 'plays', key: `${songId}${i}`, value: { songId } });
  await gateway.produce([
    ...Array.from({ length: related }, (_, i) => play(i, 'a')),
    ...Array.from({ length: 1_000 }, (_, i) => play(i, 'b')),
  ]);
  await gateway.produce({ topic: 'songs', key: 'a', value: { genre: 'ROCK' } });
  const before = { ...gateway.work };
  await gateway.produce({ topic: 'songs', key: 'a', value: { genre: 'JAZZ' } });
  const { rowsDerived, rowsWritten, memoryEntriesWritten } = gateway.work;
  expect((await gateway.query('{ perGenres(orderBy: { plays: ASC }) { genre plays } }')).data).toEqual({
    perGenres: [
      { genre: 'JAZZ', plays: related },
      { genre: null, plays: 1_000 },
    ],
  });
  return {
    rowsDerived: rowsDerived - before.rowsDerived,
    rowsWritten: rowsWritten - before.rowsWritten,
    memoryEntriesWritten: memoryEntriesWritten - before.memoryEntriesWritten,
  };
}

test('a change of one row costs what relates to it, and nothing for what does not', async () => {
  // Each fact: its card, its inputs, and these counted. Besides: the song, and the rows and counters of two groups.
  expect(await costOf(10)).toEqual({ rowsDerived: 3 * 10, rowsWritten: 2 * 10 + 3, memoryEntriesWritten: 2 });
  expect(await costOf(500)).toEqual({ rowsDerived: 3 * 500, rowsWritten: 2 * 500 + 3, memoryEntriesWritten: 2 });
});
