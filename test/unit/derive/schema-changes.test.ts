import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SetupError } from '../../../src/common/errors.ts';
import { createTestGateway, type TestGateway } from '../../../src/testing.ts';

const base = `
type Artist @table(topic: "artists") { id: ID! name: String! }
type Play @table(topic: "plays") {
  id: ID!
  song: String!
  ms: Int!
  at: DateTime!
  artistId: ID
  artist: Artist @relation(fields: ["artistId"])
}`;
const perSong = `
type PerSong @aggregation(source: "Play") { song: String! plays: Int! @aggregate(fn: COUNT) ms: BigInt! @aggregate(fn: SUM, arg: "ms") }`;
const longOnes = `
type Long @view(source: "Play", where: { ms: { gte: 10 } }) { id: ID! song: String! ms: Int! }`;

let dataDir = '';
let gateway: TestGateway | undefined;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'headgate-changes-'));
});
afterEach(async () => {
  await gateway?.close();
  gateway = undefined;
  rmSync(dataDir, { recursive: true, force: true });
});

/** Closes the gateway that runs, and opens the same data with another schema. */
async function open(schema: string, rebuild: readonly string[] = []): Promise<TestGateway> {
  await gateway?.close();
  gateway = undefined;
  gateway = await createTestGateway({ schema, dataDir, rebuild });
  return gateway;
}

async function mistakesOf(schema: string, rebuild: readonly string[] = []): Promise<readonly string[]> {
  try {
    await open(schema, rebuild);
    return [];
  } catch (cause) {
    if (cause instanceof SetupError) return cause.mistakes.map(({ message }) => message);
    throw cause;
  }
}

const play = (id: string, song: string, ms: number, more: object = {}) => ({
  topic: 'plays',
  key: id,
  value: { song, ms, at: 0, ...more },
});

const rows = async (document: string) => (await gateway?.query(document))?.data;

test('a derived table that was away while its source moved is right when it comes back', async () => {
  await (await open(base + perSong + longOnes)).produce([play('1', 'a', 5), play('2', 'a', 10)]);
  await (await open(base)).produce([play('2', 'b', 20), play('3', 'b', 30)]);
  await open(base + perSong + longOnes);
  expect(await rows('{ perSongs { song plays ms } longs { id song ms } }')).toEqual({
    perSongs: [
      { song: 'a', plays: 1, ms: '5' },
      { song: 'b', plays: 2, ms: '50' },
    ],
    longs: [
      { id: '2', song: 'b', ms: 20 },
      { id: '3', song: 'b', ms: 30 },
    ],
  });
  await gateway?.produce({ topic: 'plays', key: '3', value: null });
  expect(await rows('{ perSongs { song plays ms } }')).toEqual({
    perSongs: [
      { song: 'a', plays: 1, ms: '5' },
      { song: 'b', plays: 1, ms: '20' },
    ],
  });
});

test('a change stream cannot be resumed over the time that its table was away', async () => {
  await (await open(base + perSong)).produce([play('1', 'a', 5)]);
  const after = (await gateway?.query('{ perSongs { song } }'))?.extensions?.position;
  await (await open(base)).produce([play('2', 'b', 20)]);
  const again = await open(base + perSong);
  const document = `subscription ($after: String, $snapshot: Boolean) {
    perSongChanges(after: $after, snapshot: $snapshot) { reset changes { node { song } } }
  }`;
  const [refused] = (await again.subscribe(document, { after })).frames();
  expect(refused?.errors?.[0]?.extensions.code).toBe('POSITION_EXPIRED');
  const [reset] = (await again.subscribe(document, { after, snapshot: true })).frames();
  expect(reset?.data).toEqual({
    perSongChanges: { reset: true, changes: [{ node: { song: 'a' } }, { node: { song: 'b' } }] },
  });
});

const windows = `
type PerHour @aggregation(source: "Play", intervals: ["1h"], timestamp: "at", grace: "1m") {
  timestamp: DateTime!
  plays: Int! @aggregate(fn: COUNT)
}`;

test('a derived table that needs records and was away while its source moved is not taken for right', async () => {
  await (await open(base + windows)).produce([play('1', 'a', 5)]);
  await (await open(base)).produce([play('2', 'b', 20)]);
  expect(await mistakesOf(base + windows)).toEqual([expect.stringContaining('--rebuild Play')]);
});

test('that a derived table takes records to be made anew is said beforehand', async () => {
  await (await open(base + windows)).produce([play('1', 'a', 5)]);
  const changed = base + windows.replace('1m', '2m');
  expect(await mistakesOf(changed)).toEqual([
    'PerHour: the stored table no longer fits the schema: definition changed. It follows from records: derive it again, and read ' +
      'topic plays again from the start, with: headgate serve --rebuild PerHour. Records that the topic no longer holds are then lost.',
  ]);
  await open(changed, ['PerHour']);
  expect(await rows('{ plays { id } perHours { plays } }')).toEqual({ plays: [], perHours: [] });
  await gateway?.produce([play('1', 'a', 5)]);
  expect(await rows('{ plays { id } perHours { plays } }')).toEqual({ plays: [{ id: '1' }], perHours: [{ plays: 1 }] });
});

