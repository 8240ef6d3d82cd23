import { expect, test } from 'vitest';
import { createLiveWorld, quiet, type Listener, type LiveWorld } from '../../support/live-world.ts';
import { rowObject } from '../../support/tiny-engine.ts';

const schema = `
type Song @table(topic: "songs") {
  id: ID!
  title: String!
  plays: Int
  artistId: ID @index
  artist: Artist @relation(fields: ["artistId"])
}
type Artist @table(topic: "artists") {
  id: ID!
  name: String
  labelId: ID
  label: Label @relation(fields: ["labelId"])
}
type Label @table(topic: "labels") { id: ID! name: String }
`;

interface Message {
  readonly changes: readonly {
    kind: string;
    before?: { id: string };
    after?: { id: string; title?: string; extra?: unknown };
  }[];
  readonly live: boolean;
  readonly reset: boolean;
  readonly complete: boolean;
  readonly position: string;
}

const message = (listener: Listener, at: number) => listener.frames.at(at)?.data as Message;
const summary = ({ changes }: Message) => changes.map(({ kind, before, after }) => `${kind} ${(after ?? before)?.id}`);
const code = (listener: Listener) => listener.last.errors?.[0]?.extensions;

async function next(world: LiveWorld, listener: Listener, count: number): Promise<Message> {
  world.hub.wake();
  await listener.until(count);
  return message(listener, count - 1);
}

test('the first message comes at once, empty, at the current position', async () => {
  const world = createLiveWorld(schema);
  world.commit({ Song: { a: { title: 'A' } } });
  const listener = world.listen(world.changes('Song'));
  const first = await next(world, listener, 1);
  expect(first).toEqual({ changes: [], live: true, reset: false, complete: true, position: listener.last.position });
  expect(listener.last.version).toBe(world.version());
});

test('a commit is a message; a row changes once in it', async () => {
  const world = createLiveWorld(schema);
  world.commit({ Song: { a: { title: 'A' }, b: { title: 'B' } } });
  const listener = world.listen(world.changes('Song'));
  await listener.until(1);
  world.commit({ Song: { a: { title: 'A2' }, b: null, c: { title: 'C' } } });
  world.commit({ Song: { a: { title: 'A3' } } });
  world.commit({ Artist: { x: { name: 'X' } } });
  expect(summary(await next(world, listener, 2))).toEqual(['update a', 'delete b', 'insert c']);
  expect(summary(await next(world, listener, 3))).toEqual(['update a']);
  await quiet();
  expect(listener.frames).toHaveLength(3);
  expect(listener.frames.map(({ version }) => version)).toEqual([2, 3, 4]);
  expect(listener.subscription?.position()).toBe(world.position('Song'));
});

test('changes are relative to the set that where describes', async () => {
  const world = createLiveWorld(schema);
  world.commit({ Song: { a: { title: 'A', plays: 1 }, b: { title: 'B', plays: 9 } } });
  const listener = world.listen(world.changes('Song', { where: { plays: { gte: 5 } } }));
  await listener.until(1);
  world.commit({ Song: { a: { title: 'A', plays: 7 } } });
  expect(summary(await next(world, listener, 2))).toEqual(['insert a']);
  world.commit({ Song: { a: { title: 'A', plays: 8 }, b: { title: 'B', plays: 2 } } });
  expect(summary(await next(world, listener, 3))).toEqual(['update a', 'delete b']);
  world.commit({ Song: { b: { title: 'B', plays: 3 } } });
  world.commit({ Song: { a: null, b: null } });
  expect(summary(await next(world, listener, 4))).toEqual(['delete a']);
});

test('operations filter what is sent', async () => {
  const world = createLiveWorld(schema);
  const listener = world.listen(world.changes('Song', { operations: ['DELETE'] }));
  await listener.until(1);
  world.commit({ Song: { a: { title: 'A' }, b: { title: 'B' } } });
  world.commit({ Song: { a: null, b: { title: 'B2' } } });
  expect(summary(await next(world, listener, 2))).toEqual(['delete a']);
});

