import { expect, test } from 'vitest';
import { createWork } from '../../../src/common/work.ts';
import { ownTopic } from '../../../src/model/position.ts';
import { encodeIndexKey, prefixRange } from '../../../src/store/keys.ts';
import { maxDeadLetters } from '../../../src/store/store.ts';
import { indexOf, makeCatalog, tableOf } from '../../support/catalog.ts';
import { scalar } from '../../support/make-table.ts';
import { keyOf, makeRow, plainRow } from '../../support/make-row.ts';
import { makeDirectory, openTestStore, read } from '../../support/open-test-store.ts';

const catalog = makeCatalog([
  {
    name: 'Song',
    columns: [
      { name: 'id', type: scalar('ID'), required: true },
      { name: 'title', type: scalar('String') },
      { name: 'plays', type: scalar('BigInt') },
    ],
    indexes: ['title'],
  },
  { name: 'Copy', topic: 'song', columns: [{ name: 'id', type: scalar('ID') }] },
  { name: 'Play', columns: [{ name: 'id', type: scalar('ID') }], retentionMs: 100 },
]);
const song = tableOf(catalog, 'Song');
const copy = tableOf(catalog, 'Copy');
const play = tableOf(catalog, 'Play');
const key = (id: string) => keyOf(song, { id });

test('reads back what was committed, and nothing of what was thrown away', () => {
  const store = openTestStore(catalog);
  const result = store.write((tx) => {
    tx.upsert(
      song,
      makeRow(song, { id: 'a', title: 'Ä "song" 😀', plays: 9_007_199_254_740_993n }, { offset: 7, timestampMs: 5 }),
    );
    expect(tx.get(song, key('a'))?.json(song.columns[1]!)).toBe('"Ä \\"song\\" 😀"');
    expect(tx.count(song)).toBe(1);
  });
  expect(result).toEqual({ version: 1, touched: [song], changes: 1 });
  expect(() =>
    store.write((tx) => {
      tx.upsert(song, makeRow(song, { id: 'b' }));
      expect([...tx.scan(song, {})].length).toBe(2);
      throw new Error('no');
    }),
  ).toThrow('no');
  expect(store.write((tx) => void tx.get(song, key('a')))).toEqual({ version: 1, touched: [], changes: 0 });
  read(store, (snapshot) => {
    expect(snapshot.version).toBe(1);
    expect(snapshot.count(song)).toBe(1);
    expect(snapshot.get(song, key('b'))).toBeUndefined();
    const row = snapshot.get(song, key('a'))!;
    expect(row.value(song.columns[2]!)).toBe(9_007_199_254_740_993n);
    expect(plainRow(song, row)).toEqual({ id: 'a', title: 'Ä "song" 😀', plays: '9007199254740993' });
    expect([row.partition, row.offset, row.timestampMs]).toEqual([0, 7, 5]);
    const index = indexOf(song, 'title');
    const range = prefixRange(encodeIndexKey(index, ['Ä "song" 😀']).bytes);
    expect([...snapshot.scanIndex(song, index, range)].map(({ rowKey }) => rowKey)).toEqual([Buffer.from(row.key)]);
  });
});

test('a snapshot stays at its version while commits go on, and the next one is at the newest', () => {
  const store = openTestStore(catalog);
  const snapshots = [1, 2, 3].map((n) => {
    store.write((tx) => tx.upsert(song, makeRow(song, { id: 'a', plays: BigInt(n) })));
    return store.snapshot();
  });
  expect(snapshots.map((snapshot) => snapshot.get(song, key('a'))?.json(song.columns[2]!))).toEqual([
    '"1"',
    '"2"',
    '"3"',
  ]);
  expect(snapshots.map((snapshot) => snapshot.version)).toEqual([1, 2, 3]);
  for (const snapshot of snapshots) snapshot.release();
});

test('a released snapshot cannot be read, and lets go of iterations that were left half-way', () => {
  const store = openTestStore(catalog);
  store.write((tx) => ['a', 'b', 'c'].forEach((id) => tx.upsert(song, makeRow(song, { id }))));
  const snapshot = store.snapshot();
  const rows = snapshot.scan(song, {})[Symbol.iterator]();
  rows.next();
  snapshot.release();
  expect(() => rows.next()).toThrow('after its release');
  expect(() => snapshot.get(song, key('a'))).toThrow('after its release');
  expect(() => [...snapshot.scan(song, {})]).toThrow('after its release');
});

