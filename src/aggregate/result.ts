import type { Aggregate } from '../catalog/derivation.ts';
import { assert } from '../common/errors.ts';
import { exactToDecimal, isBigIntInBounds } from '../model/exact.ts';
import { ExpressionError } from '../model/expression.ts';
import type { ColumnType, ScalarName, Value } from '../model/value.ts';
import { baseOf, scaledOf } from './exact-sum.ts';
import type { ExactSum, Quotient } from './exact-sum.ts';
import { nearestDouble, nearestDoubleRoot, roundedDecimal, roundedDecimalRoot } from './rounding.ts';
import type { Decimal } from './rounding.ts';

/**
 * Numbers as values of the column that they go into: whole in an Int or a BigInt, the nearest double in a Float, in a Decimal all
 * digits of a sum and 34 of a quotient. Throws ExpressionError where the column's type has no such value.
 */

export function wholeResult(aggregate: Aggregate, value: bigint): Value {
  return quotientResult(aggregate, { numerator: value, denominator: 1n });
}

export function sumResult(aggregate: Aggregate, sum: ExactSum, argType: ColumnType): Value {
  if (scalarOf(aggregate.column.type) !== 'Decimal' || baseOf(argType) !== 10) {
    return quotientResult(aggregate, sum.quotient);
  }
  const { mantissa, scale } = sum.scaled;
  return decimalResult(aggregate, { mantissa, exponent: -scale });
}

export function quotientResult(aggregate: Aggregate, quotient: Quotient): Value {
  const scalar = scalarOf(aggregate.column.type);
  switch (scalar) {
    case 'Int': {
      const value = wholeOf(aggregate, quotient);
      if (BigInt.asIntN(32, value) !== value) throw outside(aggregate, 'Int');
      return Number(value);
    }
    case 'BigInt': {
      const value = wholeOf(aggregate, quotient);
      if (!isBigIntInBounds(value)) throw outside(aggregate, 'BigInt');
      return value;
    }
    case 'Float':
      return doubleResult(aggregate, nearestDouble(quotient));
    case 'Decimal':
      return decimalResult(aggregate, roundedDecimal(quotient));
    default:
      return wrongColumn(aggregate);
  }
}

/** The square root of a quotient that is not negative. */
export function rootResult(aggregate: Aggregate, quotient: Quotient): Value {
  const scalar = scalarOf(aggregate.column.type);
  if (scalar === 'Float') return doubleResult(aggregate, nearestDoubleRoot(quotient));
  if (scalar === 'Decimal') return decimalResult(aggregate, roundedDecimalRoot(quotient));
  return wrongColumn(aggregate);
}

/** One of the argument's own values in a column, or a list, of type `to`: numbers may go into a wider type. */
export function valueResult(aggregate: Aggregate, value: Value, from: ColumnType, to: ColumnType): Value {
  const scalar = scalarOf(from);
  if (scalar === undefined || scalar === scalarOf(to) || !numeric.has(scalar)) return value;
  const { mantissa, scale } = scaledOf(from, value);
  const base = BigInt(baseOf(from));
  const quotient =
    scale > 0
      ? { numerator: mantissa, denominator: base ** BigInt(scale) }
      : { numerator: mantissa * base ** BigInt(-scale), denominator: 1n };
  return quotientResult({ ...aggregate, column: { ...aggregate.column, type: to } }, quotient);
}

const numeric: ReadonlySet<ScalarName> = new Set(['Int', 'Float', 'BigInt', 'Decimal']);

function scalarOf(type: ColumnType): ScalarName | undefined {
  return type.kind === 'scalar' ? type.scalar : undefined;
}

function wholeOf({ column, fn }: Aggregate, { numerator, denominator }: Quotient): bigint {
  const value = numerator / denominator;
  if (value * denominator === numerator) return value;
  throw new ExpressionError(
    `${fn} in column ${column.name} is no whole number: declare the column as Float or Decimal`,
  );
}

function doubleResult(aggregate: Aggregate, value: number): number {
  if (!Number.isFinite(value)) throw outside(aggregate, 'Float');
  return value;
}

function decimalResult(aggregate: Aggregate, decimal: Decimal): string {
  const text = exactToDecimal(decimal);
  if (text === undefined) throw outside(aggregate, 'Decimal');
  return text;
}

function outside(aggregate: Aggregate, type: ScalarName): ExpressionError {
  const { column, fn } = aggregate;
  const wider = widerThan(aggregate, type);
  return new ExpressionError(
    `${fn} in column ${column.name} is outside what ${type} can hold: ` +
      (wider === undefined ? '' : `declare the column as ${wider}, or `) +
      'keep the values that make it so large out of the aggregation by where',
  );
}

/** Of those that the function's column may have, what holds more. */
function widerThan({ fn, arg }: Aggregate, type: ScalarName): ScalarName | undefined {
  if (type === 'Int') return 'BigInt';
  const isOfFloats = arg !== undefined && scalarOf(arg.type) === 'Float';
  return type === 'Float' && fn === 'AVG' && !isOfFloats ? 'Decimal' : undefined;
}

function wrongColumn({ column, fn }: Aggregate): never {
  assert(false, `column ${column.name} cannot hold what ${fn} gives`);
}
