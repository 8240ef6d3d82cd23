import { expect, onTestFinished, test } from 'vitest';
import { createTestGateway } from '../../../src/testing.ts';
import type {
  TestGateway,
  TestGatewayOptions,
  TestRecord,
  TestResult,
  TestSubscription,
} from '../../../src/testing.ts';
import { createRandom, seedFromEnvironment, type Random } from '../../support/random.ts';

const schema = `
enum Genre { ROCK JAZZ }
type Artist @table(topic: "artists") { id: ID! name: String }
type Song @table(topic: "songs") {
  id: ID!
  title: String!
  genre: Genre
  artistId: ID
  artist: Artist @relation(fields: ["artistId"])
  stats: [SongStats!]! @relation(references: ["songId"])
}
type Play @table(topic: "plays") {
  id: ID!
  songId: ID
  playedAt: DateTime!
  ms: Int!
  song: Song @relation(fields: ["songId"])
}
type SongStats @aggregation(source: "Play", intervals: ["1h", "1d"], timestamp: "playedAt")
  @index(fields: "interval timestamp plays") @index(fields: "songId plays") {
  songId: ID
  genre: Genre @from(path: "song.genre")
  timestamp: DateTime!
  plays: Int! @aggregate(fn: COUNT)
  longest: Int @aggregate(fn: MAX, arg: "ms")
  song: Song @relation(fields: ["songId"])
}
type ArtistStats @aggregation(source: "Play") {
  artist: String @from(path: "song.artist.name")
  plays: Int! @aggregate(fn: COUNT)
}
type Hit @view(source: "SongStats", where: { plays: { gte: 2 } }) {
  interval: SongStatsInterval!
  timestamp: DateTime!
  songId: ID
  genre: Genre
  plays: Int!
}
`;

const hour = (n: number) => `2026-05-01T${String(n).padStart(2, '0')}:00:00.000Z`;

async function open(options: Partial<TestGatewayOptions> = {}): Promise<TestGateway> {
  const gateway = await createTestGateway({ schema, ...options });
  onTestFinished(() => gateway.close());
  return gateway;
}

const song = (key: string, value: unknown): TestRecord => ({ topic: 'songs', key, value });
const play = (key: string, songId: string | null, at = 0): TestRecord => ({
  topic: 'plays',
  key,
  value: { songId, playedAt: hour(at), ms: 1_000 },
});
const artist = (key: string, name: string): TestRecord => ({ topic: 'artists', key, value: { name } });

const at = `interval: H1, timestamp: "${hour(0)}"`;
const inBucket = `interval: { eq: H1 }, timestamp: { eq: "${hour(0)}" }`;
const documents = [
  `{ songStatsList(where: { ${inBucket} }, orderBy: [{ plays: DESC }], limit: 3) { plays songId genre closed song { title stats { plays } } } }`,
  `{ songStats(${at}, songId: null, genre: null) { plays longest } }`,
  `{ songStats(${at}, songId: "s1", genre: ROCK) { plays song { title artist { name } } } }`,
  '{ songStatsList(where: { songId: { isNull: true } }, orderBy: [{ longest: DESC_NULLS_LAST }]) { interval plays longest } }',
  '{ songs(orderBy: [{ title: ASC }]) { id title stats(orderBy: [{ plays: DESC }], limit: 2) { plays genre } } }',
  '{ songStatsListConnection(where: { song: { title: { startsWith: "A" } } }, first: 2) { totalCount nodes { plays genre } } }',
  '{ artistStats { plays } }',
  '{ artistStatsList(orderBy: [{ plays: DESC }]) { id artist plays } }',
  '{ hits(where: { genre: { eq: ROCK } }, orderBy: [{ plays: DESC }], limit: 2) { id plays } }',
  '{ hitsConnection { totalCount } }',
];

const firstSeed = seedFromEnvironment();
console.log(`live/derived-tables: HEADGATE_SEED=${firstSeed}`);

function randomRecord(random: Random): TestRecord {
  const key = String(random.int(20));
  switch (random.int(8)) {
    case 0:
    case 1: {
      const value = {
        title: random.pick(['A', 'Ab', 'B']),
        genre: random.pick(['ROCK', 'JAZZ', null]),
        artistId: random.pick(['x', 'y', null]),
      };
      return song(`s${random.int(4)}`, random.int(4) === 0 ? null : value);
    }
    case 2:
      return artist(random.pick(['x', 'y']), random.pick(['X', 'Y', 'Z']));
    case 3:
      return { topic: 'plays', key, value: null };
    default:
      return {
        topic: 'plays',
        key,
        value: {
          songId: random.pick(['s0', 's1', 's2', 's3', null]),
          playedAt: hour(random.int(3)),
          ms: random.int(5_000),
        },
      };
  }
}

