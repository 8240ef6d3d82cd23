import { expect, onTestFinished, test } from 'vitest';
import { createTestGateway } from '../../../src/testing.ts';

test.each([
  ['', ''],
  [', beside a table that removes its own rows', ', retention: "PT20S"'],
])('a row that comes again, long after its buckets were removed, is too late once more%s', async (_, retention) => {
  const gateway = await createTestGateway({
    schema: `
      type Song @table(topic: "songs") { id: ID! artistId: ID at: DateTime! artist: Artist @relation(fields: ["artistId"]) }
      type Artist @table(topic: "artists"${retention}) { id: ID! name: String }
      type Stats @aggregation(source: "Song", intervals: ["10s"], timestamp: "at", grace: "5s", retention: "PT60S") {
        name: String @from(path: "artist.name")
        timestamp: DateTime!
        songs: Int! @aggregate(fn: COUNT)
      }`,
  });
  onTestFinished(() => gateway.close());
  const produce = (key: string, at: string) =>
    gateway.produce({ topic: 'songs', key, value: { at: `2026-01-01T${at}Z` }, timestamp: Date.UTC(2026, 0, 1) });
  const late = async () => {
    const { data } = await gateway.query('{ _meta { tables { name bad { code count } } } }');
    const { tables } = (data as Record<string, unknown>)['_meta'] as {
      tables: { name: string; bad: { code: string; count: string }[] }[];
    };
    return tables.find(({ name }) => name === 'Stats')?.bad.find(({ code }) => code === 'LATE')?.count;
  };
  await produce('new', '00:01:00');
  await produce('old', '00:00:00');
  expect(await late()).toBe('1');
  // What it would have been counted in is past retention, and so is what it was joined with.
  await produce('newer', '00:30:00');
  await produce('old', '00:00:01');
  expect(await late()).toBe('2');
});
