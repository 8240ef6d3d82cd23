import type { Benchmark } from './harness.ts';
import { makePayment, paymentJson, paymentsSchema, storedTotals, totalsOf } from './payments.ts';
import type { Payment } from './payments.ts';
import { openPeers } from './peer-runs.ts';

const head = { topic: 'payments-head', records: 200_000 };
const whole = { topic: 'payments', records: 2_000_000 };

/** COUNT and SUM by account over a Kafka topic: a STREAM table against Kafka Streams. */
export const aggregatePeer: Benchmark = {
  name: 'aggregate-peer',
  reference: 'the same aggregation by Kafka Streams (Java, RocksDB, all defaults)',
  aim: 1,
  unit: 'processor µs per record',
  open: () =>
    openPeers({
      name: 'aggregate-peer',
      head,
      whole,
      recordsOf,
      schema: (topic) => paymentsSchema({ topic, mode: 'STREAM', totals: true }),
      program: 'AccountTotals',
      expected: () => totalsOf(payments(whole.records)),
      stored: storedTotals,
    }),
};

/** Payments under the account as their key, so that all of an account are in one partition, as both sides want them. */
function* recordsOf(count: number): Generator<{ readonly key: string; readonly value: string }> {
  let i = 0;
  for (const payment of payments(count)) yield { key: payment.account, value: paymentJson(payment, i++) };
}

function* payments(count: number): Generator<Payment> {
  for (let i = 0; i < count; i += 1) yield makePayment(i);
}
