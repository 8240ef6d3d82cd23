import { expect, test } from 'vitest';
import { internalMessage } from '../../../src/common/errors.ts';
import { createLiveWorld, quiet } from '../../support/live-world.ts';
import { rowObject } from '../../support/tiny-engine.ts';

const schema = `
type Song @table(topic: "songs") { id: ID! title: String! artistId: ID @index plays: Int @index artist: Artist @relation(fields: ["artistId"]) }
type Artist @table(topic: "artists") { id: ID! name: String! }
`;

function open(options: Parameters<typeof createLiveWorld>[1] = {}) {
  const world = createLiveWorld(schema, options);
  const song = (id: string) =>
    world.live(`song ${id}`, ['Song'], (reader) => {
      const row = reader.get(world.table('Song'), world.key('Song', id));
      return row === undefined ? null : rowObject(world.table('Song'), row);
    });
  const byArtist = (artistId: string, limit?: number) =>
    world.live(`songs of ${artistId} ${limit}`, ['Song'], (reader) =>
      world.rowsBy(reader, 'Song', 'artistId', artistId, limit),
    );
  const count = () => world.live('count', ['Song'], (reader) => reader.count(world.table('Song')));
  return { ...world, song, byArtist, count };
}

test('the first frame is the answer, with its position', async () => {
  const { commit, listen, song, version } = open();
  commit({ Song: { a: { title: 'A' } } });
  const listener = listen(song('a'));
  expect(await listener.until(1)).toMatchObject({
    data: { id: 'a', title: 'A', artistId: null, plays: null },
    version: version(),
  });
});

test('a commit that concerns the shape sends a frame; another advances the position only', async () => {
  const { commit, listen, song, hub, version, work } = open();
  commit({ Song: { a: { title: 'A' }, b: { title: 'B' } } });
  const listener = listen(song('a'));
  await listener.until(1);
  commit({ Song: { b: { title: 'B2' } } });
  hub.wake();
  await quiet();
  expect(listener.frames).toHaveLength(1);
  expect(work.shapesEvaluated).toBe(1);
  expect(positionVersion(listener.subscription?.position())).toBe(version());

  commit({ Song: { a: { title: 'A2' } } });
  hub.wake();
  expect(await listener.until(2)).toMatchObject({ data: { title: 'A2' }, version: version() });
});

test('a row that is missing when asked for is seen when it arrives', async () => {
  const { commit, listen, song, hub } = open();
  const listener = listen(song('late'));
  expect((await listener.until(1)).data).toBeNull();
  commit({ Song: { late: { title: 'Late' } } });
  hub.wake();
  expect((await listener.until(2)).data).toMatchObject({ title: 'Late' });
});

test('rows that enter, leave, move and change within a range are all seen', async () => {
  const { commit, listen, byArtist, hub, work } = open();
  commit({ Song: { a: { title: 'A', artistId: 'x' }, b: { title: 'B', artistId: 'y' } } });
  const listener = listen(byArtist('x'));
  await listener.until(1);
  const ids = (frame: { data: unknown }) =>
    (frame.data as { id: string; title: string }[]).map(({ id, title }) => `${id}${title}`);

  commit({ Song: { b: { title: 'B', artistId: 'x' } } });
  hub.wake();
  expect(ids(await listener.until(2))).toEqual(['aA', 'bB']);
  commit({ Song: { a: { title: 'A2', artistId: 'x' } } });
  hub.wake();
  expect(ids(await listener.until(3))).toEqual(['aA2', 'bB']);
  commit({ Song: { a: { title: 'A2', artistId: 'z' } } });
  hub.wake();
  expect(ids(await listener.until(4))).toEqual(['bB']);
  commit({ Song: { b: null } });
  hub.wake();
  expect(ids(await listener.until(5))).toEqual([]);
  // None of it compared ranges: the prefix was found by hash.
  expect(work.rangesTested).toBe(0);
});

test('a scan that stopped early is not touched beyond where it stopped', async () => {
  const { commit, listen, byArtist, hub, work } = open();
  const rows = Object.fromEntries(['a', 'b', 'c', 'd'].map((id) => [id, { title: id, artistId: 'x' }]));
  commit({ Song: rows });
  const listener = listen(byArtist('x', 2));
  await listener.until(1);
  commit({ Song: { d: { title: 'D', artistId: 'x' } } });
  hub.wake();
  await quiet();
  expect(work.shapesEvaluated).toBe(1);
  commit({ Song: { b: null } });
  hub.wake();
  expect((await listener.until(2)).data).toMatchObject([{ id: 'a' }, { id: 'c' }]);
});

