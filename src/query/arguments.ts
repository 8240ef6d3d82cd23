import type { Catalog, Table } from '../catalog/catalog.ts';
import { WhereError } from '../catalog/where-operand.ts';
import { compileWhere } from '../catalog/where.ts';
import { GatewayError, must, unreachable } from '../common/errors.ts';
import type { Predicate } from '../model/predicate.ts';
import type { QueryLimits } from './query.ts';

/** Reads the arguments that list fields share. Each throws a GatewayError that is written for the client. */
export function readWhere(catalog: Catalog, table: Table, input: unknown): Predicate | undefined {
  if (input === undefined) return undefined;
  try {
    return compileWhere(catalog, table, input);
  } catch (error) {
    if (!(error instanceof WhereError)) throw error;
    throw new GatewayError('BAD_USER_INPUT', `${['where', ...error.path].join('.')}: ${error.message}`);
  }
}

/** A number of rows, within the table's `@limit`. */
export function readCount(table: Table, name: 'limit' | 'first' | 'last', input: unknown): number | undefined {
  if (input === undefined || input === null) return undefined;
  const count = input as number;
  if (count < 0) throw new GatewayError('BAD_USER_INPUT', `${name} must not be negative, got ${count}.`);
  const { max } = table.limit;
  if (count <= max) return count;
  throw new GatewayError(
    'LIMIT_EXCEEDED',
    `${name}: ${count} is more than the ${max} rows that ${table.name} gives at once (setting @limit(max: ${max}) on its type). Ask for fewer, and page.`,
    { setting: '@limit(max:)', limit: max },
  );
}

export function readOffset(limits: QueryLimits, input: unknown): number {
  const offset = (input ?? 0) as number;
  if (offset < 0) throw new GatewayError('BAD_USER_INPUT', `offset must not be negative, got ${offset}.`);
  if (offset <= limits.maxOffset) return offset;
  throw new GatewayError(
    'LIMIT_EXCEEDED',
    `offset: ${offset} is more than ${limits.maxOffset} (setting maxOffset). Page with the connection and its cursors, which cost the same on every page.`,
    { setting: 'maxOffset', limit: limits.maxOffset },
  );
}

/** The tables that a predicate reaches through relations. */
export function relatedTables(catalog: Catalog, predicate: Predicate | undefined): readonly Table[] {
  if (predicate === undefined) return [];
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return predicate.parts.flatMap((part) => relatedTables(catalog, part));
    case 'not':
      return relatedTables(catalog, predicate.part);
    case 'compare':
      return relatedTables(catalog, predicate.mask);
    case 'related': {
      const target = must(catalog.tablesByName.get(predicate.relation.target), 'a relation has its target');
      const { part, mask, only } = predicate;
      return [target, ...[part, mask, only].flatMap((each) => relatedTables(catalog, each))];
    }
    default:
      return unreachable(predicate);
  }
}
