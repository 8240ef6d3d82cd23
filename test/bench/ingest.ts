import { join } from 'node:path';
import { openBareStore } from './bare-store.ts';
import { built } from './built.ts';
import type { Benchmark } from './harness.ts';
import { cpuTimed } from './harness.ts';
import { OrderHistory, temporaryDirectory, writeBare } from './order-stores.ts';
import { ordersCatalog, toBatches } from './orders.ts';

const orders = 100_000;
export const perCommit = 10_000;
const perBatch = 1_000;

/** From the bytes of records, as a source hands them over, to committed rows: ingest without the network. */
export const ingest: Benchmark = {
  name: 'ingest',
  reference: 'the same puts (row, index, image before, feed) by a bare synchronous LMDB loop',
  unit: 'processor µs per record',
  async open() {
    const { openStore } = await built('store/lmdb');
    const { createFold } = await built('ingest/apply');
    const { createBatchDecoder } = await built('ingest/batch-decoder');
    const { createWork } = await built('common/work');
    const directory = await temporaryDirectory();
    const catalog = await ordersCatalog();
    const work = createWork();
    const store = openStore({
      directory: join(directory.path, 'headgate'),
      catalog,
      writable: true,
      work,
      now: Date.now,
    });
    const fold = createFold({
      catalog,
      work,
      events: { halted: () => {}, skipped: () => {} },
    });
    const decode = createBatchDecoder(catalog, store.storedColumns);
    const bare = openBareStore(join(directory.path, 'bare'));
    const histories = { headgate: new OrderHistory(orders), bare: new OrderHistory(orders) };
    let produced = 0;

    async function headgate(): Promise<number> {
      const { records } = histories.headgate.next();
      produced += records.length;
      const ms = await cpuTimed(() => {
        for (let at = 0; at < records.length; at += perCommit) {
          const batches = toBatches(records.slice(at, at + perCommit), perBatch).map(decode);
          store.write((tx) => {
            for (const batch of batches) fold.apply(tx, batch);
            fold.finish(tx);
          });
        }
      });
      return (ms * 1_000) / records.length;
    }
    async function reference(): Promise<number> {
      const { upserts } = histories.bare.next();
      return ((await cpuTimed(() => writeBare(bare, upserts, perCommit))) * 1_000) / upserts.length;
    }

    // A table that fills has no feed; this one shall have it from its first record.
    store.write((tx) => catalog.tables.forEach((table) => tx.setState(table, { phase: 'live' })));
    await headgate();
    await reference();
    return {
      headgate,
      reference,
      async close() {
        await store.close();
        await bare.close();
        await directory.remove();
        if (work.rowsWritten !== produced) throw new Error(`${produced} records made ${work.rowsWritten} rows`);
      },
    };
  },
};
