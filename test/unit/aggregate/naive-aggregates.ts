import { canonicalDecimal } from '../../../src/model/decimal.ts';
import { compareValues, equalValues } from '../../../src/model/value.ts';
import type { ColumnType, Value } from '../../../src/model/value.ts';
import type { GroupInput } from '../../../src/aggregate/group.ts';
import type { AggregateSpec } from './group-world.ts';

/** What a function should give, computed from all rows at once and with no code of the groups. */

/** A rational number, with a denominator above zero. */
export interface Rational {
  readonly over: bigint;
  readonly under: bigint;
}

/** The exact number: doubling is exact, and makes every double whole in the end. */
export function rationalOf(type: ColumnType, value: Value): Rational {
  if (typeof value === 'bigint') return { over: value, under: 1n };
  if (typeof value === 'number') {
    let doubled = value;
    let under = 1n;
    for (; !Number.isInteger(doubled); doubled *= 2) under *= 2n;
    return { over: BigInt(doubled), under };
  }
  const [, sign, whole, fraction = '', power = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:e(.+))?$/.exec(value as string) ?? [];
  const digits = BigInt(`${whole}${fraction}`) * (sign === '-' ? -1n : 1n);
  const exponent = Number(power) - fraction.length;
  return exponent < 0
    ? { over: digits, under: 10n ** BigInt(-exponent) }
    : { over: digits * 10n ** BigInt(exponent), under: 1n };
}

export function plus(a: Rational, b: Rational): Rational {
  // Denominators of one base divide one another: without this they would grow with every term.
  if (a.under % b.under === 0n) return { over: a.over + b.over * (a.under / b.under), under: a.under };
  if (b.under % a.under === 0n) return plus(b, a);
  return { over: a.over * b.under + b.over * a.under, under: a.under * b.under };
}

export function timesRational(a: Rational, b: Rational): Rational {
  return { over: a.over * b.over, under: a.under * b.under };
}

export function compareRationals(a: Rational, b: Rational): number {
  const left = a.over * b.under;
  const right = b.over * a.under;
  return left < right ? -1 : left > right ? 1 : 0;
}

export type Naive =
  | { readonly kind: 'value'; readonly value: Value }
  /** The number, before it is rounded into the column's type. */
  | { readonly kind: 'number'; readonly number: Rational; readonly exact: boolean }
  /** The number whose square this is. */
  | { readonly kind: 'root'; readonly square: Rational };

export function naiveAggregate(spec: AggregateSpec, place: number, rows: readonly GroupInput[]): Naive {
  const { fn, type, n = Infinity } = spec;
  const value = (found: Value): Naive => ({ kind: 'value', value: found });
  if (type === undefined) return value(rows.length);
  const inOrder = rows.toSorted(compareRows).filter(({ args }) => args[place] !== null);
  const args = inOrder.map((row) => row.args[place] ?? null);
  const distinct = args
    .toSorted((a, b) => compareValues(type, a, b))
    .filter((arg, i, all) => i === 0 || !equalValues(type, arg, all[i - 1] ?? null))
    .map((arg) => canonical(type, arg));
  switch (fn) {
    case 'COUNT':
      return value(args.length);
    case 'COUNT_DISTINCT':
      return value(distinct.length);
    case 'MIN':
      return value(distinct[0] ?? null);
    case 'MAX':
      return value(distinct.at(-1) ?? null);
    case 'FIRST':
      return value(asWritten(args[0] ?? null));
    case 'LAST':
      return value(asWritten(args.at(-1) ?? null));
    case 'COLLECT_LIST':
      return value(args.map(asWritten).slice(0, n));
    case 'COLLECT_SET':
      return value(distinct.slice(0, n));
    case 'TOP_K': {
      const { by } = spec;
      if (by === undefined) return value(distinct.toReversed().slice(0, n));
      const ranked = inOrder
        .filter(({ bys }) => bys[place] !== null)
        .toSorted(
          (a, b) =>
            compareValues(by, b.bys[place] ?? null, a.bys[place] ?? null) ||
            compareValues(type, a.args[place] ?? null, b.args[place] ?? null),
        );
      return value(ranked.map((row) => canonical(type, row.args[place] ?? null)).slice(0, n));
    }
    default:
  }
  const numbers = args.map((arg) => rationalOf(type, arg));
  const sum = numbers.reduce(plus, { over: 0n, under: 1n });
  const count = BigInt(args.length);
  if (fn === 'SUM') return count === 0n ? value(null) : { kind: 'number', number: sum, exact: true };
  if (count === 0n) return value(null);
  const mean = { over: sum.over, under: sum.under * count };
  if (fn === 'AVG') return { kind: 'number', number: mean, exact: false };
  if (count === 1n) return value(null);
  const deviations = numbers.map((number) => plus(number, { over: -mean.over, under: mean.under }));
  const squares = deviations.map((each) => timesRational(each, each)).reduce(plus);
  const variance = { over: squares.over, under: squares.under * (count - 1n) };
  return fn === 'VARIANCE' ? { kind: 'number', number: variance, exact: false } : { kind: 'root', square: variance };
}

function compareRows(a: GroupInput, b: GroupInput): number {
  if (a.eventTime !== b.eventTime) return a.eventTime < b.eventTime ? -1 : 1;
  return a.partition - b.partition || a.offset - b.offset || Buffer.compare(a.key, b.key);
}

function asWritten(value: Value): Value {
  return value === 0 ? 0 : value;
}

function canonical(type: ColumnType, value: Value): Value {
  if (value === null) return null;
  if (type.kind === 'list') return (value as readonly Value[]).map((element) => canonical(type.element, element));
  if (type.kind === 'object') {
    const object = value as { readonly [field: string]: Value };
    return Object.fromEntries(
      type.fields.map(({ name, type: field }) => [name, canonical(field, object[name] ?? null)]),
    );
  }
  return type.kind === 'scalar' && type.scalar === 'Decimal' ? canonicalDecimal(value as string) : asWritten(value);
}
