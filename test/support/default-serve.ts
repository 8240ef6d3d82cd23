import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { appendToLog } from '../../src/source/log-writer.ts';
import { type GatewayProcess, postGraphql, startGatewayProcess } from './gateway-process.ts';
import { makeDirectory } from './open-test-store.ts';

const chartsSchema = fileURLToPath(new URL('../../examples/charts/schema/*.graphql', import.meta.url));

/**
 * `headgate serve` with nothing but what it cannot do without: the schema of the charts (some sixty types in its API), an embedded log
 * of a few records, and a folder. Ended when the test ends. `more` are further options, which may say another schema.
 */
export async function serveCharts(...more: readonly string[]): Promise<GatewayProcess> {
  const directory = makeDirectory();
  const [log, data] = [join(directory, 'log'), join(directory, 'data')];
  appendToLog(log, 'artists', [
    { key: 'a1', value: { id: 'a1', name: 'The Rows', country: 'GB', formedIn: 1999 } },
    { key: 'a2', value: { id: 'a2', name: 'Tombstone', country: 'FR', formedIn: 2005 } },
  ]);
  for (const topic of ['songs', 'plays']) appendToLog(log, topic, []);
  const gateway = await startGatewayProcess(
    ['serve', ...(more.includes('--schema') ? [] : ['--schema', chartsSchema]), '--log', log, '--data', data, ...more],
    { cwd: directory },
  );
  onTestFinished(async () => {
    await gateway.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  await untilThere(gateway.url);
  return gateway;
}

/** Waits for the second of the two artists, as clients may: by position. */
async function untilThere(url: string): Promise<void> {
  const query =
    'query @atLeast(offsets: [{ topic: "artists", partition: 0, offset: "0" }], timeoutMs: 10000) { artists { id } }';
  for (;;) {
    const { data } = await postGraphql(url, query);
    if ((data?.['artists'] as unknown[] | undefined)?.length === 2) return;
  }
}

/** kB of memory that a process has in use. */
export function residentKb(pid: number): number {
  return statusKb(pid, 'VmRSS');
}

/** The same without the files that are mapped: the store's among them. */
export function ownMemoryKb(pid: number): number {
  return statusKb(pid, 'RssAnon');
}

function statusKb(pid: number, name: string): number {
  const [, kb = '0'] =
    new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kb);
}
