import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { aggregate } from './aggregate.ts';
import { aggregatePeer } from './aggregate-peer.ts';
import { changeCost } from './change-cost.ts';
import { decode } from './decode.ts';
import { fanOut } from './fan-out.ts';
import { BenchmarkUnavailable, runBenchmark } from './harness.ts';
import type { BenchmarkResult } from './harness.ts';
import { ingest } from './ingest.ts';
import { kafkaIngest } from './kafka-ingest.ts';
import { openCost } from './open.ts';
import { reportPage } from './page.ts';
import { pull } from './pull.ts';
import { stall } from './stall.ts';
import { tablePeer } from './table-peer.ts';
import { reportLiveLoad } from './live-load.ts';
import { latency } from './latency.ts';

/**
 *   npm run bench [-- --rounds 7] [NAME…]
 *
 * Runs the benchmarks whose names begin with one of the given, all by default, and writes `bench-results.json`. `live` and
 * `page` report what there is nothing to compare with: live queries under load, and times of a page in a browser.
 */
const benchmarks = [
  decode,
  ingest,
  kafkaIngest,
  tablePeer,
  openCost,
  stall,
  ...aggregate,
  aggregatePeer,
  ...pull,
  ...fanOut,
  ...changeCost,
  ...latency,
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '5' }, output: { type: 'string', default: 'bench-results.json' } },
});
const rounds = Math.max(5, Number(values.rounds));
const isChosen = (name: string): boolean =>
  positionals.length === 0 || positionals.some((wanted) => name.startsWith(wanted));
const chosen = benchmarks.filter(({ name }) => isChosen(name));

const results: BenchmarkResult[] = [];
for (const benchmark of chosen) {
  await unlessUnavailable(benchmark.name, async () => {
    results.push(await runBenchmark(benchmark, rounds, console.log));
  });
}
if (isChosen('live')) await unlessUnavailable('live', () => reportLiveLoad(console.log));
if (isChosen('page')) await unlessUnavailable('page', () => reportPage(console.log));
if (chosen.length > 0) await writeFile(values.output, `${JSON.stringify(results, null, 2)}\n`);

async function unlessUnavailable(name: string, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof BenchmarkUnavailable)) throw error;
    console.log(`${name}: left out. ${error.message}`);
  }
}
