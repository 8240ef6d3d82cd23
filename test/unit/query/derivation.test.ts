import { describe, expect, test } from 'vitest';
import { decodePosition, ownTopic } from '../../../src/model/position.ts';
import { createQueryWorld } from '../../support/query-world.ts';
import type { QueryWorld } from '../../support/query-world.ts';

const schema = `
enum Genre { ROCK JAZZ }
type Artist @table(topic: "artists") { id: ID! name: String! }
type Song @table(topic: "songs") {
  id: ID!
  genre: Genre
  artistId: ID @index
  artist: Artist @relation(fields: ["artistId"])
}
type Play @table(topic: "plays", mode: APPEND) {
  id: ID! @from(meta: COORDINATES)
  songId: ID @index
  ms: Int!
  song: Song @relation(fields: ["songId"])
}
type ArtistStats @aggregation(source: "Play") {
  artist: String @from(path: "song.artist.name")
  plays: Int! @aggregate(fn: COUNT)
}
type TopArtist @view(source: "ArtistStats", where: { plays: { gte: 10 } }) {
  artist: String
  plays: Int!
}
type LongPlay @view(source: "Play", where: { ms: { gt: 1000 } }) {
  id: ID!
  ms: Int!
}
`;

const meta = '{ _meta { ready tables { name phase reason bad { code count } } topics { topic } } }';
interface Meta {
  readonly _meta: {
    readonly ready: boolean;
    readonly tables: readonly { readonly name: string; readonly phase: string; readonly reason: string | null }[];
    readonly topics: readonly { readonly topic: string }[];
  };
}

function phases(world: QueryWorld): Record<string, string> {
  return Object.fromEntries(world.run<Meta>(meta).data._meta.tables.map(({ name, phase }) => [name, phase]));
}

describe('a derived table', () => {
  test('is told of in _meta; the inputs of an aggregation are not', () => {
    const world = createQueryWorld(schema);
    expect(world.catalog.tables.map(({ name }) => name)).toContain('ArtistStats$inputs');
    expect(Object.keys(phases(world))).toEqual(['Artist', 'Song', 'Play', 'ArtistStats', 'TopArtist', 'LongPlay']);
    expect(JSON.stringify(world.run(meta).data)).not.toContain('$');
    for (const type of Object.keys(world.engine.schema.getTypeMap())) expect(type).not.toContain('$');
  });

  test('fills, is halted and is recreated with the tables of topics that it is built from', () => {
    const world = createQueryWorld(schema);
    const set = (table: string, phase: 'filling' | 'live' | 'halted' | 'recreated', reason?: string) =>
      world.store.write((tx) => tx.setState(world.table(table), { phase, reason }));
    const derived = (phase: string) => ({ ArtistStats: phase, TopArtist: phase });
    set('Artist', 'halted', 'halted at a bad record');
    expect(phases(world)).toMatchObject({ ...derived('HALTED'), LongPlay: 'LIVE', Song: 'LIVE' });
    set('Song', 'filling');
    expect(phases(world)).toMatchObject({ ...derived('FILLING'), LongPlay: 'LIVE' });
    expect(world.run<Meta>(meta).data._meta.ready).toBe(false);
    set('Song', 'live');
    expect(world.run<Meta>(meta).data._meta.ready).toBe(true);
    set('Artist', 'recreated', 'topic artists is another one; start with --rebuild Artist');
    expect(phases(world)).toMatchObject({ ...derived('RECREATED'), LongPlay: 'LIVE' });
  });

  test('whose base is recreated answers TOPIC_RECREATED and says which', () => {
    const world = createQueryWorld(schema);
    world.store.write((tx) =>
      tx.setState(world.table('Artist'), { phase: 'recreated', reason: 'topic artists is another one' }),
    );
    expect(world.run('{ topArtists { plays } }').errors).toMatchObject([
      {
        message: 'TopArtist cannot answer: Artist, which it is built from: topic artists is another one.',
        extensions: { code: 'TOPIC_RECREATED', table: 'TopArtist' },
      },
    ]);
    expect(world.run('{ longPlays { ms } }').errors).toEqual([]);
  });

  test('has the topics of its bases in its position, and may be waited for by them alone', () => {
    const world = createQueryWorld(schema);
    const topics = (query: string) =>
      [...decodePosition(world.run(query).position).offsets.keys()].filter((topic) => topic !== ownTopic);
    world.write('Play', [{ id: 'p', songId: 's', ms: 1 }]);
    expect(topics('{ longPlays { id } }')).toEqual(['plays']);
    world.write('Song', [{ id: 's' }]);
    world.write('Artist', [{ id: 'a', name: 'A' }]);
    expect(topics('{ topArtists { plays } }').toSorted()).toEqual(['artists', 'plays', 'songs']);
    const atLeast = (topic: string) => `query @atLeast(offsets: [{ topic: "${topic}", partition: 0, offset: 5 }])`;
    const next = (topic: string, field: string) =>
      world
        .prepare(`${atLeast(topic)} { ${field} { __typename } }`)
        .atLeast?.next.get(topic)
        ?.get(0);
    for (const topic of ['plays', 'songs', 'artists']) expect(next(topic, 'topArtists'), topic).toBe(6);
    expect(next('plays', 'longPlays')).toBe(6);
    const [error] = world.refuse(`${atLeast('songs')} { longPlays { id } }`);
    expect(error?.message).toContain('no table of this operation reads topic "songs"');
  });

  test('is told of with its bad records, those that its inputs met among them', () => {
    const world = createQueryWorld(schema);
    const letter = { topic: 'plays', partition: 0, offset: 1, reason: 'division by zero', timestampMs: 0 };
    world.store.write((tx) => {
      tx.addDeadLetter(world.table('ArtistStats$inputs'), { ...letter, code: 'EXPRESSION' });
      tx.addDeadLetter(world.table('ArtistStats'), { ...letter, code: 'EXPRESSION' });
      tx.addDeadLetter(world.table('ArtistStats'), { ...letter, code: 'LATE' });
    });
    const { tables } = world.run<Meta>(meta).data._meta;
    expect(tables.find(({ name }) => name === 'ArtistStats')).toMatchObject({
      bad: [
        { code: 'EXPRESSION', count: '2' },
        { code: 'LATE', count: '1' },
      ],
    });
  });

  test('tells its dead letters in the order in which they came, whatever times their records tell', () => {
    const world = createQueryWorld(schema);
    const arrivals = [
      ['ArtistStats', 9_000],
      ['ArtistStats$inputs', 0],
      ['ArtistStats', 1],
      ['ArtistStats$inputs', -1],
    ] as const;
    arrivals.forEach(([name, timestampMs], offset) => {
      const letter = { topic: 'plays', partition: 0, offset, reason: 'bad', code: 'JSON', timestampMs } as const;
      world.store.write((tx) => tx.addDeadLetter(world.table(name), letter));
    });
    const letters = (limit: number) =>
      world
        .run<{ _meta: { tables: { name: string; deadLetters: readonly unknown[] }[] } }>(
          `{ _meta { tables { name deadLetters(limit: ${limit}) { offset timestamp version } } } }`,
        )
        .data._meta.tables.find(({ name }) => name === 'ArtistStats')?.deadLetters;
    const all = [
      { offset: '3', timestamp: null, version: '5' },
      { offset: '2', timestamp: '1970-01-01T00:00:00.001Z', version: '4' },
      { offset: '1', timestamp: null, version: '3' },
      { offset: '0', timestamp: '1970-01-01T00:00:09.000Z', version: '2' },
    ];
    expect(letters(20)).toEqual(all);
    expect(letters(2)).toEqual(all.slice(0, 2));
  });
});

