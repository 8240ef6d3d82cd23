import type { Column, Relation } from '../catalog/column.ts';
import type { ColumnType, Value } from './value.ts';

/** `Row` satisfies it; so does a record's decoded values (for `accept`). */
export interface ColumnReader {
  value(column: Column): Value;
}

export type CompareOp =
  | 'eq'
  | 'neq'
  | 'in'
  | 'notIn'
  | 'gt'
  | 'gte'
  | 'lt'
  | 'lte'
  | 'contains'
  | 'startsWith'
  | 'endsWith'
  | 'isNull'
  | 'has'
  | 'hasSome'
  | 'hasEvery'
  | 'isEmpty';

/** A compiled `where`. `catalog/where.ts` makes it; columns and relations are the catalog's own objects. */
export type Predicate =
  | { readonly kind: 'and'; readonly parts: readonly Predicate[] }
  | { readonly kind: 'or'; readonly parts: readonly Predicate[] }
  | { readonly kind: 'not'; readonly part: Predicate }
  | {
      readonly kind: 'compare';
      readonly column: Column;
      /** Into an embedded object; empty for the column itself. */
      readonly path: readonly string[];
      /** The type of what is compared: the column's, or the embedded field's. */
      readonly type: ColumnType;
      readonly op: CompareOp;
      /** A list for in, notIn, hasSome and hasEvery; a boolean for isNull and isEmpty. */
      readonly operand: Value;
      /** contains, startsWith, endsWith, eq, neq, in, notIn: both sides folded with toLowerCase. */
      readonly insensitive: boolean;
    }
  /** `one` on a to-one relation: the part on the related row, all of whose columns are null where it is missing. */
  | {
      readonly kind: 'related';
      readonly relation: Relation;
      readonly quantifier: 'one' | 'some' | 'every' | 'none';
      readonly part: Predicate;
    };