test.each([firstSeed, firstSeed + 1])(
  'a live query over derived tables is the pull query, kept true (seed %i)',
  async (seed) => {
    const random = createRandom(seed);
    const gateway = await open();
    const live = await Promise.all(documents.map((document) => gateway.subscribe(`subscription ${document}`)));
    const last: (TestResult | undefined)[] = documents.map(() => undefined);
    for (let step = 0; step < 40; step += 1) {
      const evaluated = gateway.work.shapesEvaluated;
      await gateway.produce(Array.from({ length: 1 + random.int(6) }, () => randomRecord(random)));
      // One evaluation a shape and commit at most; the first frames are evaluations, too.
      if (step > 0) expect(gateway.work.shapesEvaluated - evaluated).toBeLessThanOrEqual(documents.length);
      for (const [i, document] of documents.entries()) {
        const frames = live[i]?.frames() ?? [];
        expect(frames.length, document).toBeLessThanOrEqual(step === 0 ? 2 : 1);
        last[i] = frames.at(-1) ?? last[i];
        const pulled = await gateway.query(document);
        expect(pulled.errors, document).toBeUndefined();
        expect(last[i]?.data, `step ${step}: ${document}`).toEqual(pulled.data);
      }
    }
  },
);

test.each([
  ['songStats', 'songStatsList', '{}', 'interval timestamp songId genre plays longest'],
  ['songStats', 'songStatsList', '{ songId: { isNull: true } }', 'interval plays'],
  ['songStats', 'songStatsList', '{ song: { title: { startsWith: "A" } } }', 'plays'],
  ['hit', 'hits', '{ genre: { eq: ROCK } }', 'plays'],
  ['song', 'songs', '{ stats: { some: { plays: { gte: 2 } } } }', 'title'],
])(
  'the changes of %s, applied in order, are %s where %s; resumed anywhere, the rest of them',
  async (one, many, where, fields) => {
    const random = createRandom(firstSeed);
    const gateway = await open();
    const related = many === 'songs' ? 'stats(orderBy: [{ plays: DESC }]) { interval plays genre }' : '';
    const selection = `{ changes { operation rowId node { ${fields} ${related} } } deletedIds position }`;
    const stream = await gateway.subscribe(
      `subscription { told: ${one}Changes(where: ${where}, snapshot: true) ${selection} }`,
    );
    const rows = new Map<string, unknown>();
    const messages: Told[] = [];
    for (let step = 0; step < 40; step += 1) {
      await gateway.produce(Array.from({ length: 1 + random.int(4) }, () => randomRecord(random)));
      for (const message of toldBy(stream)) {
        messages.push(message);
        for (const { rowId, node } of message.changes) if (node !== null) rows.set(rowId, pick(node, fields));
        for (const id of message.deletedIds) rows.delete(id);
      }
      const { data } = await gateway.query(`{ rows: ${many}(where: ${where}, limit: 1000) { id ${fields} } }`);
      const pulled = (data as { rows: { id: string }[] }).rows.map(({ id, ...row }) => [id, row] as const);
      expect(rows, `step ${step}`).toEqual(new Map<string, unknown>(pulled));
    }
    expect(messages.length).toBeGreaterThan(1);
    for (const place of [0, Math.floor(messages.length / 2), messages.length - 2]) {
      const resumed = await gateway.subscribe(
        `subscription { told: ${one}Changes(where: ${where}, after: "${messages[place]?.position}") ${selection} }`,
      );
      // Then perhaps a message that tells that the stream is live again.
      const got = toldBy(resumed).filter(({ changes }) => changes.length > 0);
      expect(got, `after message ${place}`).toEqual(messages.slice(place + 1));
    }
  },
);

interface Told {
  readonly changes: readonly {
    readonly operation: string;
    readonly rowId: string;
    readonly node: Readonly<Record<string, unknown>> | null;
  }[];
  readonly deletedIds: readonly string[];
  readonly position: string;
}

