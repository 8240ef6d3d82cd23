import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SetupError } from '../../../src/common/errors.ts';
import { decodePosition, ownTopic } from '../../../src/model/position.ts';
import { createTestGateway } from '../../../src/testing.ts';
import type { TestGateway, TestResult } from '../../../src/testing.ts';
import { createRandom, seedFromEnvironment } from '../../support/random.ts';

const kept = (clock: string) =>
  `type Hit @table(topic: "hits", retention: "1h"${clock}) { id: ID! n: Int }
   type Big @view(source: "Hit", where: { n: { gte: 10 } }) { id: ID! n: Int }`;
const counted = `
  type Hit @table(topic: "hits", mode: APPEND, retention: "30m", clock: WALL) { id: ID! @from(meta: COORDINATES) at: DateTime! }
  type Count @aggregation(source: "Hit", intervals: ["1h"], timestamp: "at", grace: "10m", retention: "2h", clock: WALL) {
    timestamp: DateTime!
    hits: Int! @aggregate(fn: COUNT)
  }`;

let dataDir = '';
let now = 0;
let gateway: TestGateway | undefined;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'headgate-clock-'));
  now = at('10:00');
});
afterEach(async () => {
  await gateway?.close();
  gateway = undefined;
  rmSync(dataDir, { recursive: true, force: true });
});

/** Closes the gateway that runs, and opens the same data with this schema. */
async function open(schema: string, rebuild: readonly string[] = []): Promise<TestGateway> {
  await gateway?.close();
  gateway = undefined;
  gateway = await createTestGateway({ schema, dataDir, rebuild, now: () => now });
  return gateway;
}

/** ms of a time of the first of January 2026. */
function at(time: string): number {
  return Date.parse(`2026-01-01T${time}Z`.replace(/T(\d\d:\d\d)Z$/, 'T$1:00Z'));
}

function tickAt(world: TestGateway, time: string): Promise<void> {
  now = at(time);
  return world.tick();
}

/** Of a record of the topic `hits`, sent at that time and telling of it. */
function record(time: string, key?: string, n?: number) {
  return { topic: 'hits', key, value: { at: at(time), n }, timestamp: at(time) };
}

async function ids(world: TestGateway, field = 'hits'): Promise<readonly string[]> {
  const { data } = await world.query(`{ ${field}(limit: 1000) { id } }`);
  return (data as Record<string, { id: string }[]>)[field]?.map(({ id }) => id) ?? [];
}

/** `10:00 2`, with `closed` where it is. */
async function buckets(world: TestGateway): Promise<readonly string[]> {
  const { data } = await world.query('{ counts { timestamp hits closed } }');
  return (data as { counts: { timestamp: string; hits: number; closed: boolean }[] }).counts.map(
    ({ timestamp, hits, closed }) => `${timestamp.slice(11, 16)} ${hits}${closed ? ' closed' : ''}`,
  );
}

/** The commits of Headgate's own that the position of the hits counts. */
async function ticks(world: TestGateway): Promise<number> {
  const { extensions } = await world.query('{ hits { id } }');
  return (
    decodePosition(extensions?.position ?? '')
      .offsets.get(ownTopic)
      ?.get(0) ?? 0
  );
}

function dropped(world: TestGateway): readonly string[] {
  const snapshot = world.store.snapshot();
  try {
    const letters = world.catalog.derivedTables.flatMap((table) => snapshot.deadLetters(table, 100));
    return letters.map(({ code, offset }) => `${code} ${offset}`).toReversed();
  } finally {
    snapshot.release();
  }
}

const wall = ', clock: WALL';

