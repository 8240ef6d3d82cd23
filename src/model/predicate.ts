import type { Column, Relation } from '../catalog/column.ts';
import type { ClaimPath } from './rule.ts';
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
      /** Of a rule: claims that make the operand, which is null until they are put in. */
      readonly claims?: ClaimOperand | undefined;
      /** The column counts as null in rows that this does not hold for: where a caller may not read it. */
      readonly mask?: Predicate | undefined;
    }
  /** `one` on a to-one relation: the part on the related row, all of whose columns are null where it is missing. */
  | {
      readonly kind: 'related';
      readonly relation: Relation;
      readonly quantifier: 'one' | 'some' | 'every' | 'none';
      readonly part: Predicate;
      /** A row that this does not hold for relates to nothing: where a caller may not follow the relation. */
      readonly mask?: Predicate | undefined;
      /** Related rows that this does not hold for are as if missing: those that a caller may not see. */
      readonly only?: Predicate | undefined;
    };

/** What takes the place of an operand: a claim, or a list of values and claims. */
export type ClaimOperand = ClaimPath | { readonly items: readonly (ClaimPath | { readonly value: Value })[] };

/** Holds for no row. */
export const never: Predicate = { kind: 'or', parts: [] };

/** All of these; undefined holds for every row. */
export function allOf(...parts: readonly (Predicate | undefined)[]): Predicate | undefined {
  const given = parts.filter((part) => part !== undefined);
  if (given.includes(never)) return never;
  const flat = given.flatMap((part) => (part.kind === 'and' ? part.parts : [part]));
  return flat.length > 1 ? { kind: 'and', parts: flat } : flat[0];
}

/** At least one of these; undefined where one of them holds for every row. */
export function anyOf(parts: readonly (Predicate | undefined)[]): Predicate | undefined {
  const given = parts.filter((part) => part !== undefined && part !== never);
  if (parts.includes(undefined)) return undefined;
  if (given.length === 0) return never;
  return given.length === 1 ? given[0] : { kind: 'or', parts: given as readonly Predicate[] };
}
