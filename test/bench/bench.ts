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
import { list, lookup } from './pull.ts';

/**
 *   npm run bench [-- --rounds 7] [NAME…]
 *
 * Runs the benchmarks whose names begin with one of the given, all by default, and writes `bench-results.json`.
 */
const benchmarks = [decode, ingest, kafkaIngest, ...aggregate, aggregatePeer, lookup, list, fanOut, ...changeCost];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '5' }, output: { type: 'string', default: 'bench-results.json' } },
});
const rounds = Math.max(5, Number(values.rounds));
const chosen = benchmarks.filter(
  ({ name }) => positionals.length === 0 || positionals.some((wanted) => name.startsWith(wanted)),
);

const results: BenchmarkResult[] = [];
for (const benchmark of chosen) {
  try {
    results.push(await runBenchmark(benchmark, rounds, console.log));
  } catch (error) {
    if (!(error instanceof BenchmarkUnavailable)) throw error;
    console.log(`${benchmark.name}: left out. ${error.message}`);
  }
}
await writeFile(values.output, `${JSON.stringify(results, null, 2)}\n`);
