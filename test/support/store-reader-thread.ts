import { parentPort, workerData } from 'node:worker_threads';
import { createWork } from '../../src/common/work.ts';
import { openStore } from '../../src/store/lmdb.ts';
import { childCatalog, pair } from './store-child.ts';
import { keyOf } from './make-row.ts';

/** A reader on a thread of its own: answers every message with what it sees at that moment. */
const directory = workerData as string;
const store = openStore({ directory, catalog: childCatalog, writable: false, work: createWork(), now: () => 0 });

/** Held over many messages: what it sees must not move. */
const held = store.snapshot();
const [, , , nAtStart] = look(held);

function look(snapshot: typeof held): [number, number, number, unknown] {
  const row = snapshot.get(pair, keyOf(pair, { id: 'a' }));
  return [snapshot.version, snapshot.count(pair), [...snapshot.scan(pair, {})].length, row?.value(pair.columns[1]!)];
}

parentPort?.on('message', (message: 'look' | 'close') => {
  if (message === 'close') {
    held.release();
    void store.close().then(() => parentPort?.close());
    return;
  }
  const snapshot = store.snapshot();
  const [version, count, scanned, n] = look(snapshot);
  snapshot.release();
  const [heldVersion, heldCount, heldScanned, heldN] = look(held);
  parentPort?.postMessage({
    version,
    count,
    scanned,
    n,
    held: [heldVersion, heldCount, heldScanned, heldN === nAtStart],
  });
});
parentPort?.postMessage('open');
