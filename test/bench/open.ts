import { join } from 'node:path';
import type { StoreWork } from '../support/counted-environment.ts';
import { countedEnvironment } from '../support/counted-environment.ts';
import { built } from './built.ts';
import type { Benchmark } from './harness.ts';
import { temporaryDirectory } from './order-stores.ts';
import { makeOrder, orderRecord, ordersCatalog, toBatches } from './orders.ts';

const few = 10_000;
const many = 1_000_000;
const perCommit = 10_000;

/** What a start reads of the store: opening it, and building what is derived. Counted, not timed. */
export const openCost: Benchmark = {
  name: 'open',
  reference: `the same of ${few.toLocaleString('en')} rows`,
  unit: `entries read on opening ${many.toLocaleString('en')} rows`,
  async open() {
    const directory = await temporaryDirectory();
    const at = (rows: number): string => join(directory.path, String(rows));
    for (const rows of [few, many]) await fill(at(rows), rows);
    return {
      headgate: () => readsOnOpening(at(many), many),
      reference: () => readsOnOpening(at(few), few),
      close: () => directory.remove(),
    };
  },
};

async function fill(directory: string, rows: number): Promise<void> {
  const { store, fold, decode, catalog } = await open(directory, { read: 0, written: 0 });
  // As in a gateway that has caught up once: all changes are in the feed.
  store.write((tx) => catalog.tables.forEach((table) => tx.setState(table, { phase: 'live' })));
  for (let from = 0; from < rows; from += perCommit) {
    const records = Array.from({ length: perCommit }, (_, i) => orderRecord(makeOrder(from + i, 0, rows), from + i));
    store.write((tx) => {
      for (const batch of toBatches(records, perCommit)) fold.apply(tx, decode(batch));
      fold.finish(tx);
    });
  }
  await store.close();
}

async function readsOnOpening(directory: string, rows: number): Promise<number> {
  const work = { read: 0, written: 0 };
  const { store, fold, catalog } = await open(directory, work);
  fold.build(store);
  const { read } = work;
  const snapshot = store.snapshot();
  const stored = catalog.tables.reduce((sum, table) => sum + snapshot.count(table), 0);
  snapshot.release();
  await store.close();
  if (stored !== rows) throw new Error(`${stored} rows, not ${rows}`);
  return read;
}

async function open(directory: string, counted: StoreWork) {
  const { openEnvironment } = await built('store/lmdb');
  const { openStoreIn } = await built('store/open-store');
  const { createFold } = await built('ingest/apply');
  const { createBatchDecoder } = await built('ingest/batch-decoder');
  const { createWork } = await built('common/work');
  const catalog = await ordersCatalog();
  const work = createWork();
  const store = openStoreIn(
    { directory, catalog, writable: true, work, now: Date.now },
    countedEnvironment(openEnvironment, counted),
  );
  const events = { halted: () => {}, skipped: () => {} };
  return {
    store,
    catalog,
    fold: createFold({ catalog, work, events }),
    decode: createBatchDecoder(catalog, store.storedColumns),
  };
}