test('what does not bear on a derived table may change without deriving it again', async () => {
  await (await open(base + perSong)).produce([play('1', 'a', 5)]);
  const described = base
    .replace('type Play', '"What was heard."\ntype Play')
    .replace('song: String!', '"Its title."\n  song: String! @index');
  expect(await mistakesOf(described + perSong)).toEqual([]);
  expect(await rows('{ perSongs { song plays } }')).toEqual({ perSongs: [{ song: 'a', plays: 1 }] });
});

test.each<[string, string, string]>([
  ['another function', 'ms: BigInt! @aggregate(fn: SUM', 'ms: Int! @aggregate(fn: MIN'],
  ['another argument', 'arg: "ms"', 'arg: "ms + 1"'],
  ['another filter', 'source: "Play"', 'source: "Play", where: { ms: { gt: 1 } }'],
  [
    'a new aggregate',
    'plays: Int! @aggregate(fn: COUNT)',
    'plays: Int! @aggregate(fn: COUNT) n: Int! @aggregate(fn: COUNT)',
  ],
  ['a new dimension', 'song: String!', 'song: String! artistId: ID'],
  ['a dimension of another place', 'song: String!', 'song: String @from(path: "artist.name")'],
])('%s is refused with a message that is short, and derived anew with --rebuild', async (_, before, after) => {
  await (await open(base + perSong)).produce([play('1', 'a', 5)]);
  const changed = base + perSong.replace(before, after);
  const mistakes = await mistakesOf(changed);
  expect(mistakes).toHaveLength(1);
  expect(mistakes[0]).toContain('--rebuild PerSong');
  expect(mistakes[0]?.length).toBeLessThan(600);
  expect(await mistakesOf(changed, ['PerSong'])).toEqual([]);
  expect(((await rows('{ perSongs { plays } plays { id } }')) as { plays: unknown }).plays).toEqual([{ id: '1' }]);
});

const throughRelations = `
type PerArtist @aggregation(source: "Play") {
  artist: String @from(path: "artist.name")
  plays: Int! @aggregate(fn: COUNT)
}`;

test('a change of what leads through relations is told of the aggregation alone, by its name', async () => {
  await (
    await open(base + throughRelations)
  ).produce([{ topic: 'artists', key: 'x', value: { name: 'X' } }, play('1', 'a', 5, { artistId: 'x' })]);
  const changed = base + throughRelations.replace('artist.name', 'artist.id');
  const mistakes = await mistakesOf(changed);
  expect(mistakes).toEqual([expect.stringMatching(/^PerArtist: .*--rebuild PerArtist\.$/)]);
  expect(await mistakesOf(changed, ['PerArtist'])).toEqual([]);
  expect(await rows('{ perArtists { artist plays } }')).toEqual({ perArtists: [{ artist: 'x', plays: 1 }] });
});

test('a relation that a table already has is followed by an aggregation that is added', async () => {
  await (
    await open(base)
  ).produce([
    { topic: 'artists', key: 'x', value: { name: 'X' } },
    play('1', 'a', 5, { artistId: 'x' }),
    play('2', 'a', 5),
  ]);
  await open(base + throughRelations);
  await gateway?.produce([{ topic: 'artists', key: 'x', value: { name: 'Y' } }]);
  expect(await rows('{ perArtists { artist plays } }')).toEqual({
    perArtists: [
      { artist: 'Y', plays: 1 },
      { artist: null, plays: 1 },
    ],
  });
});

test('the target of a relation is rebuilt with all that leads to it', async () => {
  await (
    await open(base + throughRelations)
  ).produce([{ topic: 'artists', key: 'x', value: { name: 'X' } }, play('1', 'a', 5, { artistId: 'x' })]);
  await open(base + throughRelations, ['Artist']);
  expect(await rows('{ perArtists { artist plays } }')).toEqual({ perArtists: [{ artist: null, plays: 1 }] });
  await gateway?.produce([{ topic: 'artists', key: 'x', value: { name: 'X' } }]);
  expect(await rows('{ perArtists { artist plays } }')).toEqual({ perArtists: [{ artist: 'X', plays: 1 }] });
});

