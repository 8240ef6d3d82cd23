import { expect, test } from 'vitest';
import { createWork } from '../../../src/common/work.ts';
import { findRows } from '../../../src/store/find-rows.ts';
import type { Environment } from '../../../src/store/environment.ts';
import { openEnvironment } from '../../../src/store/lmdb.ts';
import type { OpenEnvironment } from '../../../src/store/open-store.ts';
import { ByteText, RowCopier } from '../../../src/store/row-copier.ts';
import type { Reader, StoreOptions } from '../../../src/store/store.ts';
import { columnOf, indexOf, makeCatalog, tableOf } from '../../support/catalog.ts';
import type { NamedTableSpec } from '../../support/catalog.ts';
import { scalar } from '../../support/make-table.ts';
import { keyOf, makeRow, plainRow } from '../../support/make-row.ts';
import { createNoted, notedEnvironment } from '../../support/noted-environment.ts';
import { makeDirectory, openTestStore, read } from '../../support/open-test-store.ts';

const spec: NamedTableSpec = {
  name: 'Song',
  columns: [
    { name: 'id', type: scalar('ID'), required: true },
    { name: 'artistId', type: scalar('String') },
    { name: 'title', type: scalar('String') },
  ],
  indexes: ['title', 'artistId'],
  covering: ['artistId'],
};
const catalog = makeCatalog([spec]);
const song = tableOf(catalog, 'Song');
const byArtist = indexOf(song, 'artistId');
const rowsDatabase = 'rows:1:1';
const byArtistDatabase = 'index:1:1:1';

function entriesOf(reader: Reader, index = byArtist): unknown[] {
  return [...reader.scanIndex(song, index, {})].map(({ row }) => row && plainRow(song, row()));
}

/** As `songs(where: { artistId: … })` writes them. */
function copied(reader: Reader): string | false {
  const copier = new RowCopier(
    ['id', 'artistId', 'title'].map((name, i) => ({
      before: `${i === 0 ? '{' : ','}"${name}":`,
      column: columnOf(song, name),
      required: name === 'id',
    })),
    '}',
  );
  const to = new ByteText();
  const meter = { entry: () => {}, row: () => {} };
  const range = { range: {}, offset: 0, limit: 1_000 };
  return reader.copyRows?.(song, byArtist, range, { copier, to, meter }) === true ? `[${to.toString()}]` : false;
}

test('an entry has its row as it is, whatever has changed of it', () => {
  const work = createWork();
  const store = openTestStore(catalog, { work });
  const entriesWritten = (id: string, artistId: string | null, title: string, offset: number): number => {
    const before = work.indexEntriesWritten;
    store.write((tx) => {
      tx.upsert(song, makeRow(song, { id, artistId, title }, { offset }));
      expect(entriesOf(tx)).toContainEqual({ id, artistId, title });
    });
    read(store, (snapshot) => {
      const rows = [...snapshot.scan(song, {})];
      expect(entriesOf(snapshot)).toEqual(rows.map((row) => plainRow(song, row)));
      expect(copied(snapshot)).toBe(JSON.stringify(rows.map((row) => plainRow(song, row))));
      const [entry] = [...snapshot.scanIndex(song, byArtist, {})];
      expect(entry?.row?.().offset).toBe(offset);
    });
    return work.indexEntriesWritten - before;
  };
  expect(entriesWritten('s', 'a', 'one', 1)).toBe(2);
  // Of the index by title out and in, of the other one in its place.
  expect(entriesWritten('s', 'a', 'two', 2)).toBe(3);
  expect(entriesWritten('s', 'a', 'two', 3)).toBe(1);
  expect(entriesWritten('s', 'b', 'two', 4)).toBe(2);
  expect(entriesWritten('s', null, 'Ünicode', 5)).toBe(4);
  expect(entriesWritten('s', null, 'é'.repeat(100_000), 6)).toBe(3);
  expect(entriesWritten('s', 'a', 'x'.repeat(100_000), 7)).toBe(4);
  store.write((tx) => tx.delete(song, keyOf(song, { id: 's' }), 0));
  expect(read(store, (snapshot) => entriesOf(snapshot))).toEqual([]);
});

test('rows are read where the index has them, and looked up by key from another; keys alone have none', () => {
  const noted = createNoted();
  const work = createWork();
  const store = openTestStore(catalog, { work }, notedEnvironment(openEnvironment, noted));
  store.write((tx) => {
    for (let i = 0; i < 100; i += 1) tx.upsert(song, makeRow(song, { id: `s${i}`, artistId: 'a', title: 't' }));
  });
  const got = (look: (reader: Reader) => void): { got: number; rowsRead: number; indexEntriesRead: number } => {
    const before = { ...work, got: noted.got.get(rowsDatabase) ?? 0 };
    read(store, look);
    return {
      got: (noted.got.get(rowsDatabase) ?? 0) - before.got,
      rowsRead: work.rowsRead - before.rowsRead,
      indexEntriesRead: work.indexEntriesRead - before.indexEntriesRead,
    };
  };
  const find = (column: string, value: string) => (reader: Reader) =>
    expect([...findRows(reader, song, new Map([[columnOf(song, column), value]]))]).toHaveLength(100);
  expect(got(find('title', 't'))).toEqual({ got: 100, rowsRead: 100, indexEntriesRead: 100 });
  expect(got(find('artistId', 'a'))).toEqual({ got: 0, rowsRead: 100, indexEntriesRead: 100 });
  expect(got(copied)).toEqual({ got: 0, rowsRead: 100, indexEntriesRead: 100 });
  const keysOnly = (reader: Reader): void => {
    for (const { row } of reader.scanIndex(song, byArtist, { keysOnly: true })) expect(row).toBeUndefined();
  };
  expect(got(keysOnly)).toEqual({ got: 0, rowsRead: 0, indexEntriesRead: 100 });
});

