import { isInterfaceType } from 'graphql';
import { describe, expect, test } from 'vitest';
import { createQueryWorld } from '../../support/query-world.ts';
import type { QueryWorld } from '../../support/query-world.ts';

const schema = `
enum Genre { ROCK JAZZ }
type Song @table(topic: "songs") {
  id: ID!
  title: String!
  genre: Genre
  stats: [SongStats!]! @relation(references: ["songId"])
  inGenre: GenreStats @relation(fields: ["genre"])
}
type Play @table(topic: "plays", mode: APPEND) {
  id: ID! @from(meta: COORDINATES)
  songId: ID @index
  listener: String
  playedAt: DateTime!
  song: Song @relation(fields: ["songId"])
}
type SongStats @aggregation(source: "Play", intervals: ["1h", "1d"], timestamp: "playedAt")
  @index(fields: "interval timestamp plays") @index(fields: "songId timestamp") @index(fields: "interval timestamp newest") {
  songId: ID
  timestamp: DateTime!
  plays: Int! @aggregate(fn: COUNT)
  newest: String @aggregate(fn: LAST, arg: "listener")
  song: Song @relation(fields: ["songId"])
}
type GenreStats @aggregation(source: "Song") {
  genre: Genre
  songs: Int! @aggregate(fn: COUNT)
}
type ListenerStats @aggregation(source: "Play") {
  listener: String
  plays: Int! @aggregate(fn: COUNT)
}
`;

const hour = (n: number) => `2026-05-01T${String(n).padStart(2, '0')}:00:00.000Z`;

function writeStats(world: QueryWorld): void {
  world.write('Song', [
    { id: 's1', title: 'One', genre: 'JAZZ' },
    { id: 's2', title: 'Two' },
  ]);
  world.write(
    'SongStats',
    [
      ['H1', 0, 's1', 5, 'Ann'],
      ['H1', 0, 's2', 3, null],
      ['H1', 0, null, 2, 'Bob'],
      ['H1', 1, 's1', 1, null],
      ['D1', 0, 's1', 6, 'Ann'],
      ['D1', 0, null, 2, null],
    ].map(([interval, at, songId, plays, newest]) => ({
      interval,
      timestamp: hour(at as number),
      songId,
      plays,
      newest,
      closed: false,
    })),
  );
  world.write('GenreStats', [
    { genre: 'JAZZ', songs: 1 },
    { genre: null, songs: 7 },
  ]);
}

function createStats(): QueryWorld {
  const world = createQueryWorld(schema);
  writeStats(world);
  return world;
}

