import type { Random } from './random.ts';
import type { TableSpec } from './spec.ts';

/** Some tables keep little of their changes. */
export function forgetChanges<T extends TableSpec>(random: Random, tables: readonly T[]): readonly T[] {
  if (random.chance(0.6)) return tables;
  const limits = (): TableSpec['changes'] => ({
    retainMs: random.pick([20_000, 86_400_000]),
    maxBytes: random.pick([500, 5_000, 2_000_000_000]),
  });
  return tables.map((table) => (random.chance(0.5) ? { ...table, changes: limits() } : table));
}
