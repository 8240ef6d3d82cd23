import { join } from 'node:path';
import type { SourceRecord } from '../../src/source/source.ts';
import { built } from './built.ts';
import { cpuTimed } from './harness.ts';
import type { Benchmark } from './harness.ts';
import { perCommit } from './ingest.ts';
import { temporaryDirectory } from './order-stores.ts';
import { toBatches } from './orders.ts';
import { makePayment, paymentRecord, paymentsSchema, storedTotals, totalsOf } from './payments.ts';
import type { PaymentsSchema } from './payments.ts';

const topic = 'payments';
const payments = 100_000;
const perBatch = 1_000;

/** From the bytes of records to committed rows, with one aggregation (COUNT and SUM by account) and without. */
export const aggregate: readonly Benchmark[] = [
  { ...aggregateOver('UPSERT'), name: 'aggregate', reference: 'the same ingest without the aggregation' },
  { ...aggregateOver('STREAM'), name: 'aggregate-stream', reference: 'the same ingest without the aggregation' },
];

function aggregateOver(mode: PaymentsSchema['mode']): Pick<Benchmark, 'unit' | 'open'> {
  return {
    unit: 'processor µs per record',
    async open() {
      const directory = await temporaryDirectory();
      const open = (name: string, totals: boolean): Promise<Ingesting> =>
        openIngesting(join(directory.path, name), paymentsSchema({ topic, mode, totals }));
      const sides = { headgate: await open('totals', true), reference: await open('plain', false) };
      const histories = { headgate: new PaymentHistory(mode), reference: new PaymentHistory(mode) };
      const round = async (side: keyof typeof sides): Promise<number> => {
        const records = histories[side].next();
        const ms = await cpuTimed(() => sides[side].ingest(records));
        return (ms * 1_000) / records.length;
      };
      await round('headgate');
      await round('reference');
      return {
        headgate: () => round('headgate'),
        reference: () => round('reference'),
        async close() {
          const totals = sides.headgate.totals();
          await Promise.all([sides.headgate.close(), sides.reference.close()]);
          await directory.remove();
          const expected = histories.headgate.totals();
          if (totals.join('\n') !== expected.join('\n')) throw new Error('the totals are not those of the payments');
        },
      };
    },
  };
}

interface Ingesting {
  ingest(records: readonly SourceRecord[]): void;
  /** `account payments amount`, sorted. */
  totals(): readonly string[];
  close(): Promise<void>;
}

async function openIngesting(directory: string, schema: string): Promise<Ingesting> {
  const { openStore } = await built('store/lmdb');
  const { buildCatalog } = await built('catalog/build');
  const { createFold } = await built('ingest/apply');
  const { createBatchDecoder } = await built('ingest/batch-decoder');
  const { createWork } = await built('common/work');
  const catalog = buildCatalog([{ file: 'payments.graphql', text: schema }]);
  const work = createWork();
  const store = openStore({ directory, catalog, writable: true, work, now: Date.now });
  const fold = createFold({ catalog, work, events: { halted: () => {}, skipped: () => {} } });
  const decode = createBatchDecoder(catalog, store.storedColumns);
  // As in a gateway that has caught up once: rows and totals enter the change feed.
  fold.build(store);
  store.write((tx) => catalog.tables.forEach((table) => tx.setState(table, { phase: 'live' })));
  return {
    ingest(records) {
      for (let at = 0; at < records.length; at += perCommit) {
        const batches = toBatches(records.slice(at, at + perCommit), perBatch).map(decode);
        store.write((tx) => {
          for (const batch of batches) fold.apply(tx, batch);
          fold.finish(tx);
        });
      }
    },
    totals: () => storedTotals(store, catalog),
    close: () => store.close(),
  };
}

/**
 * First every payment; then, round by round, every second one at its next revision, half of them now of another account. A stream's
 * payments are new ones every time.
 */
class PaymentHistory {
  readonly #mode: PaymentsSchema['mode'];
  readonly #revisions = new Map<number, number>();
  #round = 0;
  #offset = 0;

  constructor(mode: PaymentsSchema['mode']) {
    this.#mode = mode;
  }

  next(): readonly SourceRecord[] {
    const round = this.#round;
    this.#round += 1;
    const records: SourceRecord[] = [];
    const [from, step] = this.#mode === 'STREAM' ? [round * payments, 1] : [round % 2, round === 0 ? 1 : 2];
    const to = this.#mode === 'STREAM' ? from + payments : payments;
    for (let i = from; i < to; i += step) {
      const revision = (this.#revisions.get(i) ?? -1) + 1 + ((i >> 1) % 2);
      this.#revisions.set(i, revision);
      records.push(paymentRecord(topic, i, revision, this.#offset));
      this.#offset += 1;
    }
    return records;
  }

  totals(): readonly string[] {
    return totalsOf([...this.#revisions].map(([i, revision]) => makePayment(i, revision)));
  }
}
