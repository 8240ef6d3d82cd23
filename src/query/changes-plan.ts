import type { Table } from '../catalog/catalog.ts';
import { GatewayError } from '../common/errors.ts';
import { readWhere, relatedTables } from './arguments.ts';
import type { PlanField } from './execution.ts';
import type { PlanOptions } from './list-plan.ts';

export const changeOperations = ['INSERT', 'UPDATE', 'DELETE'] as const;
export type ChangeOperation = (typeof changeOperations)[number];

/**
 * `songChanges(where, operations, snapshot, after)`: resolves to the message that is being sent. Throws BAD_USER_INPUT for a
 * snapshot whose rows `operations` would hide.
 */
export function planChanges({ catalog }: PlanOptions, table: Table): PlanField {
  return (args) => {
    const where = readWhere(catalog, table, args['where']);
    const related = relatedTables(catalog, where);
    const operations = new Set((args['operations'] ?? changeOperations) as readonly ChangeOperation[]);
    const snapshot = args['snapshot'] === true;
    if (snapshot && !operations.has('INSERT')) {
      throw new GatewayError(
        'BAD_USER_INPUT',
        'snapshot: its rows arrive as INSERT, which operations leaves out. Add INSERT to operations, or do not ask for a snapshot.',
      );
    }
    const after = args['after'];
    return {
      tables: [table, ...related],
      changes: {
        table,
        where,
        related: [...new Set(related)],
        operations,
        snapshot,
        after: typeof after === 'string' ? after : undefined,
      },
      resolve: (_source, { message }) => message,
    };
  };
}