describe('a key with nulls', () => {
  test('is looked up by a null, or by leaving the argument out', () => {
    const world = createStats();
    const at = `interval: H1, timestamp: "${hour(0)}"`;
    const { data, errors } = world.run(
      `query ($none: ID) {
        one: songStats(${at}, songId: "s1") { plays }
        null: songStats(${at}, songId: null) { plays }
        absent: songStats(${at}) { plays }
        variable: songStats(${at}, songId: $none) { plays }
        text: songStats(${at}, songId: "null") { plays }
        genre: genreStats { songs }
        jazz: genreStats(genre: JAZZ) { songs }
      }`,
    );
    expect(errors).toEqual([]);
    expect(data).toEqual({
      one: { plays: 5 },
      null: { plays: 2 },
      absent: { plays: 2 },
      variable: { plays: 2 },
      text: null,
      genre: { songs: 7 },
      jazz: { songs: 1 },
    });
    expect(world.engine.schema.getQueryType()?.getFields()['songStats']?.description).toBe(
      'The SongStats with this key. A null in "songId", or leaving it out, names the row that has no value there.',
    );
    const [error] = world.refuse(`{ songStats(interval: H1, songId: "s1") { plays } }`);
    expect(error?.message).toContain('"timestamp" of type "DateTime!" is required');
  });

  test('has an id and a nodeId of its own, which leads back to the row', () => {
    const world = createQueryWorld(schema);
    const listeners = [null, 'null', '%null', '%', ':', '', '%25', '%3A'];
    world.write(
      'ListenerStats',
      listeners.map((listener, i) => ({ listener, plays: i })),
    );
    const { data } = world.run<{ listenerStatsList: { id: string; nodeId: string; listener: string | null }[] }>(
      '{ listenerStatsList { id nodeId listener } }',
    );
    const rows = data.listenerStatsList;
    expect(new Map(rows.map(({ id, listener }) => [listener, id]))).toEqual(
      new Map([
        [null, '%null'],
        ['null', 'null'],
        ['%null', '%25null'],
        ['%', '%25'],
        [':', '%3A'],
        ['', ''],
        ['%25', '%2525'],
        ['%3A', '%253A'],
      ]),
    );
    for (const { nodeId, listener } of rows) {
      const found = world.run('query ($nodeId: ID!) { node(nodeId: $nodeId) { ... on ListenerStats { listener } } }', {
        nodeId,
      });
      expect(found.data, nodeId).toEqual({ node: { listener } });
    }
    const missing = Buffer.from('["Song",null]').toString('base64url');
    expect(world.run(`{ node(nodeId: "${missing}") { nodeId } }`).data).toEqual({ node: null });
  });

  test('has its parts in the id of a composite key', () => {
    const world = createStats();
    const { data } = world.run(
      `{ songStatsList(where: { songId: { isNull: true }, interval: { eq: D1 } }) { id nodeId } }`,
    );
    expect(data).toEqual({
      songStatsList: [
        {
          id: 'D1:2026-05-01T00%3A00%3A00.000Z:%null',
          nodeId: Buffer.from(`["SongStats","D1","${hour(0)}",null]`).toString('base64url'),
        },
      ],
    });
  });

  test('is found by isNull, which is a key like others', () => {
    const world = createStats();
    const where = `{ interval: { eq: H1 }, timestamp: { eq: "${hour(0)}" }, songId: { isNull: true } }`;
    const query = `{ songStatsList(where: ${where}) { plays } }`;
    expect(world.run(query).data).toEqual({ songStatsList: [{ plays: 2 }] });
    expect(world.read((snapshot) => world.engine.explain(world.prepare(query), snapshot))[0]).toMatchObject({
      access: 'SongStats by key',
      live: 'by key',
    });
    expect(world.run('{ genreStatsList(where: { genre: { isNull: false } }) { songs } }').data).toEqual({
      genreStatsList: [{ songs: 1 }],
    });
  });

  test('is paged through by cursors, whichever way nulls stand', () => {
    const world = createStats();
    const page = `query ($orderBy: [SongStatsOrderBy!], $after: String) {
      songStatsListConnection(orderBy: $orderBy, first: 1, after: $after) {
        nodes { interval timestamp songId } pageInfo { endCursor hasNextPage }
      }
    }`;
    interface Page {
      readonly songStatsListConnection: {
        readonly nodes: readonly unknown[];
        readonly pageInfo: { readonly endCursor: string; readonly hasNextPage: boolean };
      };
    }
    for (const direction of ['ASC', 'DESC', 'ASC_NULLS_FIRST', 'DESC_NULLS_LAST']) {
      for (const column of ['songId', 'newest', 'plays']) {
        const orderBy = [{ [column]: direction }];
        const all = world.run<{ songStatsList: unknown[] }>(
          'query ($orderBy: [SongStatsOrderBy!]) { songStatsList(orderBy: $orderBy) { interval timestamp songId } }',
          { orderBy },
        );
        const paged: unknown[] = [];
        let after: string | undefined;
        for (let more = true; more;) {
          const { data, errors } = world.run<Page>(page, { orderBy, after });
          expect(errors).toEqual([]);
          paged.push(...data.songStatsListConnection.nodes);
          after = data.songStatsListConnection.pageInfo.endCursor;
          more = data.songStatsListConnection.pageInfo.hasNextPage;
        }
        expect(paged, `${column} ${direction}`).toEqual(all.data.songStatsList);
        expect(paged).toHaveLength(6);
      }
    }
  });

  test.each([
    ['ASC', 'ASC_NULLS_FIRST', [null, 'ROCK', 'JAZZ']],
    ['ASC', 'ASC', ['ROCK', 'JAZZ', null]],
    ['DESC', 'DESC_NULLS_LAST', ['JAZZ', 'ROCK', null]],
    ['DESC', 'DESC', [null, 'JAZZ', 'ROCK']],
    ['DESC', 'ASC_NULLS_FIRST', [null, 'ROCK', 'JAZZ']],
    ['DESC', 'ASC', ['ROCK', 'JAZZ', null]],
  ])('stands behind an index (%s) where the order %s has its nulls', (direction, ofKey, expected) => {
    const world = createQueryWorld(`
      enum Genre { ROCK JAZZ }
      type Song @table(topic: "songs") { id: ID! genre: Genre }
      type GenreStats @aggregation(source: "Song") { genre: Genre songs: Int! @aggregate(fn: COUNT) @index }
    `);
    world.write(
      'GenreStats',
      ['ROCK', 'JAZZ', null].map((genre) => ({ genre, songs: 1 })),
    );
    const { data } = world.run<{ genreStatsList: { genre: string | null }[] }>(
      'query ($orderBy: [GenreStatsOrderBy!]) { genreStatsList(orderBy: $orderBy) { genre } }',
      { orderBy: [{ songs: direction }, { genre: ofKey }] },
    );
    expect(data.genreStatsList.map(({ genre }) => genre)).toEqual(expected);
  });

  test('relates to nothing by a null, on either side', () => {
    const world = createStats();
    const { data } = world.run(`{
      songs(orderBy: [{ id: ASC }]) { id inGenre { songs } stats { plays } }
      songStatsList(where: { interval: { eq: D1 } }, orderBy: [{ songId: ASC }]) { song { title } }
      none: songs(where: { inGenre: { songs: { eq: 7 } } }) { id }
    }`);
    expect(data).toEqual({
      songs: [
        { id: 's1', inGenre: { songs: 1 }, stats: [{ plays: 5 }, { plays: 1 }, { plays: 6 }] },
        { id: 's2', inGenre: null, stats: [{ plays: 3 }] },
      ],
      songStatsList: [{ song: { title: 'One' } }, { song: null }],
      none: [],
    });
  });
});

