import { createRandom } from '../support/random.ts';
import type { ExampleRecord } from '../support/publisher.ts';
import { customers, products } from './seed.ts';
import type { Customer, Product } from './seed.ts';

export const orderTopics = { products: 1, customers: 1, orders: 3 } as const;

export interface Order {
  readonly id: string;
  readonly customerId: string;
  readonly productId: string;
  readonly quantity: number;
  readonly status: string;
  readonly placedAt: string;
  readonly invoicedPrice?: string;
}

/** What a shop has to know to go on. */
export interface ShopState {
  readonly products: readonly Product[];
  readonly customers: readonly Customer[];
  /** Neither shipped nor cancelled. */
  readonly open: readonly Order[];
  /** How many orders there were: the next one has the next number. */
  readonly orders: number;
}

export const emptyShop: ShopState = { products, customers, open: [], orders: 0 };

/** Products and customers, once. */
export function seedRecords(now: number): ExampleRecord[] {
  return [
    ...products.map((product) => ({ topic: 'products', key: product.id, value: product, timestamp: now })),
    ...customers.map((customer) => ({ topic: 'customers', key: customer.id, value: customer, timestamp: now })),
  ];
}

export interface Shop {
  /** An order is placed, packed, shipped or cancelled at this time; now and then a price changes, or somebody moves. */
  step(now: number): ExampleRecord[];
}

/** As many orders wait to be packed and shipped. */
const openOrders = 25;

/** The same seed and state give the same steps. */
export function createShop(seed: number, state: ShopState = emptyShop): Shop {
  const random = createRandom(seed);
  const pick = <T>(from: readonly T[]): T => {
    const picked = from[Math.floor(random() * from.length)];
    if (picked === undefined) throw new Error('nothing to pick from');
    return picked;
  };
  const productById = new Map(state.products.map((product) => [product.id, product]));
  const customerById = new Map(state.customers.map((customer) => [customer.id, customer]));
  const open = [...state.open];
  let orders = state.orders;

  function place(now: number): Order {
    orders += 1;
    const order = {
      id: `o${orders}`,
      customerId: pick([...customerById.keys()]),
      productId: pick([...productById.keys()]),
      quantity: 1 + Math.floor(random() ** 2 * 6),
      status: 'PLACED',
      placedAt: new Date(now).toISOString(),
    };
    open.push(order);
    return order;
  }

  function advance(order: Order): Order {
    open.splice(open.indexOf(order), 1);
    if (random() < 0.08) return { ...order, status: 'CANCELLED' };
    if (order.status === 'PACKED') {
      // From here on the price list does not move it any more.
      const invoicedPrice = productById.get(order.productId)?.price ?? '0';
      return { ...order, status: 'SHIPPED', invoicedPrice };
    }
    const packed = { ...order, status: 'PACKED' };
    open.push(packed);
    return packed;
  }

  function reprice(): Product {
    const first = pick(products);
    // Around the first price, so that none runs away; a price ends in .90.
    const price = (Math.round(Number(first.price) * (0.85 + random() * 0.3)) - 0.1).toFixed(2);
    const repriced = { ...(productById.get(first.id) ?? first), price };
    productById.set(first.id, repriced);
    return repriced;
  }

  function move(): Customer {
    const { city, country } = pick(customers);
    const moved = { ...pick([...customerById.values()]), city, country };
    customerById.set(moved.id, moved);
    return moved;
  }

  return {
    step(now) {
      const order = random() * openOrders * 2 >= open.length ? place(now) : advance(pick(open));
      const records: ExampleRecord[] = [{ topic: 'orders', key: order.id, value: order, timestamp: now }];
      const other = random();
      if (other < 0.08) {
        const product = reprice();
        records.push({ topic: 'products', key: product.id, value: product, timestamp: now });
      } else if (other < 0.11) {
        const customer = move();
        records.push({ topic: 'customers', key: customer.id, value: customer, timestamp: now });
      }
      return records;
    },
  };
}
