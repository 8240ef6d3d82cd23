import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { BenchmarkUnavailable } from './harness.ts';
import { makeOrder } from './orders.ts';
import { startPostgres } from './postgres.ts';
import { processCpuMs, startServerProcess } from './processes.ts';
import type { ServerProcess } from './processes.ts';

const run = promisify(execFile);
const project = fileURLToPath(new URL('peers/postgraphile', import.meta.url));

/**
 * PostGraphile over PostgreSQL, with the same orders and an index on what they are asked by. Its processor time is that of all
 * processes, PostgreSQL's included.
 */
export async function startPostGraphile(directory: string, orders: number): Promise<ServerProcess> {
  const postgres = await startPostgres(directory);
  try {
    await install();
    await postgres.sql(
      'create table orders (id text primary key, customer_id text not null, status text not null, total numeric not null, created_at timestamptz not null, note text)',
    );
    const lines = Array.from({ length: orders }, (_, i) => {
      const { id, customerId, status, total, createdAt, note } = makeOrder(i, 0, orders);
      return `${[id, customerId, status, total, createdAt, note].join('\t')}\n`;
    });
    await postgres.sql('copy orders from stdin', lines.join(''));
    await postgres.sql('create index on orders (customer_id)');
    await postgres.sql('vacuum analyze orders');
    const server = await startServerProcess([join(installed, 'server.mjs'), postgres.connectionString]);
    return {
      url: server.url,
      pid: server.pid,
      async cpuMs() {
        const pids = [postgres.pid, ...(await childrenOf(postgres.pid))];
        const used = await Promise.all(pids.map(processCpuMs));
        return used.reduce((sum, ms) => sum + ms, await server.cpuMs());
      },
      async stop() {
        await server.stop();
        await postgres.stop();
      },
    };
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}

/** Where it does not become a part of this project: its modules are many, and have tests of their own. */
const installed = fileURLToPath(new URL('../../node_modules/.cache/postgraphile-peer', import.meta.url));

async function install(): Promise<void> {
  await mkdir(installed, { recursive: true });
  for (const file of ['package.json', 'package-lock.json', 'server.mjs']) {
    await copyFile(join(project, file), join(installed, file));
  }
  try {
    await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: installed });
  } catch (error) {
    throw new BenchmarkUnavailable(`npm could not install ${project}: ${String(error)}`);
  }
}

async function childrenOf(pid: number): Promise<readonly number[]> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const lists = await Promise.all(threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, 'utf8')));
  return lists.flatMap((list) => list.split(' ').filter((each) => each !== '')).map(Number);
}
