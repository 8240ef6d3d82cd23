import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import type { CDPSession, Page } from 'playwright-core';
import { buildPage, servePage } from '../../examples/support/serve-page.ts';
import { findChromium } from '../support/browser/find-chromium.ts';
import { startGatewayProcess } from '../support/gateway-process.ts';
import { BenchmarkUnavailable } from './harness.ts';
import { temporaryDirectory } from './order-stores.ts';

const objects = 1_000;
const rates = [100, 1_000];
const warmUpMs = 2_000;
const measureMs = 10_000;
const schema = 'type Mover @table(topic: "movers") { id: ID! x: Float! y: Float! at: Float! }';

/**
 * From the producer's append to the pixel, with a thousand objects on the page, and how long the page's main thread worked for
 * a frame. There is nothing to compare it with but the screen's own 16.7 ms: it is reported, and not kept.
 */
export async function reportPage(print: (line: string) => void): Promise<void> {
  const found = findChromium(print);
  if ('missing' in found) throw new BenchmarkUnavailable(found.missing);
  const directory = await temporaryDirectory();
  const at = (name: string): string => join(directory.path, name);
  const file = join(at('log'), 'movers.ndjson');
  await mkdir(at('log'));
  await writeFile(at('movers.graphql'), schema);
  await writeFile(file, Array.from({ length: objects }, (_, index) => line(index)).join(''));
  const gateway = await startGatewayProcess([
    'serve',
    `--schema=${at('movers.graphql')}`,
    `--log=${at('log')}`,
    `--data=${at('data')}`,
  ]);
  const options = { root: fileURLToPath(new URL('page', import.meta.url)), output: at('page') };
  await buildPage(options);
  const served = await servePage(options, { gatewayUrl: gateway.url, port: 0, strictPort: false });
  const browser = await chromium.launch({ executablePath: found.path, args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage();
    const devtools = await page.context().newCDPSession(page);
    // Processor time: what else runs on the machine does not count.
    await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
    await page.goto(served.url);
    await page.waitForFunction(`measured.rows === ${objects}`);
    for (const rate of rates) {
      await produce(file, rate, warmUpMs);
      const before = await look(page, devtools);
      await produce(file, rate, measureMs);
      const { taskMs, frames, latencies } = await look(page, devtools);
      const count = frames - before.frames;
      print(
        `page, ${rate} changes a second: ${ms(quantile(latencies, 0.5))} ms from the producer to the screen ` +
          `(p99 ${ms(quantile(latencies, 0.99))} ms), ${ms((taskMs - before.taskMs) / count)} ms of the main thread a frame, ` +
          `${Math.round((count * 1_000) / measureMs)} frames a second, ${objects} objects`,
      );
    }
  } finally {
    await browser.close();
    await served.close();
    await gateway.stop();
    await directory.remove();
  }
}

interface Look {
  /** All that the main thread did, since the page was opened. */
  readonly taskMs: number;
  readonly frames: number;
  /** Since the last look. */
  readonly latencies: readonly number[];
}

async function look(page: Page, devtools: CDPSession): Promise<Look> {
  const { metrics } = await devtools.send('Performance.getMetrics');
  const seconds = metrics.find(({ name }) => name === 'TaskDuration')?.value ?? NaN;
  const measured = (await page.evaluate(
    '({ frames: measured.frames, latencies: measured.latencies.splice(0) })',
  )) as Omit<Look, 'taskMs'>;
  return { taskMs: seconds * 1_000, ...measured };
}

/** So many a second, each at its time: those that are due by now are appended, and then the next ones waited for. */
async function produce(file: string, rate: number, spanMs: number): Promise<void> {
  const start = performance.now();
  let count = 0;
  for (let nowMs = 0; nowMs < spanMs; nowMs = performance.now() - start) {
    const due = Math.floor((nowMs * rate) / 1_000) - count;
    if (due > 0) await appendFile(file, Array.from({ length: due }, (_, index) => line(count + index)).join(''));
    count += Math.max(0, due);
    await pause(1);
  }
}

function line(index: number): string {
  const id = String(index % objects);
  const at = performance.timeOrigin + performance.now();
  return `${JSON.stringify({ key: id, value: { id, x: Math.random(), y: Math.random(), at } })}\n`;
}

function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? NaN;
}

function ms(value: number): string {
  return value.toPrecision(3);
}
