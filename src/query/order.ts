import { GraphQLEnumType } from 'graphql';
import type { Table } from '../catalog/catalog.ts';
import type { Column } from '../catalog/column.ts';
import { GatewayError, must } from '../common/errors.ts';
import { never } from '../model/predicate.ts';
import { compareValues } from '../model/value.ts';
import type { Value } from '../model/value.ts';
import type { Row } from '../model/row.ts';
import type { Grants } from './grants.ts';

/** One column of an order. The order of an answer is total: the key is always its last part. */
export interface OrderTerm {
  readonly column: Column;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

/** Nulls are the greatest: last in ASC, first in DESC, as in indexes. */
const directions = {
  ASC: { descending: false, nullsFirst: false },
  DESC: { descending: true, nullsFirst: true },
  ASC_NULLS_FIRST: { descending: false, nullsFirst: true },
  ASC_NULLS_LAST: { descending: false, nullsFirst: false },
  DESC_NULLS_FIRST: { descending: true, nullsFirst: true },
  DESC_NULLS_LAST: { descending: true, nullsFirst: false },
} as const;
type Direction = keyof typeof directions;

export const orderDirection = new GraphQLEnumType({
  name: 'OrderDirection',
  values: {
    ASC: { value: 'ASC', description: 'Nulls last.' },
    DESC: { value: 'DESC', description: 'Nulls first.' },
    ASC_NULLS_FIRST: { value: 'ASC_NULLS_FIRST' },
    ASC_NULLS_LAST: { value: 'ASC_NULLS_LAST' },
    DESC_NULLS_FIRST: { value: 'DESC_NULLS_FIRST' },
    DESC_NULLS_LAST: { value: 'DESC_NULLS_LAST' },
  },
});

/** Whether `orderBy` offers the column: its values have an order that means something. */
export function isSortable({ type }: Column): boolean {
  if (type.kind === 'enum') return true;
  return type.kind === 'scalar' && type.scalar !== 'JSON' && type.scalar !== 'Bytes' && type.scalar !== 'Duration';
}

/**
 * A coerced `orderBy` argument, completed by the key. Throws FORBIDDEN or UNAUTHENTICATED for a column that the caller may read in
 * no row.
 */
export function readOrder(grants: Grants, table: Table, input: unknown): readonly OrderTerm[] {
  const terms: OrderTerm[] = [];
  for (const entry of (input ?? []) as readonly Readonly<Record<string, unknown>>[]) {
    for (const [name, direction] of Object.entries(entry)) {
      const column = must(table.columnsByName.get(name), `no column ${table.name}.${name}`);
      if (direction === null) {
        throw new GatewayError('BAD_USER_INPUT', `orderBy: give "${name}" a direction, ASC or DESC, not null.`);
      }
      if (grants.of(table).columns.get(column) === never) throw grants.refused(`${table.name}.${name}`);
      terms.push({ column, ...directions[direction as Direction] });
    }
  }
  return completeOrder(table, terms);
}

/** Adds what is missing of the key. Behind the whole key nothing can matter any more, nor can a column's second mention. */
export function completeOrder(table: Table, terms: readonly OrderTerm[]): readonly OrderTerm[] {
  const order: OrderTerm[] = [];
  const seen = new Set<Column>();
  for (const term of [...terms, ...table.key.map((column) => ({ column, ...directions.ASC }))]) {
    if (seen.has(term.column)) continue;
    seen.add(term.column);
    order.push(term);
    if (table.key.every((column) => seen.has(column))) break;
  }
  return order;
}

export function reverseOrder(order: readonly OrderTerm[]): readonly OrderTerm[] {
  return order.map(({ column, descending, nullsFirst }) => ({
    column,
    descending: !descending,
    nullsFirst: !nullsFirst,
  }));
}

export function compareByTerm(term: OrderTerm, a: Value, b: Value): number {
  if (a === null || b === null) {
    if (a === b) return 0;
    return (a === null) === term.nullsFirst ? -1 : 1;
  }
  const order = compareValues(term.column.type, a, b);
  return term.descending ? -order : order;
}

export function compareRows(order: readonly OrderTerm[]): (a: Row, b: Row) => number {
  return (a, b) => {
    for (const term of order) {
      const result = compareByTerm(term, a.value(term.column), b.value(term.column));
      if (result !== 0) return result;
    }
    return 0;
  };
}

/** A row against the values that a cursor holds, one per term. */
export function compareRowWith(order: readonly OrderTerm[], row: Row, values: readonly Value[]): number {
  for (const [i, term] of order.entries()) {
    const result = compareByTerm(term, row.value(term.column), values[i] ?? null);
    if (result !== 0) return result;
  }
  return 0;
}

/** For cursors and explanations: `plays DESC, id ASC`. */
export function printOrder(order: readonly OrderTerm[]): string {
  return order
    .map(({ column, descending, nullsFirst }) => {
      const placement = nullsFirst === descending ? '' : nullsFirst ? '_NULLS_FIRST' : '_NULLS_LAST';
      return `${column.name} ${descending ? 'DESC' : 'ASC'}${placement}`;
    })
    .join(', ');
}
