import { fileURLToPath } from 'node:url';
import type { Ask, Play } from '../support/play.ts';
import { createShop, orderTopics, seedRecords } from './shop.ts';
import type { Order, ShopState } from './shop.ts';

const historySteps = 1_500;
const historyMs = 6 * 3_600_000;

const opening = `# The newest order notes, with product and
# customer written out, live: press play. To ask
# once, change "subscription" to "query".

subscription {
  orderNotes(
    where: { status: { in: [PLACED, PACKED] } }
    orderBy: [{ placedAt: DESC }]
    limit: 4
  ) {
    status
    quantity
    product
    customer
    address
    total
  }
}
`;

/** Products and customers, six hours of orders, and a shop that stays open. */
export const orders: Play = {
  schema: fileURLToPath(new URL('./schema', import.meta.url)),
  opening,
  topics: orderTopics,
  counted: 'orders',
  history(seed, now) {
    const start = now - historyMs;
    const shop = createShop(seed);
    const steps = Array.from({ length: historySteps }, (_, index) =>
      shop.step(Math.round(start + (index / historySteps) * historyMs)),
    );
    return [...seedRecords(start), ...steps.flat()];
  },
  async resume(seed, ask) {
    const shop = createShop(seed, await readState(ask));
    return (now) => shop.step(now);
  },
};

async function readState(ask: Ask): Promise<ShopState> {
  const { products, customers, open, all } = await ask<
    Pick<ShopState, 'products' | 'customers'> & { open: readonly Order[]; all: { totalCount: number } }
  >(`{
    products(limit: 1000) { id name category price }
    customers(limit: 1000) { id name city country discount }
    open: orders(where: { status: { in: [PLACED, PACKED] } }, orderBy: [{ placedAt: ASC }], limit: 1000) {
      id customerId productId quantity status placedAt
    }
    all: ordersConnection(first: 1) { totalCount }
  }`);
  return { products, customers, open, orders: all.totalCount };
}
