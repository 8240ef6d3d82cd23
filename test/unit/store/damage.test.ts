import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeCatalog, tableOf } from '../../support/catalog.ts';
import { scalar } from '../../support/make-table.ts';
import { keyOf, makeRow } from '../../support/make-row.ts';
import { makeDirectory, openTestStore, read } from '../../support/open-test-store.ts';

const catalog = makeCatalog([
  {
    name: 'Song',
    columns: [
      { name: 'id', type: scalar('ID') },
      { name: 'title', type: scalar('String') },
    ],
  },
]);
const song = tableOf(catalog, 'Song');

test('a row whose bytes the disk changed is an error that names it, never another row; its neighbours are read', async () => {
  const directory = makeDirectory();
  const store = openTestStore(catalog, { directory });
  store.write((tx) => tx.setState(song, { phase: 'live' }));
  store.write((tx) => {
    for (const id of ['a', 'b', 'c']) tx.upsert(song, makeRow(song, { id, title: `the title of ${id}` }));
  });
  await store.close();
  change(join(directory, 'data.mdb'), 'the title of b', 'tha title of b');
  const again = openTestStore(catalog, { directory });
  const damaged = /row of Song is damaged \(key 016200\).*headgate serve --rebuild Song/;
  read(again, (snapshot) => {
    expect(() => snapshot.get(song, keyOf(song, { id: 'b' }))).toThrow(damaged);
    expect(() => [...snapshot.scan(song, {})]).toThrow(damaged);
    // An image is unpacked, and checked, when somebody looks at it.
    const images = () => [...snapshot.feed(song, 0)].flatMap(({ changes }) => changes.map(({ after }) => after));
    expect(images).toThrow(damaged);
    expect(snapshot.get(song, keyOf(song, { id: 'c' }))?.value(song.columns[1]!)).toBe('the title of c');
  });
  // The failed reads have left no read transaction open, and nothing is written over the damage unseen.
  expect(() => again.write((tx) => tx.delete(song, keyOf(song, { id: 'b' }), 0))).toThrow(damaged);
  expect(again.write((tx) => tx.delete(song, keyOf(song, { id: 'a' }), 0)).changes).toBe(1);
});

/** Replaces every occurrence in the file. */
function change(path: string, from: string, to: string): void {
  const bytes = readFileSync(path);
  const file = openSync(path, 'r+');
  for (let at = bytes.indexOf(from); at >= 0; at = bytes.indexOf(from, at + 1)) writeSync(file, to, at);
  closeSync(file);
}