test('a related row moves rows in and out of the set, over two relations as well', async () => {
  const world = createLiveWorld(schema);
  world.commit({
    Song: { a: { title: 'A', artistId: 'x' }, b: { title: 'B', artistId: 'y' }, c: { title: 'C' } },
    Artist: { x: { name: 'X', labelId: 'l' } },
    Label: { l: { name: 'Loud' } },
  });
  const where = { artist: { label: { name: { eq: 'Loud' } } } };
  const listener = world.listen(world.changes('Song', { where, related: ['Artist', 'Label'], snapshot: true }));
  expect(summary(await next(world, listener, 1))).toEqual(['insert a']);
  world.commit({ Artist: { y: { name: 'Y', labelId: 'l' } } });
  expect(summary(await next(world, listener, 2))).toEqual(['insert b']);
  world.commit({ Label: { l: { name: 'Quiet' } } });
  expect(summary(await next(world, listener, 3))).toEqual(['delete a', 'delete b']);
  world.commit({ Label: { l: { name: 'Loud' } }, Song: { a: { title: 'A', artistId: 'y' } } });
  expect(summary(await next(world, listener, 4))).toEqual(['insert a', 'insert b']);
  world.commit({ Artist: { y: { name: 'Other', labelId: 'l' } } });
  world.commit({ Artist: { y: null } });
  expect(summary(await next(world, listener, 5))).toEqual(['delete a', 'delete b']);
});

test('a stream that is resumed gets exactly what came after, each at its own position', async () => {
  const world = createLiveWorld(schema);
  world.commit({ Song: { a: { title: 'A' } } });
  const after = world.position('Song');
  for (const title of ['1', '2', '3']) world.commit({ Song: { a: { title }, [`n${title}`]: { title } } });
  world.commit({ Artist: { x: { name: 'X' } } });
  const listener = world.listen(world.changes('Song', { after }));
  await listener.until(4);
  await quiet();
  expect(listener.frames.map((_, at) => [summary(message(listener, at)), message(listener, at).live])).toEqual([
    [['update a', 'insert n1'], false],
    [['update a', 'insert n2'], false],
    [['update a', 'insert n3'], false],
    [[], true],
  ]);
  // Every message's position resumes behind it.
  const again = world.listen(world.changes('Song', { after: message(listener, 1).position }));
  await again.until(2);
  expect(summary(message(again, 0))).toEqual(['update a', 'insert n3']);
  expect(message(again, 0).position).toBe(message(listener, 2).position);
});

test('where and selection of a resumed stream see the related rows of that time', async () => {
  const world = createLiveWorld(schema);
  world.commit({ Song: { a: { title: 'A', artistId: 'x' } }, Artist: { x: { name: 'One' } } });
  const after = world.position('Song', 'Artist');
  world.commit({ Song: { a: { title: 'A2', artistId: 'x' } } });
  world.commit({ Artist: { x: { name: 'Two' } } });
  world.commit({ Song: { a: { title: 'A3', artistId: 'x' } } });
  world.commit({ Artist: { x: null } });
  const listener = world.listen(
    world.changes('Song', {
      after,
      related: ['Artist'],
      where: { artist: { name: { eq: 'One' } } },
      extra: (_, reader) => {
        const row = reader.get(world.table('Artist'), world.key('Artist', 'x'));
        return row && rowObject(world.table('Artist'), row);
      },
    }),
  );
  await listener.until(3);
  expect(summary(message(listener, 0))).toEqual(['update a']);
  expect(message(listener, 0).changes[0]?.after).toMatchObject({ title: 'A2', extra: { name: 'One' } });
  expect(summary(message(listener, 1))).toEqual(['delete a']);
  expect(message(listener, 2)).toMatchObject({ changes: [], live: true });
});

test('a snapshot is one cut, followed by what comes after it', async () => {
  const world = createLiveWorld(schema);
  world.commit({ Song: { a: { title: 'A', artistId: 'x' }, b: { title: 'B', artistId: 'x' }, c: { title: 'C' } } });
  const listener = world.listen(world.changes('Song', { snapshot: true, where: { artistId: { eq: 'x' } } }));
  const reads = world.work.rowsRead;
  expect(summary(await next(world, listener, 1))).toEqual(['insert a', 'insert b']);
  expect(message(listener, 0)).toMatchObject({ live: true, reset: false });
  expect(world.work.rowsRead - reads).toBeLessThanOrEqual(2);
  world.commit({ Song: { b: null } });
  expect(summary(await next(world, listener, 2))).toEqual(['delete b']);
});

test('a snapshot that is too large is an error', async () => {
  const world = createLiveWorld(schema, { limits: { snapshotLimit: 2 } });
  world.commit({ Song: { a: { title: 'A' }, b: { title: 'B' }, c: { title: 'C' } } });
  const listener = world.listen(world.changes('Song', { snapshot: true }));
  await listener.ended();
  expect(code(listener)).toMatchObject({ code: 'SNAPSHOT_TOO_LARGE', limit: 2 });
  expect(world.hub.counts()).toMatchObject({ subscribers: 0, shapes: 0 });
});

