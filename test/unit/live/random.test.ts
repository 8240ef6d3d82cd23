import { describe, expect, test } from 'vitest';
import type { Table } from '../../../src/catalog/catalog.ts';
import { must } from '../../../src/common/errors.ts';
import { FeedHistory } from '../../../src/feed/history.ts';
import { createMembership } from '../../../src/live/membership.ts';
import { encodeBound, prefixRange } from '../../../src/store/keys.ts';
import type { KeyRange, Reader } from '../../../src/store/store.ts';
import { createLiveWorld, quiet, type Listener, type LiveWorld } from '../../support/live-world.ts';
import { createRandom, seedFromEnvironment, type Random } from '../../support/random.ts';
import type { Rows } from '../../support/rows-world.ts';
import { rowObject } from '../../support/tiny-engine.ts';

const schema = `
type Song @table(topic: "songs") @index(fields: "artistId plays", covering: true) {
  id: ID!
  title: String @index
  plays: Int
  artistId: ID
  artist: Artist @relation(fields: ["artistId"])
  covers: [Song!]! @relation(fields: ["title"], references: ["title"])
}
type Artist @table(topic: "artists") {
  id: ID!
  name: String
  labelId: ID
  label: Label @relation(fields: ["labelId"])
  songs: [Song!]! @relation(references: ["artistId"])
}
type Label @table(topic: "labels") { id: ID! name: String }
`;

const firstSeed = seedFromEnvironment();
const seeds = Array.from({ length: 6 }, (_, at) => firstSeed + at);
console.log(`live/random: HEADGATE_SEED=${firstSeed}`);

const ids = [...'abcdefgh'];
const names = ['x', 'y', 'z', null];

function randomRows(random: Random): Rows {
  const some = <T>(make: (id: string) => T): Record<string, T | null> => {
    const rows: Record<string, T | null> = {};
    for (let left = random.int(4); left > 0; left -= 1) {
      const id = random.pick(ids);
      rows[id] = random.int(4) === 0 ? null : make(id);
    }
    return rows;
  };
  return {
    Song: some(() => ({
      title: random.pick(names),
      plays: random.int(5),
      artistId: random.pick([...ids.slice(0, 3), null]),
    })),
    Artist:
      random.int(2) === 0 ? {} : some(() => ({ name: random.pick(names), labelId: random.pick(['a', 'b', null]) })),
    Label: random.int(3) === 0 ? some(() => ({ name: random.pick(names) })) : {},
  };
}

/** Of an index, bounds may be places among entries with equal columns, as those of a page behind a cursor are. */
function randomRange(random: Random, table: Table, columns: Table['key']): KeyRange {
  const valueOf = (at: number) => (columns[at]?.name === 'plays' ? random.int(5) : random.pick(ids.slice(0, 4)));
  const bound = () => {
    const values = columns.slice(0, 1 + random.int(columns.length)).map((_, at) => valueOf(at));
    const bytes = encodeBound(columns, values);
    if (columns === table.key || values.length < columns.length || random.int(2) === 0) return bytes;
    return Buffer.concat([bytes, encodeBound(table.key, [random.pick(ids)])]);
  };
  const reverse = random.int(2) === 0;
  switch (random.int(4)) {
    case 0:
      return { reverse };
    case 1:
      return { ...prefixRange(bound()), reverse };
    case 2:
      return { lower: bound(), reverse };
    default: {
      const [lower, upper] = [bound(), bound()].toSorted(Buffer.compare);
      return { lower, upper: must(prefixRange(must(upper, 'a bound')).upper, 'a bound'), reverse };
    }
  }
}

/** A query that may read anything in any way, decided once. */
function randomQuery(world: LiveWorld, random: Random): (reader: Reader) => unknown {
  const table = random.pick(world.catalog.tables);
  const limit = random.pick([1, 2, 3, Infinity]);
  const join = random.int(2) === 0;
  const song = world.table('Song');
  const related = (reader: Reader, row: Record<string, unknown>) => {
    if (!join || typeof row['artistId'] !== 'string') return row;
    const artist = reader.get(world.table('Artist'), world.key('Artist', row['artistId']));
    return { ...row, artist: artist && rowObject(world.table('Artist'), artist) };
  };
  switch (random.int(4)) {
    case 0: {
      const key = world.key(table.name, random.pick(ids));
      return (reader) => {
        const row = reader.get(table, key);
        return row ? related(reader, rowObject(table, row)) : null;
      };
    }
    case 1: {
      const range = randomRange(random, table, table.key);
      return (reader) => take(reader.scan(table, range), limit).map((row) => related(reader, rowObject(table, row)));
    }
    case 2: {
      const index = random.pick(song.indexes);
      const range = randomRange(random, song, index.columns);
      return (reader) =>
        take(reader.scanIndex(song, index, range), limit).map(({ rowKey }) =>
          related(reader, rowObject(song, must(reader.get(song, rowKey), 'a row'))),
        );
    }
    default:
      return (reader) => reader.count(table);
  }
}

function take<T>(items: Iterable<T>, limit: number): T[] {
  const taken: T[] = [];
  for (const item of items) {
    taken.push(item);
    if (taken.length >= limit) break;
  }
  return taken;
}