describe('a table with retention', () => {
  test('loses rows as the clock passes, to the millisecond, and its views with it', async () => {
    const world = await open(kept(wall));
    await world.produce([record('10:00', 'a', 10), record('10:01', 'b', 11)]);
    await tickAt(world, '11:00');
    expect(await ids(world)).toEqual(['a', 'b']);
    await tickAt(world, '11:00:00.001');
    expect([await ids(world), await ids(world, 'bigs')]).toEqual([['b'], ['b']]);
    await tickAt(world, '11:02');
    expect([await ids(world), await ids(world, 'bigs')]).toEqual([[], []]);
  });

  test('is not moved by what records tell, be it far in the future', async () => {
    const world = await open(kept(wall));
    await world.produce([record('10:00', 'a'), { ...record('10:00', 'far'), timestamp: Date.parse('2100-01-01') }]);
    expect(await ids(world)).toEqual(['a', 'far']);
    await tickAt(world, '11:01');
    expect(await ids(world)).toEqual(['far']);
    await world.produce(record('10:30', 'b'));
    expect(await ids(world)).toEqual(['b', 'far']);
  });

  test('does not go by the clock unless it says so', async () => {
    const world = await open(kept(''));
    await world.produce(record('10:00', 'a'));
    await tickAt(world, '23:00');
    expect([await ids(world), await ticks(world)]).toEqual([['a'], 0]);
    await world.produce(record('11:01', 'b'));
    expect(await ids(world)).toEqual(['b']);
  });

  test('a tick that would remove nothing is none, and a clock that goes back brings nothing', async () => {
    const world = await open(kept(wall));
    await world.produce([record('10:00', 'a'), record('10:30', 'b')]);
    for (const time of ['10:10', '11:00']) await tickAt(world, time);
    expect(await ticks(world)).toBe(0);
    await tickAt(world, '11:10');
    expect(await ticks(world)).toBe(1);
    await tickAt(world, '10:50');
    await world.produce(record('10:05', 'late'));
    expect([await ids(world), await ticks(world)]).toEqual([['b'], 1]);
  });

  test('is as the tick left it after a restart, whatever the clock is then', async () => {
    const world = await open(kept(wall));
    await world.produce([record('10:00', 'a'), record('10:30', 'b')]);
    await tickAt(world, '11:10');
    now = at('10:00');
    await world.restart();
    await world.produce(record('10:05', 'late'));
    expect(await ids(world)).toEqual(['b']);
  });

  test('read again, it is the same but for what ticks removed', async () => {
    const records = [record('10:00', 'a', 12), record('10:30', 'b', 12), record('10:20', 'b', 13)];
    let world = await open(kept(wall));
    await world.produce(records);
    await tickAt(world, '11:10');
    const before = [await ids(world), await ids(world, 'bigs')];
    world = await open(kept(wall), ['Hit']);
    await world.produce(records);
    expect([await ids(world), await ids(world, 'bigs')]).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
    await world.tick();
    expect([await ids(world), await ids(world, 'bigs')]).toEqual(before);
  });

  test('may change its clock without being read again, even where records had it astray', async () => {
    let world = await open(kept(''));
    await world.produce([record('10:00', 'a'), record('10:30', 'b')]);
    await world.produce({ ...record('10:30', 'far'), timestamp: Date.parse('2100-01-01') });
    expect(await ids(world)).toEqual(['far']);
    world = await open(kept(wall));
    await tickAt(world, '10:40');
    await world.produce(record('10:35', 'c'));
    expect(await ids(world)).toEqual(['c', 'far']);
    world = await open(kept(''));
    await world.produce(record('11:40', 'd'));
    expect(await ids(world)).toEqual(['d', 'far']);
  });

  test('has the same rows in the end, whenever the clock was looked at', async () => {
    const seed = seedFromEnvironment();
    console.log(`seed ${seed}`);
    const random = createRandom(seed);
    const world = await open(`type Hit @table(topic: "hits", retention: "1h", clock: WALL) { id: ID! n: Int }`);
    const start = now;
    const newest = new Map<string, number>();
    for (let i = 0; i < 300; i += 1) {
      const key = `k${random.int(40)}`;
      const sent = now - random.int(7_200_000);
      await world.produce({ topic: 'hits', partition: Number(key.slice(1)) % 2, key, value: {}, timestamp: sent });
      newest.set(key, sent);
      now += random.int(120_000);
      if (random.int(4) === 0) await world.tick();
    }
    await world.tick();
    const expected = [...newest].filter(([, sent]) => sent >= now - 3_600_000).map(([key]) => key);
    expect(now).toBeGreaterThan(start + 3_600_000);
    expect(await ids(world)).toEqual(expected.toSorted());
  });
});

