import type { Relation } from '../catalog/column.ts';
import { unreachable } from '../common/errors.ts';
import type { ColumnReader, Predicate } from './predicate.ts';
import { compareValues, equalValues, memberOf } from './value.ts';
import type { ColumnType, Value } from './value.ts';

type Comparison = Extract<Predicate, { kind: 'compare' }>;
type Related = (row: ColumnReader, relation: Relation) => Iterable<ColumnReader>;

/**
 * SQL's three-valued logic: true, false, or null for unknown. A row is kept where the answer is true.
 * An undefined row stands for a to-one relation without a row: every column of it is null, it relates to nothing.
 *
 * Comparing null is unknown, in every operator but isNull. Elements of lists are two-valued: a null element equals nothing.
 * some, every and none are two-valued over the related rows: some = one is true, none = none is true, every = all are true.
 */
export function evaluate(predicate: Predicate, row: ColumnReader | undefined, related: Related): true | false | null {
  switch (predicate.kind) {
    case 'and': {
      let result: true | null = true;
      for (const part of predicate.parts) {
        const answer = evaluate(part, row, related);
        if (answer === false) return false;
        if (answer === null) result = null;
      }
      return result;
    }
    case 'or': {
      let result: false | null = false;
      for (const part of predicate.parts) {
        const answer = evaluate(part, row, related);
        if (answer === true) return true;
        if (answer === null) result = null;
      }
      return result;
    }
    case 'not': {
      const answer = evaluate(predicate.part, row, related);
      return answer === null ? null : !answer;
    }
    case 'compare':
      return test(predicate, isReadable(predicate, row, related) ? row : undefined);
    case 'related': {
      const rows = row !== undefined && isReadable(predicate, row, related) ? related(row, predicate.relation) : [];
      const { only } = predicate;
      return evaluateRelated(predicate, only === undefined ? rows : visible(rows, only, related), related);
    }
    default:
      return unreachable(predicate);
  }
}

function isReadable(
  { mask }: { readonly mask?: Predicate | undefined },
  row: ColumnReader | undefined,
  related: Related,
): boolean {
  return mask === undefined || evaluate(mask, row, related) === true;
}

function* visible(rows: Iterable<ColumnReader>, only: Predicate, related: Related): Iterable<ColumnReader> {
  for (const row of rows) if (evaluate(only, row, related) === true) yield row;
}

function evaluateRelated(
  { quantifier, part }: Extract<Predicate, { kind: 'related' }>,
  rows: Iterable<ColumnReader>,
  related: Related,
): true | false | null {
  switch (quantifier) {
    case 'one': {
      for (const row of rows) return evaluate(part, row, related);
      return evaluate(part, undefined, related);
    }
    case 'some':
    case 'none': {
      for (const row of rows) if (evaluate(part, row, related) === true) return quantifier === 'some';
      return quantifier === 'none';
    }
    case 'every': {
      for (const row of rows) if (evaluate(part, row, related) !== true) return false;
      return true;
    }
    default:
      return unreachable(quantifier);
  }
}

function test(comparison: Comparison, row: ColumnReader | undefined): true | false | null {
  const value = read(comparison, row);
  const { type, op, operand, insensitive } = comparison;
  if (op === 'isNull') return (value === null) === operand;
  if (value === null || operand === null) return null;
  switch (op) {
    case 'eq':
      return equals(type, value, operand, insensitive);
    case 'neq':
      return !equals(type, value, operand, insensitive);
    case 'in':
      return isIn(comparison, value);
    case 'notIn': {
      const found = isIn(comparison, value);
      return found === null ? null : !found;
    }
    case 'gt':
      return compareValues(type, value, operand) > 0;
    case 'gte':
      return compareValues(type, value, operand) >= 0;
    case 'lt':
      return compareValues(type, value, operand) < 0;
    case 'lte':
      return compareValues(type, value, operand) <= 0;
    case 'contains':
      return fold(value, insensitive).includes(fold(operand, insensitive));
    case 'startsWith':
      return fold(value, insensitive).startsWith(fold(operand, insensitive));
    case 'endsWith':
      return fold(value, insensitive).endsWith(fold(operand, insensitive));
    case 'isEmpty':
      return (list(value).length === 0) === operand;
    case 'has':
      return holds(type, value, operand);
    case 'hasSome':
      return list(operand).some((wanted) => holds(type, value, wanted));
    case 'hasEvery':
      return list(operand).every((wanted) => holds(type, value, wanted));
    default:
      return unreachable(op);
  }
}

function read({ column, path }: Comparison, row: ColumnReader | undefined): Value {
  let value = row === undefined ? null : row.value(column);
  for (const field of path) {
    if (value === null) return null;
    value = memberOf(value, field);
  }
  return value;
}

function equals(type: ColumnType, a: Value, b: Value, insensitive: boolean): boolean {
  return insensitive ? fold(a, true) === fold(b, true) : equalValues(type, a, b);
}

/** As SQL: not found in a list that holds a null is unknown. */
function isIn({ type, operand, insensitive }: Comparison, value: Value): true | false | null {
  let result: false | null = false;
  for (const candidate of list(operand)) {
    if (candidate === null) result = null;
    else if (equals(type, value, candidate, insensitive)) return true;
  }
  return result;
}

function holds(type: ColumnType, value: Value, wanted: Value): boolean {
  if (type.kind !== 'list' || wanted === null) return false;
  return list(value).some((element) => element !== null && equalValues(type.element, element, wanted));
}

function fold(value: Value, insensitive: boolean): string {
  return insensitive ? (value as string).toLowerCase() : (value as string);
}

function list(value: Value): readonly Value[] {
  return value as readonly Value[];
}