describe('the top of a bucket', () => {
  const top = `query ($at: DateTime!, $orderBy: [SongStatsOrderBy!]) {
    songStatsList(where: { interval: { eq: H1 }, timestamp: { eq: $at } }, orderBy: $orderBy, limit: 10) { plays newest songId }
  }`;

  function createCharts(): QueryWorld {
    const world = createQueryWorld(schema);
    for (const interval of ['H1', 'D1']) {
      for (const at of [0, 1]) {
        world.write(
          'SongStats',
          Array.from({ length: 300 }, (_, i) => ({
            interval,
            timestamp: hour(at),
            songId: i === 0 ? null : `s${i}`,
            plays: i,
            newest: i % 3 === 0 ? null : `u${i}`,
            closed: false,
          })),
        );
      }
    }
    return world;
  }

  test('is the end of an index, read backwards and no further', () => {
    const world = createCharts();
    const variables = { at: hour(1), orderBy: [{ plays: 'DESC' }] };
    const explained = world.read((snapshot) => world.engine.explain(world.prepare(top, variables), snapshot));
    expect(explained[0]).toMatchObject({
      access: 'SongStats by index "interval timestamp plays" where interval = … and timestamp = …, in order',
      live: 'by index range',
    });
    const { rowsRead, indexEntriesRead } = world.work;
    const { data } = world.run<{ songStatsList: { plays: number }[] }>(top, variables);
    expect(data.songStatsList.map(({ plays }) => plays)).toEqual([299, 298, 297, 296, 295, 294, 293, 292, 291, 290]);
    expect(world.work.rowsRead - rowsRead).toBe(10);
    expect(world.work.indexEntriesRead - indexEntriesRead).toBeLessThanOrEqual(11);
  });

  test.each([
    ['DESC', [null, null, null]],
    ['DESC_NULLS_LAST', ['u98', 'u97', 'u95']],
    ['ASC', ['u1', 'u10', 'u100']],
    ['ASC_NULLS_FIRST', [null, null, null]],
  ])('has nulls where the order %s says', (direction, first) => {
    const world = createCharts();
    const variables = { at: hour(0), orderBy: [{ newest: direction }] };
    const explained = world.read((snapshot) => world.engine.explain(world.prepare(top, variables), snapshot));
    expect(explained[0]?.access).toBe(
      'SongStats by index "interval timestamp newest" where interval = … and timestamp = …, in order',
    );
    const { rowsRead } = world.work;
    const { data } = world.run<{ songStatsList: { newest: string | null }[] }>(top, variables);
    expect(data.songStatsList.slice(0, 3).map(({ newest }) => newest)).toEqual(first);
    // Nulls that stand at the other end than in the index are a range of their own.
    expect(world.work.rowsRead - rowsRead).toBeLessThanOrEqual(12);
  });
});

