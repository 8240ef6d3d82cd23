import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Kafka as KafkaClient } from 'kafkajs';
import { startGatewayProcess } from '../support/gateway-process.ts';
import { kafkaDistribution, KafkaUnavailable } from '../support/kafka/distribution.ts';
import type { Kafka } from '../support/kafka/start-kafka.ts';
import { startKafka } from '../support/kafka/start-kafka.ts';
import { built } from './built.ts';
import { BenchmarkUnavailable } from './harness.ts';
import type { Benchmark } from './harness.ts';
import { buildKafkaStreamsPeer, runKafkaStreamsPeer } from './kafka-streams.ts';
import { temporaryDirectory } from './order-stores.ts';
import { makePayment, paymentJson, paymentsSchema, storedTotals, totalsOf } from './payments.ts';
import type { Payment } from './payments.ts';

const partitions = 4;
/** Read by processes of their own, so that what it costs to start and to get warm can be taken off. */
const head = { topic: 'payments-head', records: 200_000 };
const whole = { topic: 'payments', records: 2_000_000 };

/** What a run of either side leaves behind. */
interface Outcome {
  /** Processor time of the process from its start to its exit, ms. */
  readonly cpuMs: number;
  readonly storedBytes: number;
  /** `account payments amount`, sorted; empty where they were not asked for. */
  readonly totals: readonly string[];
}

type Run = (topic: string, options: { readonly totals: boolean }) => Promise<Outcome>;

/**
 * COUNT and SUM by account over a Kafka topic, from the broker to what is stored, by whole processes: `headgate serve` with a STREAM
 * table, and a Kafka Streams application with RocksDB. Every run begins with nothing and ends with the process, all threads and all
 * that is written on closing included. The cost of a record is the difference between a run over 2,000,000 and one over 200,000 of them,
 * over the 1,800,000: neither starting nor getting warm is in it; the run over all is printed beside it.
 */
export const aggregatePeer: Benchmark = {
  name: 'aggregate-peer',
  reference: 'the same aggregation by Kafka Streams (Java, RocksDB, all defaults)',
  aim: 1,
  unit: 'processor µs per record',
  async open() {
    const directory = await temporaryDirectory();
    const kafka = await startPeers();
    const sides = { headgate: headgateRuns(kafka, directory.path), reference: streamsRuns(kafka, directory.path) };
    const wholeRuns = { headgate: [] as number[], reference: [] as number[] };
    const stored: string[] = [];

    async function close(): Promise<void> {
      for (const [side, costs] of Object.entries(wholeRuns)) {
        const shown = costs.map((cost) => cost.toPrecision(3)).join(', ');
        console.log(`aggregate-peer: ${side}, start-up included: processor µs per record ${shown}`);
      }
      for (const line of stored) console.log(line);
      await kafka.stop();
      await directory.remove();
    }

    async function cost(side: keyof typeof sides): Promise<number> {
      const short = await sides[side](head.topic, { totals: false });
      const long = await sides[side](whole.topic, { totals: false });
      wholeRuns[side].push((long.cpuMs * 1_000) / whole.records);
      return ((long.cpuMs - short.cpuMs) * 1_000) / (whole.records - head.records);
    }

    try {
      for (const { topic, records } of [head, whole]) await fill(kafka, topic, records);
      const expected = totalsOf(payments(whole.records));
      for (const [side, run] of Object.entries(sides)) {
        const { totals, storedBytes } = await run(whole.topic, { totals: true });
        if (totals.join('\n') !== expected.join('\n')) throw new Error(`${side} has other totals than the payments`);
        stored.push(`aggregate-peer: ${side} stores ${totals.length} rows in ${storedBytes} bytes`);
      }
    } catch (error) {
      await close();
      throw error;
    }
    return { headgate: () => cost('headgate'), reference: () => cost('reference'), close };
  },
};

