import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Kafka } from 'kafkajs';
import type { Producer } from 'kafkajs';
import { startGatewayProcess } from '../support/gateway-process.ts';
import type { startKafka } from '../support/kafka/start-kafka.ts';
import type { Benchmark } from './harness.ts';
import { createTopic, startBroker } from './kafka-broker.ts';
import { temporaryDirectory } from './order-stores.ts';
import { makeOrder, schema, topic } from './orders.ts';
import { ready, startChild } from './processes.ts';
import { subscribeAll } from './subscribers.ts';
import type { Subscribers } from './subscribers.ts';

const perSecond = 1_000;
const roundMs = 3_000;
const query = 'subscription ($id: ID!) { order(id: $id) { id customerId status total createdAt note } }';

/**
 * From the producer's call to a frame that shows its change, or a later one of the same row, with a thousand changes a second.
 * Both sides read the same records at the same time, and share the machine.
 */
export const latency: readonly Benchmark[] = [0.5, 0.99].map((quantile) => ({
  name: `latency-p${quantile * 100}`,
  reference: 'a kafkajs consumer that sends every value to a bare ws client',
  aim: 0.5,
  unit: `ms from the producer to a frame at ${perSecond.toLocaleString('en')} changes a second`,
  async open() {
    const kafka = await startBroker();
    const directory = await temporaryDirectory();
    const sides = await startSides(kafka, directory.path);
    // In order: what is written last is what the row is, and what a live query shows in the end.
    const client = new Kafka({ brokers: [...kafka.brokers], logLevel: 0 });
    const producer = client.producer({ maxInFlightRequests: 1 });
    await producer.connect();
    const watches = { headgate: new Watch(sides.ours), reference: new Watch(sides.theirs) };
    await produce(producer, 500);
    let measured: { readonly headgate: number; readonly reference: number } | undefined;

    /** Of the two calls of a round the first runs it, for both sides. */
    async function round(side: 'headgate' | 'reference'): Promise<number> {
      const known = measured;
      measured = undefined;
      if (known !== undefined) return known[side];
      const sent = await produce(producer, roundMs);
      const [headgate, reference] = await Promise.all(
        [watches.headgate, watches.reference].map((watch) => watch.latency(sent, quantile)),
      );
      measured = { headgate: headgate ?? NaN, reference: reference ?? NaN };
      return measured[side];
    }

    return {
      headgate: () => round('headgate'),
      reference: () => round('reference'),
      async close() {
        await producer.disconnect();
        await sides.close();
        await kafka.stop();
        await directory.remove();
      },
    };
  },
}));

async function startSides(
  kafka: Awaited<ReturnType<typeof startKafka>>,
  directory: string,
): Promise<{ readonly ours: Subscribers; readonly theirs: Subscribers; close(): Promise<void> }> {
  await createTopic(kafka.brokers, topic);
  await writeFile(join(directory, 'orders.graphql'), schema);
  const [broker = ''] = kafka.brokers;
  const gateway = await startGatewayProcess([
    'serve',
    `--schema=${join(directory, 'orders.graphql')}`,
    `--kafka=${broker}`,
    `--data=${join(directory, 'data')}`,
  ]);
  await ready(new URL('/readyz', gateway.url));
  const peer = await startChild('kafka-ws.ts', [broker, topic]);
  const subscriptions = [{ query, variables: { id: makeOrder(0, 0, 1).id } }];
  const ours = await subscribeAll(gateway.url, 1, subscriptions);
  const theirs = await subscribeAll(peer.url, 1, subscriptions);
  return {
    ours,
    theirs,
    async close() {
      ours.close();
      theirs.close();
      await gateway.stop();
      await peer.stop();
    },
  };
}

let revision = 0;

/** When each revision was given to the producer. */
async function produce(producer: Producer, spanMs: number): Promise<ReadonlyMap<number, number>> {
  const sent = new Map<number, number>();
  const acknowledged: Promise<unknown>[] = [];
  const start = performance.now();
  for (let nowMs = 0; nowMs < spanMs; nowMs = performance.now() - start) {
    const due = Math.floor((nowMs * perSecond) / 1_000) - sent.size;
    const messages = Array.from({ length: due }, () => {
      revision += 1;
      sent.set(revision, performance.now());
      const order = makeOrder(0, revision, 1);
      return { key: order.id, value: JSON.stringify(order), partition: 0 };
    });
    if (due > 0) acknowledged.push(producer.send({ topic, acks: 1, messages }));
    await pause(1);
  }
  await Promise.all(acknowledged);
  return sent;
}

/** When a client was first shown each revision, or a later one. */
class Watch {
  readonly #shown: { readonly revision: number; readonly at: number }[] = [];
  #newest = 0;

  constructor(subscribers: Subscribers) {
    subscribers.onMessage = (data) => {
      const found = /revision (\d+) of/.exec(data.toString());
      if (found === null) return;
      this.#newest = Number(found[1]);
      this.#shown.push({ revision: this.#newest, at: performance.now() });
    };
  }

  async latency(sent: ReadonlyMap<number, number>, quantile: number): Promise<number> {
    const last = Math.max(...sent.keys());
    while (this.#newest < last) await pause(10);
    const latencies: number[] = [];
    let at = 0;
    for (const [wanted, sentAt] of sent) {
      while ((this.#shown[at]?.revision ?? Infinity) < wanted) at += 1;
      latencies.push((this.#shown[at]?.at ?? NaN) - sentAt);
    }
    this.#shown.length = 0;
    return latencies.toSorted((a, b) => a - b)[Math.floor(latencies.length * quantile)] ?? NaN;
  }
}
