import { expect, test } from 'vitest';
import { createLiveWorld, quiet, type Listener, type LiveWorld } from '../../support/live-world.ts';

const schema = `
type Click @table(topic: "clicks", mode: STREAM) {
  id: ID! @from(meta: COORDINATES)
  page: String
  songId: ID
  song: Song @relation(fields: ["songId"])
}
type Song @table(topic: "songs") { id: ID! title: String }
type SongClick @view(source: "Click", where: { songId: { isNull: false } }) {
  id: ID!
  songId: ID
}
`;

interface Message {
  readonly changes: readonly { readonly kind: string; readonly after?: { readonly id: string } }[];
  readonly live: boolean;
  readonly position: string;
}

const message = (listener: Listener, at: number) => listener.frames.at(at)?.data as Message;
const summary = ({ changes }: Message) => changes.map(({ kind, after }) => `${kind} ${after?.id}`);

async function next(world: LiveWorld, listener: Listener, count: number): Promise<Message> {
  world.hub.wake();
  await listener.until(count);
  return message(listener, count - 1);
}

test('rows that are not kept go through their change stream, and each is an insert', async () => {
  const world = createLiveWorld(schema);
  const listener = world.listen(world.changes('Click'));
  await listener.until(1);
  world.commit({ Click: { a: { page: '/' }, b: { page: '/x' } } });
  expect(summary(await next(world, listener, 2))).toEqual(['insert a', 'insert b']);
  world.commit({ Click: { a: { page: '/again' } } });
  expect(summary(await next(world, listener, 3))).toEqual(['insert a']);
});

test('their stream is resumed without gap or duplicate', async () => {
  const world = createLiveWorld(schema);
  world.commit({ Click: { a: { page: '/' } } });
  const after = world.position('Click');
  for (const id of ['b', 'c', 'd']) world.commit({ Click: { [id]: { page: '/' } } });
  const listener = world.listen(world.changes('Click', { after }));
  await listener.until(4);
  expect([0, 1, 2].map((at) => summary(message(listener, at)))).toEqual([['insert b'], ['insert c'], ['insert d']]);
  const again = world.listen(world.changes('Click', { after: message(listener, 1).position }));
  await again.until(2);
  expect(summary(message(again, 0))).toEqual(['insert d']);
});

test('they are in the set or not as they come: what a related row becomes later does not bring them back', async () => {
  // Nothing of the feed of clicks may be held to find rows that are not there.
  const world = createLiveWorld(schema, { limits: { maxHistoryRows: 4 } });
  world.commit({
    Song: { s: { title: 'Quiet' } },
    Click: { a: { songId: 's' }, b: { songId: 's' }, c: { songId: 's' } },
  });
  const after = world.position('Click', 'Song');
  const where = { song: { title: { eq: 'Loud' } } };
  const listener = world.listen(world.changes('Click', { where, related: ['Song'] }));
  await listener.until(1);
  world.commit({ Click: { d: { songId: 's' }, e: { songId: 's' }, f: { songId: 's' }, g: { songId: 's' } } });
  world.commit({ Song: { s: { title: 'Loud' } } });
  world.commit({ Click: { h: { songId: 's' }, i: { songId: 'none' } } });
  expect(summary(await next(world, listener, 2))).toEqual(['insert h']);
  world.commit({ Song: { s: null } });
  world.commit({ Click: { j: { songId: 's' } } });
  world.commit({ Song: { s: { title: 'Loud' } }, Click: { k: { songId: 's' } } });
  expect(summary(await next(world, listener, 3))).toEqual(['insert k']);
  await quiet();
  expect(listener.frames).toHaveLength(3);
  // A resumed stream sees the related rows as they were when each row came.
  const resumed = world.listen(world.changes('Click', { where, related: ['Song'], after }));
  await resumed.until(3);
  expect([0, 1].map((at) => summary(message(resumed, at)))).toEqual([['insert h'], ['insert k']]);
});

test('a position that cannot be resumed after is refused with what can be done', async () => {
  const world = createLiveWorld(schema);
  const other = createLiveWorld(schema);
  const listener = world.listen(world.changes('Click', { after: other.position('Click') }));
  await listener.ended();
  expect(listener.last.errors?.[0]).toMatchObject({
    message: expect.stringContaining('Start over: subscribe without after') as unknown,
    extensions: { code: 'POSITION_EXPIRED', reason: 'store' },
  });
});

test('a stream of a derived table waits until its base is filled, and ends when that is recreated', async () => {
  const world = createLiveWorld(schema);
  const base = world.table('Click');
  world.store.write((tx) => tx.setState(base, { phase: 'filling' }));
  const listener = world.listen(world.changes('SongClick'));
  await quiet();
  expect(listener.frames).toHaveLength(0);
  world.store.write((tx) => tx.setState(base, { phase: 'live' }));
  world.hub.wake();
  await listener.until(1);
  await quiet();
  world.store.write((tx) => tx.setState(base, { phase: 'recreated', reason: 'gone' }));
  world.hub.wake();
  await listener.ended();
  expect(listener.last.errors?.[0]).toMatchObject({
    message: 'SongClick cannot answer: Click, which it is built from: gone.',
    extensions: { code: 'TOPIC_RECREATED', table: 'SongClick' },
  });
});
