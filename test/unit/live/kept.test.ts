import { describe, expect, onTestFinished, test } from 'vitest';
import type { Work } from '../../../src/common/work.ts';
import { defaultQueryLimits } from '../../../src/config/limits.ts';
import { createHub } from '../../../src/live/hub.ts';
import type { Hub } from '../../../src/live/live.ts';
import { type Caller, nobody } from '../../../src/model/caller.ts';
import { createQueryEngine } from '../../../src/query/engine.ts';
import type { Prepared, QueryEngine, QueryLimits } from '../../../src/query/query.ts';
import { idle, Listener, liveLimits, quiet } from '../../support/live-world.ts';
import { createRandom, seedFromEnvironment, type Random } from '../../support/random.ts';
import { createRowsWorld, type Rows, type RowsWorld } from '../../support/rows-world.ts';

const schema = `
type Song @table(topic: "songs") @limit(max: 100) {
  id: ID!
  title: String
  plays: Int
  genre: String
  year: Int @index
  artistId: ID
  artist: Artist @relation(fields: ["artistId"])
}
type Artist @table(topic: "artists") { id: ID! name: String }
type Note @table(topic: "notes") @auth(rules: [{ roles: ["admin"] }, { where: { owner: { eq: "$jwt.sub" } } }]) {
  id: ID!
  owner: ID
  rank: Int
}
`;

interface World extends RowsWorld {
  readonly engine: QueryEngine;
  readonly hub: Hub;
  prepare(query: string, caller?: Caller): Prepared;
  listen(prepared: Prepared): Listener;
  /** What a pull query answers now, as the frame has it. */
  pull(prepared: Prepared): unknown;
}

function open(limits: Partial<QueryLimits> = {}): World {
  const rows = createRowsWorld(schema, { closing: () => hub.close() });
  const { catalog, work, store } = rows;
  const engine = createQueryEngine({ catalog, work, limits: { ...defaultQueryLimits, ...limits } });
  const hub = createHub({ store, engine, tables: catalog.tables, progress: () => idle, limits: liveLimits });
  return {
    ...rows,
    engine,
    hub,
    prepare(query, caller) {
      const prepared = engine.prepare({ query: `subscription { ${query} }` }, caller);
      if ('kind' in prepared) return prepared;
      throw new Error(prepared.map(String).join('; '));
    },
    listen(prepared) {
      const listener = new Listener();
      listener.subscription = hub.subscribe(prepared, listener);
      onTestFinished(() => listener.stop());
      return listener;
    },
    pull(prepared) {
      const snapshot = store.snapshot();
      try {
        const { data, errors } = engine.execute(prepared, { snapshot, reader: snapshot, progress: idle });
        return answerOf(JSON.parse(data), errors && JSON.parse(errors));
      } finally {
        snapshot.release();
      }
    },
  };
}

function answerOf(data: unknown, errors: unknown): unknown {
  return errors === undefined ? { data } : { data, errors };
}

const firstSeed = seedFromEnvironment();
console.log(`live/kept: HEADGATE_SEED=${firstSeed}`);
const ids = Array.from({ length: 40 }, (_, i) => `s${i}`);

interface SongInput extends Record<string, unknown> {
  readonly plays: number | null;
}

/** Ties, nulls, and edges that rows move across; tables that grow for a while, and then lose rows from one end of an order. */
class RandomRows {
  readonly #random: Random;
  readonly #plays = new Map<string, number | null>();
  #steps = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  next(): Rows {
    const random = this.#random;
    this.#steps += 1;
    const shrinks = this.#steps % 16 >= 10;
    const count = random.pick([1, 1, 3, 12]);
    const songs = Object.fromEntries(
      shrinks && random.int(3) > 0
        ? this.#fromOneEnd(count).map((id) => [id, null])
        : Array.from({ length: count }, () => [random.pick(ids), random.int(5) === 0 ? null : this.#song()]),
    ) as Record<string, SongInput | null>;
    for (const [id, made] of Object.entries(songs)) {
      if (made === null) this.#plays.delete(id);
      else this.#plays.set(id, made.plays);
    }
    const some = <T>(make: () => T, most: number, from: readonly string[]): Record<string, T | null> => {
      const changed = Array.from({ length: random.int(most + 1) }, () => random.pick(from));
      return Object.fromEntries(changed.map((id) => [id, random.int(4) === 0 ? null : make()]));
    };
    return {
      Song: songs,
      Artist: random.int(3) === 0 ? some(() => ({ name: random.pick(['n', 'm']) }), 2, ['p', 'q']) : {},
      Note: some(() => ({ owner: random.pick(['ann', 'bob']), rank: random.int(4) }), 3, ids),
    };
  }

  #song(): SongInput {
    const random = this.#random;
    return {
      title: random.pick(['a', 'ab', 'b', null]),
      plays: random.pick([0, 1, 2, 3, 4, 5, 6, null]),
      genre: random.pick(['x', 'x', 'y', null]),
      year: random.pick([1990, 1991, 1992, null]),
      artistId: random.pick(['p', 'q', null]),
    };
  }