test('a count is touched by inserts and deletes, not by updates', async () => {
  const { commit, listen, count, hub, work } = open();
  commit({ Song: { a: { title: 'A' } } });
  const listener = listen(count());
  expect((await listener.until(1)).data).toBe(1);
  commit({ Song: { a: { title: 'A2' } } });
  hub.wake();
  await quiet();
  expect(work.shapesEvaluated).toBe(1);
  commit({ Song: { b: { title: 'B' } } });
  hub.wake();
  expect((await listener.until(2)).data).toBe(2);
});

test('one evaluation and one serialization for all listeners of a shape', async () => {
  const { commit, listen, song, hub, work } = open();
  commit({ Song: { a: { title: 'A' } } });
  const listeners = Array.from({ length: 50 }, () => listen(song('a')));
  await Promise.all(listeners.map((listener) => listener.until(1)));
  const bytesSerialized = Buffer.byteLength(listeners[0]?.last.text ?? '');
  expect(work).toMatchObject({ shapesEvaluated: 1, framesSerialized: 1, bytesSerialized, framesSent: 50 });
  commit({ Song: { a: { title: 'A2' } } });
  hub.wake();
  await Promise.all(listeners.map((listener) => listener.until(2)));
  expect(work).toMatchObject({ shapesEvaluated: 2, framesSerialized: 2, framesSent: 100 });
  expect(hub.counts()).toMatchObject({ shapes: 1, subscribers: 50 });
});

test('an evaluation with the same answer sends nothing and advances the position', async () => {
  const { commit, listen, live, hub, table, version, work } = open();
  commit({ Song: { a: { title: 'A' } } });
  const listener = listen(live('constant', ['Song'], (reader) => reader.count(table('Song')) > 0));
  await listener.until(1);
  commit({ Song: { b: { title: 'B' } } });
  hub.wake();
  await quiet();
  expect(listener.frames).toHaveLength(1);
  expect(positionVersion(listener.subscription?.position())).toBe(version());
  expect(work.shapesEvaluated).toBe(2);
});

test('an evaluation that breaks is an error frame and is told to the operator; the shape lives on', async () => {
  const failures: unknown[] = [];
  const { commit, listen, live, hub, table } = open({ onFailure: (error) => failures.push(error) });
  const listener = listen(
    live('broken', ['Song'], (reader) => {
      if (reader.count(table('Song')) === 0) throw new Error('insides');
      return 'well';
    }),
  );
  const [error] = (await listener.until(1)).errors ?? [];
  expect(error).toMatchObject({ message: internalMessage, extensions: { code: 'INTERNAL' } });
  expect(listener.last.text).not.toContain('insides');
  expect(failures).toHaveLength(1);
  commit({ Song: { a: { title: 'A' } } });
  hub.wake();
  expect((await listener.until(2)).data).toBe('well');
});

test('a listener that comes late to a clean shape gets the kept answer at the newest position', async () => {
  const { commit, listen, song, hub, version, work } = open();
  commit({ Song: { a: { title: 'A' } } });
  await listen(song('a')).until(1);
  commit({ Song: { b: { title: 'B' } } });
  hub.wake();
  const late = listen(song('a'));
  expect((await late.until(1)).version).toBe(version());
  expect(work.shapesEvaluated).toBe(1);
});

test('a listener that does not take frames gets the newest one when it does, and holds nobody up', async () => {
  const { commit, listen, song, hub, work } = open();
  commit({ Song: { a: { title: '0' } } });
  const [slow, fast] = [listen(song('a')), listen(song('a'))];
  slow.hold();
  await Promise.all([slow.until(1), fast.until(1)]);
  for (let step = 1; step <= 20; step += 1) {
    commit({ Song: { a: { title: String(step) } } });
    hub.wake();
    expect((await fast.until(step + 1)).data).toMatchObject({ title: String(step) });
    await quiet();
  }
  expect(slow.frames).toHaveLength(1);
  slow.release();
  expect((await slow.until(2)).data).toMatchObject({ title: '20' });
  await quiet();
  expect(slow.frames).toHaveLength(2);
  expect(work.shapesEvaluated).toBe(21);
});

