import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Distribution } from './distribution.ts';
import { javaArguments, kafkaDistribution, kafkaFolder } from './distribution.ts';

/** The cluster id of the templates, 16 bytes in base64; each cluster gets its own, so that none talks to another by mistake. */
const templateClusterId = 'SGVhZGdhdGVLYWZrYTAwMQ';
const startTimeoutMs = 60_000;

export interface KafkaOptions {
  /** 0 or absent: a free one, kept over restarts. */
  readonly port?: number | undefined;
  /** Where the data lives. Absent: a temporary folder, deleted by `stop`. */
  readonly dir?: string | undefined;
  /** Lines of server.properties that replace ours. */
  readonly properties?: Readonly<Record<string, string>> | undefined;
  readonly report?: ((line: string) => void) | undefined;
}

export interface Kafka {
  /** `host:port` of each node. */
  readonly brokers: readonly string[];
  readonly nodes: readonly KafkaNode[];
  readonly pid: number | undefined;
  /** Controlled shutdown of all nodes; a temporary folder is deleted. */
  stop(): Promise<void>;
  /** SIGKILL to all nodes; the data stays. */
  kill9(): Promise<void>;
  /** Starts again, on the same ports and data, the nodes that do not run; those that run are stopped in good order first. */
  restart(): Promise<void>;
}

export interface KafkaNode {
  readonly id: number;
  readonly address: string;
  readonly pid: number | undefined;
  start(): Promise<void>;
  halt(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/** Starts one node that is broker and controller, and waits until it serves. Throws KafkaUnavailable without Java or Maven. */
export function startKafka(options: KafkaOptions = {}): Promise<Kafka> {
  return startNodes(1, options);
}

/** Starts several nodes with replication factor 3 for what the broker keeps itself; for tests of faults. */
export function startKafkaCluster(size: number, options: KafkaOptions = {}): Promise<Kafka> {
  return startNodes(size, options);
}

async function startNodes(size: number, options: KafkaOptions): Promise<Kafka> {
  const distribution = await kafkaDistribution(options.report);
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), 'headgate-kafka-')));
  const nodes = await startOnFreePorts(distribution, dir, size, options);
  const halt = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    await Promise.all(nodes.map((node) => node.halt(signal)));
  };
  return {
    brokers: nodes.map((node) => node.address),
    nodes,
    get pid() {
      return nodes[0]?.pid;
    },
    async stop() {
      await halt(options.dir === undefined ? 'SIGKILL' : 'SIGTERM');
      if (options.dir === undefined) await rm(dir, { recursive: true, force: true, maxRetries: 5 });
    },
    kill9: () => halt('SIGKILL'),
    async restart() {
      await halt('SIGTERM');
      await Promise.all(nodes.map((node) => node.start()));
    },
  };
}

async function startOnFreePorts(
  distribution: Distribution,
  dir: string,
  size: number,
  options: KafkaOptions,
): Promise<readonly KafkaNode[]> {
  const chosen = options.port !== undefined && options.port !== 0 ? options.port : undefined;
  const clusterId = randomBytes(15).toString('hex').slice(0, 22);
  for (let attempt = 1; ; attempt++) {
    const ports = await freePorts(size * 2);
    if (chosen !== undefined) ports[0] = chosen;
    const voters = Array.from({ length: size }, (_, i) => `${i + 1}@127.0.0.1:${ports[size + i]}`).join(',');
    const nodes: KafkaNode[] = [];
    for (let i = 0; i < size; i++) {
      const id = i + 1;
      const folder = size === 1 ? dir : join(dir, `node-${id}`);
      const data = join(folder, 'data');
      const properties = {
        ...serverProperties(id, ports[i] ?? 0, ports[size + i] ?? 0, size),
        'controller.quorum.voters': voters,
        'log.dirs': data,
        ...options.properties,
      };
      await mkdir(folder, { recursive: true });
      if (!existsSync(data)) await copyTemplate(await formattedTemplate(distribution, id), data, clusterId);
      await writeFile(join(folder, 'server.properties'), print(properties));
      nodes.push(createNode(distribution, folder, id, `127.0.0.1:${ports[i]}`));
    }
    try {
      await Promise.all(nodes.map((node) => node.start()));
      return nodes;
    } catch (error) {
      await Promise.all(nodes.map((node) => node.halt('SIGKILL')));
      // Somebody else may have taken a port between our look and the start.
      if (chosen !== undefined || attempt === 3) throw error;
    }
  }
}

