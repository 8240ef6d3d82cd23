import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { createWork } from '../../src/common/work.ts';
import { openStore } from '../../src/store/lmdb.ts';
import { makeCatalog, tableOf } from './catalog.ts';
import { scalar } from './make-table.ts';
import { keyOf, makeRow } from './make-row.ts';

/**
 * A process that writes to a store until it is killed. In every commit `n` the rows `a` and `b` both hold n, the next offset is n, and one
 * more row exists: whoever opens the directory can tell whether it is at a commit.
 *
 *   tsx store-child.ts DIRECTORY BOOT_ID [flush]     prints `opened`, then the version of each commit
 *
 * With `flush` it flushes now and then, and keeps copies of what was on disk then: `flushed.mdb`, `flushed.checkpoint`.
 */
export const flushEvery = 20;

export const childCatalog = makeCatalog([
  {
    name: 'Pair',
    columns: [
      { name: 'id', type: scalar('ID') },
      { name: 'n', type: scalar('Int') },
      { name: 'filler', type: scalar('String') },
    ],
    indexes: ['n'],
    covering: ['n'],
  },
]);
export const pair = tableOf(childCatalog, 'Pair');

async function run(directory: string, bootId: string, flushed: boolean): Promise<void> {
  const store = openStore({
    directory,
    catalog: childCatalog,
    writable: true,
    work: createWork(),
    now: Date.now,
    bootId,
  });
  const snapshot = store.snapshot();
  let n = snapshot.get(pair, keyOf(pair, { id: 'a' }))?.value(pair.columns[1]!) as number | undefined;
  snapshot.release();
  process.stdout.write('opened\n');
  for (n ??= 0; ;) {
    n += 1;
    const value = n;
    const { version } = store.write((tx) => {
      if (value === 1) tx.setState(pair, { phase: 'live' });
      for (const id of ['a', 'b', `row ${value}`]) {
        tx.upsert(pair, makeRow(pair, { id, n: value, filler: 'x'.repeat(value % 300) }, { offset: value }));
      }
      tx.setNext(pair, 0, value);
    });
    if (flushed && version % flushEvery === 0) {
      await store.flush();
      copyFileSync(join(directory, 'data.mdb'), join(directory, 'flushed.mdb'));
      copyFileSync(join(directory, 'checkpoint'), join(directory, 'flushed.checkpoint'));
    }
    process.stdout.write(`${version}\n`);
    // Lets signals and timers in.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const [, script, directory, bootId, mode] = process.argv;
if (script?.endsWith('store-child.ts') === true && directory !== undefined) {
  await run(directory, bootId ?? 'boot', mode === 'flush');
}