  /** Of those that are there. */
  #fromOneEnd(count: number): string[] {
    const sorted = [...this.#plays].toSorted(([, a], [, b]) => (a ?? 9) - (b ?? 9)).map(([id]) => id);
    return this.#random.int(2) === 0 ? sorted.slice(0, count) : sorted.slice(-count);
  }
}

function randomQuery(random: Random): string {
  const where = random.pick([
    '',
    'where: { genre: { eq: "x" } }',
    'where: { genre: { in: ["x", "y"] }, plays: { gt: 0 } }',
    'where: { plays: { gte: 1, lt: 4 } }',
    'where: { title: { startsWith: "a" } }',
    'where: { or: [{ genre: { isNull: true } }, { plays: { eq: 2 } }] }',
    'where: { or: [{ year: { eq: 1990 } }, { year: { gt: 1991 } }] }',
    'where: { not: { genre: { eq: "x" } } }',
    'where: { year: { eq: 1991 } }',
    'where: { year: { gte: 1991 }, genre: { neq: "y" } }',
    'where: { artist: { name: { eq: "n" } } }',
  ]);
  const order = random.pick(['', 'plays: DESC', 'plays: ASC_NULLS_FIRST', 'title: ASC', 'year: DESC', 'genre: ASC']);
  const orderBy = order === '' ? '' : `orderBy: [{ ${order} }, { ${random.pick(['plays: ASC', 'title: DESC'])} }]`;
  if (random.int(4) === 0) {
    const parts = random.pick(['totalCount', 'totalCount nodes { id }', 'pageInfo { hasNextPage } totalCount']);
    return `songsConnection(first: ${1 + random.int(4)} ${orderBy} ${where}) { ${parts} }`;
  }
  const page = `limit: ${random.pick([0, 1, 1, 2, 3, 9])} offset: ${random.pick([0, 0, 0, 1, 4])}`;
  return `songs(${page} ${orderBy} ${where}) { id plays title ${random.pick(['', 'artist { name }'])} }`;
}

const callers = ['ann', 'bob', 'root'].map((name): Caller => {
  return {
    ...nobody,
    id: name,
    identified: true,
    roles: new Set(name === 'root' ? ['admin'] : []),
    claims: { sub: name },
  };
});

describe.each(Array.from({ length: 5 }, (_, at) => firstSeed + at))('seed %i', (seed) => {
  test('what is kept between evaluations is what a pull query reads', async () => {
    const random = createRandom(seed);
    // Around the number of rows, so that queries begin to fail, and stop.
    const world = open(random.int(2) === 0 ? {} : { scanLimit: 20 });
    const rows = new RandomRows(random);
    world.commit(rows.next());
    const asked = Array.from({ length: 24 }, () => world.prepare(randomQuery(random)));
    const order = random.pick(['orderBy: { rank: DESC }', '']);
    for (const caller of callers) {
      asked.push(world.prepare(`notes(limit: 2 ${order}) { id rank }`, caller));
      asked.push(world.prepare('notesConnection(first: 1) { totalCount }', caller));
      asked.push(world.prepare('notesConnection(first: 1, where: { rank: { gt: 1 } }) { totalCount }', caller));
    }
    const listeners = asked.map((prepared) => ({ prepared, listener: world.listen(prepared) }));
    const check = async (): Promise<void> => {
      for (const { listener } of listeners) listener.release();
      world.hub.wake();
      for (const { prepared, listener } of listeners) {
        const newest = newestOf(world, prepared);
        while (listener.subscription?.position() !== newest) await quiet();
      }
      for (const { prepared, listener } of listeners) {
        const { data, errors } = listener.last;
        expect(answerOf(data, errors), `seed ${seed}: ${prepared.operation.loc?.source.body}`).toEqual(
          world.pull(prepared),
        );
        const versions = listener.frames.map(({ version }) => version ?? 0);
        expect(versions).toEqual([...new Set(versions)].toSorted((a, b) => a - b));
      }
    };
    for (let step = 0; step < 60; step += 1) {
      const { listener } = random.pick(listeners);
      if (random.int(3) === 0) listener.hold();
      for (let commits = random.int(3); commits >= 0; commits -= 1) world.commit(rows.next());
      if (random.int(4) > 0) world.hub.wake();
      if (random.int(3) > 0) await quiet();
      if (random.int(2) === 0) await check();
    }
    await check();
  });
});

function newestOf(world: World, prepared: Prepared): string {
  const snapshot = world.store.snapshot();
  try {
    return world.engine.execute(prepared, { snapshot, reader: snapshot, progress: idle }).position;
  } finally {
    snapshot.release();
  }
}

const rowCount = 10_000;
const song = (i: number, plays: number) => ({ title: `t${i}`, plays, genre: 'x', year: 2000, artistId: null });

function fill(world: World): void {
  const rows = Array.from({ length: rowCount }, (_, i) => [`k${String(i).padStart(5, '0')}`, song(i, i)] as const);
  world.commit({ Song: Object.fromEntries(rows) });
}