function toldBy(stream: TestSubscription): readonly Told[] {
  return stream.frames().map(({ data }) => (data as { told: Told }).told);
}

function pick(node: Readonly<Record<string, unknown>>, fields: string): Record<string, unknown> {
  return Object.fromEntries(fields.split(' ').map((name) => [name, node[name]]));
}

test('a join of an aggregation and a topic table changes with either side, in one frame a commit', async () => {
  const gateway = await open();
  await gateway.produce([song('s1', { title: 'One', genre: 'ROCK' }), play('p1', 's1')]);
  const down = await gateway.subscribe(
    `subscription { songStatsList(where: { ${inBucket} }) { songId genre plays song { title } } }`,
  );
  const up = await gateway.subscribe('subscription { song(id: "s1") { title stats { interval plays } } }');
  const frames = () => [down.frames(), up.frames()].map((each) => each.map(({ data }) => data));
  frames();
  await gateway.produce(song('s1', { title: 'Uno', genre: 'ROCK' }));
  const row = { songId: 's1', genre: 'ROCK', plays: 1, song: { title: 'Uno' } };
  const stats = [
    { interval: 'H1', plays: 1 },
    { interval: 'D1', plays: 1 },
  ];
  expect(frames()).toEqual([[{ songStatsList: [row] }], [{ song: { title: 'Uno', stats } }]]);
  // Both sides in one commit: the genre moves the group, the play is counted, and nobody sees one without the other.
  await gateway.produce([song('s1', { title: 'Uno', genre: 'JAZZ' }), play('p2', 's1')]);
  expect(frames()).toEqual([
    [{ songStatsList: [{ ...row, genre: 'JAZZ', plays: 2 }] }],
    [{ song: { title: 'Uno', stats: stats.map((each) => ({ ...each, plays: 2 })) } }],
  ]);
  await gateway.produce(song('s1', null));
  expect(frames()).toEqual([
    [{ songStatsList: [{ songId: 's1', genre: null, plays: 2, song: null }] }],
    [{ song: null }],
  ]);
});

test('a change that moves many groups is one frame for each shape it touches, and none for others', async () => {
  const gateway = await open();
  const songs = Array.from({ length: 400 }, (_, i) => `s${i}`);
  await gateway.produce([
    artist('x', 'X'),
    ...songs.map((id) => song(id, { title: id, genre: 'ROCK', artistId: 'x' })),
    ...songs.map((id) => play(id, id, 1)),
  ]);
  const touched = await Promise.all(
    Array.from({ length: 5 }, () => gateway.subscribe('subscription { artistStatsList { artist plays } }')),
  );
  const other = await gateway.subscribe(
    `subscription { songStatsList(where: { interval: { eq: H1 }, timestamp: { eq: "${hour(2)}" } }) { plays } }`,
  );
  for (const each of [...touched, other]) each.frames();
  const { shapesEvaluated, framesSerialized } = gateway.work;
  await gateway.produce(artist('x', 'Z'));
  for (const each of touched) {
    expect(each.frames().map(({ data }) => data)).toEqual([{ artistStatsList: [{ artist: 'Z', plays: 400 }] }]);
  }
  expect(other.frames()).toEqual([]);
  expect(gateway.work.shapesEvaluated - shapesEvaluated).toBe(1);
  expect(gateway.work.framesSerialized - framesSerialized).toBe(1);
});

test('a write is read back through an aggregation, by its offset', async () => {
  const gateway = await open();
  const [written] = await gateway.produce([play('p1', 's1')]);
  const atLeast = (offset: number) =>
    `query @atLeast(offsets: [{ topic: "plays", partition: 0, offset: "${offset}" }], timeoutMs: 1) { songStatsList { plays } }`;
  const { data, errors } = await gateway.query(atLeast(written?.offset ?? -1));
  expect(errors).toBeUndefined();
  expect(data).toEqual({ songStatsList: [{ plays: 1 }, { plays: 1 }] });
  const early = await gateway.query(atLeast((written?.offset ?? 0) + 1));
  expect(early.errors?.[0]?.extensions).toMatchObject({ code: 'POSITION_NOT_REACHED', lag: { plays: { 0: 1 } } });
  const position = (await gateway.query('{ artistStatsList { plays } }')).extensions?.position;
  const later = await gateway.query(`query @atLeast(position: "${position}") { songStatsList { plays } }`);
  expect(later.errors).toBeUndefined();
});
