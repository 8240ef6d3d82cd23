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

/** The seed of this run: `HEADGATE_SEED`, or a fresh one, which the caller prints. */
export function seedFromEnvironment(): number {
  const given = process.env['HEADGATE_SEED'];
  return given === undefined ? Math.floor(Math.random() * 0x7fffffff) : Number(given);
}