test('several writes of a key are one change; a row that ends as it began is none, and keeps its newer coordinates', () => {
  const store = openTestStore(catalog);
  store.write((tx) => tx.setState(song, { phase: 'live' }));
  store.write((tx) => {
    tx.upsert(song, makeRow(song, { id: 'a', title: '1' }));
    tx.upsert(song, makeRow(song, { id: 'a', title: '2' }, { timestampMs: 9 }));
    tx.upsert(song, makeRow(song, { id: 'gone' }));
    tx.delete(song, key('gone'), 3);
    tx.setNext(song, 0, 4);
  });
  const same = store.write((tx) => {
    tx.delete(song, key('a'), 10);
    tx.upsert(song, makeRow(song, { id: 'a', title: '2' }, { offset: 5, timestampMs: 11 }));
  });
  expect(same).toEqual({ version: 3, touched: [], changes: 0 });
  read(store, (snapshot) => {
    expect(snapshot.get(song, key('a'))?.offset).toBe(5);
    const commits = [...snapshot.feed(song, 0)];
    expect(commits.map(({ version, committedMs, changes }) => [version, committedMs, changes.length])).toEqual([
      [2, 1_000, 1],
    ]);
    const [change] = commits[0]!.changes;
    expect(change).toMatchObject({ kind: 'insert', timestampMs: 9 });
    expect(change!.after?.json(song.columns[1]!)).toBe('"2"');
    expect(snapshot.feedHorizon(song)).toBe(1);
  });
});

test('nothing enters the feed while a table fills', () => {
  const store = openTestStore(catalog);
  store.write((tx) => tx.upsert(song, makeRow(song, { id: 'a' })));
  read(store, (snapshot) => expect(snapshot.feedHorizon(song)).toBe(1));
  store.write((tx) => {
    tx.upsert(song, makeRow(song, { id: 'b' }));
    tx.setState(song, { phase: 'live', caughtUpMs: 1 });
  });
  store.write((tx) => tx.delete(song, key('b'), 1));
  read(store, (snapshot) => {
    expect(snapshot.feedHorizon(song)).toBe(2);
    expect(snapshot.filledVersion(song)).toBe(2);
    expect([...snapshot.feed(song, 0)].map(({ version }) => version)).toEqual([3]);
  });
});

test('a position is the least next offset over the tables of a topic, and counts ticks', () => {
  const store = openTestStore(catalog);
  store.write((tx) => {
    tx.setNext(song, 0, 10);
    tx.setNext(song, 1, 3);
    tx.setNext(copy, 0, 5);
    expect(tx.tick()).toBe(1);
  });
  read(store, (snapshot) => {
    expect(snapshot.position([song, copy])).toEqual({
      storeId: store.storeId,
      version: 1,
      offsets: new Map([
        [
          'song',
          new Map([
            [0, 5],
            [1, 0],
          ]),
        ],
        [ownTopic, new Map([[0, 1]])],
      ]),
    });
    expect(snapshot.position([song]).offsets.get('song')).toEqual(
      new Map([
        [0, 10],
        [1, 3],
      ]),
    );
  });
});

test('counts rows that another partition takes over', () => {
  const store = openTestStore(catalog);
  store.write((tx) => {
    tx.upsert(song, makeRow(song, { id: 'a' }, { partition: 1 }));
    tx.upsert(song, makeRow(song, { id: 'a' }, { partition: 2 }));
  });
  store.write((tx) => tx.upsert(song, makeRow(song, { id: 'a' }, { partition: 1 })));
  read(store, (snapshot) => expect(snapshot.state(song).takenOver).toBe(2));
});

