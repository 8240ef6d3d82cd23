import { expect, test } from 'vitest';
import type { Work } from '../../../src/common/work.ts';
import type { Change } from '../../../src/model/change.ts';
import { JsonText } from '../../../src/model/value.ts';
import { must } from '../../../src/common/errors.ts';
import { createQueryWorld } from '../../support/query-world.ts';
import type { QueryWorld, QueryWorldOptions } from '../../support/query-world.ts';

const schema = `
type Song @table(topic: "songs") @limit(default: 50, max: 10000) {
  id: ID!
  title: String!
  genre: String! @index
  plays: Int!
  text: String
  tags: [String!]! @default(value: [])
  extra: JSON
  artistId: ID! @index
  artist: Artist @relation(fields: ["artistId"])
}
type Artist @table(topic: "artists") {
  id: ID!
  name: String!
  songs: [Song!]! @relation(references: ["artistId"])
}`;

const songs = 4_000;

function createWorld(options: QueryWorldOptions = {}, count: number = songs): QueryWorld {
  const world = createQueryWorld(schema, {
    ...options,
    limits: { scanLimit: 100_000, maxCost: 10_000_000, ...options.limits },
  });
  world.write('Artist', [
    { id: 'a0', name: 'A' },
    { id: 'a1', name: 'B' },
  ]);
  world.write(
    'Song',
    Array.from({ length: count }, (_, i) => ({
      id: `s${i}`,
      title: `Song ${i}`,
      genre: i % 2 === 0 ? 'ROCK' : 'JAZZ',
      plays: i,
      artistId: `a${i % 2}`,
      tags: [],
    })),
  );
  return world;
}

/** A clock on which a millisecond passes whenever somebody looks. */
function ticking(): () => number {
  let ms = 0;
  return () => (ms += 1);
}

/** What the gateway did meanwhile. */
function done<T>(world: QueryWorld, run: () => T): { readonly result: T; readonly work: Work } {
  const before = { ...world.work };
  const result = run();
  const work = { ...world.work };
  for (const name of Object.keys(work) as (keyof Work)[]) work[name] -= before[name];
  return { result, work };
}

const timedOut = {
  data: null,
  errors: [
    {
      message: expect.stringMatching(/ran for more than 4 ms .*\(setting queryTimeoutMs\)/),
      extensions: { code: 'TIMEOUT', setting: 'queryTimeoutMs', limit: 4 },
    },
  ],
};

test.each([
  ['rows are read', '{ songs(limit: 10000) { id } }'],
  ['rows are passed over', '{ songs(limit: 1, offset: 3999) { id } }'],
  ['a filter keeps none', '{ songs(where: { plays: { lt: 0 } }) { id } }'],
  ['rows are sorted', '{ songs(orderBy: [{ title: DESC }], limit: 1) { id } }'],
  ['rows are counted', '{ songsConnection(where: { plays: { lt: 0 } }) { totalCount } }'],
  ['a relation is filtered by', '{ artists(where: { songs: { some: { plays: { lt: 0 } } } }) { id } }'],
  ['related rows are read', '{ artists { songs(limit: 10000) { id title } } }'],
  ['it is live', 'subscription { songs(limit: 10000) { id } }'],
])('an execution that takes too long is stopped while %s', (_, query) => {
  const slow = createWorld({ now: ticking(), limits: { queryTimeoutMs: 4 } });
  const { result, work } = done(slow, () => slow.run(query));
  expect(result).toMatchObject(timedOut);
  expect(work.rowsRead).toBeLessThan(songs / 2);
  const quick = createWorld({ limits: { queryTimeoutMs: 60_000 } });
  const whole = done(quick, () => quick.run(query));
  expect(whole.result.errors).toEqual([]);
  expect(whole.work.rowsRead).toBeGreaterThanOrEqual(songs);
});

