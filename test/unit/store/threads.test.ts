import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import type { Store } from '../../../src/store/store.ts';
import { makeRow } from '../../support/make-row.ts';
import { makeDirectory, openTestStore } from '../../support/open-test-store.ts';
import { childCatalog, pair } from '../../support/store-child.ts';

async function openReader(directory: string): Promise<Worker> {
  const url = new URL('../../support/store-reader-thread.ts', import.meta.url).href;
  const code = `import('tsx/esm/api').then(({ tsImport }) => tsImport('${url}', '${url}'))`;
  const worker = new Worker(code, { eval: true, workerData: directory });
  await once(worker, 'message');
  return worker;
}

async function ask(
  worker: Worker,
): Promise<{ version: number; count: number; scanned: number; n: number; held: unknown }> {
  worker.postMessage('look');
  const [answer] = (await once(worker, 'message')) as [Awaited<ReturnType<typeof ask>>];
  return answer;
}

const writeOne = (store: Store, n: number) =>
  store.write((tx) => {
    tx.upsert(pair, makeRow(pair, { id: 'a', n, filler: 'x'.repeat(n % 200) }));
    if (n % 3 === 0) tx.upsert(pair, makeRow(pair, { id: `row ${n}`, n }));
    if (n % 7 === 0) tx.delete(pair, makeRow(pair, { id: `row ${n - (n % 3) - 3}` }).key, 0);
  });

test('a reader on another thread sees each commit as soon as it is told, and its held snapshot does not move', async () => {
  const directory = makeDirectory();
  const store = openTestStore(childCatalog, { directory });
  writeOne(store, 3);
  const workers = [await openReader(directory), await openReader(directory)];
  for (let n = 4; n < 300; n += 1) {
    const { version } = writeOne(store, n);
    for (const worker of workers) {
      const answer = await ask(worker);
      expect(answer).toMatchObject({ version, n });
      expect(answer.scanned).toBe(answer.count);
      expect(answer.held).toEqual([1, 2, 2, true]);
    }
  }
  for (const worker of workers) {
    worker.postMessage('close');
    await once(worker, 'exit');
  }
  // The writer goes on after its readers are gone.
  expect(writeOne(store, 300).version).toBe(298);
});

test('commits that a reader is not told of are seen by its next look', async () => {
  const directory = makeDirectory();
  const store = openTestStore(childCatalog, { directory });
  const worker = await openReader(directory);
  for (let n = 1; n <= 50; n += 1) writeOne(store, n);
  expect(await ask(worker)).toMatchObject({ version: 50, n: 50 });
  worker.postMessage('close');
  await once(worker, 'exit');
});

test('a read-only store refuses writes', async () => {
  const directory = makeDirectory();
  openTestStore(childCatalog, { directory });
  const reader = openTestStore(childCatalog, { directory, writable: false });
  expect(() => reader.write(() => {})).toThrow('open for reading');
});
