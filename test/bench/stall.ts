import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { built } from './built.ts';
import type { Benchmark } from './harness.ts';
import { temporaryDirectory } from './order-stores.ts';
import { makeOrder, schema, topic } from './orders.ts';
import { logLine } from './processes.ts';

const orders = 50_000;
const changed = 200_000;
const lookMs = 10;

/**
 * How long what is due on the serving thread waits for its turn while the writer's thread writes: a gateway in this process, with its
 * writer, to whose log 200,000 records are appended at once. The reference is the same gateway with nothing to write.
 */
export const stall: Benchmark = {
  name: 'stall',
  reference: 'the same serving thread while nothing is written',
  unit: 'ms of delay of the event loop (99th percentile)',
  async open() {
    const { createGateway } = await built('gateway');
    const directory = await temporaryDirectory();
    const at = (name: string): string => join(directory.path, name);
    const logFile = join(at('log'), `${topic}.ndjson`);
    await mkdir(at('log'));
    await writeFile(at('orders.graphql'), schema);
    await writeFile(logFile, '');
    const gateway = await createGateway({
      schema: at('orders.graphql'),
      source: { kind: 'log', directory: at('log') },
      data: at('data'),
      port: 0,
    });
    await gateway.filled();
    let round = 0;
    let bytes = 0;
    let writingMs = 0;

    const applied = (): number => {
      const snapshot = gateway.store.snapshot();
      try {
        return Math.min(...gateway.catalog.tables.map((table) => snapshot.offsets(table).get(topic)?.get(0) ?? 0));
      } finally {
        snapshot.release();
      }
    };
    async function headgate(): Promise<number> {
      round += 1;
      const lines = Array.from({ length: changed }, (_, i) =>
        logLine(makeOrder(i % orders, round * 4 + Math.floor(i / orders), orders)),
      );
      const chunk = Buffer.from(lines.join(''));
      await appendFile(logFile, chunk);
      bytes += chunk.length;
      // Garbage of this round must not be collected in the next.
      globalThis.gc?.();
      const start = performance.now();
      const delay = await delayWhile(() => applied() < bytes);
      writingMs = performance.now() - start;
      return delay;
    }
    async function reference(): Promise<number> {
      const end = performance.now() + (writingMs || 2_000);
      return delayWhile(() => performance.now() < end);
    }
    return {
      headgate,
      reference,
      async close() {
        await gateway.close();
        await directory.remove();
      },
    };
  },
};

/** The 99th percentile, ms. */
async function delayWhile(goesOn: () => boolean): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  while (goesOn()) await pause(lookMs);
  delay.disable();
  return delay.percentile(99) / 1e6;
}
