import { expect, test } from 'vitest';
import { seedFromEnvironment } from '../support/random.ts';
import { runCanary } from './run-canary.ts';
import { runDifferential } from './run-differential.ts';
import { noCounts, printCounts } from './wire.ts';

/**
 * Nothing forbidden on the wire: random schemas with rules, callers, histories and requests.
 *
 *   HEADGATE_SEED          the first round's seed (printed); default: the tested commit's in CI, else another one every time
 *   HEADGATE_CANARY_RUNS   number of rounds of each test; then the budget does not count
 *   HEADGATE_BUDGET_S      how long each test goes on, in seconds
 *   HEADGATE_SHRINK_S      how long to make a failure smaller, in seconds
 */
const seed = seedFromEnvironment();
const runs = numberFrom('HEADGATE_CANARY_RUNS');
const budgetMs = 1000 * (numberFrom('HEADGATE_BUDGET_S') ?? 20);
const shrinkMs = 1000 * (numberFrom('HEADGATE_SHRINK_S') ?? 20);
const timeout = runs === undefined ? budgetMs + shrinkMs + 60_000 : 24 * 3_600_000;

test('a caller is sent nothing but what its rules let it read as of the message', { timeout }, async () => {
  console.log(`canary: seed ${seed}`);
  const counts = noCounts();
  await rounds(async (round) => {
    try {
      await runCanary(round, counts);
    } catch (error) {
      throw replayable(error, round);
    }
  });
  console.log(`canary: seed ${seed}, ${printCounts(counts)}`);
  expect(counts.rounds).toBeGreaterThan(0);
  // Both what may be seen and what may not is there to be seen.
  expect(counts.allowed).toBeGreaterThan(0);
  expect(counts.canaries).toBeGreaterThan(0);
});

test('data that a caller may not read make no difference to a byte that it is sent', { timeout }, async () => {
  console.log(`canary: seed ${seed}`);
  const counts = { rounds: 0, texts: 0, bytes: 0, variations: 0 };
  await rounds(async (round) => {
    try {
      await runDifferential(round, counts);
    } catch (error) {
      throw replayable(await smaller(round, error), round);
    }
  });
  const { bytes, texts, variations } = counts;
  console.log(
    `canary: seed ${seed}, ${counts.rounds} rounds, ${texts} texts, ${bytes} bytes, ${variations} records that differ`,
  );
  expect(counts.rounds).toBeGreaterThan(0);
  expect(variations).toBeGreaterThan(0);
});

async function rounds(run: (seed: number) => Promise<void>): Promise<void> {
  const deadline = Date.now() + budgetMs;
  for (let i = 0; runs === undefined ? Date.now() < deadline : i < runs; i += 1) await run((seed + i) >>> 0);
}

/** Leaves out differences between the data for as long as there is one in the answers. */
async function smaller(round: number, error: unknown): Promise<unknown> {
  const deadline = Date.now() + shrinkMs;
  let kept = new Set(Array.from({ length: 100 }, (_, i) => i));
  let smallest = error;
  for (let size = 50; size >= 1; size = Math.floor(size / 2)) {
    for (let from = 0; from < 100 && Date.now() < deadline; from += size) {
      const fewer = new Set([...kept].filter((i) => i < from || i >= from + size));
      if (fewer.size === kept.size) continue;
      try {
        await runDifferential(round, { rounds: 0, texts: 0, bytes: 0, variations: 0 }, fewer);
      } catch (found) {
        kept = fewer;
        smallest = found;
      }
    }
  }
  return smallest;
}

function replayable(error: unknown, round: number): Error {
  const problem =
    error instanceof Error
      ? error.name === 'Failure'
        ? error.message
        : (error.stack ?? error.message)
      : String(error);
  return new Error(`Replay: HEADGATE_SEED=${round} HEADGATE_CANARY_RUNS=1 npx vitest run test/canary\n\n${problem}`, {
    cause: error,
  });
}

function numberFrom(name: string): number | undefined {
  const text = process.env[name];
  return text === undefined || text === '' ? undefined : Number(text);
}