test('index entries that are passed over without their rows take time, too', () => {
  const query = '{ songsConnection(where: { genre: { eq: "ROCK" } }) { totalCount } }';
  const slow = createWorld({ now: ticking(), limits: { queryTimeoutMs: 4 } });
  const { result, work } = done(slow, () => slow.run(query));
  expect(result).toMatchObject(timedOut);
  expect(work.rowsRead).toBe(0);
  expect(work.indexEntriesRead).toBeLessThan(songs / 2 - 200);
});

test('ranges that hold nothing take time, too', () => {
  const genres = Array.from({ length: 3_000 }, (_, i) => `none ${i}`);
  const query = 'query ($genres: [String!]) { songs(where: { genre: { in: $genres } }) { id } }';
  const slow = createWorld({ now: ticking(), limits: { queryTimeoutMs: 4 } });
  expect(slow.run(query, { genres })).toMatchObject(timedOut);
  expect(createWorld().run(query, { genres })).toMatchObject({ data: { songs: [] }, errors: [] });
});

test('a long filter is looked at operand by operand', () => {
  const world = createWorld({ now: ticking(), limits: { queryTimeoutMs: 4 } });
  const titles = Array.from({ length: 100 }, (_, i) => `none ${i}`);
  const query = 'query ($titles: [String!]) { songs(where: { title: { in: $titles } }) { id } }';
  const { result, work } = done(world, () => world.run(query, { titles }));
  expect(result).toMatchObject(timedOut);
  expect(work.predicatesTested).toBeLessThan(20);
});

test('a message of a change stream is stopped like a query', () => {
  const stream = 'subscription { songChanges { changes { node { artist { songs(limit: 10000) { id } } } } } }';
  const message = (world: QueryWorld): { changes: readonly Change[] } => ({
    changes: world.read((snapshot) =>
      [...snapshot.scan(world.table('Song'), {})].slice(0, 3).map((row) => ({
        kind: 'insert',
        key: row.key,
        after: row,
        timestampMs: 0,
      })),
    ),
  });
  const slow = createWorld({ now: ticking(), limits: { queryTimeoutMs: 4 } });
  const { result, work } = done(slow, () => slow.runChanges(stream, message(slow)));
  expect(result).toMatchObject(timedOut);
  // Those of the message itself are read by the test.
  expect(work.rowsRead - songs).toBeLessThan(songs / 4);
  const quick = createWorld();
  expect(quick.runChanges(stream, message(quick)).errors).toEqual([]);
});

