import type { Catalog } from '../../src/catalog/catalog.ts';
import type { SourceRecord } from '../../src/source/source.ts';
import type { Store } from '../../src/store/store.ts';

/** What the benchmarks of aggregations count and sum: payments of accounts, a few of which have most of them. */
export const accounts = 10_000;

export interface PaymentsSchema {
  readonly topic: string;
  readonly mode: 'UPSERT' | 'STREAM';
  /** With number and sum of the payments of each account. */
  readonly totals: boolean;
}

export function paymentsSchema({ topic, mode, totals }: PaymentsSchema): string {
  return `
type Payment @table(topic: "${topic}", mode: ${mode}) {
  id: ID!${mode === 'STREAM' ? ' @from(meta: COORDINATES)' : ''}
  account: ID!
  amount: Int!
}
${totals ? accountTotal : ''}`;
}

const accountTotal = `
type AccountTotal @aggregation(source: "Payment") {
  account: ID!
  payments: Int! @aggregate(fn: COUNT)
  amount: BigInt! @aggregate(fn: SUM, arg: "amount")
}
`;

export interface Payment {
  readonly account: string;
  readonly amount: number;
}

/**
 * The i-th payment at a revision, the same in every run. An account has the fewer payments the greater its number: the first hundredth
 * of them has a fifth of all payments, the last half another fifth. Every second revision moves the payment to another one.
 */
export function makePayment(i: number, revision = 0): Payment {
  const draw = fraction(i * 2 + ((revision >> 1) % 2));
  const account = Math.floor(accounts * draw ** 3);
  return { account: `account-${String(account).padStart(6, '0')}`, amount: 1 + ((i * 7 + revision) % 100_000) };
}

/** About 110 bytes, of which two fields are read. */
export function paymentJson({ account, amount }: Payment, i: number): string {
  return JSON.stringify({ account, amount, currency: 'EUR', reference: `payment ${i} of many`, method: 'TRANSFER' });
}

export function paymentRecord(topic: string, i: number, revision: number, offset: number): SourceRecord {
  return {
    topic,
    partition: 0,
    offset,
    timestampMs: 1_790_000_000_000 + offset,
    key: Buffer.from(`payment-${i}`),
    value: Buffer.from(paymentJson(makePayment(i, revision), i)),
    headers: new Map(),
  };
}

/** `account payments amount`, sorted: what an aggregation must come to. */
export function totalsOf(payments: Iterable<Payment>): readonly string[] {
  const totals = new Map<string, { payments: number; amount: number }>();
  for (const { account, amount } of payments) {
    const total = totals.get(account) ?? { payments: 0, amount: 0 };
    totals.set(account, { payments: total.payments + 1, amount: total.amount + amount });
  }
  return [...totals].map(([account, total]) => `${account} ${total.payments} ${total.amount}`).toSorted();
}

/** The same as the store has it; empty where the schema has no totals. */
export function storedTotals(store: Store, catalog: Catalog): readonly string[] {
  const [table] = catalog.derivedTables;
  if (table === undefined) return [];
  const snapshot = store.snapshot();
  const rows = [...snapshot.scan(table, {})];
  snapshot.release();
  return rows.map((row) => table.columns.map((column) => String(row.value(column))).join(' ')).toSorted();
}

/** In [0, 1), scattered and the same in every run. */
function fraction(i: number): number {
  let hash = Math.imul(i + 1, 0x9e37_79b1);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
