import { describe, expect, test } from 'vitest';
import { createWindowWorld } from '../../support/window-world.ts';
import type { WindowWorld } from '../../support/window-world.ts';

const day = '2026-01-01T';
const hourly = 'intervals: ["1h"], timestamp: "at", grace: "10m"';
const kept = 'intervals: ["1h"], timestamp: "at", retention: "2h"';

describe('closed', () => {
  test('flips at the millisecond at which no record can be added any more', async () => {
    const world = await createWindowWorld(hourly);
    await world.hit({ id: 'a', at: `${day}10:00:00Z` }, { id: 'b', at: `${day}11:09:59.999Z` });
    expect(await world.rows()).toEqual([`H1 ${day}10:00:00.000Z a 1`, `H1 ${day}11:00:00.000Z a 1`]);
    await world.hit({ id: 'c', at: `${day}11:10:00Z` });
    expect(await world.rows()).toEqual([`H1 ${day}10:00:00.000Z a 1 closed`, `H1 ${day}11:00:00.000Z a 2`]);
    await world.close();
  });

  test('waits for the slowest partition', async () => {
    const world = await createWindowWorld(hourly);
    await world.hit({ id: 'slow', at: `${day}10:00:00Z`, partition: 1 }, { id: 'fast', at: `${day}20:00:00Z` });
    expect(await world.rows()).toEqual([`H1 ${day}10:00:00.000Z a 1`, `H1 ${day}20:00:00.000Z a 1`]);
    await world.hit({ id: 'caught up', at: `${day}19:00:00Z`, partition: 1 });
    expect((await world.rows())[0]).toBe(`H1 ${day}10:00:00.000Z a 1 closed`);
    await world.close();
  });

  test('each granularity closes for itself', async () => {
    const world = await createWindowWorld('intervals: ["1h", "1d"], timestamp: "at", grace: "10m"');
    await world.hit({ id: 'a', at: `${day}10:00:00Z` }, { id: 'b', at: `${day}23:00:00Z` });
    expect((await world.rows()).map((row) => row.endsWith('closed'))).toEqual([true, false, false]);
    await world.hit({ id: 'c', at: '2026-01-02T00:10:00Z' });
    expect((await world.rows()).map((row) => row.endsWith('closed'))).toEqual([true, true, false, true, false]);
    await world.close();
  });

  test('is never true without grace', async () => {
    const world = await createWindowWorld('intervals: ["1h"], timestamp: "at"');
    await world.hit({ id: 'a', at: 0 }, { id: 'b', at: '2026-01-01T00:00:00Z' });
    expect((await world.rows()).filter((row) => row.endsWith('closed'))).toEqual([]);
    await world.close();
  });

  test('a tombstone does not advance time: it has no event', async () => {
    const world = await createWindowWorld(hourly);
    await world.hit({ id: 'a', at: `${day}10:00:00Z` });
    await world.hit({ id: 'none', sent: '2026-02-01T00:00:00Z' });
    expect(await world.rows()).toEqual([`H1 ${day}10:00:00.000Z a 1`]);
    await world.close();
  });

  test('is seen by live queries, also by those that filter on it', async () => {
    const world = await createWindowWorld(hourly);
    const open = await world.gateway.subscribe(
      'subscription { counts(where: { closed: { eq: false } }) { timestamp } }',
    );
    const done = await world.gateway.subscribe(
      'subscription { counts(where: { closed: { eq: true } }) { timestamp } }',
    );
    await world.hit({ id: 'a', at: `${day}10:00:00Z` });
    await world.hit({ id: 'b', at: `${day}11:10:00Z` });
    const starts = (frame: { data?: unknown }) =>
      (frame.data as { counts: readonly { timestamp: string }[] }).counts.map(({ timestamp }) =>
        timestamp.slice(11, 16),
      );
    expect(open.frames().map(starts)).toEqual([[], ['10:00'], ['11:00']]);
    expect(done.frames().map(starts)).toEqual([[], ['10:00']]);
    await world.close();
  });

  test('is an update in the change stream, with nothing else changed', async () => {
    const world = await createWindowWorld(hourly);
    await world.hit({ id: 'a', at: `${day}10:00:00Z` });
    const changes = await subscribeChanges(world);
    await world.hit({ id: 'b', at: `${day}11:10:00Z` });
    expect(changes().map((message) => message.toSorted(byOperation))).toEqual([
      [
        { operation: 'INSERT', changedFields: [], node: { timestamp: `${day}11:00:00.000Z`, hits: 1, closed: false } },
        {
          operation: 'UPDATE',
          changedFields: ['closed'],
          node: { timestamp: `${day}10:00:00.000Z`, hits: 1, closed: true },
        },
      ],
    ]);
    await world.close();
  });

  test('a bucket whose rows are all deleted is gone, closed or not', async () => {
    const world = await createWindowWorld(hourly);
    await world.hit({ id: 'a', at: `${day}10:00:00Z` }, { id: 'b', at: `${day}20:00:00Z` });
    const changes = await subscribeChanges(world);
    await world.hit({ id: 'a' });
    expect(await world.rows()).toEqual([`H1 ${day}20:00:00.000Z a 1`]);
    expect(changes()).toEqual([[{ operation: 'DELETE', changedFields: [], node: null }]]);
    await world.close();
  });

  test('stays as it was after a restart, and lateness with it', async () => {
    const world = await createWindowWorld(hourly);
    await world.hit({ id: 'a', at: `${day}10:00:00Z` }, { id: 'b', at: `${day}11:10:00Z` });
    const before = await world.rows();
    await world.gateway.restart();
    expect(await world.rows()).toEqual(before);
    await world.hit({ id: 'c', at: `${day}10:30:00Z` });
    expect(await world.rows()).toEqual(before);
    expect(world.dropped()).toEqual(['LATE hits/0 at 2']);
    await world.close();
  });
});