test('expires rows by the timestamp of their record, deletions stamped with the stream time', () => {
  const store = openTestStore(catalog);
  store.write((tx) => tx.setState(play, { phase: 'live' }));
  store.write((tx) => {
    for (const ms of [-5, 10, 20, 30]) tx.upsert(play, makeRow(play, { id: `${ms}` }, { timestampMs: ms }));
    tx.setStreamTime(play, 30);
  });
  store.write((tx) => {
    tx.upsert(play, makeRow(play, { id: '10' }, { timestampMs: 25 }));
    expect(tx.expire(play, 20)).toBe(1);
    expect(tx.expire(play, 20)).toBe(0);
    expect(tx.count(play)).toBe(3);
  });
  read(store, (snapshot) => {
    expect([...snapshot.scan(play, {})].map((row) => row.timestampMs)).toEqual([25, 20, 30]);
    const deletions = [...snapshot.feed(play, 2)].flatMap(({ changes }) => changes);
    expect(deletions.map(({ kind, timestampMs }) => [kind, timestampMs])).toEqual([['delete', 30]]);
  });
});

test('a sweep deletes what the partition no longer has, over commits and restarts', async () => {
  const directory = makeDirectory();
  const store = openTestStore(catalog, { directory });
  store.write((tx) => {
    tx.upsert(song, makeRow(song, { id: 'a' }));
    tx.upsert(song, makeRow(song, { id: 'b' }));
    tx.upsert(song, makeRow(song, { id: 'c' }, { partition: 1 }));
    tx.beginSweep(song, 0);
    expect(tx.sweeping(song, 0)).toBe(true);
    expect(tx.sweeping(song, 1)).toBe(false);
    tx.mark(song, 0, key('b'));
  });
  await store.close();
  const again = openTestStore(catalog, { directory });
  again.write((tx) => {
    expect(tx.sweeping(song, 0)).toBe(true);
    expect(tx.sweep(song, 0)).toBe(1);
    expect(tx.sweeping(song, 0)).toBe(false);
  });
  read(again, (snapshot) =>
    expect([...snapshot.scan(song, {})].map((row) => row.key)).toEqual(
      [key('b'), key('c')].map((bytes) => Buffer.from(bytes)),
    ),
  );
});

test('keeps anchors, states and dead letters over a restart', async () => {
  const directory = makeDirectory();
  const store = openTestStore(catalog, { directory });
  const letter = { topic: 'song', partition: 0, offset: 3, code: 'JSON', reason: 'not JSON', timestampMs: 1 } as const;
  store.write((tx) => {
    tx.setAnchor(song, 1, 'anchor é');
    tx.setNext(song, 1, 4);
    tx.addDeadLetter(song, letter);
    tx.addDeadLetter(song, { ...letter, offset: 4 });
    tx.setState(song, { phase: 'halted', reason: 'because' });
  });
  const { storeId } = store;
  await store.close();
  const again = openTestStore(catalog, { directory });
  expect(again.storeId).toBe(storeId);
  again.write((tx) => {
    expect(tx.anchors(song)).toEqual(new Map([[1, 'anchor é']]));
    expect(tx.offsets(song)).toEqual(new Map([['song', new Map([[1, 4]])]]));
  });
  read(again, (snapshot) => {
    expect(snapshot.deadLetters(song, 1)).toEqual([{ ...letter, offset: 4, version: 1 }]);
    expect(snapshot.deadLetters(song, 9).length).toBe(2);
    expect(snapshot.deadLetters(copy, 9)).toEqual([]);
    expect(snapshot.state(song)).toMatchObject({ phase: 'halted', reason: 'because', bad: { JSON: 2 } });
  });
});

test('trims the feed by age and by bytes, and raises the horizon', () => {
  const small = makeCatalog([
    { name: 'Song', columns: [{ name: 'id', type: scalar('ID') }], changes: { retainMs: 100, maxBytes: 1_000 } },
  ]);
  const [table] = small.tables;
  let now = 0;
  const store = openTestStore(small, { now: () => now });
  store.write((tx) => tx.setState(table!, { phase: 'live' }));
  for (now = 1; now <= 60; now += 1) store.write((tx) => tx.upsert(table!, makeRow(table!, { id: `row ${now}` })));
  store.trim(60);
  const horizon = read(store, (snapshot) => {
    const kept = [...snapshot.feed(table!, 0)];
    expect(snapshot.feedHorizon(table!)).toBe(kept[0]!.version - 1);
    expect(kept.length).toBeGreaterThan(5);
    expect(kept.length).toBeLessThan(40);
    return snapshot.feedHorizon(table!);
  });
  store.trim(60);
  read(store, (snapshot) => expect(snapshot.feedHorizon(table!)).toBe(horizon));
  store.trim(156);
  read(store, (snapshot) =>
    expect([...snapshot.feed(table!, 0)].map((commit) => commit.committedMs)).toEqual([56, 57, 58, 59, 60]),
  );
  store.trim(1_000);
  read(store, (snapshot) => {
    expect([...snapshot.feed(table!, 0)]).toEqual([]);
    expect(snapshot.feedHorizon(table!)).toBe(61);
    expect(snapshot.filledVersion(table!)).toBe(1);
    expect(snapshot.version).toBe(61);
  });
});

