import { spawn } from 'node:child_process';
import { appendFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startGatewayProcess } from '../support/gateway-process.ts';
import { BenchmarkUnavailable } from './harness.ts';
import { fillBareRows } from './bare-rows.ts';
import { temporaryDirectory } from './order-stores.ts';
import { makeOrder, schema, topic } from './orders.ts';
import type { Order } from './orders.ts';

/** A server under test, in a process of its own. */
export interface ServerProcess {
  readonly url: string;
  readonly pid: number;
  /** Processor time that all its threads have used, ms. */
  cpuMs(): Promise<number>;
  stop(): Promise<void>;
}

export interface Servers {
  readonly headgate: ServerProcess;
  readonly bare: ServerProcess;
  /** Appends the orders to Headgate's log, all at once. */
  change(orders: readonly Order[]): Promise<void>;
  close(): Promise<void>;
}

/** Headgate as a user starts it, on an embedded log, and the bare server; both hold the same orders. */
export async function startServers(orders: number, sdl = schema): Promise<Servers> {
  const directory = await temporaryDirectory();
  const at = (name: string): string => join(directory.path, name);
  const logFile = join(at('log'), `${topic}.ndjson`);
  await mkdir(at('log'));
  await writeFile(at('orders.graphql'), sdl);
  const lines = Array.from({ length: orders }, (_, i) => logLine(makeOrder(i, 0, orders)));
  await writeFile(logFile, lines.join(''));
  await fillBareRows(at('bare'), orders);

  const gateway = await startGatewayProcess([
    'serve',
    `--schema=${at('orders.graphql')}`,
    `--log=${at('log')}`,
    `--data=${at('data')}`,
    // All clients are on this machine, and come at once.
    '--max-accepts-per-second=100000',
  ]);
  const bare = await startChild('bare-server.ts', [at('bare')]);
  const headgate: ServerProcess = {
    url: gateway.url,
    pid: gateway.pid,
    cpuMs: () => processCpuMs(gateway.pid),
    stop: async () => void (await gateway.stop()),
  };
  await ready(new URL('/readyz', gateway.url));
  return {
    headgate,
    bare,
    change: (changed) => appendFile(logFile, changed.map(logLine).join('')),
    async close() {
      await headgate.stop();
      await bare.stop();
      await directory.remove();
    },
  };
}

/** A line of the embedded log. */
export function logLine(order: Order): string {
  return `${JSON.stringify({ key: order.id, value: order, timestamp: 1_790_000_000_000 })}\n`;
}

export async function ready(url: URL): Promise<void> {
  while (!(await fetch(url)).ok) await pause(50);
}

/** A script of this folder, as `startServerProcess` starts it. */
export function startChild(name: string, args: readonly string[]): Promise<ServerProcess> {
  return startServerProcess(['--import', 'tsx', fileURLToPath(new URL(name, import.meta.url)), ...args]);
}

/** A program of node's that prints its URL once it listens. */
export async function startServerProcess(args: readonly string[]): Promise<ServerProcess> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (line: Buffer) => resolve(line.toString().trim()));
    void exited.then(() => reject(new Error(`node ${args.join(' ')} ended before it listened`)));
  });
  return {
    url,
    pid: child.pid ?? 0,
    cpuMs: () => processCpuMs(child.pid ?? 0),
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** Linux counts each thread's time in nanoseconds. */
export async function processCpuMs(pid: number): Promise<number> {
  const tasks = `/proc/${pid}/task`;
  const threads = await readdir(tasks).catch(() => {
    throw new BenchmarkUnavailable(`Processor time is read from ${tasks}, which only Linux has.`);
  });
  let ns = 0;
  for (const thread of threads) {
    const stat = await readFile(`${tasks}/${thread}/schedstat`, 'utf8').catch(() => '0');
    ns += Number(stat.split(' ')[0]);
  }
  return ns / 1e6;
}
