import type { Table } from '../catalog/catalog.ts';
import { readWhere, relatedTables } from './arguments.ts';
import type { PlanField } from './execution.ts';
import type { PlanOptions } from './list-plan.ts';

export const changeOperations = ['INSERT', 'UPDATE', 'DELETE'] as const;
export type ChangeOperation = (typeof changeOperations)[number];

/** `songChanges(where, operations, snapshot, after)`: resolves to the message that is being sent. */
export function planChanges({ catalog }: PlanOptions, table: Table): PlanField {
  return (args) => {
    const where = readWhere(catalog, table, args['where']);
    const related = relatedTables(catalog, where);
    const operations = (args['operations'] ?? changeOperations) as readonly ChangeOperation[];
    const after = args['after'];
    return {
      tables: [table, ...related],
      changes: {
        table,
        where,
        related: [...new Set(related)],
        operations: new Set(operations),
        snapshot: args['snapshot'] === true,
        after: typeof after === 'string' ? after : undefined,
      },
      resolve: (_source, { message }) => message,
    };
  };
}