test('keeps the newest dead letters, and counts all', () => {
  const store = openTestStore(catalog);
  store.write((tx) => {
    for (let offset = 0; offset < maxDeadLetters + 5; offset += 1) {
      tx.addDeadLetter(song, { topic: 'song', partition: 0, offset, code: 'UTF8', reason: '', timestampMs: 0 });
    }
  });
  read(store, (snapshot) => {
    const letters = snapshot.deadLetters(song, Infinity);
    expect(letters.length).toBe(maxDeadLetters);
    expect(letters.at(-1)?.offset).toBe(5);
    expect(snapshot.state(song).bad).toEqual({ UTF8: maxDeadLetters + 5 });
  });
});

test('counts what it reads and writes: one put a key and commit, index entries only where the value moved', () => {
  const work = createWork();
  const store = openTestStore(catalog, { work });
  store.write((tx) => tx.upsert(song, makeRow(song, { id: 'a', title: 't', plays: 1n })));
  expect([work.rowsWritten, work.indexEntriesWritten]).toEqual([1, 1]);
  store.write((tx) => {
    for (const plays of [2n, 3n, 4n]) tx.upsert(song, makeRow(song, { id: 'a', title: 't', plays }));
  });
  expect([work.rowsWritten, work.indexEntriesWritten]).toEqual([2, 1]);
  store.write((tx) => tx.upsert(song, makeRow(song, { id: 'a', title: 'u', plays: 4n })));
  expect([work.rowsWritten, work.indexEntriesWritten]).toEqual([3, 3]);
  const { rowsRead, indexEntriesRead } = work;
  read(store, (snapshot) => {
    expect([...snapshot.scan(song, {}), ...snapshot.scanIndex(song, indexOf(song, 'title'), {})].length).toBe(2);
    expect(snapshot.count(song)).toBe(1);
    expect(snapshot.get(song, key('none'))).toBeUndefined();
  });
  expect([work.rowsRead - rowsRead, work.indexEntriesRead - indexEntriesRead]).toEqual([1, 1]);
});

test('a snapshot can be neither opened nor read inside a write', () => {
  const store = openTestStore(catalog);
  const snapshot = store.snapshot();
  store.write((tx) => {
    tx.upsert(song, makeRow(song, { id: 'a' }));
    expect(() => snapshot.get(song, key('a'))).toThrow('inside a write');
    expect(() => store.snapshot()).toThrow();
    expect(() => store.write(() => {})).toThrow('a write inside a write');
  });
  snapshot.release();
  expect(read(store, (after) => after.count(song))).toBe(1);
});

test('a row that was looked at before its table was emptied is not found afterwards', () => {
  const store = openTestStore(catalog);
  store.write((tx) => tx.upsert(song, makeRow(song, { id: 'a', title: 'A' })));
  store.write((tx) => {
    expect(tx.get(song, key('a'))).toBeDefined();
    tx.clear(song);
    expect(tx.get(song, key('a'))).toBeUndefined();
    tx.upsert(song, makeRow(song, { id: 'a', title: 'A' }));
    expect(tx.count(song)).toBe(1);
  });
  read(store, (snapshot) => {
    expect(snapshot.count(song)).toBe(1);
    expect([...snapshot.scanIndex(song, indexOf(song, 'title'), {})]).toHaveLength(1);
  });
});

test('a row is read once where it is looked at before it is written', () => {
  const work = createWork();
  const store = openTestStore(catalog, { work });
  store.write((tx) => tx.upsert(song, makeRow(song, { id: 'a' })));
  const before = work.rowsRead;
  store.write((tx) => {
    tx.get(song, key('a'));
    tx.upsert(song, makeRow(song, { id: 'a', title: 'A' }));
  });
  expect(work.rowsRead - before).toBe(1);
});
