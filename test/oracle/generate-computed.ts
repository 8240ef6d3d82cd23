import { calculation, columnExpr } from './derived/generate-expr.ts';
import type { Random } from './random.ts';
import type { ColumnSpec } from './spec.ts';

/** Of numbers among the other columns; none of them of another that is computed. */
export function computedColumns(random: Random, columns: readonly ColumnSpec[]): readonly ColumnSpec[] {
  return Array.from({ length: random.pick([0, 0, 1, 2]) }, (_, n) => n).flatMap((n) => {
    const computed = calculation(random, columns.map(columnExpr));
    if (computed === undefined) return [];
    const required = !computed.nullable && random.chance(0.7);
    return [{ name: `reckoned${n}`, type: computed.type, required, computed }];
  });
}
