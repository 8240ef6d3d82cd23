import { afterEach, expect, test } from 'vitest';
import { createTestGateway, type TestGateway } from '../../../src/testing.ts';

const schema = `
type Song @table(topic: "songs") { id: ID! isrc: String @index(unique: true) title: String! }
type Play @table(topic: "plays") { id: ID! isrc: String song: Song @relation(fields: ["isrc"], references: ["isrc"]) }
type Heard @view(source: "Play") { id: ID! title: String @from(path: "song.title") }
type PerTitle @aggregation(source: "Play") { title: String @from(path: "song.title") plays: Int! @aggregate(fn: COUNT) }
`;

let gateway: TestGateway;
afterEach(() => gateway.close());

test('where several rows are related, it is the first by key, whichever of them comes and goes', async () => {
  gateway = await createTestGateway({ schema });
  const song = (id: string, title: string, isrc: string | null = 'x') => ({
    topic: 'songs',
    key: id,
    value: { isrc, title },
  });
  const found = async () => (await gateway.query('{ heards { title } perTitles { title plays } }')).data;
  const all = (title: string | null) => ({ heards: [{ title }], perTitles: [{ title, plays: 1 }] });
  await gateway.produce([{ topic: 'plays', key: 'p', value: { isrc: 'x' } }, song('b', 'B')]);
  expect(await found()).toEqual(all('B'));
  await gateway.produce([song('c', 'C')]);
  expect(await found()).toEqual(all('B'));
  await gateway.produce([song('a', 'A')]);
  expect(await found()).toEqual(all('A'));
  await gateway.produce([song('a', 'A', 'y')]);
  expect(await found()).toEqual(all('B'));
  await gateway.produce([{ topic: 'songs', key: 'b', value: null }]);
  expect(await found()).toEqual(all('C'));
  await gateway.produce([song('c', 'C', null)]);
  expect(await found()).toEqual(all(null));
});