async function startPeers(): Promise<Kafka> {
  try {
    await buildKafkaStreamsPeer((await kafkaDistribution()).version);
    return await startKafka();
  } catch (error) {
    if (error instanceof KafkaUnavailable) throw new BenchmarkUnavailable(error.message);
    throw error;
  }
}

function headgateRuns(kafka: Kafka, directory: string): Run {
  let runs = 0;
  return async (topic, options) => {
    runs += 1;
    const at = (name: string): string => join(directory, `headgate-${runs}${name}`);
    const schema = paymentsSchema({ topic, mode: 'STREAM', totals: true });
    await writeFile(at('.graphql'), schema);
    const before = await childrenCpuMs();
    const gateway = await startGatewayProcess([
      'serve',
      `--schema=${at('.graphql')}`,
      `--kafka=${kafka.brokers.join(',')}`,
      `--data=${at('')}`,
    ]);
    while (!(await fetch(new URL('/readyz', gateway.url))).ok) await pause(100);
    await gateway.stop();
    const cpuMs = (await childrenCpuMs()) - before;
    const totals = options.totals ? await readTotals(at(''), schema) : [];
    return { cpuMs, storedBytes: await bytesUnder(at('')), totals };
  };
}

/** Read from the store once the gateway has ended, so that it costs the gateway nothing. */
async function readTotals(directory: string, schema: string): Promise<readonly string[]> {
  const { openStore } = await built('store/lmdb');
  const { buildCatalog } = await built('catalog/build');
  const { createWork } = await built('common/work');
  const catalog = buildCatalog([{ file: 'payments.graphql', text: schema }]);
  const store = openStore({ directory, catalog, writable: false, work: createWork(), now: Date.now });
  try {
    return storedTotals(store, catalog);
  } finally {
    await store.close();
  }
}

function streamsRuns(kafka: Kafka, directory: string): Run {
  let runs = 0;
  return async (topic, options) => {
    runs += 1;
    const application = `account-totals-${runs}`;
    const stateDirectory = join(directory, application);
    const totalsFile = join(directory, `${application}.txt`);
    const before = await childrenCpuMs();
    await runKafkaStreamsPeer({
      brokers: kafka.brokers,
      topic,
      application,
      stateDirectory,
      totalsFile: options.totals ? totalsFile : undefined,
    });
    const cpuMs = (await childrenCpuMs()) - before;
    const totals = options.totals ? (await readFile(totalsFile, 'utf8')).trimEnd().split('\n').toSorted() : [];
    return { cpuMs, storedBytes: await bytesUnder(stateDirectory), totals };
  };
}

/** Payments under the account as their key, so that all of an account are in one partition, as both sides want them. */
async function fill(kafka: Kafka, topic: string, count: number): Promise<void> {
  const { produceToKafka } = await built('source/kafka-producer');
  const admin = new KafkaClient({ brokers: [...kafka.brokers], logLevel: 0 }).admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: partitions }], waitForLeaders: true });
  await admin.disconnect();
  await produceToKafka({ brokers: kafka.brokers }, topic, recordsOf(count));
}

function* recordsOf(count: number): Generator<{ readonly key: string; readonly value: string }> {
  let i = 0;
  for (const payment of payments(count)) yield { key: payment.account, value: paymentJson(payment, i++) };
}

function* payments(count: number): Generator<Payment> {
  for (let i = 0; i < count; i += 1) yield makePayment(i);
}

/** Processor time of all child processes that have ended, ms: the only one that has threads in it that ended before the process. */
async function childrenCpuMs(): Promise<number> {
  const text = await readFile('/proc/self/stat', 'utf8').catch(() => {
    throw new BenchmarkUnavailable('Processor time is read from /proc/self/stat, which only Linux has.');
  });
  // Behind the name, which may have blanks in it: state is field 3, the children's user and system time 16 and 17, in 1/100 s.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) * 10;
}

async function bytesUnder(directory: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).blocks * 512;
  }
  return bytes;
}
