import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLiveWorld, idle, quiet, type Listener, type LiveWorld } from '../../support/live-world.ts';
import { rowObject } from '../../support/tiny-engine.ts';

const schema = 'type Song @table(topic: "songs") { id: ID! title: String! }';
/** No other timer is of this length. */
const restMs = 1_234;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  vi.spyOn(globalThis, 'setTimeout');
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

type World = ReturnType<typeof open>;

function open(more: Parameters<typeof createLiveWorld>[1] = {}) {
  const world = createLiveWorld(schema, { metaRestMs: restMs, now: () => 5, ...more });
  let answered = 0;
  /** What `_meta` says is another thing each time. */
  const meta = (id = 'meta') =>
    world.live(id, ['Song'], () => `${id} ${(answered += 1)}`, { document: 'subscription { _meta { position } }' });
  const song = (id: string) =>
    world.live(`song ${id}`, ['Song'], (reader) => {
      const row = reader.get(world.table('Song'), world.key('Song', id));
      return row === undefined ? null : rowObject(world.table('Song'), row);
    });
  return { ...world, meta, song };
}

async function move({ commit, hub }: Pick<World, 'commit' | 'hub'>, id = 'a'): Promise<void> {
  commit({ Song: { [id]: { title: String(Math.random()) } } });
  hub.wake();
  await quiet();
}

async function rest(): Promise<void> {
  vi.advanceTimersByTime(restMs);
  await quiet();
}

/** How many rests have begun. */
function rests(): number {
  return vi.mocked(setTimeout).mock.calls.filter(([, ms]) => ms === restMs).length;
}

const countOf = ({ frames }: Listener): number => frames.length;

test('what _meta says is told at once after a rest, and what follows in one frame at the end of the next', async () => {
  const world = open();
  const listener = world.listen(world.meta());
  await listener.until(1);
  await rest();
  await move(world);
  expect(countOf(listener)).toBe(2);
  for (let i = 0; i < 5; i += 1) await move(world);
  expect(countOf(listener)).toBe(2);
  vi.advanceTimersByTime(restMs - 1);
  await quiet();
  expect(countOf(listener)).toBe(2);
  vi.advanceTimersByTime(1);
  await quiet();
  expect(countOf(listener)).toBe(3);
  expect(listener.last.version).toBe(world.version());
  await rest();
  await rest();
  expect(countOf(listener)).toBe(3);
});

test('while nothing happens nothing is told, and no rest begins', async () => {
  const world = open();
  const listener = world.listen(world.meta());
  await listener.until(1);
  await move(world);
  for (let i = 0; i < 3; i += 1) await rest();
  const [begun, evaluated] = [rests(), world.work.shapesEvaluated];
  for (let i = 0; i < 3; i += 1) await rest();
  expect([rests(), world.work.shapesEvaluated]).toEqual([begun, evaluated]);
  expect([evaluated, countOf(listener)]).toEqual([2, 2]);
});

test('where nobody listens to _meta there is nothing to rest from', async () => {
  const world = open();
  world.listen(world.song('a'));
  await move(world);
  await move(world);
  expect(rests()).toBe(0);
  const listener = world.listen(world.meta());
  await listener.until(1);
  const begun = rests();
  listener.stop();
  await move(world);
  await rest();
  expect(rests()).toBe(begun);
});

test('during a rest no frame is said to be exact at a position that it was not answered at', async () => {
  const world = open();
  const listener = world.listen(world.meta());
  await listener.until(1);
  await move(world);
  const told = listener.last.position;
  await move(world);
  expect(listener.subscription?.position()).toBe(told);
  await rest();
  expect(listener.subscription?.position()).toBe(world.position('Song'));
});

test('who comes during a rest, or reads again, is answered as of the position of the frame', async () => {
  const world = open();
  // The answer is the version that it is of.
  const versioned = world.live(
    'versioned',
    ['Song'],
    (reader) => (reader as { version?: number }).version ?? world.version(),
    {
      document: 'subscription { _meta { version } }',
    },
  );
  const early = world.listen(versioned);
  await early.until(1);
  await move(world);
  early.hold();
  await move(world);
  const late = world.listen(versioned);
  const frame = await late.until(1);
  expect(frame.data).toBe(frame.version);
  expect(frame.version).toBe(world.version());
  await move(world);
  await rest();
  early.release();
  await quiet();
  for (const { data, version } of [...early.frames, ...late.frames]) expect(data).toBe(version);
});

