import { toExact } from '../model/arithmetic.ts';
import type { NumberType } from '../model/arithmetic.ts';
import { exactToBigInt, exactToDecimal, exactToDouble, negateExact, roundExact } from '../model/exact.ts';
import type { Exact, Rounding } from '../model/exact.ts';
import { ExpressionError } from '../model/expression.ts';
import type { Value } from '../model/value.ts';
import { ExpressionMistake } from './expression-mistake.ts';
import type { Place } from './expression-parse.ts';
import { numberTypeOf, scalarType, strictTerm, wrongType } from './expression-term.ts';
import type { Term } from './expression-term.ts';

export function absTerm(place: Place, x: Term): Term {
  const [number, type] = widened(place, x);
  const [read, make] = [toExact(number), fromExact(type, place)];
  return strictTerm(place, scalarType(type), [x], (value) => {
    const exact = read(value);
    return make(exact.mantissa < 0n ? negateExact(exact) : exact);
  });
}

/** How many digits after the point may be asked for; as many before it. */
const maxDigits = 1_000;

/**
 * Without digits: the integer, a BigInt. With digits: a number of the operand's type. Floats are rounded as the exact numbers that
 * they are, and the result is the Float nearest to that.
 */
export function roundTerm(place: Place, rounding: Rounding, x: Term, digits?: Term): Term {
  const [number, widest] = widened(place, x);
  const type = digits === undefined ? 'BigInt' : widest;
  const places = digits === undefined ? 0 : digitsOf(place, digits);
  const [read, make] = [toExact(number), fromExact(type, place)];
  return strictTerm(place, scalarType(type), [x], (value) => make(roundExact(read(value), places, rounding)));
}

function digitsOf(place: Place, { literal, place: { start } }: Term): number {
  if (typeof literal === 'bigint' && literal >= -maxDigits && literal <= maxDigits) return Number(literal);
  throw new ExpressionMistake(
    `${place.text}: write the number of digits as a whole number between -${maxDigits} and ${maxDigits}`,
    start,
  );
}

/** The operand's type, and that of a result: integers are BigInt. */
function widened(place: Place, x: Term): readonly [NumberType, Exclude<NumberType, 'Int'>] {
  const number = numberTypeOf(x.type);
  if (number === undefined) throw wrongType(place, x, 'a number is needed here');
  return [number, number === 'Int' ? 'BigInt' : number];
}

function fromExact(type: Exclude<NumberType, 'Int'>, place: Place): (exact: Exact) => Value {
  const range = `${place.text}: the result is beyond the range of ${type}`;
  const make = { BigInt: exactToBigInt, Decimal: exactToDecimal, Float: finite }[type];
  return (exact) => {
    const value = make(exact);
    if (value === undefined) throw new ExpressionError(range);
    return value;
  };
}

function finite(exact: Exact): number | undefined {
  const double = exactToDouble(exact);
  return Number.isFinite(double) ? double : undefined;
}
