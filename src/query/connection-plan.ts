import type { Table } from '../catalog/catalog.ts';
import { readCount, readWhere } from './arguments.ts';
import { Connection } from './connection.ts';
import type { ConnectionPage } from './connection.ts';
import { decodeCursor } from './cursor.ts';
import type { PlanField } from './execution.ts';
import { grantedAccess, tablesOf } from './granted-access.ts';
import type { PlanOptions } from './list-plan.ts';
import { readOrder, reverseOrder } from './order.ts';
import type { OrderTerm } from './order.ts';

/** `songsConnection(where, orderBy, first, after, last, before)` */
export function planConnection(options: PlanOptions, table: Table): PlanField {
  const { catalog } = options;
  return (args, grants) => {
    const where = readWhere(catalog, table, args['where']);
    const order = readOrder(grants, table, args['orderBy']);
    const plan = (terms: readonly OrderTerm[]) => grantedAccess(options, grants, table, where, terms);
    const access = { forward: plan(order), backward: plan(reverseOrder(order)), counting: plan([]) };
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
      tables: tablesOf(catalog, access.forward),
      rows: Math.min(page.first ?? page.last ?? page.defaultSize, page.last ?? Infinity),
      lookup: { kind: 'access', access: access.forward },
      resolve: (_source, { reading }) => new Connection(reading, access, page),
    };
  };
}