test('nothing is evaluated while nobody can take a frame', async () => {
  const { commit, listen, song, hub, work } = open();
  commit({ Song: { a: { title: '0' } } });
  const listener = listen(song('a'));
  listener.hold();
  await listener.until(1);
  for (let step = 1; step <= 5; step += 1) {
    commit({ Song: { a: { title: String(step) } } });
    hub.wake();
    await quiet();
  }
  expect(work.shapesEvaluated).toBe(1);
  const position = listener.subscription?.position();
  expect(position).toBe(listener.last.position);
  listener.release();
  expect((await listener.until(2)).data).toMatchObject({ title: '5' });
});

test('positions only rise', async () => {
  const { commit, listen, song, hub } = open();
  commit({ Song: { a: { title: '0' } } });
  const listener = listen(song('a'));
  const versions: number[] = [];
  for (let step = 1; step <= 10; step += 1) {
    await listener.until(step);
    versions.push(listener.last.version ?? -1, positionVersion(listener.subscription?.position()));
    commit({ Song: { b: { title: String(step) } } });
    hub.wake();
    versions.push(positionVersion(listener.subscription?.position()));
    commit({ Song: { a: { title: String(step) } } });
    hub.wake();
  }
  expect(versions).toEqual(versions.toSorted((a, b) => a - b));
});

test('a shape is freed when its last listener stops', async () => {
  const { listen, song, byArtist, hub } = open();
  const listeners = [listen(song('a')), listen(song('a')), listen(byArtist('x'))];
  await Promise.all(listeners.map((listener) => listener.until(1)));
  expect(hub.counts()).toEqual({ shapes: 2, subscribers: 3, changeStreams: 0, waiting: 0 });
  for (const listener of listeners) {
    listener.stop();
    listener.stop();
  }
  expect(hub.counts()).toEqual({ shapes: 0, subscribers: 0, changeStreams: 0, waiting: 0 });
});

test('what happens while nobody listens is not read', async () => {
  const { commit, listen, song, hub, work } = open();
  for (let step = 0; step < 100; step += 1) {
    commit({ Song: { a: { title: String(step) } } });
    hub.wake();
  }
  const listener = listen(song('a'));
  expect((await listener.until(1)).data).toMatchObject({ title: '99' });
  expect(work.feedEntriesRead).toBe(0);
  commit({ Song: { a: { title: 'now' } } });
  hub.wake();
  expect((await listener.until(2)).data).toMatchObject({ title: 'now' });
  expect(work.feedEntriesRead).toBe(1);
});

test('cost follows what matched: a thousand other shapes cost a commit nothing', async () => {
  const { commit, listen, song, byArtist, hub, work } = open();
  commit({ Song: { a: { title: 'A', artistId: 'x0' } } });
  const listeners = [
    ...Array.from({ length: 500 }, (_, at) => listen(song(`s${at}`))),
    ...Array.from({ length: 500 }, (_, at) => listen(byArtist(`x${at}`))),
  ];
  await Promise.all(listeners.map((listener) => listener.until(1)));
  const before = { ...work };
  commit({ Song: { a: { title: 'A2', artistId: 'x0' } } });
  hub.wake();
  await listeners[500]?.until(2);
  expect(work.shapesEvaluated - before.shapesEvaluated).toBe(1);
  expect(work.framesSent - before.framesSent).toBe(1);
  expect(work.rangesTested - before.rangesTested).toBe(0);
});

test('a commit that is larger than what listens is not read: all that reads the table is evaluated', async () => {
  const { commit, listen, song, byArtist, hub, work } = open();
  const listeners = [listen(song('s1')), listen(byArtist('x')), listen(song('none'))];
  await Promise.all(listeners.map((listener) => listener.until(1)));
  const rows = Array.from({ length: 5_000 }, (_, at) => [`s${at}`, { title: 'x'.repeat(50), artistId: 'y' }] as const);
  commit({ Song: Object.fromEntries(rows) });
  hub.wake();
  await listeners[0]?.until(2);
  await quiet();
  expect(listeners.map(({ frames }) => frames.length)).toEqual([2, 1, 1]);
  expect(work.feedEntriesRead).toBe(0);
  expect(work.shapesEvaluated).toBe(6);
});