test('a shape that selects _meta is evaluated when the source has something to tell, and not for nothing', async () => {
  let progress = idle;
  const { listen, live, hub, work } = open({ progress: () => progress, metaRestMs: 0 });
  const listener = listen(
    live('meta', ['Song'], () => work.shapesEvaluated, {
      document: 'subscription { ...F } fragment F on S { _meta { position } }',
    }),
  );
  await listener.until(1);
  for (let frames = 2; frames <= 3; frames += 1) {
    progress = { ...progress };
    hub.wake();
    await listener.until(frames);
  }
  hub.wake();
  hub.wake();
  await quiet();
  expect(work.shapesEvaluated).toBe(3);
});

test('a live query with rows beside _meta is told of its rows at once', async () => {
  const world = open();
  const both = world.live('both', ['Song'], (reader) => reader.count(world.table('Song')), {
    document: 'subscription { _meta { position } songs { id } }',
  });
  const listener = world.listen(both);
  await listener.until(1);
  for (const id of ['a', 'b', 'c']) await move(world, id);
  expect(listener.frames.map(({ data }) => data)).toEqual([0, 1, 2, 3]);
});

test('frames that others were sent are told of; those that tell of them cause no more', async () => {
  const world = open();
  const one = world.listen(world.meta('one'));
  const other = world.listen(world.meta('other'));
  await other.until(1);
  // At once, for the one that came first.
  await rest();
  const before = countOf(one);
  await world.listen(world.song('a')).until(1);
  await rest();
  await rest();
  expect(countOf(one)).toBe(before + 1);
  await rest();
  await rest();
  expect([countOf(one), countOf(other)]).toEqual([before + 1, before + 1]);
  expect(vi.getTimerCount()).toBe(0);
});

test('what live queries and change streams cost is counted, once for all who listen', async () => {
  const world = open({ metaRestMs: 0 });
  world.commit({ Song: { a: { title: 'A' } } });
  const first = world.listen(world.song('a'));
  await first.until(1);
  await world.listen(world.song('a')).until(1);
  await world.listen(world.changes('Song')).until(1);
  await move(world);
  await move(world, 'b');
  const [live, changes] = ['song a', 'changes Song'].map((id) =>
    world.hub.busiest(10).find(({ prepared }) => prepared.shapeId.startsWith(id)),
  );
  expect(live).toMatchObject({
    subscribers: 2,
    evaluations: 2,
    rowsRead: 2,
    framesSent: 4,
    frameLength: first.last.text.length,
    lastFrameMs: 5,
    sinceMs: 5,
  });
  expect(changes).toMatchObject({ subscribers: 1, evaluations: 3, framesSent: 3 });
});

test('those that have read the most rows come first, and no more than were asked for', async () => {
  const world: LiveWorld = createLiveWorld(schema);
  world.commit({ Song: Object.fromEntries(['a', 'b', 'c', 'd'].map((id) => [id, { title: id }])) });
  const reading = (rows: number) =>
    world.live(`${rows} rows`, ['Song'], (reader) => [...reader.scan(world.table('Song'), {})].slice(0, rows).length);
  // A scan of all of them, and one row by its key so many times.
  const keyed = (times: number) =>
    world.live(
      `${times} keys`,
      ['Song'],
      (reader) => Array.from({ length: times }, () => reader.get(world.table('Song'), world.key('Song', 'a'))).length,
    );
  for (const prepared of [keyed(1), reading(4), keyed(9), keyed(2), keyed(3)]) await world.listen(prepared).until(1);
  const ids = (limit: number) => world.hub.busiest(limit).map(({ prepared }) => prepared.shapeId);
  expect(ids(10)).toEqual(['9 keys', '4 rows', '3 keys', '2 keys', '1 keys']);
  expect(ids(2)).toEqual(['9 keys', '4 rows']);
  expect(ids(1)).toEqual(['9 keys']);
  expect(ids(0)).toEqual([]);
});
