import { expect, test } from 'vitest';
import { internalMessage } from '../../../src/common/errors.ts';
import { JsonText } from '../../../src/model/value.ts';
import { chartsSchema } from '../../support/charts.ts';
import { createQueryWorld } from '../../support/query-world.ts';
import type { QueryWorld, QueryWorldOptions } from '../../support/query-world.ts';

const updatedAt = '2026-01-01T00:00:00Z';

function song(id: string, values: Record<string, unknown> = {}): Record<string, unknown> {
  return { id, title: `Song ${id}`, genre: 'ROCK', artistId: 'a1', tags: [], updatedAt, ...values };
}

function createCharts(options?: QueryWorldOptions): QueryWorld {
  const world = createQueryWorld(chartsSchema, options);
  world.write('Artist', [
    { id: 'a1', name: 'Nina' },
    { id: 'a2', name: 'Miles', country: 'US' },
  ]);
  world.write('Song', [
    song('s1', { plays: '12345678901234567890', price: '1.50', isrc: 'X1', tags: ['a', 'b'] }),
    song('s2', { genre: 'JAZZ', artistId: 'a2', sound: { bpm: 90, key: 'C', tonality: 'minor' } }),
    song('s3', { genre: 'JAZZ', artistId: 'missing', plays: '5' }),
  ]);
  return world;
}

test('every digit of a number survives, in JSON columns too', () => {
  const world = createCharts();
  const text = '{"id":12345678901234567890,"price":1.10,"big":1e400}';
  const value = world.catalog.tablesByName.get('Song')?.columnsByName.get('extra');
  expect(value?.type).toEqual({ kind: 'scalar', scalar: 'JSON' });
  world.write('Song', [
    song('s4', { plays: '9007199254740993', price: '0.10000000000000000001', extra: new JsonText(text) }),
  ]);
  const { text: answer } = world.run('{ song(id: "s4") { plays price extra } }');
  expect(answer).toBe(`{"song":{"plays":"9007199254740993","price":"0.10000000000000000001","extra":${text}}}`);
});

test('an embedded object is a field with fields, and can be asked for by them', () => {
  const { data } = createCharts().run(`{
    songs(where: { sound: { bpm: { gte: 90 }, key: { eq: "C" } } }) { id sound { bpm tonality } tags }
    none: songs(where: { sound: { isNull: true } }) { id sound { bpm } }
  }`);
  expect(data).toEqual({
    songs: [{ id: 's2', sound: { bpm: 90, tonality: 'minor' }, tags: [] }],
    none: [
      { id: 's1', sound: null },
      { id: 's3', sound: null },
    ],
  });
});

test('literals and variables say the same', () => {
  const world = createCharts();
  const s1 = { songs: [{ id: 's1' }] };
  expect(world.run('{ songs(where: { plays: { eq: 12345678901234567890 } }) { id } }').data).toEqual(s1);
  expect(world.run('{ songs(where: { plays: { eq: "12345678901234567890" } }) { id } }').data).toEqual(s1);
  expect(world.run('{ songs(where: { price: { eq: 1.5 } }) { id } }').data).toEqual(s1);
  expect(
    world.run('{ songs(where: { updatedAt: { lte: 1767225600000 }, isrc: { isNull: false } }) { id } }').data,
  ).toEqual(s1);
  const used = 'query ($plays: BigInt) { songs(where: { plays: { eq: $plays } }) { id } }';
  expect(world.run(used, { plays: '12345678901234567890' }).data).toEqual(s1);
  expect(world.run(used, { plays: 5 }).data).toEqual({ songs: [{ id: 's3' }] });
  // An absent variable is an absent operator.
  expect(world.run<{ songs: unknown[] }>(used).data.songs).toHaveLength(3);
});

test('a relation to one is null where the other row has not arrived, and where the column is null', () => {
  const { data } = createCharts().run('{ songs { id artist { name } } }');
  expect(data).toEqual({
    songs: [
      { id: 's1', artist: { name: 'Nina' } },
      { id: 's2', artist: { name: 'Miles' } },
      { id: 's3', artist: null },
    ],
  });
});

test('what is asked for twice in an operation is read once', () => {
  const world = createCharts();
  world.write(
    'Song',
    Array.from({ length: 50 }, (_, i) => song(`m${i}`)),
  );
  const before = { ...world.work };
  const { data } = world.run<{ songs: unknown[] }>(`{
    songs(limit: 40) { artist { name songs(limit: 3) { id artist { country } } } }
  }`);
  expect(data.songs).toHaveLength(40);
  // 40 songs (of two artists and one missing), 3 artists, twice 3 songs at most.
  expect(world.work.rowsRead - before.rowsRead).toBeLessThanOrEqual(40 + 3 + 6);
});

