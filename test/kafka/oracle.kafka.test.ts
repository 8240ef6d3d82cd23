import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Coverage } from '../oracle/coverage.ts';
import { Random } from '../oracle/random.ts';
import { printSchema } from '../oracle/schema-text.ts';
import { generateRound, type Round, type Step } from '../oracle/script.ts';
import { WireKafka, type KafkaProducers } from '../oracle/wire-kafka.ts';
import { runWireSteps, wireLimits, type WireGateway } from '../oracle/wire-round.ts';
import { startGatewayProcess, type GatewayProcess } from '../support/gateway-process.ts';
import { admin, brokers, createTopicAt, noKafka, producer } from '../support/kafka/lane.ts';
import { seedFromEnvironment } from '../support/random.ts';

/**
 * The oracle's rounds against the gateway as it is run: records in Kafka, the command line, HTTP and WebSockets, with
 * restarts and kills between.
 *
 *   HEADGATE_SEED      the first round's seed (printed); default: the tested commit's in CI, else another one every time
 *   HEADGATE_RUNS      number of rounds; then the budget does not count
 *   HEADGATE_BUDGET_S  how long to begin rounds, in seconds; default 40
 */
const seed = seedFromEnvironment();
const runs = numberFrom('HEADGATE_RUNS');
const budgetMs = 1000 * (numberFrom('HEADGATE_BUDGET_S') ?? 40);

const total = { rounds: 0, restarts: 0, kills: 0, records: 0, aborted: 0, pulls: 0, frames: 0, messages: 0 };

test.skipIf(noKafka)(
  'answers are what the records in Kafka say up to their position',
  { timeout: runs === undefined ? budgetMs + 120_000 : 24 * 3_600_000 },
  async () => {
    console.log(`oracle over Kafka: seed ${seed}`);
    const transactional = { idempotent: true, maxInFlightRequests: 1 };
    const producers: KafkaProducers = {
      plain: await producer(transactional),
      committing: await producer({ ...transactional, transactionalId: `oracle-${randomUUID()}` }),
      aborting: await producer({ ...transactional, transactionalId: `oracle-${randomUUID()}` }),
    };
    const deadline = Date.now() + budgetMs;
    for (let i = 0; runs === undefined ? Date.now() < deadline : i < runs; i += 1) {
      const random = new Random(seed + i);
      const round = withRestarts(random, generateRound((seed + i) >>> 0, new Coverage()));
      await runRoundOrSay(round, random, producers);
      total.rounds += 1;
    }
    console.log(
      `oracle over Kafka: seed ${seed}, ` +
        Object.entries(total)
          .map(([what, count]) => `${count} ${what}`)
          .join(', '),
    );
    expect(total.rounds).toBeGreaterThan(0);
  },
);

async function runRoundOrSay(round: Round, random: Random, producers: KafkaProducers): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'headgate-oracle-'));
  const suffix = randomUUID().slice(0, 8);
  const named = renamed(round, (topic) => `${topic}-${suffix}`);
  let gateway: RestartedGateway | undefined;
  try {
    await createTopics(named);
    mkdirSync(join(directory, 'schema'));
    writeFileSync(join(directory, 'schema', 'schema.graphql'), printSchema(named.schema));
    writeFileSync(join(directory, 'headgate.config.json'), JSON.stringify(wireLimits));
    gateway = new RestartedGateway(directory);
    await gateway.start();
    const decoys = named.steps.flatMap((step) => (step.kind === 'commit' ? step.records : []));
    const topics = new WireKafka(producers, random, decoys);
    try {
      const { pulls, frames, messages } = await runWireSteps(named, gateway, topics);
      total.pulls += pulls;
      total.frames += frames;
      total.messages += messages;
      total.records += topics.counts.records;
      total.aborted += topics.counts.aborted;
    } finally {
      // The producers are the next round's too.
      await topics.settle();
    }
    await gateway.stop();
  } catch (cause) {
    const problem = cause instanceof Error ? (cause.name === 'Failure' ? cause.message : cause.stack) : String(cause);
    throw new Error(
      `The gateway and the oracle disagree. Replay: HEADGATE_SEED=${round.seed} HEADGATE_RUNS=1\n\n${problem}\n\n` +
        `${printSchema(named.schema)}\n\n${gateway?.output().slice(-4000)}`,
      { cause },
    );
  } finally {
    await gateway?.end();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A gateway process that is now told to stop and now killed. */
class RestartedGateway implements WireGateway {
  readonly #directory: string;
  readonly #outputs: string[] = [];
  #process: GatewayProcess | undefined;
  #kill = false;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async start(): Promise<void> {
    this.#process = await startGatewayProcess(['serve', '--kafka', brokers.join(','), '--data', 'data'], {
      cwd: this.#directory,
    });
  }

  get #running(): GatewayProcess {
    if (this.#process === undefined) throw new Error('no gateway runs');
    return this.#process;
  }

  get url(): string {
    return this.#running.url;
  }

  output(): string {
    return [...this.#outputs, this.#process?.output() ?? ''].join('--- started again ---\n');
  }

  async restart(): Promise<void> {
    this.#kill = !this.#kill;
    if (this.#kill) {
      total.kills += 1;
      this.#outputs.push(this.#running.output());
      await this.#running.kill9();
    } else {
      total.restarts += 1;
      await this.stop();
    }
    await this.start();
  }

  /** In good order. */
  async stop(): Promise<void> {
    this.#outputs.push(this.#running.output());
    const code = await this.#running.stop();
    if (code !== 0) throw new Error(`the gateway ended with ${code}`);
    this.#process = undefined;
  }

  async end(): Promise<void> {
    await this.#process?.kill9();
  }
}

/** At least one kill and one restart, somewhere in the round. */
function withRestarts(random: Random, round: Round): Round {
  const steps: Step[] = [...round.steps];
  for (let missing = 2 - steps.filter(({ kind }) => kind === 'restart').length; missing > 0; missing -= 1) {
    steps.splice(random.between(2, steps.length), 0, { kind: 'restart' });
  }
  return { ...round, steps };
}

function renamed(round: Round, name: (topic: string) => string): Round {
  const tables = round.schema.tables.map((table) => ({ ...table, topic: name(table.topic) }));
  const steps = round.steps.map((step): Step => {
    if (step.kind !== 'commit') return step;
    return { ...step, records: step.records.map((record) => ({ ...record, topic: name(record.topic) })) };
  });
  return { ...round, schema: { ...round.schema, tables }, steps };
}

async function createTopics({ schema }: Round): Promise<void> {
  const api = await admin();
  for (const [topic, numPartitions] of new Map(schema.tables.map((table) => [table.topic, table.partitions]))) {
    // The records are of a time long ago; the broker is to keep them.
    const configEntries = [{ name: 'retention.ms', value: '-1' }];
    await createTopicAt(api, brokers, { topic, numPartitions, replicationFactor: 1, configEntries });
  }
}

function numberFrom(name: string): number | undefined {
  const text = process.env[name];
  return text === undefined || text === '' ? undefined : Number(text);
}