/** What the work grew by, but for the writer's. */
async function during(work: Work, act: () => Promise<void>): Promise<Work> {
  const before = { ...work };
  await act();
  const names = Object.keys(work) as (keyof Work)[];
  return Object.fromEntries(names.map((name) => [name, work[name] - before[name]])) as unknown as Work;
}

describe('cost', () => {
  const newest = 'songs(orderBy: { plays: DESC }, limit: 50) { id plays }';

  test('a change in a list of 50 of 10,000 rows, sorted without an index, reads none of them', async () => {
    const world = open();
    fill(world);
    const listener = world.listen(world.prepare(newest));
    await listener.until(1);
    const spent = await during(world.work, async () => {
      for (let n = 0; n < 5; n += 1) {
        world.commit({ Song: { k09990: song(0, 20_000 + n) } });
        world.hub.wake();
        await listener.until(n + 2);
      }
    });
    // The writer reads the row that it replaces.
    expect(spent).toMatchObject({ rowsRead: 5, shapesEvaluated: 5, framesSerialized: 5, feedEntriesRead: 5 });
  });

  test('a change behind the list is not even an evaluation', async () => {
    const world = open();
    fill(world);
    const listener = world.listen(world.prepare(newest));
    await listener.until(1);
    const spent = await during(world.work, async () => {
      for (let n = 0; n < 5; n += 1) world.commit({ Song: { k00007: song(0, 100 + n) } });
      world.hub.wake();
      await quiet();
    });
    expect(spent).toMatchObject({ shapesEvaluated: 0, framesSent: 0, feedEntriesRead: 5 });
  });

  test('a list is read again when what it has spare is used up, and not before', async () => {
    const world = open();
    fill(world);
    const listener = world.listen(world.prepare(newest));
    await listener.until(1);
    const reads: number[] = [];
    for (let n = 0; n < 30; n += 1) {
      const { rowsRead } = await during(world.work, async () => {
        world.commit({ Song: { [`k0${9_999 - n}`]: null } });
        world.hub.wake();
        await listener.until(n + 2);
      });
      if (rowsRead > 10) reads.push(n);
    }
    // 13 rows are spare: the fourteenth deletion finds none, and so on from there.
    expect(reads).toEqual([13, 27]);
  });

  test('a commit that is too large to be told is read, and what is kept with it', async () => {
    const world = open();
    fill(world);
    const list = world.listen(world.prepare(newest));
    const count = world.listen(world.prepare('songsConnection(first: 1, where: { plays: { gte: 0 } }) { totalCount }'));
    await Promise.all([list.until(1), count.until(1)]);
    const rows = Array.from(
      { length: 3_000 },
      (_, i) => [`k${String(i).padStart(5, '0')}`, song(i, 50_000 + i)] as const,
    );
    world.commit({ Song: { ...Object.fromEntries(rows), k09999: null, k09998: null } });
    world.hub.wake();
    await Promise.all([list.until(2), count.until(2)]);
    const { songs } = list.last.data as { songs: readonly { readonly plays: number }[] };
    expect(songs.map(({ plays }) => plays)).toEqual(Array.from({ length: 50 }, (_, i) => 52_999 - i));
    expect(count.last.data).toEqual({ songsConnection: { totalCount: rowCount - 2 } });
  });

  test('a count is moved, not counted again', async () => {
    const world = open();
    fill(world);
    const listener = world.listen(
      world.prepare('songsConnection(first: 1, where: { genre: { eq: "x" } }) { totalCount }'),
    );
    await listener.until(1);
    const spent = await during(world.work, async () => {
      world.commit({ Song: { k00001: null } });
      world.hub.wake();
      await listener.until(2);
    });
    expect(listener.last.data).toEqual({ songsConnection: { totalCount: rowCount - 1 } });
    expect(spent.rowsRead).toBeLessThan(3);
  });

  test('a thousand subscribers of other things change no counter and no frame', async () => {
    const world = open();
    world.commit({ Song: { a: song(1, 1), b: song(2, 2) } });
    const listener = world.listen(world.prepare('songs(orderBy: { plays: DESC }, limit: 1) { id plays }'));
    await listener.until(1);
    const change = async (plays: number): Promise<{ readonly spent: Work; readonly text: string }> => {
      const count = listener.frames.length + 1;
      const spent = await during(world.work, async () => {
        world.commit({ Song: { b: song(2, plays) } });
        world.hub.wake();
        await listener.until(count);
        await quiet();
      });
      return { spent, text: JSON.stringify(listener.last.data) };
    };
    const alone = await change(3);
    const others = Array.from({ length: 1_000 }, (_, i) =>
      world.listen(
        world.prepare(
          i % 2 === 0
            ? `songs(where: { genre: { eq: "g${i}" } }, orderBy: { plays: ASC }, limit: 3) { id }`
            : `songs(where: { plays: { gt: ${1_000 + i} } }, limit: 3) { id }`,
        ),
      ),
    );
    await Promise.all(others.map((other) => other.until(1)));
    const crowded = await change(4);
    expect(crowded.spent).toEqual(alone.spent);
    expect(crowded.text).toBe(alone.text.replace('3', '4'));
    expect(others.every(({ frames }) => frames.length === 1)).toBe(true);
  });
});
