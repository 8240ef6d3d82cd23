import type { Column } from '../catalog/column.ts';
import { assert, must } from '../common/errors.ts';
import { ExpressionError } from '../model/expression.ts';
import type { Expression, RelatedOne } from '../model/expression.ts';
import type { ColumnReader } from '../model/predicate.ts';
import type { Value } from '../model/value.ts';

export function isComputed({ source }: Column): boolean {
  return source.kind === 'computed';
}

/** Each after all that it reads; the catalog refuses circles. */
export function computedInOrder(columns: readonly Column[]): readonly Column[] {
  const ordered = new Set<Column>();
  const open = new Set<Column>();
  const place = (column: Column): void => {
    if (!isComputed(column) || ordered.has(column)) return;
    assert(!open.has(column), `column ${column.name} is computed from itself`);
    open.add(column);
    for (const read of columnsReadBy(column)) place(read);
    ordered.add(column);
  };
  for (const column of columns) place(column);
  return [...ordered];
}

/** The columns of the same row that a computed one is made of. */
export function columnsReadBy(column: Column): readonly Column[] {
  return expressionOf(column).reads.map((read) => read.column);
}

/** The value, or why there is none. */
export function computeColumn(column: Column, row: ColumnReader): Value | ExpressionError {
  try {
    return expressionOf(column).evaluate(row, noRow);
  } catch (error) {
    if (error instanceof ExpressionError) return error;
    throw error;
  }
}

/** A record is decoded by itself: the catalog lets its computed columns follow no relation. */
const noRow: RelatedOne = () => undefined;

function expressionOf(column: Column): Expression {
  return must(column.expression, `column ${column.name} is computed without an expression`);
}
