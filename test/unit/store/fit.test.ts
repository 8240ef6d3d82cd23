import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Catalog } from '../../../src/catalog/catalog.ts';
import { SetupError } from '../../../src/common/errors.ts';
import { ownTopic } from '../../../src/model/position.ts';
import type { StoreOptions } from '../../../src/store/store.ts';
import { columnOf, indexOf, makeCatalog, tableOf } from '../../support/catalog.ts';
import type { NamedTableSpec } from '../../support/catalog.ts';
import { enumOf, scalar } from '../../support/make-table.ts';
import { keyOf, makeRow, plainRow } from '../../support/make-row.ts';
import { makeDirectory, openTestStore, read } from '../../support/open-test-store.ts';

const id = { name: 'id', type: scalar('ID'), required: true };
const title = { name: 'title', type: scalar('String') };
const plays = { name: 'plays', type: scalar('Int') };
const song: NamedTableSpec = { name: 'Song', columns: [id, title, plays], indexes: ['title'] };
const other: NamedTableSpec = { name: 'Other', columns: [id] };

/** A directory with three songs, as the schema of `song` and `other` left it. */
async function filledDirectory(): Promise<string> {
  const directory = makeDirectory();
  const catalog = makeCatalog([song, other]);
  const store = openTestStore(catalog, { directory });
  const table = tableOf(catalog, 'Song');
  store.write((tx) => tx.setState(table, { phase: 'live' }));
  store.write((tx) => {
    for (const [i, name] of ['c', 'b', 'a'].entries()) {
      tx.upsert(table, makeRow(table, { id: `${i}`, title: name, plays: i }, { timestampMs: i * 10 }));
    }
    tx.setNext(table, 0, 3);
    tx.setAnchor(table, 0, 'anchor');
  });
  store.write((tx) => tx.upsert(tableOf(catalog, 'Other'), makeRow(tableOf(catalog, 'Other'), { id: 'x' })));
  await store.close();
  return directory;
}

function open(directory: string, specs: readonly NamedTableSpec[], options: Partial<StoreOptions> = {}) {
  const catalog = makeCatalog(specs);
  return { catalog, store: openTestStore(catalog, { directory, ...options }) };
}

function mistakesOf(
  directory: string,
  specs: readonly NamedTableSpec[],
  options: Partial<StoreOptions> = {},
): string[] {
  try {
    open(directory, specs, options);
  } catch (error) {
    if (error instanceof SetupError) return error.mistakes.map(({ message }) => message);
    throw error;
  }
  return [];
}

function titles(catalog: Catalog, store: ReturnType<typeof open>['store'], index: string): unknown[] {
  const table = tableOf(catalog, 'Song');
  return read(store, (snapshot) =>
    [...snapshot.scanIndex(table, indexOf(table, index), {})].map(({ rowKey }) =>
      JSON.parse(snapshot.get(table, rowKey)!.json(columnOf(table, 'title'))),
    ),
  );
}

test('a dropped column, and another order of columns, change nothing', async () => {
  const directory = await filledDirectory();
  const { catalog, store } = open(directory, [{ ...song, columns: [plays, id], indexes: [] }, other]);
  const table = tableOf(catalog, 'Song');
  store.write((tx) => tx.upsert(table, makeRow(table, { id: '9', plays: 9 })));
  read(store, (snapshot) => {
    expect([...snapshot.scan(table, {})].map((row) => plainRow(table, row))).toEqual([
      { plays: 0, id: '0' },
      { plays: 1, id: '1' },
      { plays: 2, id: '2' },
      { plays: 9, id: '9' },
    ]);
    expect(snapshot.state(table).phase).toBe('live');
  });
  // A row without its dropped column is the row it was.
  expect(store.write((tx) => tx.upsert(table, makeRow(table, { id: '1', plays: 1 }))).changes).toBe(0);
});

test('a dropped column that comes back is new', async () => {
  const directory = await filledDirectory();
  await open(directory, [{ ...song, columns: [id, plays], indexes: [] }, other]).store.close();
  expect(mistakesOf(directory, [song, other])).toEqual([expect.stringContaining('column title is new')]);
});