test('a composite key is one id in the API, reversible, with its separators escaped', () => {
  const world = createCharts();
  world.write('Play', [
    { songId: 's1', n: 1, userId: 'u1', playedAt: updatedAt, msPlayed: 10 },
    { songId: 's:1%', n: 2, userId: 'u1', playedAt: updatedAt, msPlayed: 20 },
  ]);
  const { data } = world.run<{ plays: { id: string; nodeId: string }[] }>('{ plays { id nodeId } }');
  expect(data.plays.map(({ id }) => id)).toEqual(['s1:1', 's%3A1%25:2']);
  const again = world.run(
    'query ($a: ID!, $b: ID!) { a: node(nodeId: $a) { __typename nodeId ... on Play { n song { title } } } b: node(nodeId: $b) { ... on Play { n } } }',
    { a: data.plays[0]?.nodeId, b: data.plays[1]?.nodeId },
  );
  expect(again.data).toEqual({
    a: { __typename: 'Play', nodeId: data.plays[0]?.nodeId, n: 1, song: { title: 'Song s1' } },
    b: { n: 2 },
  });
});

test('node is null for what names no row that queries may read', () => {
  const world = createCharts();
  world.write('Secret', [{ id: 'x', songId: 's1' }]);
  world.write('Internal', [{ id: 'x' }]);
  const ids = ['["Song","nobody"]', '["Secret","x"]', '["Internal","x"]', '["Song",1]', '["Song"]', 'x', '{}', '[]'];
  // Not as it is written, though it can be read.
  const junk = [' ["Song","s1"]', '["Song","\\u00731"]'].map((text) => Buffer.from(text).toString('base64url'));
  const real = Buffer.from('["Song","s1"]').toString('base64url');
  expect(world.run('query ($nodeId: ID!) { node(nodeId: $nodeId) { nodeId } }', { nodeId: real }).data).toEqual({
    node: { nodeId: real },
  });
  const encoded = ids.map((text) => Buffer.from(text).toString('base64url'));
  for (const nodeId of [...encoded, ...junk, `${real}=`, `${real}!`, `${real}\n`, `${real}@@@@`]) {
    expect(world.run('query ($nodeId: ID!) { node(nodeId: $nodeId) { nodeId } }', { nodeId }).data).toEqual({
      node: null,
    });
  }
});

test('a unique index is a root field; several rows give the first by key', () => {
  const world = createCharts();
  world.write('Song', [song('s0', { isrc: 'X1' })]);
  expect(world.run('{ songByIsrc(isrc: "X1") { id } none: songByIsrc(isrc: "X2") { id } }').data).toEqual({
    songByIsrc: { id: 's0' },
    none: null,
  });
});

test('fragments, aliases, skip and include work as everywhere', () => {
  const { data } = createCharts().run(
    `query ($no: Boolean!) {
      a: songs(limit: 1) { ...F ... on Song @include(if: $no) { genre } ...G @skip(if: $no) }
      b: songs(limit: 1, offset: 1) { ...F artist @skip(if: true) { id } }
    }
    fragment F on Song { id ...G }
    fragment G on Song { artistId artist { id } }`,
    { no: false },
  );
  expect(data).toEqual({
    a: [{ id: 's1', artistId: 'a1', artist: { id: 'a1' } }],
    b: [{ id: 's2', artistId: 'a2', artist: { id: 'a2' } }],
  });
});

test('a live query is answered as the query that it repeats', () => {
  const world = createCharts();
  const selection = 'songs(where: { genre: { eq: JAZZ } }) { id ...F }';
  const live = world.run(`subscription { ${selection} } fragment F on Song { artist { name } }`);
  const pulled = world.run(`query { ${selection} } fragment F on Song { artist { name } }`);
  expect(live.text).toBe(pulled.text);
  expect(live.position).toBe(pulled.position);
  expect(world.run('subscription { ...S } fragment S on Subscription { song(id: "s1") { id } }').data).toEqual({
    song: { id: 's1' },
  });
});

