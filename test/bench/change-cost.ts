import type { Benchmark } from './harness.ts';
import { openLiveOrders } from './live-orders.ts';
import type { LiveHub } from './live-orders.ts';
import { customerId, makeOrder, orderId } from './orders.ts';
import type { Order } from './orders.ts';

const changesPerRound = 1_000;
const lookup = 'subscription ($id: ID!) { order(id: $id) { id status total note } }';
const listOf =
  'subscription ($customerId: ID!) { orders(where: { customerId: { eq: $customerId } }) { id status total note } }';
const newest =
  'subscription { orders(orderBy: { createdAt: DESC }, limit: 50) { id customerId status total createdAt note } }';

/** What a change costs a hub; with its commit where there is else nothing to compare with. */
export const changeCost: readonly Benchmark[] = [
  {
    name: 'change-unwatched',
    reference: 'the same change with no live query open',
    aim: 0.77,
    unit: 'processor µs per change',
    async open() {
      const lookups = 100_000;
      const rows = lookups + changesPerRound;
      const orders = await openLiveOrders(rows, (i) => makeOrder(i, 0, rows));
      const [watched, unwatched] = [orders.hub(), orders.hub()];
      await watched.open(
        lookup,
        Array.from({ length: lookups }, (_, n) => ({ id: orderId(n) })),
      );
      const change = revisions((n, revision) => makeOrder(lookups + n, revision, rows));
      return {
        headgate: () => orders.change(watched, change(), 0, 'commit'),
        reference: () => orders.change(unwatched, change(), 0, 'commit'),
        close: () => orders.close(),
      };
    },
  },
  {
    name: 'change-lists',
    reference: 'a change that touches 1 of 100 live lists',
    aim: 0.77,
    unit: 'processor µs per change that touches 1 of 10,000 live lists',
    async open() {
      const [many, few] = [10_000, 100];
      const make = (i: number, revision: number): Order => ({
        ...makeOrder(i, revision, many),
        customerId: customerId(i % many),
      });
      const orders = await openLiveOrders(10 * many, (i) => make(i, 0));
      const open = async (lists: number): Promise<LiveHub> => {
        const hub = orders.hub();
        await hub.open(
          listOf,
          Array.from({ length: lists }, (_, n) => ({ customerId: customerId(n) })),
        );
        return hub;
      };
      const [crowded, quiet] = [await open(many), await open(few)];
      const change = revisions((n, revision) => make(n % few, revision));
      return {
        headgate: () => orders.change(crowded, change(), 1),
        reference: () => orders.change(quiet, change(), 1),
        close: () => orders.close(),
      };
    },
  },
  {
    name: 'change-window',
    reference: 'the same over 1,000 rows',
    aim: 0.5,
    unit: 'processor µs per change among the 50 newest of 1,000,000 rows',
    async open() {
      const [large, small] = [await openNewest(1_000_000), await openNewest(1_000)];
      return {
        headgate: large.change,
        reference: small.change,
        async close() {
          await large.close();
          await small.close();
        },
      };
    },
  },
];

async function openNewest(rows: number): Promise<{ change(): Promise<number>; close(): Promise<void> }> {
  const orders = await openLiveOrders(rows, (i) => makeOrder(i, 0, rows));
  const hub = orders.hub();
  await hub.open(newest, [{}]);
  const change = revisions((n, revision) => makeOrder(rows - 1 - (n % 50), 2 * revision, rows));
  return { change: () => orders.change(hub, change(), 1), close: () => orders.close() };
}

/** Every call gives the changes of a round, each of which changes what it says of its order. */
function revisions(make: (n: number, revision: number) => Order): () => readonly Order[] {
  let round = 0;
  return () => {
    round += 1;
    return Array.from({ length: changesPerRound }, (_, n) => make(n, round * changesPerRound + n));
  };
}