test('explain says what a derived table follows from, and what a change elsewhere moves', () => {
  const world = createQueryWorld(schema);
  world.write('Artist', [{ id: 'a', name: 'A' }]);
  world.write('Song', [
    { id: 's1', artistId: 'a' },
    { id: 's2', artistId: 'a' },
  ]);
  world.write(
    'ArtistStats$inputs',
    ['p1', 'p2', 'p3'].map((id) => ({ id, songId: 's1' })),
  );
  const explain = (query: string) => world.read((snapshot) => world.engine.explain(world.prepare(query), snapshot));
  expect(explain('{ topArtists(where: { plays: { gt: 20 } }) { plays } longPlays { id } again: longPlays { id } }'))
    .toMatchInlineSnapshot(`
      [
        {
          "access": "TopArtist by a scan of the whole table, in order, tested row by row, all 0 rows (scanLimit 10000); @index(fields: "plays") on type TopArtist would serve it",
          "derived": [
            "TopArtist is a view of ArtistStats",
            "ArtistStats is an aggregation of Play",
            "a change of Song moves ArtistStats over Play by index "songId"; on average 2 rows of Play for each of Song",
            "a change of Artist moves ArtistStats over Song by index "artistId", then Play by index "songId"; on average 3 rows of Play for each of Artist",
          ],
          "live": "by key range",
          "path": "topArtists",
        },
        {
          "access": "LongPlay by a scan of the whole table, in order",
          "derived": [
            "LongPlay is a view of Play",
          ],
          "live": "by key range",
          "path": "longPlays",
        },
        {
          "access": "LongPlay by a scan of the whole table, in order",
          "live": "by key range",
          "path": "again",
        },
      ]
    `);
  expect(explain('subscription { artistStatsChanges { position } }')[0]?.derived?.[0]).toBe(
    'ArtistStats is an aggregation of Play',
  );
  expect(explain('{ songs { id } }')[0]?.derived).toBeUndefined();
});