describe('a table whose rows are not kept', () => {
  const streaming = `
    type Song @table(topic: "songs") { id: ID! title: String! }
    type Click @table(topic: "clicks", mode: STREAM) {
      id: ID! @from(meta: COORDINATES)
      songId: ID
      song: Song @relation(fields: ["songId"])
    }
    type SongClick @view(source: "Click", where: { songId: { isNull: false } }) {
      id: ID!
      songId: ID
    }
  `;

  test('has a change stream and nothing else in the API', () => {
    const { engine } = createQueryWorld(streaming);
    const fields = (type: { getFields(): Record<string, unknown> } | null | undefined) =>
      Object.keys(type?.getFields() ?? {});
    expect(fields(engine.schema.getQueryType())).toEqual(['song', 'songs', 'songsConnection', 'node', '_meta']);
    expect(fields(engine.schema.getSubscriptionType())).toEqual([
      'song',
      'songs',
      'songsConnection',
      'songChanges',
      'clickChanges',
      'songClickChanges',
      '_meta',
    ]);
    const changes = engine.schema.getSubscriptionType()?.getFields()['clickChanges'];
    expect(changes?.args.map(({ name }) => name)).toEqual(['where', 'operations', 'after']);
    expect(changes?.description).toContain('They are not kept');
    const node = engine.schema.getType('Node');
    expect(isInterfaceType(node) && engine.schema.getPossibleTypes(node).map(String)).toEqual(['Song']);
  });

  test('is nothing that a nodeId leads to', () => {
    const world = createQueryWorld(streaming);
    const nodeId = Buffer.from('["Click","clicks/0/0"]').toString('base64url');
    const { data, errors } = world.run(`{ node(nodeId: "${nodeId}") { nodeId } }`);
    expect({ data, errors }).toEqual({ data: { node: null }, errors: [] });
  });

  test('refuses a snapshot and a lookup as fields that do not exist', () => {
    const world = createQueryWorld(streaming);
    for (const query of [
      'subscription { clickChanges(snapshot: true) { live } }',
      '{ clicks { id } }',
      'subscription { clicks { id } }',
      'subscription { clickChanges { changes { node { nodeId } } } }',
    ]) {
      expect(world.refuse(query)[0]?.extensions['code'], query).toBe('GRAPHQL_VALIDATION_FAILED');
    }
  });
});
