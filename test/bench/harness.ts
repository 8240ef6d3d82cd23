/**
 * A benchmark tells how fast Headgate does something, as a fraction of the speed of the least that could do it on the same
 * machine in the same minute. Absolute times are printed for the curious; only ratios are kept and compared.
 */
export interface Benchmark {
  readonly name: string;
  /** What 1 means. */
  readonly reference: string;
  /** The ratio to be reached. */
  readonly aim?: number | undefined;
  /** What a cost counts, for the printed line: `µs per record`. */
  readonly unit: string;
  /** Prepares both sides, and checks that they do the same. Throws BenchmarkUnavailable where the machine lacks something. */
  open(): Promise<Contest>;
}

interface Contest {
  /** One round: the cost of one unit of work, in `Benchmark.unit`. */
  readonly headgate: () => Promise<number>;
  readonly reference: () => Promise<number>;
  close(): Promise<void>;
}

export interface BenchmarkResult {
  readonly name: string;
  /** Cost of the reference by cost of Headgate: 1 is as fast, 0.5 half as fast. Median over the rounds. */
  readonly ratio: number;
  readonly reference: string;
  readonly aim?: number | undefined;
}

export class BenchmarkUnavailable extends Error {
  override readonly name = 'BenchmarkUnavailable';
}

/** Both sides take turns, and turns at being first; one round of each warms up and is not counted. */
export async function runBenchmark(
  benchmark: Benchmark,
  rounds: number,
  print: (line: string) => void,
): Promise<BenchmarkResult> {
  const { name, reference, aim, unit } = benchmark;
  const contest = await benchmark.open();
  try {
    const costs: { headgate: number; reference: number }[] = [];
    for (let round = -1; round < rounds; round += 1) {
      const headgateFirst = round % 2 === 0;
      const first = headgateFirst ? await contest.headgate() : await contest.reference();
      const second = headgateFirst ? await contest.reference() : await contest.headgate();
      if (round < 0) continue;
      costs.push(headgateFirst ? { headgate: first, reference: second } : { headgate: second, reference: first });
    }
    const ratios = costs.map((cost) => cost.reference / cost.headgate);
    const ratio = median(ratios);
    print(
      `${name}: ${show(ratio)} [${show(Math.min(...ratios))}–${show(Math.max(...ratios))}] of ${reference}` +
        `${aim === undefined ? '' : ` (aim ${aim})`}; ${unit}: ` +
        `${show(median(costs.map((cost) => cost.headgate)))} against ${show(median(costs.map((cost) => cost.reference)))}`,
    );
    return { name, ratio: Number(ratio.toPrecision(3)), reference, ...(aim === undefined ? {} : { aim }) };
  } finally {
    await contest.close();
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

/** ms of processor time that this process spent on it, all threads: others on the machine do not count. */
export async function cpuTimed(work: () => unknown): Promise<number> {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1_000;
}

function show(value: number): string {
  return value.toPrecision(3);
}
