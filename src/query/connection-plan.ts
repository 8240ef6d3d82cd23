import type { Table } from '../catalog/catalog.ts';
import { planAccess } from './access.ts';
import { readCount, readWhere, relatedTables } from './arguments.ts';
import { Connection } from './connection.ts';
import type { ConnectionPage } from './connection.ts';
import { decodeCursor } from './cursor.ts';
import type { PlanField } from './execution.ts';
import type { PlanOptions } from './list-plan.ts';
import { readOrder, reverseOrder } from './order.ts';

/** `songsConnection(where, orderBy, first, after, last, before)` */
export function planConnection({ catalog }: PlanOptions, table: Table): PlanField {
  return (args) => {
    const predicate = readWhere(catalog, table, args['where']);
    const order = readOrder(table, args['orderBy']);
    const access = {
      forward: planAccess(table, predicate, order),
      backward: planAccess(table, predicate, reverseOrder(order)),
      counting: planAccess(table, predicate, []),
    };
    const place = (name: 'after' | 'before') => {
      const cursor = args[name];
      return typeof cursor === 'string' ? decodeCursor(table, order, name, cursor) : undefined;
    };
    const page: ConnectionPage = {
      first: readCount(table, 'first', args['first']),
      last: readCount(table, 'last', args['last']),
      after: place('after'),
      before: place('before'),
      defaultSize: table.limit.default,
    };
    return {
      tables: [table, ...relatedTables(catalog, predicate)],
      lookup: { kind: 'access', access: access.forward },
      resolve: (_source, { reading }) => new Connection(reading, access, page),
    };
  };
}
