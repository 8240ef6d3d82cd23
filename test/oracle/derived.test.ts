import { expect, test } from 'vitest';
import { seedFromEnvironment } from '../support/random.ts';
import { Coverage } from './coverage.ts';
import { DerivedCoverage } from './derived/coverage.ts';
import { noCounts, runAddedLater, runDerivedRound, type DerivedCounts } from './derived/run-round.ts';
import { printDerivedSchema } from './derived/schema-text.ts';
import { generateDerivedRound, resplitDerived, type DerivedRound } from './derived/script.ts';
import { RuleCoverage } from './rule-coverage.ts';
import { printCallers, printSteps, shrink } from './shrink.ts';

/**
 * Random schemas with views and aggregations stacked on each other, over random histories; after every commit every table
 * equals what a naive evaluation makes of all records so far, and so does every answer, frame and message. In every fourth
 * round tables and fields have rules, and several callers ask.
 *
 *   HEADGATE_SEED, HEADGATE_ROUND, HEADGATE_RUNS, HEADGATE_BUDGET_S, HEADGATE_SHRINK_S   as in `oracle.test.ts`
 */
const seed = seedFromEnvironment();
const only = numberFrom('HEADGATE_ROUND');
const runs = numberFrom('HEADGATE_RUNS');
const budgetMs = 1000 * (numberFrom('HEADGATE_BUDGET_S') ?? 30);
const shrinkMs = 1000 * (numberFrom('HEADGATE_SHRINK_S') ?? 25);

type Run = (round: DerivedRound, counts: DerivedCounts) => Promise<void>;

test(
  'every derived table is its definition over the records so far',
  { timeout: runs === undefined ? budgetMs + shrinkMs + 60_000 : 24 * 3_600_000 },
  async () => {
    console.log(`derived tables: seed ${seed}`);
    const coverage = new DerivedCoverage();
    const operations = new Coverage();
    const rules = new RuleCoverage();
    const counts = noCounts();
    const deadline = Date.now() + budgetMs;
    let rounds = 0;
    const last = only ?? (runs === undefined ? Infinity : runs - 1);
    for (let i = 0; i <= last && (runs !== undefined || only !== undefined || Date.now() < deadline); i += 1) {
      // What is wished for depends on what the rounds before had.
      const withRules = i % 4 === 1 ? rules : undefined;
      const round = generateDerivedRound((seed + i) >>> 0, coverage.wished(), operations, withRules);
      coverage.meet(round.schema);
      if (only !== undefined && i !== only) continue;
      await runOrReport(round, i, counts, runDerivedRound);
      // Another split of the same records gives the same tables, and so does a table that is added behind them.
      if (i % 4 === 0) await runOrReport(resplitDerived(round), i, counts, runDerivedRound);
      if (i % 4 === 2) await runOrReport(round, i, counts, runAddedLater);
      rounds += 1;
    }
    console.log(
      `derived tables: seed ${seed}, ${rounds} rounds, ${counts.commits} commits, ${counts.pulls} pulls, ` +
        `${counts.frames} frames, ${counts.messages} messages, ${counts.rows} rows at the end, ${counts.closed} of them closed, ${counts.late} late records; ${coverage.report()}`,
    );
    expect(rounds).toBeGreaterThan(0);
  },
);

async function runOrReport(round: DerivedRound, index: number, counts: DerivedCounts, run: Run): Promise<void> {
  try {
    await run(round, counts);
  } catch (error) {
    const problem =
      error instanceof Error
        ? error.name === 'Failure'
          ? error.message
          : (error.stack ?? error.message)
        : String(error);
    const again = (smaller: DerivedRound): Promise<void> => run(smaller, noCounts());
    const small = await shrink(round, problem, Date.now() + shrinkMs, again);
    const opening = printSteps([{ kind: 'commit', records: round.opening }]);
    throw new Error(
      `The gateway and the oracle disagree (${run.name}). Replay: HEADGATE_SEED=${seed} HEADGATE_ROUND=${index} npx vitest run test/oracle/derived.test.ts\n\n` +
        `${printDerivedSchema(small.schema)}\n\n${printCallers(round)}opening: ${opening}\n\n${printSteps(small.steps)}\n\n${small.problem}`,
      { cause: error },
    );
  }
}

function numberFrom(name: string): number | undefined {
  const text = process.env[name];
  return text === undefined || text === '' ? undefined : Number(text);
}
