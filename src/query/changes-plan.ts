import type { Table } from '../catalog/catalog.ts';
import { GatewayError } from '../common/errors.ts';
import { allOf } from '../model/predicate.ts';
import { planAccess } from './access.ts';
import { readWhere, relatedTables } from './arguments.ts';
import type { PlanField } from './execution.ts';
import { tablesOf } from './granted-access.ts';
import { grantHash } from './grants.ts';
import type { PlanOptions } from './list-plan.ts';
import { completeOrder } from './order.ts';
import { secureWhere } from './secure-where.ts';

export const changeOperations = ['INSERT', 'UPDATE', 'DELETE'] as const;
export type ChangeOperation = (typeof changeOperations)[number];

/**
 * `songChanges(where, operations, snapshot, after)`: resolves to the message that is being sent. Throws BAD_USER_INPUT for a
 * snapshot whose rows `operations` would hide.
 */
export function planChanges({ catalog, relations }: PlanOptions, table: Table): PlanField {
  return (args, grants) => {
    const { rows, columns } = grants.of(table);
    const asked = readWhere(catalog, table, args['where']);
    const where = allOf(rows, asked && secureWhere(catalog, grants, table, asked));
    const [, ...related] = tablesOf(catalog, { table, predicate: where, masks: columns });
    const visible = new Set([table, ...relatedTables(catalog, asked)]);
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
        access: planAccess({ table, predicate: where, order: completeOrder(table, []), links: relations }),
        masks: columns,
        grants: new Map([...visible].map((each) => [each.name, grantHash(grants.of(each))])),
        related: [...new Set(related)],
        operations,
        snapshot,
        after: typeof after === 'string' ? after : undefined,
      },
      resolve: (_source, { message }) => message,
    };
  };
}
