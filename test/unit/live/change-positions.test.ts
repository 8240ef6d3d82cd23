import { expect, test } from 'vitest';
import type { Table } from '../../../src/catalog/catalog.ts';
import { must } from '../../../src/common/errors.ts';
import { decodePosition } from '../../../src/model/position.ts';
import type { NewRow, Row } from '../../../src/model/row.ts';
import { createLiveWorld } from '../../support/live-world.ts';
import type { Rows } from '../../support/rows-world.ts';

/** The offsets in the positions of change-stream messages. */
const schema = `
type Song @table(topic: "songs") {
  id: ID!
  title: String!
  artistId: ID @index
  artist: Artist @relation(fields: ["artistId"])
}
type Artist @table(topic: "artists") { id: ID! name: String }
type Cover @table(topic: "songs") { id: ID! }
`;

interface Message {
  readonly live: boolean;
  readonly complete: boolean;
  readonly position: string;
}

test('a message that is replayed has the offsets of its commit, whatever moved them before and after', async () => {
  const world = createLiveWorld(schema, { limits: { maxChangesPerMessage: 2 } });
  const names = ['Song', 'Artist', 'Cover'] as const;
  const [song, artist, cover] = names.map((name) => world.table(name)) as [Table, Table, Table];
  const read: Parameters<typeof world.commit>[1][] = [
    // A bad record; one that is another table's; another partition; one of Headgate's own numbers; nothing at all.
    (tx) => {
      tx.addDeadLetter(song, { topic: 'songs', partition: 0, offset: 0, code: 'JSON', reason: '', timestampMs: 0 });
      tx.setNext(song, 0, 1_000);
    },
    (tx) => tx.setNext(cover, 0, 900),
    (tx) => tx.setNext(song, 1, 0),
    (tx) => tx.setNext(cover, 1, 3),
    (tx) => void tx.tick(),
    (tx) => tx.setNext(artist, 0, 2_000),
    (tx) => tx.upsert(song, must([...tx.scan(song, {})].map((row) => again(song, row, 77))[0], 'a row')),
  ];
  world.commit({ Song: { a: { title: 'A', artistId: 'x' } }, Artist: { x: { name: 'One' } } });
  const after = world.position(...names);
  const positions = new Map<number, string>();
  const commit = (rows: Rows, also?: (typeof read)[number]) =>
    positions.set(world.commit(rows, also), world.position(...names));
  for (const [at, also] of [undefined, ...read].entries()) {
    if (also !== undefined) commit({}, also);
    commit({ Song: { a: { title: `A${positions.size}`, artistId: 'x' } } });
    if (also !== undefined) commit({}, also);
    commit({ Artist: { x: { name: at % 2 === 0 ? 'Other' : 'One' } } });
  }
  commit({ Song: { a: { title: 'B', artistId: 'x' }, b: { title: 'B', artistId: 'x' }, c: { title: 'C' } } });
  commit({}, (tx) => tx.setNext(song, 0, 5_000));
  const related = ['Artist', 'Cover'];
  for (const where of [undefined, { artist: { name: { eq: 'One' } } }]) {
    const listener = world.listen(world.changes('Song', { after, related, ...(where && { where }) }));
    while (listener.frames.length === 0 || !(listener.last.data as Message).live)
      await listener.until(listener.frames.length + 1);
    const messages = listener.frames.map((frame) => ({ ...(frame.data as Message), version: frame.version }));
    expect(messages.length).toBeGreaterThan(8);
    let last = after;
    for (const { position, complete, version } of messages) {
      expect(position).toBe(complete ? positions.get(must(version, 'a version')) : last);
      last = position;
    }
  }
});

test('while a table that is only shown is filled, messages say nothing of its offsets, and cannot be resumed after', async () => {
  const world = createLiveWorld(schema);
  world.commit({ Song: { a: { title: 'A' } }, Artist: { x: { name: 'X' } } });
  const listener = world.listen(world.changes('Song', { related: ['Artist'] }));
  await listener.until(1);
  world.store.write((tx) => tx.setState(world.table('Artist'), { phase: 'filling' }));
  world.commit({ Song: { a: { title: 'B' } } });
  world.commit({ Artist: { x: { name: 'Y' } } });
  world.hub.wake();
  const { position } = (await listener.until(2)).data as Message;
  expect(decodePosition(position).offsets.get('artists')).toEqual(new Map());
  world.store.write((tx) => tx.setState(world.table('Artist'), { phase: 'live' }));
  const resumed = world.listen(world.changes('Song', { after: position, related: ['Artist'] }));
  await resumed.ended();
  expect(resumed.last.errors?.[0]?.extensions).toMatchObject({
    code: 'POSITION_EXPIRED',
    reason: 'rebuilt',
    table: 'Artist',
  });
});

/** The same row, from a later record. */
function again({ columns }: Table, row: Row, offset: number): NewRow {
  const values = columns.map((column) => row.value(column));
  return { key: row.key, values, partition: row.partition, offset, timestampMs: row.timestampMs };
}