test('a large commit arrives in parts that carry the previous position until the last', async () => {
  const world = createLiveWorld(schema, { limits: { maxChangesPerMessage: 3 } });
  const listener = world.listen(world.changes('Song'));
  await listener.until(1);
  const before = message(listener, 0).position;
  world.commit({ Song: Object.fromEntries([...'abcdefgh'].map((id) => [id, { title: id }])) });
  await next(world, listener, 4);
  const parts = [1, 2, 3].map((at) => message(listener, at));
  expect(parts.map(summary)).toEqual([
    ['insert a', 'insert b', 'insert c'],
    ['insert d', 'insert e', 'insert f'],
    ['insert g', 'insert h'],
  ]);
  expect(parts.map(({ complete, position }) => [complete, position])).toEqual([
    [false, before],
    [false, before],
    [true, world.position('Song')],
  ]);
});

test.each([
  ['of another store', (token: string) => edit(token, 0, 'other'), 'store'],
  ['from the future', (token: string) => edit(token, 1, 1_000), 'future'],
])('a position %s cannot be resumed; with snapshot the stream starts over', async (_, change, reason) => {
  const world = createLiveWorld(schema);
  world.commit({ Song: { a: { title: 'A' } } });
  const after = change(world.position('Song'));
  const listener = world.listen(world.changes('Song', { after }));
  await listener.ended();
  expect(code(listener)).toMatchObject({ code: 'POSITION_EXPIRED', reason });
  expect(listener.frames).toHaveLength(1);
  const fresh = world.listen(world.changes('Song', { after, snapshot: true }));
  expect(await next(world, fresh, 1)).toMatchObject({ reset: true, live: true, changes: [{ kind: 'insert' }] });
});

test('what is no position is BAD_USER_INPUT', async () => {
  const world = createLiveWorld(schema);
  const listener = world.listen(world.changes('Song', { after: 'nonsense', snapshot: true }));
  await listener.ended();
  expect(code(listener)).toMatchObject({ code: 'BAD_USER_INPUT' });
});

test('a position that the feed no longer reaches is expired', async () => {
  let now = 1;
  const world = createLiveWorld(schema, { now: () => now });
  world.commit({ Song: { a: { title: 'A' } } });
  const after = world.position('Song');
  world.commit({ Song: { a: { title: 'B' } } });
  now += 1_000 * 3_600_000;
  world.store.trim(now);
  const listener = world.listen(world.changes('Song', { after }));
  await listener.ended();
  expect(code(listener)).toMatchObject({ code: 'POSITION_EXPIRED', reason: 'retention' });
});

test('a position from before a table was rebuilt says so, even once the feed was trimmed', async () => {
  let now = 1;
  const world = createLiveWorld(schema, { now: () => now });
  world.commit({ Song: { a: { title: 'A' } } });
  const after = world.position('Song');
  const setPhase = (phase: 'filling' | 'live') =>
    world.store.write((tx) => tx.setState(world.table('Song'), { phase }));
  setPhase('filling');
  world.commit({ Song: { a: { title: 'B' } } });
  setPhase('live');
  const rebuilt = world.position('Song');
  const ask = async (position: string) => {
    const listener = world.listen(world.changes('Song', { after: position }));
    await listener.ended();
    return { ...code(listener), message: listener.last.errors?.[0]?.message };
  };
  const expected = { code: 'POSITION_EXPIRED', reason: 'rebuilt', table: 'Song' };
  expect(await ask(after)).toMatchObject({ ...expected, message: expect.stringContaining('rebuilt') });
  world.commit({ Song: { a: { title: 'C' } } });
  now += 1_000 * 3_600_000;
  world.store.trim(now);
  expect(await ask(after)).toMatchObject(expected);
  expect(await ask(rebuilt)).toMatchObject({ code: 'POSITION_EXPIRED', reason: 'retention' });
});

test('a slow client reads the feed at its own pace; trimmed past it, its stream ends', async () => {
  let now = 1;
  const world = createLiveWorld(schema, { now: () => now });
  const slow = world.listen(world.changes('Song'));
  const lost = world.listen(world.changes('Song', { operations: ['INSERT', 'UPDATE', 'DELETE'] }));
  slow.hold();
  lost.hold();
  await Promise.all([slow.until(1), lost.until(1)]);
  for (let step = 1; step <= 50; step += 1) {
    world.commit({ Song: { a: { title: String(step) } } });
    world.hub.wake();
    await quiet();
  }
  expect(slow.frames).toHaveLength(1);
  slow.release();
  await slow.until(51);
  expect(slow.frames.slice(1).map((_, at) => message(slow, at + 1).changes[0]?.after?.title)).toEqual(
    Array.from({ length: 50 }, (_, at) => String(at + 1)),
  );
  now += 1_000 * 3_600_000;
  world.commit({ Song: { a: { title: 'last' } } });
  world.store.trim(now);
  lost.release();
  await lost.ended();
  expect(code(lost)).toMatchObject({ code: 'POSITION_EXPIRED', reason: 'retention' });
});