test('an aggregation over rows that retention removes says whose records it needs, once', async () => {
  const events =
    'type Event @table(topic: "events", mode: APPEND, retention: "P1D") { id: ID! @from(meta: COORDINATES) playId: ID play: Play @relation(fields: ["playId"]) }';
  await (await open(base + events)).produce([{ topic: 'events', value: { playId: '1' } }]);
  const perSongOfEvents =
    'type Heard @aggregation(source: "Event") { song: String @from(path: "play.song") n: Int! @aggregate(fn: COUNT) }';
  expect(await mistakesOf(base + events + perSongOfEvents)).toEqual([
    expect.stringMatching(/^Heard is new .*--rebuild Event\. /),
  ]);
});

test('a renamed aggregation is made anew of the rows, and nothing is left of the old one', async () => {
  await (await open(base + perSong)).produce([play('1', 'a', 5)]);
  await open(base + perSong.replace('PerSong', 'Sum'));
  expect(await rows('{ sums { song plays } }')).toEqual({ sums: [{ song: 'a', plays: 1 }] });
  await open(base);
  await gateway?.produce(play('2', 'a', 5));
  await open(base + perSong + perSong.replace('PerSong', 'Sum'));
  expect(await rows('{ sums { song plays } perSongs { plays } }')).toEqual({
    sums: [{ song: 'a', plays: 2 }],
    perSongs: [{ plays: 2 }],
  });
});

test.each<[string, string]>([
  ['a view', `type Heard @view(source: "Play") { id: ID! artist: String @from(path: "artist.name") }`],
  ['an aggregation', throughRelations.replace('PerArtist', 'Heard')],
  ['a filter', `type Heard @view(source: "Play", where: { artist: { name: { eq: "X" } } }) { id: ID! }`],
  [
    'a filter of an aggregation',
    `type Heard @aggregation(source: "Play", where: { artist: { name: { eq: "X" } } }) { song: String! n: Int! @aggregate(fn: COUNT) }`,
  ],
])('where %s leads through a relation that is another now, it is derived anew', async (_, heard) => {
  const other = base.replace('artistId: ID', 'artistId: ID otherId: ID');
  await (
    await open(other + heard)
  ).produce([
    { topic: 'artists', key: 'x', value: { name: 'X' } },
    { topic: 'artists', key: 'y', value: { name: 'Y' } },
    play('1', 'a', 5, { artistId: 'x', otherId: 'y' }),
  ]);
  const mistakes = await mistakesOf(other.replace('fields: ["artistId"]', 'fields: ["otherId"]') + heard);
  expect(mistakes).toEqual([expect.stringMatching(/^Heard: .*--rebuild Heard\.$/)]);
});

describe('retention of an aggregation', () => {
  const perTen = (retention: string) => `
type PerTen @aggregation(source: "Play", intervals: ["10s"], timestamp: "at"${retention}) {
  timestamp: DateTime!
  plays: Int! @aggregate(fn: COUNT)
}`;
  const at = (id: string, second: number) => ({
    ...play(id, 'a', 1, { at: second * 1_000 }),
    timestamp: second * 1_000,
  });
  const buckets = () => rows('{ perTens { timestamp plays } }');

  test.each(['none', ', retention: "PT200S"'])('may not become %s: what it removed is gone', async (longer) => {
    await (await open(base + perTen(', retention: "PT20S"'))).produce([at('1', 5), at('2', 6), at('3', 100)]);
    const changed = base + perTen(longer === 'none' ? '' : longer);
    expect(await mistakesOf(changed)).toEqual([expect.stringMatching(/^PerTen: .*retention.*--rebuild PerTen\./)]);
    await open(changed, ['PerTen']);
    await gateway?.produce([at('1', 7)]);
    // With retention it follows from records, which were not produced again here; without, from the rows.
    const [first, last] = ['1970-01-01T00:00:00.000Z', '1970-01-01T00:01:40.000Z'];
    expect(await buckets()).toEqual({
      perTens:
        longer === 'none'
          ? [
              { timestamp: first, plays: 2 },
              { timestamp: last, plays: 1 },
            ]
          : [{ timestamp: first, plays: 1 }],
    });
  });

  test.each(['PT20S', 'PT15S'])('may become %s where it was none or more', async (retention) => {
    const before = retention === 'PT20S' ? '' : ', retention: "PT20S"';
    await (await open(base + perTen(before))).produce([at('1', 5), at('2', 25)]);
    await open(base + perTen(`, retention: "${retention}"`));
    await gateway?.produce([at('3', 45)]);
    expect(await buckets()).toEqual({
      perTens: [
        { timestamp: '1970-01-01T00:00:20.000Z', plays: 1 },
        { timestamp: '1970-01-01T00:00:40.000Z', plays: 1 },
      ].slice(retention === 'PT20S' ? 0 : 1),
    });
    // Rows of buckets that are gone are still rows of the source.
    await gateway?.produce([at('1', 44), { topic: 'plays', key: '2', value: null }]);
    expect(await buckets()).toEqual({ perTens: [{ timestamp: '1970-01-01T00:00:40.000Z', plays: 2 }] });
  });
});