test('a new index is built from the rows, a dropped one goes', async () => {
  const directory = await filledDirectory();
  const { catalog, store } = open(directory, [{ ...song, indexes: ['plays title', 'title'] }, other]);
  expect(titles(catalog, store, 'plays title')).toEqual(['c', 'b', 'a']);
  expect(titles(catalog, store, 'title')).toEqual(['a', 'b', 'c']);
  await store.close();
  await open(directory, [{ ...song, indexes: [] }, other]).store.close();
  const again = open(directory, [song, other]);
  expect(titles(again.catalog, again.store, 'title')).toEqual(['a', 'b', 'c']);
});

test('retention that is added later expires rows that were there before', async () => {
  const directory = await filledDirectory();
  const { catalog, store } = open(directory, [{ ...song, retentionMs: 5 }, other]);
  const table = tableOf(catalog, 'Song');
  store.write((tx) => expect(tx.expire(table, 15)).toBe(2));
  expect(read(store, (snapshot) => snapshot.count(table))).toBe(1);
});

test.each<[string, Partial<NamedTableSpec>, string]>([
  ['a new column', { columns: [id, title, plays, { name: 'album', type: scalar('String') }] }, 'column album is new'],
  ['a retyped column', { columns: [id, title, { ...plays, type: scalar('BigInt') }] }, 'changed from Int to BigInt'],
  [
    'a column that becomes required',
    { columns: [id, { ...title, required: true }, plays] },
    'changed from String to String!',
  ],
  ['another enum', { columns: [id, title, { ...plays, type: enumOf('A') }] }, 'changed from Int to enum(A)'],
  [
    'another @from',
    { columns: [id, { ...title, source: { kind: 'value', path: ['name'] } }, plays] },
    'column title is read from elsewhere',
  ],
  ['another default', { columns: [id, { ...title, default: 'none' }, plays] }, 'column title is read from elsewhere'],
  ['another key', { key: ['title'] }, 'the key changed from "id" to "title"'],
  ['another topic', { topic: 'tracks' }, 'topic changed from song to tracks'],
  ['another mode', { mode: 'APPEND' }, 'mode changed from UPSERT to APPEND'],
  ['another key format', { keyFormat: 'JSON' }, 'keyFormat changed from STRING to JSON'],
  ['another cluster', { cluster: 'second' }, 'cluster changed'],
  [
    'another accept',
    {
      accept: (column) => ({
        kind: 'compare',
        column: column('plays'),
        path: [],
        type: scalar('Int'),
        op: 'gt',
        operand: 3n,
        insensitive: false,
      }),
    },
    'accept changed',
  ],
])('%s is refused, with the way out, and harms nothing', async (_, change, says) => {
  const directory = await filledDirectory();
  const [message, ...more] = mistakesOf(directory, [{ ...song, ...change }, other]);
  expect(more).toEqual([]);
  expect(message).toContain('Song: the stored table no longer fits');
  expect(message).toContain(says);
  expect(message).toContain('headgate serve --rebuild Song');
  const { catalog, store } = open(directory, [song, other]);
  expect(titles(catalog, store, 'title')).toEqual(['a', 'b', 'c']);
});

test('tells every table that no longer fits, and a name that is not there', async () => {
  const directory = await filledDirectory();
  const specs = [
    { ...song, topic: 'x' },
    { ...other, topic: 'y' },
  ];
  const messages = mistakesOf(directory, specs, { rebuild: ['Sing'] });
  expect(messages.map((message) => message.split(':')[0])).toEqual(['--rebuild Sing', 'Song', 'Other']);
});

