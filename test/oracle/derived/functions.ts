import { canonicalDecimal, compare, type NaiveValue } from '../values.ts';
import type { TypeSpec } from '../spec.ts';
import {
  fromDecimal,
  fromDouble,
  minus,
  over,
  rootToDouble,
  sum,
  times,
  toDecimal,
  toDigits,
  toDouble,
  whole,
  zero,
  type Fraction,
} from './numbers.ts';
import type { AggregateSpec } from './spec.ts';

/** An expression, or a function, has no value that its type can hold: the row, or the group, is not there. */
export class NoValue extends Error {
  override readonly name = 'NoValue';
}

/** What an aggregate reads of one row of the group; the rows come in the order of FIRST, LAST and COLLECT_LIST. */
export interface Input {
  readonly arg: NaiveValue;
  readonly by: NaiveValue;
}

/** The value of an aggregate over the rows of a group, of which there is at least one. `type` is the result's, `argType` the argument's. */
export function aggregate(
  spec: AggregateSpec,
  type: TypeSpec,
  argType: TypeSpec | undefined,
  byType: TypeSpec | undefined,
  inputs: readonly Input[],
): NaiveValue {
  const values = inputs.map(({ arg }) => arg).filter((value) => value !== null);
  const arg = argType ?? type;
  switch (spec.fn) {
    case 'COUNT':
      return counted(type, spec.arg === undefined ? inputs.length : values.length);
    case 'COUNT_DISTINCT':
      return counted(type, distinct(arg, values).length);
    case 'SUM':
      return values.length === 0 ? null : numberOf(type, sum(values.map((value) => exactly(arg, value))));
    case 'AVG':
      return values.length === 0 ? null : quotientOf(type, mean(arg, values));
    case 'MIN':
      return least(arg, values);
    case 'MAX':
      return least(arg, values, -1);
    case 'FIRST':
      return values[0] ?? null;
    case 'LAST':
      return values.at(-1) ?? null;
    case 'COLLECT_LIST':
      return values.slice(0, spec.n ?? values.length);
    case 'COLLECT_SET':
      return distinct(arg, values)
        .toSorted((a, b) => compare(arg, a, b))
        .slice(0, spec.n ?? values.length);
    case 'TOP_K':
      return top(spec, arg, byType, inputs);
    case 'VARIANCE':
      return values.length < 2 ? null : numberOf(type, variance(arg, values));
    case 'STDDEV':
      return values.length < 2 ? null : rootToDouble(variance(arg, values));
  }
}

function counted(type: TypeSpec, count: number): NaiveValue {
  return type.kind === 'scalar' && type.scalar === 'BigInt' ? BigInt(count) : count;
}

/** The number that a value is, digit for digit. */
export function exactly(type: TypeSpec, value: NaiveValue): Fraction {
  switch (type.kind === 'scalar' ? type.scalar : undefined) {
    case 'Int':
      return whole(value as number);
    case 'BigInt':
      return whole(value as bigint);
    case 'Float':
      return fromDouble(value as number);
    case 'Decimal':
      return fromDecimal(value as string);
    default:
      throw new Error('not a number');
  }
}

/** The value of a type that a number is. */
export function numberOf(type: TypeSpec, number: Fraction): NaiveValue {
  const integer = number.num % number.den === 0n ? number.num / number.den : undefined;
  switch (type.kind === 'scalar' ? type.scalar : undefined) {
    case 'Int':
      if (integer === undefined || integer < -(2n ** 31n) || integer >= 2n ** 31n) throw new NoValue('Int');
      return Number(integer);
    case 'BigInt':
      if (integer === undefined || String(integer).length > 1000) throw new NoValue('BigInt');
      return integer;
    case 'Float': {
      const double = toDouble(number);
      if (!Number.isFinite(double)) throw new NoValue('Float');
      return double;
    }
    case 'Decimal': {
      const text = toDecimal(number);
      if (text === undefined) throw new NoValue('Decimal');
      return text;
    }
    default:
      throw new Error('not a type of numbers');
  }
}

/** Where the digits may never end, 34 of them. */
export function quotientOf(type: TypeSpec, number: Fraction): NaiveValue {
  const decimal = type.kind === 'scalar' && type.scalar === 'Decimal';
  return numberOf(type, decimal ? toDigits(number, 34) : number);
}

function mean(type: TypeSpec, values: readonly NaiveValue[]): Fraction {
  return over(sum(values.map((value) => exactly(type, value))), whole(values.length));
}

/** Of a sample: divided by one less than there are. */
function variance(type: TypeSpec, values: readonly NaiveValue[]): Fraction {
  const middle = mean(type, values);
  const squares = values.map((value) => {
    const distance = minus(exactly(type, value), middle);
    return times(distance, distance);
  });
  return over(squares.length === 0 ? zero : sum(squares), whole(values.length - 1));
}

/** One of each; of decimals that are equal the canonical text. */
function distinct(type: TypeSpec, values: readonly NaiveValue[]): readonly NaiveValue[] {
  const found: NaiveValue[] = [];
  for (const value of values) {
    if (!found.some((other) => compare(type, other, value) === 0)) found.push(canonical(type, value));
  }
  return found;
}

/** Decimals without the choices of who wrote them. */
export function canonical(type: TypeSpec, value: NaiveValue): NaiveValue {
  if (value === null || type.kind !== 'scalar' || type.scalar !== 'Decimal') return value;
  return toDecimal(fromDecimal(value as string)) ?? value;
}

/** `sign` -1: the greatest. */
function least(type: TypeSpec, values: readonly NaiveValue[], sign = 1): NaiveValue {
  const [first] = values.toSorted((a, b) => sign * compare(type, a, b));
  return first === undefined ? null : canonical(type, first);
}

/** The greatest first. By another value: those of the rows with the greatest, of equal ones the least. */
function top(
  spec: AggregateSpec,
  argType: TypeSpec,
  byType: TypeSpec | undefined,
  inputs: readonly Input[],
): NaiveValue {
  const there = inputs.filter(({ arg }) => arg !== null);
  if (byType === undefined) {
    const different = distinct(
      argType,
      there.map(({ arg }) => arg),
    );
    return different.toSorted((a, b) => compare(argType, b, a)).slice(0, spec.n);
  }
  return there
    .filter(({ by }) => by !== null)
    .toSorted((a, b) => compare(byType, b.by, a.by) || compare(argType, a.arg, b.arg))
    .slice(0, spec.n)
    .map(({ arg }) => canonical(argType, arg));
}

/** Equal for values that make one group. */
export function groupName(type: TypeSpec, value: NaiveValue): string {
  if (value === null) return 'null';
  if (type.kind === 'scalar' && type.scalar === 'Decimal') return `=${canonicalDecimal(value as string)}`;
  return `=${String(value)}`;
}
