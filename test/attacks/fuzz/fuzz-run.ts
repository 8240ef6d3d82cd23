import { expect } from 'vitest';
import { createRandom, type Random, seedFromEnvironment } from '../../support/random.ts';

/** Of all that is tried, so much is tried here: 100,000 in all unless `HEADGATE_FUZZ_RUNS` says otherwise. */
export function runsOf(share: number): number {
  return Math.ceil(Number(process.env['HEADGATE_FUZZ_RUNS'] ?? 100_000) * share);
}

/**
 * Tries `runs` inputs, each made of a number of its own, so that one of them can be tried again alone: the seed is printed, and of
 * what goes wrong the number, the input and the reason. `attempt` gives the reason, or nothing.
 */
export async function fuzz<T>(
  what: string,
  runs: number,
  make: (random: Random) => T,
  attempt: (input: T) => string | undefined | Promise<string | undefined>,
): Promise<void> {
  const seed = seedFromEnvironment();
  const [startMs, startCpu] = [performance.now(), process.cpuUsage()];
  const wrong: string[] = [];
  for (let run = 0; run < runs && wrong.length < 5; run += 1) {
    const input = make(createRandom(seed + Math.imul(run, 0x9e3779b1)));
    const reason = await attempt(input);
    if (reason !== undefined) wrong.push(`run ${run} of seed ${seed}: ${reason}: ${shown(input)}`);
  }
  const seconds = ((performance.now() - startMs) / 1_000).toFixed(1);
  const { user, system } = process.cpuUsage(startCpu);
  console.log(`seed ${seed}: ${runs} ${what}, ${seconds} s, ${((user + system) / 1e6).toFixed(1)} s of it computing`);
  expect(wrong).toEqual([]);
}

function shown(input: unknown): string {
  const text = Buffer.isBuffer(input) ? input.toString('base64') : JSON.stringify(input);
  return (text ?? '').slice(0, 2_000);
}

/** What keeps this process alive, by kind. */
export function resources(): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

/** Timers and connections that others have: of the runner, of `fetch`. A leak is one for each input. */
const ofOthers = 3;

/** Kinds of which there is more than before. */
export function leftOver(before: Readonly<Record<string, number>>): readonly string[] {
  return Object.entries(resources()).flatMap(([kind, count]) =>
    kind !== 'Immediate' && count > (before[kind] ?? 0) + ofOthers
      ? [`${kind}: ${before[kind] ?? 0}, now ${count}`]
      : [],
  );
}
