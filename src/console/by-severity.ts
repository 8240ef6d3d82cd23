import type { Phase, TableStatus } from './documents.ts';

const ranks: Readonly<Record<Phase, number>> = { HALTED: 0, RECREATED: 0, FILLING: 1, LIVE: 2 };

/** What stands still comes first, then what fills; else the order of the schema. */
export function bySeverity(a: TableStatus, b: TableStatus): number {
  return ranks[a.phase] - ranks[b.phase];
}
