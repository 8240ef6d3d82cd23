import { createHash } from 'node:crypto';
import type { Table } from '../catalog/catalog.ts';
import { GatewayError } from '../common/errors.ts';
import type { Row } from '../model/row.ts';
import { valueFromJson, valueToJson } from '../model/value.ts';
import type { Value } from '../model/value.ts';
import { printOrder } from './order.ts';
import type { OrderTerm } from './order.ts';

/**
 * A cursor is a place in an order, not a row: the values of the order's columns, the key among them. It stays good when
 * its row goes. base64url of `[hash of table and order, value, …]`, values as in JSON.
 */
export function encodeCursor(table: Table, order: readonly OrderTerm[], row: Row): string {
  const values = order.map(({ column }) => valueToJson(column.type, row.value(column)));
  return Buffer.from(`[${[JSON.stringify(orderHash(table, order)), ...values].join(',')}]`).toString('base64url');
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
  if (!Array.isArray(parts)) {
    throw new GatewayError(
      'BAD_USER_INPUT',
      `${argument}: this is no cursor. Pass a cursor of this connection unchanged.`,
    );
  }
  const [hash, ...given] = parts as [unknown, ...unknown[]];
  if (hash !== orderHash(table, order) || given.length !== order.length) {
    throw new GatewayError(
      'BAD_USER_INPUT',
      `${argument}: this cursor belongs to another list or another orderBy. Use it with the arguments it came from (here: ${table.plural}Connection ordered by ${printOrder(order)}).`,
    );
  }
  return order.map(({ column }, i) => {
    const json = JSON.stringify(given[i]);
    const value = readValue(column.type, json);
    if (value !== undefined) return value;
    throw new GatewayError(
      'BAD_USER_INPUT',
      `${argument}: this is no cursor. Pass a cursor of this connection unchanged.`,
    );
  });
}

/** Undefined unless it is exactly what was written. */
function readValue(type: OrderTerm['column']['type'], json: string): Value | undefined {
  try {
    const value = valueFromJson(type, json);
    return valueToJson(type, value) === json ? value : undefined;
  } catch {
    return undefined;
  }
}

function orderHash(table: Table, order: readonly OrderTerm[]): string {
  return createHash('sha256')
    .update(`${table.name}: ${printOrder(order)}`)
    .digest('base64url')
    .slice(0, 8);
}