function createNode(distribution: Distribution, folder: string, id: number, address: string): KafkaNode {
  const log = join(folder, 'broker.log');
  let child: ChildProcess | undefined;
  const killWithUs = (): void => {
    child?.kill('SIGKILL');
  };
  return {
    id,
    address,
    get pid() {
      return child?.pid;
    },
    async start() {
      if (child !== undefined) return;
      const started = spawn(
        'java',
        [...javaArguments(distribution, log), 'kafka.Kafka', join(folder, 'server.properties')],
        { stdio: ['ignore', 'pipe', 'pipe'], detached: false },
      );
      child = started;
      process.once('exit', killWithUs);
      let said = '';
      await new Promise<void>((resolve, reject) => {
        const fail = async (reason: string): Promise<void> => {
          const tail = await readFile(log, 'utf8').then(
            (text) => text.slice(-2_000),
            () => '',
          );
          reject(new Error(`Apache Kafka did not start: ${reason}\n${said.slice(-1_000)}\n${tail}`));
        };
        const timer = setTimeout(() => void fail(`not up after ${startTimeoutMs} ms`), startTimeoutMs);
        const hear = (chunk: Buffer): void => {
          said += chunk.toString();
          if (!said.includes('Kafka Server started')) return;
          clearTimeout(timer);
          started.stdout.removeAllListeners('data').resume();
          resolve();
        };
        started.stdout.on('data', hear);
        started.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-10_000)));
        started.once('error', (error) => void fail(error.message));
        started.once('exit', (code, signal) => {
          clearTimeout(timer);
          process.removeListener('exit', killWithUs);
          if (child === started) child = undefined;
          void fail(`it ended with ${signal ?? code}`);
        });
      });
    },
    async halt(signal) {
      const running = child;
      if (running === undefined) return;
      const ended = new Promise<void>((resolve) => running.once('exit', () => resolve()));
      running.kill(signal);
      await ended;
    },
  };
}

function serverProperties(id: number, port: number, controllerPort: number, size: number): Record<string, string> {
  const replicas = String(Math.min(3, size));
  const inSync = String(Math.min(2, size));
  return {
    'process.roles': 'broker,controller',
    'node.id': String(id),
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'num.partitions': '3',
    'auto.create.topics.enable': 'false',
    'default.replication.factor': replicas,
    'min.insync.replicas': inSync,
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': '1',
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': inSync,
    'transaction.state.log.num.partitions': '1',
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': inSync,
    'group.initial.rebalance.delay.ms': '0',
    'group.min.session.timeout.ms': '1000',
    // Records with any timestamp stay, as examples and tests write them.
    'log.retention.ms': '-1',
    'log.cleaner.dedupe.buffer.size': '4194304',
    'log.cleaner.backoff.ms': '100',
    'log.retention.check.interval.ms': '500',
    'log.initial.task.delay.ms': '500',
    'log.segment.delete.delay.ms': '100',
    'num.network.threads': '2',
    'num.io.threads': '2',
    'broker.heartbeat.interval.ms': '500',
    'broker.session.timeout.ms': '3000',
    'controller.quorum.election.timeout.ms': '500',
  };
}

/** Formatting costs a start of the JVM: it is done once for each node id, and copied. */
async function formattedTemplate(distribution: Distribution, id: number): Promise<string> {
  const template = join(kafkaFolder, `template-${distribution.version}-${id}`);
  if (existsSync(template)) return template;
  const work = await mkdtemp(join(tmpdir(), 'headgate-kafka-format-'));
  try {
    const data = join(work, 'data');
    const file = join(work, 'server.properties');
    const properties = {
      ...serverProperties(id, 1, 2, 1),
      'controller.quorum.voters': `${id}@127.0.0.1:2`,
      'log.dirs': data,
    };
    await writeFile(file, print(properties));
    const java = javaArguments(distribution, join(work, 'format.log'));
    await promisify(execFile)('java', [
      ...java,
      'kafka.tools.StorageTool',
      'format',
      '-t',
      templateClusterId,
      '-c',
      file,
    ]);
    const partial = `${template}.${process.pid}`;
    await cp(data, partial, { recursive: true });
    await rename(partial, template).catch(() => rm(partial, { recursive: true, force: true }));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return template;
}

async function copyTemplate(template: string, data: string, clusterId: string): Promise<void> {
  await cp(template, data, { recursive: true });
  const file = join(data, 'meta.properties');
  await writeFile(file, (await readFile(file, 'utf8')).replace(templateClusterId, clusterId));
}

/** Below the range that systems take ports of outgoing connections from, so that a stopped broker finds its port free. */
async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(20_000, 32_000);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

function print(properties: Readonly<Record<string, string>>): string {
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
