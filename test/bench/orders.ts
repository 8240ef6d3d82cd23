import { createHash } from 'node:crypto';
import type { Catalog } from '../../src/catalog/catalog.ts';
import type { RecordBatch, SourceRecord } from '../../src/source/source.ts';
import { built } from './built.ts';

/** The table of all benchmarks: rows of about 190 bytes under keys in no order, one index. */
export const schema = `
type Order @table(topic: "orders") {
  id: ID!
  customerId: ID! @index
  status: OrderStatus!
  total: Decimal!
  createdAt: DateTime!
  note: String
}
enum OrderStatus { OPEN PAID SENT DONE }
`;

/** The same, with the rows in the index. */
export const coveringSchema = schema.replace('customerId: ID! @index', 'customerId: ID! @index(covering: true)');

export const topic = 'orders';
/** An average customer's orders, and the length of the list in the pull benchmark. */
export const ordersPerCustomer = 100;

export async function ordersCatalog(): Promise<Catalog> {
  const { buildCatalog } = await built('catalog/build');
  return buildCatalog([{ file: 'orders.graphql', text: schema }]);
}

export interface Order {
  readonly id: string;
  readonly customerId: string;
  readonly status: string;
  readonly total: string;
  readonly createdAt: string;
  readonly note: string;
}

/** 16 characters, scattered, the same in every run. */
export function orderId(i: number): string {
  return createHash('sha256').update(String(i)).digest('hex').slice(0, 16);
}

export function customerId(i: number): string {
  return `customer-${String(i).padStart(6, '0')}`;
}

/** The `revision`-th content of the i-th order among `orders`; odd revisions belong to another customer than even ones. */
export function makeOrder(i: number, revision: number, orders: number): Order {
  const customers = Math.max(1, Math.floor(orders / ordersPerCustomer));
  return {
    id: orderId(i),
    customerId: customerId((i + (revision % 2)) % customers),
    status: ['OPEN', 'PAID', 'SENT', 'DONE'][revision % 4] ?? 'OPEN',
    total: `${(i % 900) + 100}.${String(revision % 100).padStart(2, '0')}`,
    createdAt: new Date(1_790_000_000_000 + i * 1_000).toISOString(),
    note: `revision ${revision} of an order like any other, number ${i}`,
  };
}

export function orderRecord(order: Order, offset: number): SourceRecord {
  return {
    topic,
    partition: 0,
    offset,
    timestampMs: 1_790_000_000_000 + offset,
    key: Buffer.from(order.id),
    value: Buffer.from(JSON.stringify(order)),
    headers: new Map(),
  };
}

/** Batches as a source delivers them. */
export function toBatches(records: readonly SourceRecord[], perBatch: number): readonly RecordBatch[] {
  const batches: RecordBatch[] = [];
  for (let at = 0; at < records.length; at += perBatch) {
    const part = records.slice(at, at + perBatch);
    const next = (part.at(-1)?.offset ?? 0) + 1;
    batches.push({ topic: part[0]?.topic ?? topic, partition: 0, records: part, next, end: next });
  }
  return batches;
}