describe.each(seeds)('seed %i', (seed) => {
  test('history shows every earlier version as it was', () => {
    const world = createLiveWorld(schema);
    const random = createRandom(seed);
    const queries = Array.from({ length: 30 }, () => randomQuery(world, random));
    const kept: { version: number; answers: string[] }[] = [];
    const answersOf = (reader: Reader) => queries.map((query) => JSON.stringify(query(reader)));
    const history = new FeedHistory(10_000);
    for (let step = 0; step < 40; step += 1) {
      world.commit(randomRows(random));
      const snapshot = world.store.snapshot();
      kept.push({ version: snapshot.version, answers: answersOf(snapshot) });
      const { version, answers } = random.pick(kept);
      expect(answersOf(history.at(version, snapshot))).toEqual(answers);
      if (random.int(10) === 0) history.forget(random.pick(kept).version);
      snapshot.release();
    }
  });

  test('a live query is a pull query, kept true', async () => {
    const world = createLiveWorld(schema);
    const random = createRandom(seed);
    const tables = world.catalog.tables.map(({ name }) => name);
    world.commit(randomRows(random));
    const queries = Array.from({ length: 40 }, () => randomQuery(world, random));
    const listeners = queries.map((query, at) => world.listen(world.live(`q${at}`, tables, query)));
    await Promise.all(listeners.map((listener) => listener.until(1)));
    const check = async () => {
      for (const listener of listeners) listener.release();
      world.hub.wake();
      await quiet();
      await quiet();
      const snapshot = world.store.snapshot();
      for (const [at, query] of queries.entries()) {
        expect(listeners[at]?.last.data, `query ${at}`).toEqual(JSON.parse(JSON.stringify(query(snapshot))));
        const versions = listeners[at]?.frames.map(({ version }) => version ?? 0) ?? [];
        expect(versions).toEqual([...new Set(versions)].toSorted((a, b) => a - b));
      }
      snapshot.release();
    };
    for (let step = 0; step < 80; step += 1) {
      const listener = random.pick(listeners);
      if (random.int(2) === 0) listener.hold();
      else listener.release();
      for (let commits = random.int(3); commits >= 0; commits -= 1) world.commit(randomRows(random));
      if (random.int(4) > 0) world.hub.wake();
      if (random.int(3) > 0) await quiet();
      // What one change misses the next one may hide: look often.
      if (random.int(2) === 0) await check();
    }
    await check();
  });

  test('the messages of a change stream, applied in order, give the set at every position', async () => {
    const world = createLiveWorld(schema, { limits: { maxChangesPerMessage: 2 } });
    const random = createRandom(seed);
    const song = world.table('Song');
    const wheres = [
      undefined,
      { plays: { gte: 2 } },
      { artistId: { eq: 'a' } },
      { artist: { name: { eq: 'x' } } },
      { artist: { label: { name: { in: ['x', 'y'] } } } },
      { not: { artist: { label: { name: { eq: 'x' } } } } },
      { covers: { some: { plays: { gte: 3 } } } },
      { covers: { every: { artist: { name: { eq: 'y' } } } } },
      { or: [{ artist: { songs: { none: { plays: { eq: 1 } } } } }, { title: { eq: 'x' } }] },
    ];
    const related = ['Artist', 'Label'];
    const oracle = wheres.map((where) => world.changes('Song', { where, related }));
    const setsByVersion = new Map<number, Map<string, unknown>[]>();
    const memberships = oracle.map(({ changes }) =>
      createMembership(world.catalog.tablesByName, must(changes, 'arguments')),
    );
    const tokens: { token: string; sets: Map<string, unknown>[] }[] = [];
    const remember = () => {
      const snapshot = world.store.snapshot();
      const sets = memberships.map(({ see }) => {
        const rows = [...snapshot.scan(song, {})].filter((row) => see(row, snapshot) !== undefined);
        return new Map(rows.map((row) => rowObject(song, row)).map((row) => [row['id'] as string, row] as const));
      });
      setsByVersion.set(snapshot.version, sets);
      snapshot.release();
      tokens.push({ token: world.position('Song', ...related), sets });
    };
    remember();

    const followers: { listener: Listener; where: number; set: Map<string, unknown>; read: number }[] = [];
    for (let step = 0; step < 40; step += 1) {
      world.commit(randomRows(random));
      remember();
      if (random.int(2) === 0) {
        const where = random.int(wheres.length);
        const { token, sets } = random.pick(tokens);
        const listener = world.listen(world.changes('Song', { where: wheres[where], related, after: token }));
        followers.push({ listener, where, set: new Map(sets[where]), read: 0 });
      }
      const follower = random.pick([...followers, undefined]);
      if (random.int(2) === 0) follower?.listener.hold();
      else follower?.listener.release();
      if (random.int(3) > 0) world.hub.wake();
      if (random.int(2) === 0) await quiet();
    }
    for (const { listener } of followers) listener.release();
    world.hub.wake();
    while (followers.some(({ listener }) => listener.subscription?.position() !== world.position('Song', ...related))) {
      await quiet();
    }
    for (const { listener, where, set } of followers) {
      for (const { data, version } of listener.frames) {
        const { changes, complete } = data as {
          complete: boolean;
          changes: { kind: string; before?: { id: string }; after?: { id: string } }[];
        };
        for (const { kind, before, after } of changes) {
          expect(kind === 'insert' ? set.get(after?.id ?? '') : undefined).toBeUndefined();
          expect(kind === 'insert' ? undefined : set.get(before?.id ?? '')).toEqual(before);
          if (after === undefined) set.delete(before?.id ?? '');
          else set.set(after.id, after);
        }
        if (!complete) continue;
        const expected = setsByVersion.get(version ?? -1)?.[where];
        expect([...set].toSorted(), `where ${where} at ${version}`).toEqual([...(expected ?? [])].toSorted());
      }
      const newest = must([...setsByVersion.values()].at(-1), 'a set')[where];
      expect([...set].toSorted()).toEqual([...(newest ?? [])].toSorted());
    }
  });
});
