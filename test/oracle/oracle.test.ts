import { expect, test } from 'vitest';
import { seedFromEnvironment } from '../support/random.ts';
import { Coverage } from './coverage.ts';
import { RuleCoverage } from './rule-coverage.ts';
import { runRound, type RoundCounts } from './run-round.ts';
import { printSchema } from './schema-text.ts';
import { generateRound, resplit, type Round } from './script.ts';
import { printCallers, printSteps, shrink } from './shrink.ts';

/**
 * Random schemas, histories and operations; every answer, frame and message compared with a naive evaluation of the
 * records at its position. In every other round tables and fields have rules, and several callers ask.
 *
 *   HEADGATE_SEED      the first round's seed (printed); default: the tested commit's in CI, else another one every time
 *   HEADGATE_ROUND     this round of the seed alone
 *   HEADGATE_RUNS      number of rounds; then the budget does not count
 *   HEADGATE_BUDGET_S  how long to go on, in seconds
 *   HEADGATE_SHRINK_S  how long to make a failure smaller, in seconds
 */
const seed = seedFromEnvironment();
const only = numberFrom('HEADGATE_ROUND');
const runs = numberFrom('HEADGATE_RUNS');
const budgetMs = 1000 * (numberFrom('HEADGATE_BUDGET_S') ?? 90);
const shrinkMs = 1000 * (numberFrom('HEADGATE_SHRINK_S') ?? 25);

test(
  'every answer, frame and change is what the records at its position say',
  { timeout: runs === undefined ? budgetMs + shrinkMs + 60_000 : 24 * 3_600_000 },
  async () => {
    console.log(`oracle: seed ${seed}`);
    const coverage = new Coverage();
    const rules = new RuleCoverage();
    const counts = noCounts();
    const deadline = Date.now() + budgetMs;
    let rounds = 0;
    const last = only ?? (runs === undefined ? Infinity : runs - 1);
    for (let i = 0; i <= last && (runs !== undefined || only !== undefined || Date.now() < deadline); i += 1) {
      // Which operations a round has depends on what those before it covered.
      const round = generateRound((seed + i) >>> 0, coverage, i % 2 === 1 ? rules : undefined, true);
      if (only !== undefined && i !== only) continue;
      await runOrReport(round, i, counts);
      // Another split of the same records gives the same tables.
      if (i % 4 === 0) await runOrReport(resplit(round), i, counts);
      rounds += 1;
    }
    console.log(
      `oracle: seed ${seed}, ${rounds} rounds, ${counts.commits} commits, ${counts.pulls} pulls, ${counts.frames} frames, ` +
        `${counts.messages} messages; ${report(coverage)}; rules: ${report(rules)}`,
    );
    expect(rounds).toBeGreaterThan(0);
  },
);

function report({ percent, missing }: { readonly percent: number; readonly missing: readonly string[] }): string {
  const some = missing.length === 0 ? '' : `, missing ${missing.length}: ${missing.slice(0, 20).join('; ')}`;
  return `${percent.toFixed(1)} % of all pairs${some}`;
}

function noCounts(): RoundCounts {
  return { commits: 0, pulls: 0, frames: 0, messages: 0 };
}

async function runOrReport(round: Round, index: number, counts: RoundCounts): Promise<void> {
  try {
    await runRound(round, counts);
  } catch (error) {
    const problem =
      error instanceof Error
        ? error.name === 'Failure'
          ? error.message
          : (error.stack ?? error.message)
        : String(error);
    const again = (smaller: Round): Promise<void> => runRound(smaller, noCounts());
    const small = await shrink(round, problem, Date.now() + shrinkMs, again);
    throw new Error(
      `The gateway and the oracle disagree. Replay: HEADGATE_SEED=${seed} HEADGATE_ROUND=${index} npx vitest run test/oracle\n\n` +
        `${printSchema(small.schema)}\n\n${printCallers(round)}${printSteps(small.steps)}\n\n${small.problem}`,
      { cause: error },
    );
  }
}

function numberFrom(name: string): number | undefined {
  const text = process.env[name];
  return text === undefined || text === '' ? undefined : Number(text);
}