describe('an aggregation', () => {
  test('closes and removes buckets though no record arrives', async () => {
    const world = await open(counted);
    await world.produce([record('10:10'), record('10:20')]);
    await tickAt(world, '11:09:59.999');
    expect(await buckets(world)).toEqual(['10:00 2']);
    await tickAt(world, '11:10');
    expect(await buckets(world)).toEqual(['10:00 2 closed']);
    await tickAt(world, '12:59:59.999');
    expect(await buckets(world)).toEqual(['10:00 2 closed']);
    await tickAt(world, '13:00');
    expect(await buckets(world)).toEqual([]);
  });

  test('a record is late by the ticks, also after a restart; those that come in time still count', async () => {
    const world = await open(counted);
    await world.produce(record('10:10'));
    await tickAt(world, '11:10');
    await world.restart();
    await world.produce([record('10:59'), record('11:00')]);
    expect(await buckets(world)).toEqual(['10:00 1 closed', '11:00 1']);
    expect(dropped(world)).toEqual(['LATE 1']);
  });

  test('is moved by no record, however far ahead', async () => {
    const world = await open(counted);
    const far = Date.parse('2100-01-01T00:00:00Z');
    await world.produce([record('10:10'), { topic: 'hits', value: { at: far }, timestamp: far }]);
    await world.produce(record('09:10'));
    expect(await buckets(world)).toEqual(['09:00 1', '10:00 1', '00:00 1']);
    await tickAt(world, '10:10');
    expect(await buckets(world)).toEqual(['09:00 1 closed', '10:00 1', '00:00 1']);
    expect(dropped(world)).toEqual([]);
  });

  test('keeps what it counted of rows that the clock removed', async () => {
    const world = await open(counted);
    await world.produce(record('10:10'));
    await tickAt(world, '10:45');
    expect([await ids(world), await buckets(world)]).toEqual([[], ['10:00 1']]);
    await world.produce(record('10:12'));
    expect([await ids(world), await buckets(world)]).toEqual([[], ['10:00 2']]);
  });

  test('of sessions closes them', async () => {
    const world = await open(`
      type Hit @table(topic: "hits", mode: STREAM) { id: ID! @from(meta: COORDINATES) at: DateTime! }
      type Count @aggregation(source: "Hit", sessionGap: "5m", timestamp: "at", grace: "10m", clock: WALL) {
        timestamp: DateTime!
        hits: Int! @aggregate(fn: COUNT)
        all: String @computed(expr: "'all'")
      }`);
    await world.produce([record('10:00'), record('10:04')]);
    await tickAt(world, '10:23:59.999');
    expect(await buckets(world)).toEqual(['10:00 2']);
    await tickAt(world, '10:24');
    expect(await buckets(world)).toEqual(['10:00 2 closed']);
  });

  test('has to see its records again where lateness goes by another clock, and not where only retention does', async () => {
    await open(counted);
    const aggregation = (text: string) => counted.replace('grace: "10m", retention: "2h", clock: WALL', text);
    const refused = open(aggregation('grace: "10m", retention: "2h"'));
    await expect(refused).rejects.toThrow(SetupError);
    await expect(refused).rejects.toThrow(/definition changed/);
    const world = await open(aggregation('retention: "2h"'), ['Hit']);
    await world.produce(record('10:10'));
    const byTheClock = await open(aggregation('retention: "2h", clock: WALL'));
    const far = Date.parse('2100-01-01T00:00:00Z');
    await byTheClock.produce({ topic: 'hits', value: { at: far }, timestamp: far });
    // What was told while nothing went by it does not count later.
    const again = await open(aggregation('retention: "2h"'));
    await again.produce(record('10:20'));
    expect(await buckets(again)).toEqual(['10:00 2', '00:00 1']);
  });
});

describe('a tick', () => {
  test('is told to live queries and change streams as a commit', async () => {
    const world = await open(counted);
    await world.produce(record('10:10'));
    const live = await world.subscribe('subscription { counts { hits closed } }');
    const changes = await world.subscribe(
      'subscription { countChanges { changes { operation timestamp changedFields } } }',
    );
    const hits = await world.subscribe('subscription { hitChanges { changes { operation timestamp } deletedIds } }');
    for (const each of [live, changes, hits]) each.frames();
    await tickAt(world, '11:10');
    expect(live.frames().map(({ data }) => data)).toEqual([{ counts: [{ hits: 1, closed: true }] }]);
    const timestamp = '2026-01-01T11:10:00.000Z';
    expect(changes.frames().map(({ data }) => data)).toEqual([
      { countChanges: { changes: [{ operation: 'UPDATE', timestamp, changedFields: ['closed'] }] } },
    ]);
    expect(hits.frames().map(({ data }) => data)).toEqual([
      { hitChanges: { changes: [{ operation: 'DELETE', timestamp }], deletedIds: ['0-0000000000000000'] } },
    ]);
  });

  test('a change stream is resumed across ticks, without gap or duplicate', async () => {
    const world = await open(kept(wall));
    await world.produce([record('10:00', 'a'), record('10:10', 'b'), record('10:20', 'c')]);
    const { extensions } = await world.query('{ hits { id } }');
    const after = extensions?.position ?? '';
    await tickAt(world, '11:05');
    await world.produce(record('11:05', 'd'));
    await tickAt(world, '11:15');
    const told = (frames: readonly TestResult[]) =>
      frames.map(({ data }) => {
        const { hitChanges } = data as {
          hitChanges: { position: string; changes: { operation: string; rowId: string }[] };
        };
        const { changes, position } = hitChanges;
        return { position, changes: changes.map(({ operation, rowId }) => `${operation} ${rowId}`) };
      });
    const document =
      'subscription ($after: String) { hitChanges(after: $after) { position changes { operation rowId } } }';
    const resumed = told((await world.subscribe(document, { after })).frames());
    const expected = [['DELETE a'], ['INSERT d'], ['DELETE b']];
    expect(resumed.map(({ changes }) => changes).filter((changes) => changes.length > 0)).toEqual(expected);
    const first = resumed[0]?.position;
    const again = told((await world.subscribe(document, { after: first })).frames());
    expect(again.map(({ changes }) => changes).filter((changes) => changes.length > 0)).toEqual(expected.slice(1));
  });

  test('is counted by positions, and neither held up nor holds up those that wait for one', async () => {
    const world = await open(kept(wall));
    await world.produce(record('10:00', 'a'));
    const query = 'query ($at: String) @atLeast(position: $at, timeoutMs: 0) { hits { id } }';
    const before = (await world.query('{ hits { id } }')).extensions?.position;
    await tickAt(world, '11:05');
    const { extensions, errors } = await world.query(query, { at: before });
    expect(errors).toBeUndefined();
    expect(await ticks(world)).toBe(1);
    expect((await world.query(query, { at: extensions?.position })).data).toEqual({ hits: [] });
  });
});