test('an idle stream outlives the feed: what does not concern it does not expire it', async () => {
  let now = 1;
  const world = createLiveWorld(schema, { now: () => now });
  const listener = world.listen(world.changes('Song', { where: { artistId: { eq: 'x' } } }));
  await listener.until(1);
  await quiet();
  for (let step = 0; step < 5; step += 1) {
    now += 1_000 * 3_600_000;
    world.commit({ Song: { a: { title: String(step), artistId: 'y' } } });
    world.hub.wake();
    world.store.trim(now);
  }
  world.commit({ Song: { b: { title: 'B', artistId: 'x' } } });
  expect(summary(await next(world, listener, 2))).toEqual(['insert b']);
});

test('streams that ask for equal values cost nothing where others change', async () => {
  const world = createLiveWorld(schema);
  const listeners = Array.from({ length: 200 }, (_, at) =>
    world.listen(world.changes('Song', { where: { artistId: { eq: `x${at}` } } })),
  );
  await Promise.all(listeners.map((listener) => listener.until(1)));
  await quiet();
  const before = { ...world.work };
  world.commit({ Song: { a: { title: 'A', artistId: 'x7' } } });
  world.hub.wake();
  await listeners[7]?.until(2);
  await quiet();
  expect(world.work.framesSent - before.framesSent).toBe(1);
  expect(world.work.feedEntriesRead - before.feedEntriesRead).toBeLessThanOrEqual(2);
});

test('equal streams share one evaluation and one text', async () => {
  const world = createLiveWorld(schema);
  const listeners = Array.from({ length: 30 }, () => world.listen(world.changes('Song')));
  await Promise.all(listeners.map((listener) => listener.until(1)));
  await quiet();
  const before = { ...world.work };
  world.commit({ Song: { a: { title: 'A' } } });
  world.hub.wake();
  await Promise.all(listeners.map((listener) => listener.until(2)));
  expect(world.work.framesSerialized - before.framesSerialized).toBe(1);
  expect(new Set(listeners.map((listener) => listener.last.text)).size).toBe(1);
});

test('a stream of a table that fills begins when it is filled', async () => {
  const world = createLiveWorld(schema, { filling: true });
  world.commit({ Song: { a: { title: 'A' } } });
  const listener = world.listen(world.changes('Song', { snapshot: true }));
  world.commit({ Song: { b: { title: 'B' } } });
  world.hub.wake();
  await quiet();
  expect(listener.frames).toHaveLength(0);
  world.store.write((tx) => tx.setState(world.table('Song'), { phase: 'live' }));
  expect(summary(await next(world, listener, 1))).toEqual(['insert a', 'insert b']);
  world.commit({ Song: { c: { title: 'C' } } });
  expect(summary(await next(world, listener, 2))).toEqual(['insert c']);
});

test('a topic that is recreated ends the stream', async () => {
  const world = createLiveWorld(schema);
  const listener = world.listen(world.changes('Song'));
  await listener.until(1);
  world.store.write((tx) => tx.setState(world.table('Song'), { phase: 'recreated', reason: 'gone' }));
  world.hub.wake();
  await listener.ended();
  expect(code(listener)).toMatchObject({ code: 'TOPIC_RECREATED' });
});

test('more history than may be held expires a stream that needs it, and no other', async () => {
  const world = createLiveWorld(schema, { limits: { maxHistoryRows: 5 } });
  world.commit({ Song: { a: { title: 'A', artistId: 'x' } }, Artist: { x: { name: 'One' } } });
  const after = world.position('Song', 'Artist');
  for (let step = 0; step < 10; step += 1) world.commit({ Artist: { x: { name: String(step) } } });
  const where = { artist: { name: { eq: 'One' } } };
  const old = world.listen(world.changes('Song', { after, where, related: ['Artist'] }));
  await old.ended();
  expect(code(old)).toMatchObject({ code: 'POSITION_EXPIRED', reason: 'history' });
  const fresh = world.listen(world.changes('Song', { where, related: ['Artist'] }));
  await fresh.until(1);
  world.commit({ Artist: { x: { name: 'One' } } });
  expect(summary(await next(world, fresh, 2))).toEqual(['insert a']);
});

function edit(token: string, at: number, value: unknown): string {
  const parts = JSON.parse(Buffer.from(token, 'base64url').toString()) as unknown[];
  parts[at] = value;
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}
