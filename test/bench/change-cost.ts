import { join } from 'node:path';
import type { Hub } from '../../src/live/live.ts';
import { built } from './built.ts';
import { cpuTimed } from './harness.ts';
import type { Benchmark } from './harness.ts';
import { temporaryDirectory } from './order-stores.ts';
import { makeOrder, orderId, orderRecord, ordersCatalog, toBatches } from './orders.ts';

const orders = 100_000;
const changesPerRound = 1_000;
const query = 'subscription ($id: ID!) { order(id: $id) { id status total note } }';

/** A change while many clients watch a row each: its commit, and what the hub has to do for the one who is concerned. */
export const changeCost: readonly Benchmark[] = [1_000, 100_000].map((lookups) => ({
  name: `change-cost-${lookups}`,
  reference: 'the same change with no live query open',
  unit: `processor µs per change with ${lookups} live key lookups open`,
  async open() {
    const { openStore } = await built('store/lmdb');
    const { createFold } = await built('ingest/apply');
    const { createDecoder } = await built('decode/decode');
    const { createWork } = await built('common/work');
    const { createQueryEngine } = await built('query/engine');
    const { createHub } = await built('live/hub');
    const { defaultLiveLimits, defaultQueryLimits } = await built('config/limits');
    const directory = await temporaryDirectory();
    const catalog = await ordersCatalog();
    const work = createWork();
    const store = openStore({ directory: join(directory.path, 'data'), catalog, writable: true, work, now: Date.now });
    const fold = createFold({
      catalog,
      work,
      createDecoder,
      events: { halted: () => {}, skipped: () => {} },
    });
    const engine = createQueryEngine({ catalog, work, limits: defaultQueryLimits });
    const progress = { connected: true, ends: new Map(), missingTopics: new Set<string>(), records: new Map() };
    const limits = { ...defaultLiveLimits, maxShapes: orders };
    const makeHub = (): Hub => createHub({ store, engine, tables: catalog.tables, progress: () => progress, limits });
    const hubs = { watched: makeHub(), unwatched: makeHub() };
    let offset = 0;
    let frames = 0;

    function produce(first: number, count: number, revision: number): void {
      const records = Array.from({ length: count }, (_, n) => {
        const order = makeOrder(first + n, revision, orders);
        return orderRecord(order, offset + n);
      });
      offset += count;
      store.write((tx) => {
        for (const batch of toBatches(records, count)) fold.apply(tx, batch);
      });
    }

    store.write((tx) => catalog.tables.forEach((table) => tx.setState(table, { phase: 'live' })));
    for (let at = 0; at < orders; at += 10_000) produce(at, 10_000, 0);
    for (let n = 0; n < lookups; n += 1) {
      const prepared = engine.prepare({ query, variables: { id: orderId(n) } });
      if (!('kind' in prepared)) throw new Error(`not prepared: ${prepared.map(String).join()}`);
      const send = (_: string, done: () => void): void => {
        frames += 1;
        done();
      };
      hubs.watched.subscribe(prepared, { send, complete: () => {} });
    }
    const sent = async (until: number): Promise<void> => {
      while (frames < until) await new Promise((resolve) => setImmediate(resolve));
    };
    await sent(lookups);

    let revision = 0;
    async function round(hub: Hub, concerned: number): Promise<number> {
      revision += 1;
      const ms = await cpuTimed(async () => {
        for (let n = 0; n < changesPerRound; n += 1) {
          const wanted = frames + concerned;
          produce((n * 7_919) % Math.min(lookups, orders), 1, revision);
          hub.wake();
          await sent(wanted);
        }
      });
      return (ms * 1_000) / changesPerRound;
    }
    return {
      // What the other side did meanwhile is not this side's cost.
      async headgate() {
        hubs.watched.wake();
        await new Promise((resolve) => setTimeout(resolve, 200));
        return round(hubs.watched, 1);
      },
      reference: () => round(hubs.unwatched, 0),
      async close() {
        hubs.watched.close();
        hubs.unwatched.close();
        await store.close();
        await directory.remove();
      },
    };
  },
}));
