import type { Catalog } from '../../src/catalog/catalog.ts';
import type { Store } from '../../src/store/store.ts';
import type { Benchmark } from './harness.ts';
import { makeOrder, schema, topic } from './orders.ts';
import type { Order } from './orders.ts';
import { openPeers } from './peer-runs.ts';

const orders = 200_000;
const head = { topic: 'orders-head', records: 200_000 };
const whole = { topic, records: 1_000_000 };

/** A topic as a table with an index, against a KTable, which has none. */
export const tablePeer: Benchmark = {
  name: 'table-peer',
  reference: 'the same topic as a KTable by Kafka Streams (Java, RocksDB, all defaults), without the index',
  aim: 1,
  unit: 'processor µs per record',
  open: () =>
    openPeers({
      name: 'table-peer',
      head,
      whole,
      recordsOf,
      schema: (name) => schema.replace(`"${topic}"`, `"${name}"`),
      program: 'OrderTable',
      expected: () => Array.from({ length: orders }, (_, i) => lineOf(orderOf(whole.records - orders + i))).toSorted(),
      stored: storedOrders,
    }),
};

function* recordsOf(count: number): Generator<{ readonly key: string; readonly value: string }> {
  for (let i = 0; i < count; i += 1) {
    const order = orderOf(i);
    yield { key: order.id, value: JSON.stringify(order) };
  }
}

/** Every order, then every order at its next revision, and so on. */
function orderOf(record: number): Order {
  return makeOrder(record % orders, Math.floor(record / orders), orders);
}

function lineOf({ id, customerId, total, note }: Order): string {
  return `${id} ${customerId} ${total} ${note}`;
}

function storedOrders(store: Store, catalog: Catalog): readonly string[] {
  const [table] = catalog.tables;
  if (table === undefined) throw new Error('no table');
  const column = (name: string) => {
    const found = table.columns.find((each) => each.name === name);
    if (found === undefined) throw new Error(`no column ${name}`);
    return found;
  };
  const columns = ['id', 'customerId', 'total', 'note'].map(column);
  const snapshot = store.snapshot();
  try {
    const lines: string[] = [];
    for (const row of snapshot.scan(table, {})) lines.push(columns.map((each) => row.value(each)).join(' '));
    return lines.toSorted();
  } finally {
    snapshot.release();
  }
}