test('a rebuild empties the table, forgets its offsets, fills again, and can be seen in positions', async () => {
  const directory = await filledDirectory();
  const wider = { ...song, columns: [id, title, plays, { name: 'album', type: scalar('String') }] };
  const { catalog, store } = open(directory, [wider, other], { rebuild: ['Song'] });
  const table = tableOf(catalog, 'Song');
  read(store, (snapshot) => {
    expect(snapshot.version).toBe(4);
    expect(snapshot.count(table)).toBe(0);
    expect([...snapshot.scan(table, {})]).toEqual([]);
    expect([...snapshot.scanIndex(table, indexOf(table, 'title'), {})]).toEqual([]);
    expect([...snapshot.feed(table, 0)]).toEqual([]);
    expect(snapshot.state(table).phase).toBe('filling');
    expect(snapshot.feedHorizon(table)).toBe(4);
    expect(snapshot.position([table]).offsets).toEqual(
      new Map([
        ['song', new Map()],
        [ownTopic, new Map([[0, 1]])],
      ]),
    );
    expect(snapshot.count(tableOf(catalog, 'Other'))).toBe(1);
  });
  store.write((tx) => {
    expect(tx.anchors(table)).toEqual(new Map());
    tx.upsert(table, makeRow(table, { id: '1', title: 't', album: 'x' }));
  });
  await store.close();
  const again = open(directory, [wider, other]);
  expect(titles(again.catalog, again.store, 'title')).toEqual(['t']);
});

test('a rebuild of a table that fits empties it, too', async () => {
  const directory = await filledDirectory();
  const { catalog, store } = open(directory, [song, other], { rebuild: ['Song'] });
  expect(read(store, (snapshot) => snapshot.count(tableOf(catalog, 'Song')))).toBe(0);
});

test('a table that the schema gains starts empty; one that it loses is kept for its return', async () => {
  const directory = await filledDirectory();
  const { store, catalog } = open(directory, [song, { ...other, name: 'Third' }]);
  read(store, (snapshot) => {
    expect(snapshot.count(tableOf(catalog, 'Third'))).toBe(0);
    expect(snapshot.state(tableOf(catalog, 'Third')).phase).toBe('filling');
  });
  await store.close();
  const again = open(directory, [song, other]);
  const table = tableOf(again.catalog, 'Other');
  expect(
    read(again.store, (snapshot) => snapshot.get(table, keyOf(table, { id: 'x' }))?.value(table.columns[0]!)),
  ).toBe('x');
});

test.each<[string, (bytes: Buffer) => Buffer, string]>([
  ['other bytes', (bytes) => Buffer.alloc(bytes.length, 0x41), 'not a file of LMDB'],
  ['a few bytes', () => Buffer.from('hello'), 'not a file of LMDB'],
  ['zeroed pages', (bytes) => bytes.fill(0, 4_096, 8_192), 'second page'],
  ['a file cut short', (bytes) => bytes.subarray(0, bytes.length - 4_096), 'its end is missing'],
])('refuses %s where the store should be, with the way out', async (_, change, says) => {
  const directory = await filledDirectory();
  const path = join(directory, 'data.mdb');
  writeFileSync(path, change(readFileSync(path)));
  const [message] = mistakesOf(directory, [song, other]);
  expect(message).toContain(says);
  expect(message).toContain('Delete the directory and start again');
});

test('a page at the end that a commit took and gave back is not missed', async () => {
  const directory = await filledDirectory();
  const path = join(directory, 'data.mdb');
  const bytes = readFileSync(path);
  // The newer of the two commits that the file knows counts one page more than the file has.
  const newest = bytes.readBigUInt64LE(152) > bytes.readBigUInt64LE(4_096 + 152) ? 0 : 4_096;
  bytes.writeBigUInt64LE(bytes.readBigUInt64LE(newest + 144) + 1n, newest + 144);
  writeFileSync(path, bytes);
  const { catalog, store } = open(directory, [song, other]);
  expect(read(store, (snapshot) => snapshot.count(tableOf(catalog, 'Song')))).toBe(3);
});

test('leaves no files behind but its own', async () => {
  const directory = await filledDirectory();
  expect(readdirSync(directory).toSorted()).toEqual(['checkpoint', 'data.mdb', 'lock.mdb']);
});