test('a table that no index serves is scanned up to scanLimit rows, and then names the index to add', () => {
  const world = createCharts({ limits: { scanLimit: 20 } });
  const cases = {
    '{ songs(where: { price: { gt: 100 } }, limit: 1) { id } }': '@index(fields: "price") to type Song',
    '{ songs(orderBy: [{ durationMs: DESC }]) { id } }': '@index(fields: "durationMs") to type Song',
    '{ songs(where: { price: { eq: 1 } }, orderBy: [{ updatedAt: DESC }]) { id } }':
      '@index(fields: "price updatedAt")',
    '{ songs(where: { artist: { name: { contains: "nobody" } } }) { id } }': 'Add a condition on an indexed column',
    '{ songs(where: { tags: { has: "x" } }) { id } }': 'Add a condition on an indexed column',
    '{ songsConnection(where: { price: { lt: 0 } }) { totalCount } }': '@index(fields: "price") to type Song',
  };
  for (const query of Object.keys(cases)) expect(world.run(query).errors, query).toEqual([]);
  world.write(
    'Song',
    Array.from({ length: 20 }, (_, i) => song(`t${i}`)),
  );
  for (const [query, remedy] of Object.entries(cases)) {
    const { data, errors } = world.run(query);
    expect(data, query).toBeNull();
    expect(errors[0]?.extensions, query).toMatchObject({ code: 'UNINDEXED_SCAN', table: 'Song', setting: 'scanLimit' });
    expect(errors[0]?.message, query).toContain(remedy);
    expect(errors[0]?.message, query).toContain('scanLimit');
  }
  // Served by an index, or in the order of one.
  expect(world.run('{ songs(where: { genre: { eq: ROCK } }, orderBy: [{ plays: DESC }]) { id } }').errors).toEqual([]);
  expect(world.run('{ songs(orderBy: [{ title: DESC }], limit: 30) { id } }').errors).toEqual([]);
  expect(world.run('{ songs(orderBy: [{ plays: DESC_NULLS_LAST }], limit: 30) { id } }').errors).toEqual([]);
});

test('an index is read as far as the answer needs', () => {
  const world = createCharts();
  world.write(
    'Song',
    Array.from({ length: 500 }, (_, i) => song(`t${i}`, { plays: i % 100 })),
  );
  const rowsRead = (query: string): number => {
    const before = world.work.rowsRead;
    expect(world.run(query).errors).toEqual([]);
    return world.work.rowsRead - before;
  };
  expect(rowsRead('{ songs(orderBy: [{ plays: DESC_NULLS_LAST }], limit: 5) { id } }')).toBeLessThanOrEqual(7);
  expect(rowsRead('{ songs(orderBy: [{ artistId: DESC }], limit: 5) { id } }')).toBeLessThanOrEqual(7);
  expect(rowsRead('{ songs(orderBy: [{ id: DESC }], limit: 5) { id } }')).toBeLessThanOrEqual(6);
  expect(
    rowsRead('{ songs(where: { genre: { in: [ROCK, JAZZ] } }, orderBy: [{ plays: ASC }], limit: 5) { id } }'),
  ).toBeLessThanOrEqual(8);
  expect(rowsRead('{ songs(where: { title: { startsWith: "Song t49" } }) { id } }')).toBe(11);
  expect(rowsRead('{ songs(where: { id: { in: ["t1", "t2", "t1"] } }) { id } }')).toBe(2);
  expect(rowsRead('{ songs(where: { or: [{ id: { eq: "t1" } }, { isrc: { eq: "X1" } }] }) { id } }')).toBe(2);
  expect(rowsRead('{ songsConnection { totalCount } }')).toBe(0);
  expect(rowsRead('{ songsConnection(where: { plays: { gte: 50, isNull: false } }) { totalCount } }')).toBe(0);
});

test('an operation reads at most maxRowsRead rows, delivered ones included', () => {
  const world = createCharts({ limits: { maxRowsRead: 100 } });
  world.write(
    'Song',
    Array.from({ length: 30 }, (_, i) => song(`t${i}`)),
  );
  expect(world.run('{ songs(limit: 30) { artist { name } } }').errors).toEqual([]);
  const { data, errors } = world.run('{ songs(limit: 30) { artist { songs(limit: 30) { artist { name } } } } }');
  expect(data).toBeNull();
  expect(errors).toHaveLength(1);
  expect(errors[0]).toMatchObject({ extensions: { code: 'LIMIT_EXCEEDED', setting: 'maxRowsRead', limit: 100 } });
});

test('a filter as long as a request may be takes no more comparisons than maxRowsRead allows', () => {
  const world = createCharts({ limits: { maxRowsRead: 100 } });
  world.write(
    'Song',
    Array.from({ length: 60 }, (_, i) => song(`t${i}`)),
  );
  const query = 'query ($prices: [Decimal!]) { songs(where: { price: { notIn: $prices } }) { id } }';
  const prices = (length: number) => Array.from({ length }, (_, i) => `${i}`);
  expect(world.run(query, { prices: prices(300) }).errors).toEqual([]);
  expect(world.run(query, { prices: prices(3_000) }).errors).toMatchObject([
    { extensions: { code: 'LIMIT_EXCEEDED', setting: 'maxRowsRead' } },
  ]);
});

