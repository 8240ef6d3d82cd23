import type { Benchmark } from './harness.ts';
import { makeOrder } from './orders.ts';
import type { Order } from './orders.ts';
import { startServers } from './processes.ts';
import { subscribeAll } from './subscribers.ts';
import type { Subscribers } from './subscribers.ts';

const orders = 1_000;
const changesPerRound = 30;
const query = 'subscription ($id: ID!) { order(id: $id) { id customerId status total createdAt note } }';

interface Load {
  readonly name: string;
  readonly aim: number;
  readonly clients: number;
  /** Live queries of each client, of an order each. */
  readonly queries: number;
  /** Changes of each of these orders, that come at once. */
  readonly changes: number;
  readonly what: string;
}

/**
 * From the record in the log to the last client, in server time for each change that a client is brought up to date with. Of ten
 * changes of one order a live query shows the last; a plain server knows nothing of what it sends, and sends ten messages.
 */
const loads: readonly Load[] = [
  { name: 'fan-out', aim: 0.9, clients: 5_000, queries: 1, changes: 1, what: 'the same text' },
  { name: 'fan-out-burst', aim: 3, clients: 5_000, queries: 1, changes: 10, what: 'each of ten texts' },
  { name: 'fan-out-operations', aim: 3, clients: 1_000, queries: 10, changes: 1, what: 'each of ten texts' },
];

export const fanOut: readonly Benchmark[] = loads.map((load) => ({
  name: load.name,
  reference: `a bare ws server that sends ${load.what} to ${load.clients.toLocaleString('en')} clients`,
  aim: load.aim,
  unit: 'server µs per change and client',
  async open() {
    const { clients, queries, changes } = load;
    const { headgate, bare, change, close } = await startServers(orders);
    const watched = Array.from({ length: queries }, (_, n) => makeOrder(n, 0, orders));
    const subscriptions = watched.map(({ id }) => ({ query, variables: { id } }));
    const ours = await subscribeAll(headgate.url, clients, subscriptions);
    const theirs = await subscribeAll(bare.url, clients, subscriptions);
    let revision = 0;

    /** Orders and their contents, one after the other. */
    function burst(): Order[] {
      const first = revision + 1;
      revision += changes;
      return Array.from({ length: changes }, (_, n) => n).flatMap((n) =>
        watched.map((_, order) => makeOrder(order, first + n, orders)),
      );
    }

    async function bring(subscribers: Subscribers, make: (burst: readonly Order[]) => Promise<void>): Promise<void> {
      const made = burst();
      const newest = subscribers.received(made.slice(-queries).map(({ note }) => note));
      await make(made);
      await newest;
    }

    async function round(cpuMs: () => Promise<number>, once: () => Promise<void>): Promise<number> {
      const before = await cpuMs();
      const times = Math.ceil(changesPerRound / (changes * queries));
      for (let n = 0; n < times; n += 1) await once();
      return (((await cpuMs()) - before) * 1_000) / (times * changes * queries * clients);
    }

    await bring(ours, change);
    // What stands around the order: both sides send texts of the same length.
    const newest = watched.map((_, order) => JSON.stringify(makeOrder(order, revision, orders)));
    const [head = '', tail = ''] = newest.flatMap((text) => (ours.last.includes(text) ? ours.last.split(text) : []));
    if (tail === '') throw new Error(`an unexpected frame: ${ours.last}`);
    const send = async (made: readonly Order[]): Promise<void> => {
      const body = made.map((order) => head + JSON.stringify(order) + tail).join('\n');
      await fetch(new URL('/changes', bare.url), { method: 'POST', body });
    };
    return {
      headgate: () => round(headgate.cpuMs, () => bring(ours, change)),
      reference: () => round(bare.cpuMs, () => bring(theirs, send)),
      async close() {
        ours.close();
        theirs.close();
        await close();
      },
    };
  },
}));
