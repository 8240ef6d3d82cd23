import type { Column, Relation } from '../catalog/column.ts';
import type { ColumnReader } from './predicate.ts';
import type { ColumnType, Value } from './value.ts';

/**
 * A compiled expression (`quantity * unitPrice`) or path (`song.genre`): parsed, checked against the columns of a table and
 * turned into a closure by `catalog/expression.ts`.
 */
export interface Expression {
  /** As written, for explanations and to tell one expression from another. */
  readonly text: string;
  readonly type: ColumnType;
  /** Whether it may be null: a null operand makes most operations null, a missing row makes its columns null. */
  readonly nullable: boolean;
  /** Where it may be null: because of what, for messages ("song" may lead to no row). */
  readonly nullBecause?: string | undefined;
  /** Every column that it reads. */
  readonly reads: readonly ColumnPath[];
  /**
   * The value for a row. `one` follows a relation to one row. Deterministic: reads nothing but the row and what `one` gives. Throws
   * ExpressionError where there is no value (division by zero, a result outside its type): the record, or row, is bad.
   */
  evaluate(row: ColumnReader, one: RelatedOne): Value;
}

/** A column, through relations to one row where there are any. */
export interface ColumnPath {
  readonly relations: readonly Relation[];
  readonly column: Column;
  /** Into an embedded object; empty for the column itself. */
  readonly fields: readonly string[];
}

export type RelatedOne = (row: ColumnReader, relation: Relation) => ColumnReader | undefined;

/** No value for this row; the message says why, never the row's contents. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
}
