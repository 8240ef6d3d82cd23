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

test('a value that no key can hold relates to nothing, and stops nothing', async () => {
  gateway = await createTestGateway({
    schema: `
type Line @table(topic: "lines") @key(fields: "order no") { order: String! no: Int! text: String }
type Note @table(topic: "notes") { id: ID! order: String no: Int line: Line @relation(fields: ["order", "no"]) }
type Shown @view(source: "Note") { id: ID! text: String @from(path: "line.text") }
`,
  });
  const stream = await gateway.subscribe(
    'subscription { noteChanges(where: { not: { line: { text: { eq: "no" } } } }) { changes { rowId } } }',
  );
  const note = (length: number) => ({
    topic: 'notes',
    key: 'n',
    value: { order: 'x'.repeat(length), no: 1 },
  });
  await gateway.produce({ topic: 'lines', key: { order: 'x', no: 1 }, value: { text: 'yes' } });
  for (const length of [1, 2_000, 70_000, 1]) {
    await gateway.produce(note(length));
    const shown = length === 1 ? 'yes' : null;
    expect((await gateway.query('{ shown(id: "n") { text } }')).data).toEqual({ shown: { text: shown } });
  }
  expect(stream.frames().filter(({ errors }) => errors !== undefined)).toEqual([]);
});
