import { createHash } from 'node:crypto';
import type { Table } from '../catalog/catalog.ts';
import type { Column } from '../catalog/column.ts';
import { GatewayError } from '../common/errors.ts';
import { CoercionError, coerceInput } from '../model/coerce.ts';
import type { Row } from '../model/row.ts';
import { valueToJson } from '../model/value.ts';
import type { Value } from '../model/value.ts';
import { printOrder } from './order.ts';
import type { OrderTerm } from './order.ts';

/**
 * A cursor is a place in an order, not a row: the values of the order's columns, the key among them. It stays good when
 * its row goes. base64url of `[hash of table and order, value, …]`, values as in JSON.
 */
export function encodeCursor(table: Table, order: readonly OrderTerm[], row: Row): string {
  return printCursor(
    table,
    order,
    order.map(({ column }) => row.value(column)),
  );
}

function printCursor(table: Table, order: readonly OrderTerm[], values: readonly Value[]): string {
  const parts = order.map(({ column }, i) => valueToJson(column.type, values[i] ?? null));
  return Buffer.from(`[${[JSON.stringify(orderHash(table, order)), ...parts].join(',')}]`).toString('base64url');
}

/** One value per term. Throws BAD_USER_INPUT, for a cursor of another table or order too. */
export function decodeCursor(
  table: Table,
  order: readonly OrderTerm[],
  argument: 'after' | 'before',
  cursor: string,
): readonly Value[] {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    parts = undefined;
  }
  if (!Array.isArray(parts)) throw noCursor(argument);
  const [hash, ...given] = parts as [unknown, ...unknown[]];
  if (hash !== orderHash(table, order) || given.length !== order.length) {
    throw new GatewayError(
      'BAD_USER_INPUT',
      `${argument}: this cursor belongs to another list or another orderBy. Use it with the arguments it came from (here: ${table.plural}Connection ordered by ${printOrder(order)}).`,
    );
  }
  const values = readValues(order, given);
  // Only what was written here is a place; 1e400, say, is read as another value.
  if (values === undefined || printCursor(table, order, values) !== cursor) throw noCursor(argument);
  return values;
}

function noCursor(argument: 'after' | 'before'): GatewayError {
  return new GatewayError(
    'BAD_USER_INPUT',
    `${argument}: this is no cursor. Pass a cursor of this connection unchanged.`,
  );
}

/** Undefined where one is no value of its column; others may come out as something else than was given. */
function readValues(order: readonly OrderTerm[], given: readonly unknown[]): readonly Value[] | undefined {
  try {
    const values = order.map(({ column }, i) => coerceInput(column.type, given[i]));
    // Where a caller may not read it, a required column is null, too.
    const isNeverNull = ({ required, auth }: Column): boolean => required && auth === undefined;
    return order.some(({ column }, i) => isNeverNull(column) && values[i] === null) ? undefined : values;
  } catch (error) {
    if (error instanceof CoercionError) return undefined;
    throw error;
  }
}

function orderHash(table: Table, order: readonly OrderTerm[]): string {
  return createHash('sha256')
    .update(`${table.name}: ${printOrder(order)}`)
    .digest('base64url')
    .slice(0, 8);
}
