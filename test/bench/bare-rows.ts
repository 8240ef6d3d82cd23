import { open } from 'lmdb';
import type { Database, RootDatabase } from 'lmdb';
import { makeOrder } from './orders.ts';
import type { Order } from './orders.ts';

/**
 * The same rows as lmdb keeps objects by itself: msgpack, the names of the fields shared by all, keys of strings. Of what it offers this
 * is the fastest to read lists from.
 */
export interface BareRows {
  order(id: string): Order | undefined;
  ordersOf(customerId: string, limit: number): readonly Order[];
}

export async function fillBareRows(path: string, orders: number): Promise<void> {
  const root = open({ path, noSync: true });
  const { rows, index } = databases(root);
  root.transactionSync(() => {
    for (let i = 0; i < orders; i += 1) {
      const order = makeOrder(i, 0, orders);
      void rows.put(order.id, order);
      void index.put([order.customerId, order.id], true);
    }
  });
  await root.close();
}

export function openBareRows(path: string): BareRows {
  const { rows, index } = databases(open({ path, readOnly: true }));
  return {
    order: (id) => rows.get(id),
    ordersOf(customerId, limit) {
      const found: Order[] = [];
      for (const [of, id] of index.getKeys({ start: [customerId], limit })) {
        if (of !== customerId) break;
        const row = rows.get(id);
        if (row !== undefined) found.push(row);
      }
      return found;
    },
  };
}

function databases(root: RootDatabase): {
  readonly rows: Database<Order, string>;
  readonly index: Database<true, [string, string]>;
} {
  return {
    rows: root.openDB<Order, string>('rows', { sharedStructuresKey: Symbol.for('structures') }),
    index: root.openDB<true, [string, string]>('index', {}),
  };
}
