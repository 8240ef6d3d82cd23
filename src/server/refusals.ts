import type { ServerLimits } from '../config/limits.ts';

/** How often each limit of the server has refused something: `headgate_refused_total{limit=…}`. */
export interface Refusals {
  /** Called by whoever refuses. */
  count(limit: keyof ServerLimits): void;
  readonly counts: ReadonlyMap<keyof ServerLimits, number>;
}

export function createRefusals(): Refusals {
  const counts = new Map<keyof ServerLimits, number>();
  return {
    count: (limit) => void counts.set(limit, (counts.get(limit) ?? 0) + 1),
    counts,
  };
}
