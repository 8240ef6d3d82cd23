import type { Column } from '../catalog/column.ts';
import type { Predicate } from '../model/predicate.ts';
import { compareValues } from '../model/value.ts';
import type { Value } from '../model/value.ts';

/** What every row that a predicate keeps has in a column; what an index can make use of. */
export interface ColumnFact {
  /** One of these; undefined: no such fact. Null stands for null. */
  readonly equal?: readonly Value[] | undefined;
  readonly lower?: Bound | undefined;
  readonly upper?: Bound | undefined;
  readonly startsWith?: string | undefined;
  readonly notNull?: true | undefined;
}

export interface Bound {
  readonly value: Value;
  readonly inclusive: boolean;
}

export type ColumnFacts = ReadonlyMap<Column, ColumnFact>;

/** The parts of which all must hold. */
export function conjuncts(predicate: Predicate | undefined): readonly Predicate[] {
  if (predicate === undefined) return [];
  return predicate.kind === 'and' ? predicate.parts.flatMap(conjuncts) : [predicate];
}

/** Necessary conditions alone: the predicate itself is tested on every row that they let through. */
export function columnFacts(parts: readonly Predicate[]): ColumnFacts {
  const facts = new Map<Column, ColumnFact>();
  for (const part of parts) {
    if (part.kind !== 'compare' || part.insensitive || part.path.length > 0 || part.mask !== undefined) continue;
    const fact = factOf(part);
    if (fact === undefined) continue;
    const known = facts.get(part.column);
    facts.set(part.column, known === undefined ? fact : both(part.column, known, fact));
  }
  return facts;
}

/** True where the column is the same in every row kept. */
export function isConstant(fact: ColumnFact | undefined): boolean {
  return fact?.equal?.length === 1;
}

export function hasRange(fact: ColumnFact | undefined): boolean {
  return (
    fact !== undefined &&
    (fact.lower !== undefined || fact.upper !== undefined || fact.startsWith !== undefined || fact.notNull === true)
  );
}

function factOf({ op, operand }: Extract<Predicate, { kind: 'compare' }>): ColumnFact | undefined {
  switch (op) {
    case 'eq':
      return { equal: [operand] };
    case 'in':
      return { equal: operand as readonly Value[] };
    case 'isNull':
      return operand === true ? { equal: [null] } : { notNull: true };
    case 'gt':
    case 'gte':
      return { lower: { value: operand, inclusive: op === 'gte' } };
    case 'lt':
    case 'lte':
      return { upper: { value: operand, inclusive: op === 'lte' } };
    case 'startsWith':
      return operand === '' ? { notNull: true } : { startsWith: operand as string };
    default:
      return undefined;
  }
}

function both(column: Column, a: ColumnFact, b: ColumnFact): ColumnFact {
  const tighter = (left: Bound | undefined, right: Bound | undefined, sign: 1 | -1): Bound | undefined => {
    if (left === undefined || right === undefined) return left ?? right;
    const order = compareValues(column.type, left.value, right.value) * sign;
    if (order !== 0) return order > 0 ? left : right;
    return left.inclusive ? right : left;
  };
  return {
    // The shorter list will do: these are necessary conditions.
    equal: b.equal === undefined || (a.equal?.length ?? Infinity) <= b.equal.length ? a.equal : b.equal,
    lower: tighter(a.lower, b.lower, 1),
    upper: tighter(a.upper, b.upper, -1),
    startsWith:
      (a.startsWith?.length ?? 0) >= (b.startsWith?.length ?? 0) ? (a.startsWith ?? b.startsWith) : b.startsWith,
    notNull: a.notNull ?? b.notNull,
  };
}
