import { describe, expect, test } from 'vitest';
import { createWindowWorld } from '../../support/window-world.ts';

/** As in `kafka-streams.test.ts`: the windows of Kafka Streams' tests. */

describe('KStreamWindowAggregate and TimeWindowedKStream', () => {
  const ms = (window: string) => `${window}, timestamp: "at"`;
  const iso = (seconds: number) => new Date(seconds * 1_000).toISOString();

  test('hopping windows [start, end), of out-of-order records too', async () => {
    const world = await createWindowWorld(ms('intervals: ["10s"], hop: "5s"'));
    for (const [id, seconds] of [0, 4, 5, 10, 3].entries()) await world.hit({ id: `${id}`, at: seconds * 1_000 });
    expect(await world.rows()).toEqual([
      `S10 ${iso(-5)} a 3`,
      `S10 ${iso(0)} a 4`,
      `S10 ${iso(5)} a 2`,
      `S10 ${iso(10)} a 1`,
    ]);
    await world.close();
  });

  test('a record that is too late for one window is added to the next one', async () => {
    const world = await createWindowWorld(ms('intervals: ["10s"], hop: "5s", grace: "5s"'));
    for (const [id, seconds] of [5, 15, 6].entries()) await world.hit({ id: `${id}`, at: seconds * 1_000 });
    const rows = await world.rows();
    expect(rows.map((row) => row.replace(' closed', ''))).toEqual([
      `S10 ${iso(0)} a 1`,
      `S10 ${iso(5)} a 2`,
      `S10 ${iso(10)} a 1`,
      `S10 ${iso(15)} a 1`,
    ]);
    expect(world.dropped()).toEqual(['LATE hits/0 at 2']);
    await world.close();
  });

  test('a window that is over is final: nothing is added to it, and `closed` says so (emit on close)', async () => {
    const world = await createWindowWorld(ms('intervals: ["10s"], grace: "5s"'));
    for (const [id, seconds] of [0, 9, 15, 9].entries()) await world.hit({ id: `${id}`, at: seconds * 1_000 });
    expect(await world.rows()).toEqual([`S10 ${iso(0)} a 2 closed`, `S10 ${iso(10)} a 1`]);
    await world.close();
  });

  test('late records advance nothing and are counted: differs in that they are kept as dead letters', async () => {
    const world = await createWindowWorld(ms('intervals: ["10s"], grace: "90s"'));
    for (const [id, seconds] of [100, 0, 1, 6, 105].entries()) await world.hit({ id: `${id}`, at: seconds * 1_000 });
    expect(await world.rows()).toEqual([`S10 ${iso(100)} a 2`]);
    expect(world.dropped()).toEqual(['LATE hits/0 at 1', 'LATE hits/0 at 2', 'LATE hits/0 at 3']);
    await world.close();
  });

  test('differs: negative timestamps have windows, where theirs stop the application', async () => {
    const world = await createWindowWorld(ms('intervals: ["10s"]'));
    await world.hit({ id: '1', at: -1 });
    expect(await world.rows()).toEqual([`S10 ${iso(-10)} a 1`]);
    await world.close();
  });
});

describe('SessionWindowedKStream', () => {
  const iso = (seconds: number) => new Date(seconds * 1_000).toISOString();
  const sessions = 'sessionGap: "500s", timestamp: "at"';

  test('sessions of several keys, separate and merging', async () => {
    const world = await createWindowWorld(sessions);
    const records: readonly (readonly [who: string, seconds: number])[] = [
      ['ann', 0],
      ['ann', 500],
      ['bob', 0],
      ['bob', 1_001],
      ['bob', 501],
      ['cid', 501],
      ['ann', 1_001],
    ];
    for (const [id, [who, seconds]] of records.entries()) await world.hit({ id: `${id}`, who, at: seconds * 1_000 });
    expect(await world.rows()).toEqual([
      `${iso(0)} ${iso(500)} ann 2`,
      `${iso(0)} ${iso(0)} bob 1`,
      `${iso(501)} ${iso(1_001)} bob 2`,
      `${iso(501)} ${iso(501)} cid 1`,
      `${iso(1_001)} ${iso(1_001)} ann 1`,
    ]);
    await world.close();
  });

  test('a merged session is removed and the merged one is told of', async () => {
    const world = await createWindowWorld(sessions);
    await world.hit({ id: '1', at: 5_000 });
    const stream = await world.gateway.subscribe('subscription { countChanges { changes { operation } } }');
    stream.frames();
    await world.hit({ id: '2', at: 0 });
    const told = stream
      .frames()
      .flatMap(
        ({ data }) => (data as { countChanges: { changes: readonly { operation: string }[] } }).countChanges.changes,
      );
    expect(told.map(({ operation }) => operation).toSorted()).toEqual(['DELETE', 'INSERT']);
    expect(await world.rows()).toEqual([`${iso(0)} ${iso(5)} a 2`]);
    await world.close();
  });

  test('differs: a record is late by its own time and the gap, so that whether it is does not depend on the sessions there are', async () => {
    const world = await createWindowWorld('sessionGap: "10s", timestamp: "at", grace: "5s"');
    for (const [id, seconds] of [8, 20, 4].entries()) await world.hit({ id: `${id}`, at: seconds * 1_000 });
    // Theirs would take it into [8, 8], to which records are added until stream time is past 23.
    expect((await world.rows()).map((row) => row.replace(' closed', ''))).toEqual([
      `${iso(8)} ${iso(8)} a 1`,
      `${iso(20)} ${iso(20)} a 1`,
    ]);
    expect(world.dropped()).toEqual(['LATE hits/0 at 2']);
    await world.close();
  });
});
