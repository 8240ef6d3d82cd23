import { spawnSync } from 'node:child_process';

/** Seeded random numbers (mulberry32): one seed, one run. */
export interface Random {
  readonly seed: number;
  /** In [0, 1). */
  next(): number;
  /** In [0, below). */
  int(below: number): number;
  pick<T>(from: readonly T[]): T;
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const int = (below: number): number => Math.floor(next() * below);
  return { seed, next, int, pick: (from) => from[int(from.length)] as (typeof from)[number] };
}

/**
 * The seed of this run, which the caller prints: `HEADGATE_SEED`; under `CI=true` the first 32 bits of the commit that is
 * tested, so that a commit is always tried on the same histories and a new commit on new ones; else a fresh one.
 */
export function seedFromEnvironment(
  env: Readonly<Record<string, string | undefined>> = process.env,
  commit: () => string | undefined = testedCommit,
): number {
  const given = env['HEADGATE_SEED'];
  if (given !== undefined && given !== '') {
    if (/^\d+$/.test(given)) return Number(given) >>> 0;
    throw new Error(`HEADGATE_SEED expects a whole number from 0, not "${given}".`);
  }
  const hash = env['CI'] === 'true' ? commit() : undefined;
  return hash === undefined ? Math.floor(Math.random() * 2 ** 31) : Number.parseInt(hash.slice(0, 8), 16);
}

/** Undefined where there is no git, or no repository around these files. */
function testedCommit(): string | undefined {
  const { stdout } = spawnSync('git', ['rev-parse', 'HEAD'], { cwd: import.meta.dirname, encoding: 'utf8' });
  return /^[0-9a-f]{40,64}$/.exec(stdout?.trim() ?? '')?.[0];
}