describe('retention', () => {
  test('removes a bucket at the millisecond at which it ended that long ago', async () => {
    const world = await createWindowWorld(kept);
    await world.hit({ id: 'a', at: `${day}10:00:00Z` });
    await world.hit({ id: 'b', at: `${day}12:59:59.999Z` });
    expect(await world.rows()).toEqual([`H1 ${day}10:00:00.000Z a 1`, `H1 ${day}12:00:00.000Z a 1`]);
    await world.hit({ id: 'c', at: `${day}13:00:00Z` });
    expect(await world.rows()).toEqual([`H1 ${day}12:00:00.000Z a 1`, `H1 ${day}13:00:00.000Z a 1`]);
    await world.close();
  });

  test('goes by the newest time of any partition', async () => {
    const world = await createWindowWorld(kept);
    await world.hit({ id: 'slow', at: `${day}10:00:00Z`, partition: 1 }, { id: 'fast', at: `${day}13:00:00Z` });
    expect(await world.rows()).toEqual([`H1 ${day}13:00:00.000Z a 1`]);
    await world.close();
  });

  test('each granularity keeps its buckets that long after their own end', async () => {
    const world = await createWindowWorld('intervals: ["1h", "1d"], timestamp: "at", retention: "2h"');
    await world.hit({ id: 'a', at: `${day}10:00:00Z` }, { id: 'b', at: `${day}13:30:00Z` });
    expect(await world.rows()).toEqual([`H1 ${day}13:00:00.000Z a 1`, `D1 ${day}00:00:00.000Z a 2`]);
    await world.close();
  });

  test('is told as deletions', async () => {
    const world = await createWindowWorld(kept);
    await world.hit({ id: 'a', at: `${day}10:00:00Z` });
    const changes = await subscribeChanges(world);
    const live = await world.gateway.subscribe('subscription { counts { timestamp } }');
    await world.hit({ id: 'b', at: `${day}13:00:00Z` });
    // One message a commit, and retention is part of the commit that time passed in.
    expect(
      changes()
        .flat()
        .map(({ operation }) => operation)
        .toSorted(),
    ).toEqual(['DELETE', 'INSERT']);
    expect(live.frames().at(-1)?.data).toEqual({ counts: [{ timestamp: `${day}13:00:00.000Z` }] });
    await world.close();
  });

  test('a record for a removed bucket does not bring it back', async () => {
    const world = await createWindowWorld(kept);
    await world.hit({ id: 'a', at: `${day}10:00:00Z` }, { id: 'b', at: `${day}13:00:00Z` });
    await world.hit({ id: 'c', at: `${day}10:30:00Z` });
    expect(await world.rows()).toEqual([`H1 ${day}13:00:00.000Z a 1`]);
    await world.close();
  });

  test('rows of a removed bucket may be deleted, corrected and moved to another', async () => {
    const world = await createWindowWorld(kept);
    await world.hit({ id: 'a', at: `${day}10:00:00Z` }, { id: 'b', at: `${day}10:00:00Z` });
    await world.hit({ id: 'c', at: `${day}13:00:00Z` });
    await world.hit({ id: 'a' }, { id: 'b', at: `${day}10:10:00Z`, who: 'b' });
    expect(await world.rows()).toEqual([`H1 ${day}13:00:00.000Z a 1`]);
    await world.hit({ id: 'b', at: `${day}13:10:00Z` });
    expect(await world.rows()).toEqual([`H1 ${day}13:00:00.000Z a 2`]);
    await world.hit({ id: 'b', at: `${day}10:10:00Z` });
    expect(await world.rows()).toEqual([`H1 ${day}13:00:00.000Z a 1`]);
    await world.close();
  });

  test('removes hopping buckets one by one', async () => {
    const world = await createWindowWorld('intervals: ["1h"], hop: "30m", timestamp: "at", retention: "1h"');
    await world.hit({ id: 'a', at: `${day}10:00:00Z` }, { id: 'b', at: `${day}11:30:00Z` });
    expect(await world.rows()).toEqual([
      `H1 ${day}10:00:00.000Z a 1`,
      `H1 ${day}11:00:00.000Z a 1`,
      `H1 ${day}11:30:00.000Z a 1`,
    ]);
    await world.close();
  });

  test('works before 1970, too', async () => {
    const world = await createWindowWorld(kept);
    await world.hit({ id: 'a', at: '1969-06-01T10:00:00Z' }, { id: 'b', at: '1969-06-01T13:00:00Z' });
    expect(await world.rows()).toEqual(['H1 1969-06-01T13:00:00.000Z a 1']);
    await world.close();
  });
});

async function subscribeChanges(world: WindowWorld): Promise<() => readonly (readonly Record<string, unknown>[])[]> {
  const stream = await world.gateway.subscribe(
    'subscription { countChanges { changes { operation changedFields node { timestamp hits closed } } } }',
  );
  return () =>
    stream
      .frames()
      .map(
        ({ data }) => (data as { countChanges: { changes: readonly Record<string, unknown>[] } }).countChanges.changes,
      )
      .filter((changes) => changes.length > 0);
}

function byOperation(a: Record<string, unknown>, b: Record<string, unknown>): number {
  return String(a['operation']).localeCompare(String(b['operation']));
}