test('once a limit is passed no further field is resolved', () => {
  const world = createWorld({ limits: { maxRowsRead: 100 } });
  const looked: string[] = [];
  const row = must(
    world.read((snapshot) => snapshot.scan(world.table('Song'), {})[Symbol.iterator]().next().value),
    'a row',
  );
  const counted = new Proxy(row, {
    get: (target, name) => {
      if (name === 'value') looked.push('value');
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
  const changes = Array.from(
    { length: 500 },
    () => ({ kind: 'insert', key: row.key, after: counted, timestampMs: 0 }) as const,
  );
  // The first row has the limit passed; the titles of the others come after that.
  const stream = 'subscription { songChanges { changes { node { artist { songs(limit: 10000) { id } } title } } } }';
  const { data, errors } = world.runChanges(stream, { changes });
  expect(data).toBeNull();
  expect(errors).toMatchObject([{ extensions: { code: 'LIMIT_EXCEEDED', setting: 'maxRowsRead' } }]);
  expect(looked.length).toBeLessThan(5);
});

test('an answer is as long as maxResponseBytes, in UTF-8, and no longer', () => {
  for (const title of ['plain', 'Ünïcødé', '漢字漢字', '🎵🎶', 'quote " and \\ and \n']) {
    const world = createWorld({}, 0);
    world.write('Song', [{ id: 'x', title, genre: 'NEW', plays: 1, artistId: 'a0', tags: [] }]);
    const query = '{ a: songs(where: { genre: { eq: "NEW" } }) { title } b: song(id: "x") { title artist { name } } }';
    const length = Buffer.byteLength(world.run(query).text);
    const limited = (maxResponseBytes: number) => {
      const bounded = createWorld({ limits: { maxResponseBytes } }, 0);
      bounded.write('Song', [{ id: 'x', title, genre: 'NEW', plays: 1, artistId: 'a0', tags: [] }]);
      return bounded.run(query);
    };
    expect(limited(length).errors).toEqual([]);
    expect(limited(length - 1)).toMatchObject({
      data: null,
      errors: [{ extensions: { code: 'LIMIT_EXCEEDED', setting: 'maxResponseBytes', limit: length - 1 } }],
    });
  }
});

test('values that would make the answer too long are not even resolved', () => {
  const world = createWorld({ limits: { maxResponseBytes: 100_000 } }, 0);
  const long = 'x'.repeat(10_000);
  world.write(
    'Artist',
    Array.from({ length: 100 }, (_, i) => ({ id: `own${i}`, name: 'A' })),
  );
  world.write(
    'Song',
    Array.from({ length: 100 }, (_, i) => ({
      id: `long${String(i).padStart(3, '0')}`,
      title: 'long',
      genre: 'LONG',
      plays: 1,
      artistId: `own${i}`,
      text: long,
      tags: [long],
      extra: new JsonText(`"${long}"`),
    })),
  );
  const songsWith = (field: string) =>
    world.run(`{ songs(where: { genre: { eq: "LONG" } }, limit: 100) { ${field} artist { name } } }`);
  for (const field of ['text', 'tags', 'extra']) {
    const { result, work } = done(world, () => songsWith(field));
    expect(result).toMatchObject({
      data: null,
      errors: [
        { message: expect.stringContaining('(setting maxResponseBytes)'), extensions: { code: 'LIMIT_EXCEEDED' } },
      ],
    });
    // The rows of the list are read before their fields; the artist of each comes after its text. And graphql judges it once more.
    expect(work.rowsRead).toBeLessThan(2 * (100 + 20));
  }
  expect(done(world, () => songsWith('id'))).toMatchObject({ result: { errors: [] }, work: { rowsRead: 200 } });
});

test('rows that are much larger than what is asked of them are not held without end', () => {
  const world = createWorld({ limits: { maxResponseBytes: 10_000 } }, 0);
  const text = 'x'.repeat(10_000);
  world.write(
    'Song',
    Array.from({ length: 100 }, (_, i) => ({
      id: `large${i}`,
      title: 'large',
      genre: 'LARGE',
      plays: 1,
      artistId: 'a0',
      text,
      tags: [],
    })),
  );
  const large = (limit: number) =>
    world.run(`{ songs(where: { genre: { eq: "LARGE" } }, limit: ${limit}) { id plays } }`);
  expect(large(30).errors).toEqual([]);
  const { result, work } = done(world, () => large(100));
  expect(result).toMatchObject({
    data: null,
    errors: [{ extensions: { code: 'LIMIT_EXCEEDED', setting: 'maxResponseBytes', limit: 10_000 } }],
  });
  expect(work.rowsRead).toBeLessThan(2 * 40);
});

test('a step along a relation counts, also where nothing is read any more', () => {
  const world = createWorld({ limits: { maxRowsRead: 400 } }, 0);
  world.write('Artist', [{ id: 'few', name: 'Few' }]);
  world.write(
    'Song',
    Array.from({ length: 20 }, (_, i) => ({
      id: `few${i}`,
      title: 'few',
      genre: 'FEW',
      plays: 1,
      artistId: 'few',
      tags: [],
    })),
  );
  const every = (levels: number): string =>
    levels === 0 ? '{ plays: { gt: 0 } }' : `{ artist: { songs: { every: ${every(levels - 1)} } } }`;
  const query = (levels: number) =>
    `{ songs(where: { genre: { eq: "FEW" }, artist: { songs: { every: ${every(levels)} } } }, limit: 1) { id } }`;
  expect(world.run(query(1)).errors).toEqual([]);
  const { result, work } = done(world, () => world.run(query(2)));
  expect(result.errors).toMatchObject([{ extensions: { code: 'LIMIT_EXCEEDED', setting: 'maxRowsRead' } }]);
  expect(work.rowsRead).toBeLessThanOrEqual(22);
});