test('some stops at the first related row that matches', () => {
  const world = createCharts();
  world.write(
    'Song',
    Array.from({ length: 500 }, (_, i) => song(`t${i}`, { artistId: 'a2' })),
  );
  const before = world.work.rowsRead;
  const { data } = world.run('{ artists(where: { songs: { some: { genre: { in: [ROCK, JAZZ] } } } }) { id } }');
  expect(data).toEqual({ artists: [{ id: 'a1' }, { id: 'a2' }] });
  expect(world.work.rowsRead - before).toBeLessThanOrEqual(2 + 2);
});

test('a table whose topic was recreated does not answer, and says what to do', () => {
  const world = createCharts();
  const table = world.table('Artist');
  world.store.write((tx) =>
    tx.setState(table, { phase: 'recreated', reason: 'topic artists is another one; start with --rebuild Artist' }),
  );
  const { data, errors } = world.run('{ songs { id artist { id } } }');
  expect(data).toBeNull();
  expect(errors).toMatchObject([{ extensions: { code: 'TOPIC_RECREATED', table: 'Artist' } }]);
  expect(errors[0]?.message).toContain('--rebuild Artist');
  expect(world.run('{ songs { id } _meta { tables { name phase } } }').errors).toEqual([]);
  expect(world.run('{ _meta { tables { name phase } } }').data).toMatchObject({
    _meta: { tables: [{ name: 'Artist', phase: 'RECREATED' }, { name: 'Song', phase: 'LIVE' }, {}, {}] },
  });
});

test('a halted table answers from what it has', () => {
  const world = createCharts();
  const table = world.table('Song');
  world.store.write((tx) => tx.setState(table, { phase: 'halted', reason: 'a bad record', bad: { JSON: 2 } }));
  expect(
    world.run('{ song(id: "s1") { id } _meta { ready tables { name phase reason bad { code count } } } }').data,
  ).toMatchObject({
    song: { id: 's1' },
    _meta: {
      ready: true,
      tables: [
        {},
        { name: 'Song', phase: 'HALTED', reason: 'a bad record', bad: [{ code: 'JSON', count: '2' }] },
        {},
        {},
      ],
    },
  });
});

test('_meta tells the position and the lag of each topic', () => {
  const world = createCharts({
    progress: {
      connected: false,
      reason: 'no broker',
      ends: new Map([
        [
          'songs',
          new Map([
            [0, 10],
            [1, 3],
          ]),
        ],
      ]),
      missingTopics: new Set(['plays']),
      records: new Map(),
    },
  });
  const { data, position } = world.run<{ _meta: { position: string; topics: { topic: string }[] } }>(`{
    songs { id }
    _meta { position version connected reason topics { topic partition next end lag caughtUp missing } tables { rows name } }
  }`);
  expect(data._meta.position).toBe(position);
  expect(data._meta).toMatchObject({ connected: false, reason: 'no broker', version: '3' });
  expect(data._meta.topics.filter(({ topic }) => topic === 'songs' || topic === 'plays')).toEqual([
    { topic: 'plays', partition: null, next: null, end: null, lag: null, caughtUp: false, missing: true },
    { topic: 'songs', partition: 0, next: '5', end: '10', lag: '5', caughtUp: false, missing: false },
    { topic: 'songs', partition: 1, next: null, end: '3', lag: null, caughtUp: false, missing: false },
  ]);
  expect(data._meta).toMatchObject({ tables: [{ name: 'Artist', rows: '2' }, { name: 'Song', rows: '3' }, {}, {}] });
});

test('a failure of our own reaches the client masked and the caller of the engine whole', () => {
  const world = createCharts();
  const boom = new Error('disk on fire at /secret/path');
  const prepared = world.prepare('{ songs { id } }');
  const executed = world.read((snapshot) =>
    world.engine.execute(prepared, {
      snapshot,
      reader: {
        get: (table, key) => snapshot.get(table, key),
        scan: () => {
          throw boom;
        },
        scanIndex: (table, index, range) => snapshot.scanIndex(table, index, range),
        count: (table) => snapshot.count(table),
      },
      progress: { connected: true, ends: new Map(), missingTopics: new Set(), records: new Map() },
    }),
  );
  expect(executed.data).toBe('null');
  expect(JSON.parse(executed.errors ?? '')).toMatchObject([
    { message: internalMessage, path: ['songs'], extensions: { code: 'INTERNAL' } },
  ]);
  expect(executed.errors).not.toContain('secret');
  expect(world.failures).toEqual([boom]);
  expect(world.engine.toResult(executed).errors?.[0]?.extensions).toEqual({ code: 'INTERNAL' });
});
