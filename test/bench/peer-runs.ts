import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Kafka as KafkaClient } from 'kafkajs';
import type { Catalog } from '../../src/catalog/catalog.ts';
import type { Store } from '../../src/store/store.ts';
import { startGatewayProcess } from '../support/gateway-process.ts';
import { KafkaUnavailable, kafkaDistribution } from '../support/kafka/distribution.ts';
import type { Kafka } from '../support/kafka/start-kafka.ts';
import { startKafka } from '../support/kafka/start-kafka.ts';
import { built } from './built.ts';
import { BenchmarkUnavailable } from './harness.ts';
import type { Benchmark } from './harness.ts';
import { buildKafkaStreamsPeer, runKafkaStreamsPeer } from './kafka-streams.ts';
import { temporaryDirectory } from './order-stores.ts';

const partitions = 4;

export interface PeerTopic {
  readonly topic: string;
  readonly records: number;
}

/** What both sides make of a topic. */
export interface PeerTask {
  readonly name: string;
  /** Read by processes of its own, so that what it costs to start and to get warm can be taken off. */
  readonly head: PeerTopic;
  readonly whole: PeerTopic;
  recordsOf(count: number): Iterable<{ readonly key: string; readonly value: string }>;
  /** Headgate's schema. */
  schema(topic: string): string;
  /** The class of the Kafka Streams application. */
  readonly program: string;
  /** What must be stored in the end, as sorted lines. */
  expected(): readonly string[];
  stored(store: Store, catalog: Catalog): readonly string[];
}

/** What a run of either side leaves behind. */
interface Outcome {
  /** Processor time of the process from its start to its exit, ms. */
  readonly cpuMs: number;
  readonly storedBytes: number;
  /** Sorted; empty where they were not asked for. */
  readonly lines: readonly string[];
}

type Run = (topic: string, options: { readonly lines: boolean }) => Promise<Outcome>;

/**
 * From the broker to what is stored, by whole processes: `headgate serve`, and a Kafka Streams application with RocksDB. Every run begins
 * with nothing and ends with the process, all threads and all that is written on closing included. The cost of a record is the
 * difference between a run over the whole topic and one over its head, over their difference in records: neither starting nor getting
 * warm is in it; the run over all is printed beside it.
 */
export async function openPeers(task: PeerTask): ReturnType<Benchmark['open']> {
  const { name, head, whole } = task;
  const directory = await temporaryDirectory();
  const kafka = await startPeers();
  const sides = {
    headgate: headgateRuns(task, kafka, directory.path),
    reference: streamsRuns(task, kafka, directory.path),
  };
  const wholeRuns = { headgate: [] as number[], reference: [] as number[] };
  const stored: string[] = [];

  async function close(): Promise<void> {
    for (const [side, costs] of Object.entries(wholeRuns)) {
      const shown = costs.map((cost) => cost.toPrecision(3)).join(', ');
      console.log(`${name}: ${side}, start-up included: processor µs per record ${shown}`);
    }
    for (const line of stored) console.log(line);
    await kafka.stop();
    await directory.remove();
  }

  async function cost(side: keyof typeof sides): Promise<number> {
    const short = await sides[side](head.topic, { lines: false });
    const long = await sides[side](whole.topic, { lines: false });
    wholeRuns[side].push((long.cpuMs * 1_000) / whole.records);
    return ((long.cpuMs - short.cpuMs) * 1_000) / (whole.records - head.records);
  }

  try {
    for (const { topic, records } of [head, whole]) await fill(kafka, topic, task.recordsOf(records));
    const expected = task.expected();
    for (const [side, run] of Object.entries(sides)) {
      const { lines, storedBytes } = await run(whole.topic, { lines: true });
      if (lines.join('\n') !== expected.join('\n')) throw new Error(`${side} has not what the topic says`);
      stored.push(`${name}: ${side} stores ${lines.length} rows in ${storedBytes} bytes`);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { headgate: () => cost('headgate'), reference: () => cost('reference'), close };
}

async function startPeers(): Promise<Kafka> {
  try {
    await buildKafkaStreamsPeer((await kafkaDistribution()).version);
    return await startKafka();
  } catch (error) {
    if (error instanceof KafkaUnavailable) throw new BenchmarkUnavailable(error.message);
    throw error;
  }
}

function headgateRuns(task: PeerTask, kafka: Kafka, directory: string): Run {
  let runs = 0;
  return async (topic, options) => {
    runs += 1;
    const at = (name: string): string => join(directory, `headgate-${runs}${name}`);
    const schema = task.schema(topic);
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
    const lines = options.lines ? await readLines(task, at(''), schema) : [];
    return { cpuMs, storedBytes: await bytesUnder(at('')), lines };
  };
}

/** Read from the store once the gateway has ended, so that it costs the gateway nothing. */
async function readLines(task: PeerTask, directory: string, schema: string): Promise<readonly string[]> {
  const { openStore } = await built('store/lmdb');
  const { buildCatalog } = await built('catalog/build');
  const { createWork } = await built('common/work');
  const catalog = buildCatalog([{ file: 'peer.graphql', text: schema }]);
  const store = openStore({ directory, catalog, writable: false, work: createWork(), now: Date.now });
  try {
    return task.stored(store, catalog);
  } finally {
    await store.close();
  }
}

function streamsRuns({ name, program }: PeerTask, kafka: Kafka, directory: string): Run {
  let runs = 0;
  return async (topic, options) => {
    runs += 1;
    const application = `${name}-${runs}`;
    const stateDirectory = join(directory, application);
    const file = join(directory, `${application}.txt`);
    const before = await childrenCpuMs();
    await runKafkaStreamsPeer({
      program,
      brokers: kafka.brokers,
      topic,
      application,
      stateDirectory,
      linesFile: options.lines ? file : undefined,
    });
    const cpuMs = (await childrenCpuMs()) - before;
    const lines = options.lines ? (await readFile(file, 'utf8')).trimEnd().split('\n').toSorted() : [];
    return { cpuMs, storedBytes: await bytesUnder(stateDirectory), lines };
  };
}

async function fill(
  kafka: Kafka,
  topic: string,
  records: Iterable<{ readonly key: string; readonly value: string }>,
): Promise<void> {
  const { produceToKafka } = await built('source/kafka-producer');
  const admin = new KafkaClient({ brokers: [...kafka.brokers], logLevel: 0 }).admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: partitions }], waitForLeaders: true });
  await admin.disconnect();
  await produceToKafka({ brokers: kafka.brokers }, topic, records);
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