test('what a commit writes while it reads an index is not read as it was before', () => {
  const store = openTestStore(catalog);
  store.write((tx) => {
    for (const id of ['1', '2', '3']) tx.upsert(song, makeRow(song, { id, artistId: 'a', title: 'old' }));
    const titles: unknown[] = [];
    for (const row of findRows(tx, song, new Map([[columnOf(song, 'artistId'), 'a']]))) {
      titles.push(row.value(columnOf(song, 'title')));
      tx.upsert(song, makeRow(song, { id: '2', artistId: 'a', title: 'new' }));
    }
    expect(titles).toEqual(['old', 'new', 'old']);
  });
});

test('an entry whose bytes the disk changed is an error that names the row, never another row', () => {
  let env: Environment | undefined;
  const open: OpenEnvironment = (...given) => (env = openEnvironment(...given));
  const store = openTestStore(catalog, {}, open);
  const title = 'the title of b';
  store.write((tx) => {
    for (const id of ['a', 'b', 'c']) tx.upsert(song, makeRow(song, { id, artistId: id, title: `the title of ${id}` }));
  });
  const entries = env!.database(byArtistDatabase, (bytes) =>
    Buffer.from(new Uint8Array(bytes.buffer, 0, bytes.length)),
  );
  const cursor = entries.cursor({});
  while (cursor.next() && !cursor.value.includes(title));
  const { key, value } = cursor;
  cursor.close();
  const put = (bytes: Buffer): void =>
    env!.write(() => {
      entries.put(key, bytes);
      return true;
    });
  // All of the entry but whether its key was cut: that costs no more than to look.
  for (let bit = 1; bit < value.length * 8; bit += 1) {
    const changed = Buffer.from(value);
    changed[bit >> 3]! ^= 1 << (bit & 7);
    put(changed);
    read(store, (snapshot) => {
      expect(() => entriesOf(snapshot), `bit ${bit}`).toThrow(/row of Song is damaged .*headgate serve --rebuild Song/);
      expect(copied(snapshot), `bit ${bit}`).toBe(false);
    });
  }
  for (let length = 2; length < value.length; length += 1) {
    put(value.subarray(0, length));
    read(store, (snapshot) => expect(() => entriesOf(snapshot), `${length} bytes`).toThrow('damaged'));
  }
  put(value);
  read(store, (snapshot) => expect(entriesOf(snapshot)).toHaveLength(3));
});

test('an index that begins or ends to cover is built from the rows, and nothing else is', async () => {
  const directory = makeDirectory();
  const reopen = async (covering: readonly string[]) => {
    const noted = createNoted();
    let env: Environment | undefined;
    const open: OpenEnvironment = (...given) => (env = notedEnvironment(openEnvironment, noted)(...given));
    const now = makeCatalog([{ ...spec, covering }]);
    const told: unknown[] = [];
    const onBuild: StoreOptions['onBuild'] = ({ name }, indexes, rows) =>
      told.push([name, indexes.map((index) => index.name), rows]);
    const store = openTestStore(now, { directory, onBuild }, open);
    const table = tableOf(now, 'Song');
    const found = read(store, (snapshot) =>
      table.indexes.map((index) =>
        [...snapshot.scanIndex(table, index, {})].map(({ row, rowKey }) => ({
          covers: row !== undefined,
          row: plainRow(table, row?.() ?? snapshot.get(table, rowKey)!),
        })),
      ),
    );
    const names = env!.names().filter((name) => name.startsWith('index'));
    await store.close();
    const written = [...noted.written].filter(([name]) => /^(rows|index|time|feed|offsets)/.test(name));
    return { written: Object.fromEntries(written), told, names, store: store.storeId, found };
  };
  const first = openTestStore(catalog, { directory });
  first.write((tx) => {
    for (const id of ['1', '2', '3']) {
      tx.upsert(song, makeRow(song, { id, artistId: `a${id}`, title: `t${id}` }, { offset: Number(id) }));
    }
  });
  await first.close();
  const rows = ['1', '2', '3'].map((id) => ({ id, artistId: `a${id}`, title: `t${id}` }));
  const entries = (covers: boolean) => rows.map((row) => ({ covers, row }));
  const same = { store: first.storeId };

  expect(await reopen(['artistId'])).toEqual({
    ...same,
    written: {},
    told: [],
    names: ['index:1:1:0', 'index:1:1:1'],
    found: [entries(false), entries(true)],
  });
  expect(await reopen([])).toEqual({
    ...same,
    written: { 'index:1:1:2': 3 },
    told: [['Song', ['artistId'], 3]],
    names: ['index:1:1:0', 'index:1:1:2'],
    found: [entries(false), entries(false)],
  });
  expect(await reopen(['title', 'artistId'])).toEqual({
    ...same,
    written: { 'index:1:1:3': 3, 'index:1:1:4': 3 },
    told: [['Song', ['title', 'artistId'], 3]],
    names: ['index:1:1:3', 'index:1:1:4'],
    found: [entries(true), entries(true)],
  });
});