test('while a table fills, a shape that reads it follows every version', async () => {
  const { commit, listen, song, hub, store, table } = open({ filling: true });
  const listener = listen(song('a'));
  await listener.until(1);
  commit({ Song: { a: { title: 'A' } } });
  hub.wake();
  expect((await listener.until(2)).data).toMatchObject({ title: 'A' });
  store.write((tx) => tx.setState(table('Song'), { phase: 'live' }));
  hub.wake();
  await quiet();
  commit({ Song: { a: { title: 'B' } } });
  hub.wake();
  expect((await listener.until(3)).data).toMatchObject({ title: 'B' });
});

test('a feed that is trimmed before the hub has read it loses nothing', async () => {
  let now = 1;
  const { commit, listen, song, hub, store } = open({ now: () => now });
  commit({ Song: { a: { title: '0' } } });
  const listener = listen(song('a'));
  await listener.until(1);
  commit({ Song: { a: { title: '1' } } });
  now += 1_000 * 3_600_000;
  commit({ Song: { b: { title: 'B' } } });
  store.trim(now);
  hub.wake();
  expect((await listener.until(2)).data).toMatchObject({ title: '1' });
});

test('the first frame waits for the position that is asked for', async () => {
  const { commit, listen, live, hub, table } = open();
  const atLeast = { next: new Map([['songs', new Map([[0, 2]])]]), timeoutMs: 5_000 };
  const listener = listen(live('later', ['Song'], (reader) => reader.count(table('Song')), { atLeast }));
  await quiet();
  expect(hub.counts()).toMatchObject({ waiting: 1, subscribers: 0 });
  commit({ Song: { a: { title: 'A' } } });
  hub.wake();
  expect((await listener.until(1)).data).toBe(1);
  expect(hub.counts()).toMatchObject({ waiting: 0, subscribers: 1 });
});

test('a position that is not reached in time is an error with the lag', async () => {
  const { commit, listen, live, hub } = open();
  commit({ Song: { a: { title: 'A' } } });
  const atLeast = { next: new Map([['songs', new Map([[0, 10]])]]), timeoutMs: 10 };
  const listener = listen(live('never', ['Song'], () => null, { atLeast }));
  await listener.ended();
  expect(listener.last.errors?.[0]?.extensions).toMatchObject({
    code: 'POSITION_NOT_REACHED',
    lag: { songs: { 0: 8 } },
  });
  expect(hub.counts()).toMatchObject({ waiting: 0, subscribers: 0 });
  expect((await hub.arrived(live('never', ['Song'], () => null, { atLeast })))?.extensions['code']).toBe(
    'POSITION_NOT_REACHED',
  );
});

test('more operations than may wait are refused', async () => {
  const { live, hub } = open({ limits: { maxWaiting: 1 } });
  const atLeast = { next: new Map([['songs', new Map([[0, 10]])]]), timeoutMs: 5_000 };
  const wait = () => hub.arrived(live('never', ['Song'], () => null, { atLeast }));
  const first = wait();
  expect((await wait())?.extensions['code']).toBe('OVERLOADED');
  hub.close();
  expect((await first)?.extensions['code']).toBe('OVERLOADED');
});

test('many dirty shapes are evaluated in slices, each at its own version, and none starves', async () => {
  const { commit, listen, live, hub, table } = open();
  commit({ Song: { a: { title: '0' } } });
  const slow = (id: number) =>
    live(`slow ${id}`, ['Song'], (reader) => {
      const end = performance.now() + 1;
      while (performance.now() < end);
      return reader.count(table('Song'));
    });
  const listeners = Array.from({ length: 60 }, (_, id) => listen(slow(id)));
  await Promise.all(listeners.map((listener) => listener.until(1)));
  commit({ Song: { b: { title: 'B' } } });
  let turns = 0;
  const ticking = setInterval(() => (turns += 1), 1);
  hub.wake();
  await Promise.all(listeners.map((listener) => listener.until(2)));
  clearInterval(ticking);
  expect(turns).toBeGreaterThan(2);
});

test('closing completes every subscription', async () => {
  const { listen, song, changes, hub } = open();
  const listeners = [listen(song('a')), listen(changes('Song'))];
  await Promise.all(listeners.map((listener) => listener.until(1)));
  hub.close();
  expect(listeners.map(({ completed }) => completed)).toEqual([true, true]);
  expect(hub.counts()).toEqual({ shapes: 0, subscribers: 0, changeStreams: 0, waiting: 0 });
});

function positionVersion(position: string | undefined): number {
  return (JSON.parse(Buffer.from(position ?? '', 'base64url').toString()) as [string, number])[1];
}
