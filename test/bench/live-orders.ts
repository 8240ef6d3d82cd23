import { join } from 'node:path';
import type { Hub, Subscription } from '../../src/live/live.ts';
import { built } from './built.ts';
import { cpuTimed } from './harness.ts';
import { temporaryDirectory } from './order-stores.ts';
import { orderRecord, schema, toBatches } from './orders.ts';
import type { Order } from './orders.ts';

const rowsPerCommit = 50_000;

/** Orders in a store of this process, with hubs of live queries over them: no source, no sockets. */
export interface LiveOrders {
  /** Has its own live queries; is woken by `change` alone. */
  hub(): LiveHub;
  /** A commit for each order, of which the hub sends the given number of frames. Processor µs per change, of the hub or of both. */
  change(hub: LiveHub, orders: readonly Order[], framesEach: number, of?: 'hub' | 'commit'): Promise<number>;
  close(): Promise<void>;
}

export interface LiveHub {
  readonly hub: Hub;
  /** Resolves once each has its first frame. */
  open(query: string, variables: readonly Readonly<Record<string, unknown>>[]): Promise<void>;
  readonly frames: number;
  /** Resolves once all are up to date. */
  settled(): Promise<void>;
}

/** The `orders` have an index by `createdAt` as well. */
export async function openLiveOrders(orders: number, make: (i: number) => Order): Promise<LiveOrders> {
  const { buildCatalog } = await built('catalog/build');
  const { encodePosition } = await built('model/position');
  const { openStore } = await built('store/lmdb');
  const { createFold } = await built('ingest/apply');
  const { createBatchDecoder } = await built('ingest/batch-decoder');
  const { createWork } = await built('common/work');
  const { createQueryEngine } = await built('query/engine');
  const { createHub } = await built('live/hub');
  const { defaultLiveLimits, defaultQueryLimits } = await built('config/limits');
  const directory = await temporaryDirectory();
  const text = schema.replace('createdAt: DateTime!', 'createdAt: DateTime! @index');
  const catalog = buildCatalog([{ file: 'orders.graphql', text }]);
  const work = createWork();
  const store = openStore({ directory: join(directory.path, 'data'), catalog, writable: true, work, now: Date.now });
  const events = { halted: (): void => {}, skipped: (): void => {} };
  const fold = createFold({ catalog, work, events });
  const decode = createBatchDecoder(catalog, store.storedColumns);
  const engine = createQueryEngine({ catalog, work, limits: defaultQueryLimits });
  const progress = { connected: true, ends: new Map(), missingTopics: new Set<string>(), records: new Map() };
  const hubs: Hub[] = [];
  let offset = 0;

  function produce(made: readonly Order[]): void {
    const records = made.map((order, n) => orderRecord(order, offset + n));
    offset += records.length;
    store.write((tx) => {
      for (const batch of toBatches(records, records.length)) fold.apply(tx, decode(batch));
    });
  }

  for (let at = 0; at < orders; at += rowsPerCommit) {
    const count = Math.min(rowsPerCommit, orders - at);
    produce(Array.from({ length: count }, (_, n) => make(at + n)));
  }
  store.write((tx) => catalog.tables.forEach((table) => tx.setState(table, { phase: 'live' })));

  function newest(): string {
    const snapshot = store.snapshot();
    try {
      return encodePosition(snapshot.position(catalog.tables));
    } finally {
      snapshot.release();
    }
  }

  return {
    hub() {
      const hub = createHub({
        store,
        engine,
        tables: catalog.tables,
        progress: () => progress,
        limits: { ...defaultLiveLimits, maxShapes: 1_000_000 },
      });
      hubs.push(hub);
      const subscriptions: Subscription[] = [];
      let frames = 0;
      const send = (_: string, done: () => void): void => {
        frames += 1;
        done();
      };
      return {
        hub,
        get frames() {
          return frames;
        },
        async open(query, variables) {
          const wanted = frames + variables.length;
          for (const each of variables) {
            const prepared = engine.prepare({ query, variables: each });
            if (!('kind' in prepared)) throw new Error(`not prepared: ${prepared.map(String).join()}`);
            subscriptions.push(hub.subscribe(prepared, { send, complete: () => {} }));
          }
          await until(() => frames === wanted);
        },
        async settled() {
          const position = newest();
          for (const subscription of subscriptions) await until(() => subscription.position() === position);
        },
      };
    },
    async change(live, changed, framesEach, of = 'hub') {
      // What others did meanwhile is not what is measured.
      live.hub.wake();
      await live.settled();
      let ms = 0;
      for (const order of changed) {
        const wanted = live.frames + framesEach;
        const committing = await cpuTimed(() => produce([order]));
        const following = await cpuTimed(async () => {
          live.hub.wake();
          await until(() => live.frames >= wanted);
        });
        ms += following + (of === 'commit' ? committing : 0);
        if (live.frames > wanted) throw new Error('more was sent than what the change touched');
      }
      return (ms * 1_000) / changed.length;
    },
    async close() {
      for (const hub of hubs) hub.close();
      await store.close();
      await directory.remove();
    },
  };
}

async function until(is: () => boolean): Promise<void> {
  while (!is()) await new Promise((resolve) => setImmediate(resolve));
}
