import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { appendToLog } from '../../../src/source/log-writer.ts';
import { createLogSource } from '../../../src/source/log.ts';
import { runIngest, shownRows } from '../../support/running-ingest.ts';
import type { RunningIngest } from '../../support/running-ingest.ts';

const schema = `
type Artist @table(topic: "artists") { id: ID! name: String! }
type Song @table(topic: "songs", onBadRecord: HALT) {
  id: ID!
  seconds: Int!
  artistId: ID
  artist: Artist @relation(fields: ["artistId"])
}
type PerArtist @aggregation(source: "Song") {
  artist: String @from(path: "artist.name")
  seconds: BigInt! @aggregate(fn: SUM, arg: "seconds")
}
`;

function openWorld(): { log: string; open(rebuild?: readonly string[]): RunningIngest } {
  const directory = mkdtempSync(join(tmpdir(), 'headgate-incidents-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const log = join(directory, 'log');
  return {
    log,
    open: (rebuild = []) =>
      runIngest({ schema, directory: join(directory, 'data'), source: createLogSource({ directory: log }), rebuild }),
  };
}

const perArtist = (ingest: RunningIngest, expected: string) =>
  ingest.until(expected, (snapshot) => shownRows(snapshot, ingest.table('PerArtist'), 'seconds') === expected);

const phaseIs = (ingest: RunningIngest, table: string, phase: string) =>
  ingest.until(`${table} ${phase}`, (snapshot) => snapshot.state(ingest.table(table)).phase === phase);

test('where one source is halted, what is derived goes on with what it has and with the others; each start says so', async () => {
  const { log, open } = openWorld();
  appendToLog(log, 'artists', [{ key: 'x', value: { name: 'X' } }]);
  appendToLog(log, 'songs', [
    { key: '1', value: { seconds: 5, artistId: 'x' } },
    { key: '2', value: { seconds: 'no number' } },
    { key: '3', value: { seconds: 7, artistId: 'x' } },
  ]);
  const ingest = open();
  await phaseIs(ingest, 'Song', 'halted');
  await perArtist(ingest, 'X=5');
  appendToLog(log, 'artists', [{ key: 'x', value: { name: 'Y' } }]);
  await perArtist(ingest, 'Y=5');
  await ingest.close();
  const again = open();
  onTestFinished(() => again.close());
  await again.until('told', () =>
    again.messages.some((each) => /^table Song is halted .*onBadRecord: SKIP/.test(each)),
  );
});

test('a topic that is another one now stops its table alone; rebuilt, what follows from it is right', async () => {
  const { log, open } = openWorld();
  appendToLog(log, 'artists', [{ key: 'x', value: { name: 'X' } }]);
  appendToLog(log, 'songs', [{ key: '1', value: { seconds: 5, artistId: 'x' } }]);
  const first = open();
  await perArtist(first, 'X=5');
  await phaseIs(first, 'PerArtist', 'live');
  await first.close();
  writeFileSync(join(log, 'songs.ndjson'), '');
  appendToLog(log, 'songs', [{ key: '2', value: { seconds: 8, artistId: 'x' } }]);
  appendToLog(log, 'songs', [{ key: '3', value: { seconds: 1, artistId: 'x' } }]);
  const second = open();
  await phaseIs(second, 'Song', 'recreated');
  await perArtist(second, 'X=5');
  expect(second.messages.join('\n')).toContain('start with --rebuild Song');
  await second.close();
  const restarted = open();
  expect(restarted.messages.join('\n')).toMatch(/^Song: topic songs is not .*start with --rebuild Song .*npm run dev/);
  await restarted.close();
  const third = open(['Song']);
  onTestFinished(() => third.close());
  await perArtist(third, 'X=9');
  await phaseIs(third, 'PerArtist', 'live');
});

test('where one of two sources is read again from its start, what follows from both is right', async () => {
  const { log, open } = openWorld();
  appendToLog(log, 'artists', [{ key: 'x', value: { name: 'X' } }]);
  appendToLog(log, 'songs', [{ key: '1', value: { seconds: 5, artistId: 'x' } }]);
  const first = open();
  await perArtist(first, 'X=5');
  await phaseIs(first, 'PerArtist', 'live');
  await first.close();
  appendToLog(log, 'artists', [{ key: 'x', value: { name: 'Z' } }]);
  const second = open(['Artist']);
  onTestFinished(() => second.close());
  await perArtist(second, 'Z=5');
  await phaseIs(second, 'PerArtist', 'live');
});
