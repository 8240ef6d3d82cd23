import { unreachable } from '../common/errors.ts';
import { compareDecimals } from './decimal.ts';
import {
  addExact,
  compareExact,
  divideExact,
  exactFromBigInt,
  exactFromDecimal,
  exactFromDouble,
  exactToDecimal,
  isBigIntInBounds,
  multiplyExact,
  remainderExact,
  subtractExact,
} from './exact.ts';
import type { Exact } from './exact.ts';
import { ExpressionError } from './expression.ts';
import type { ScalarName, Value } from './value.ts';

/** Scalars that one can calculate with. */
export type NumberType = Extract<ScalarName, 'Int' | 'BigInt' | 'Decimal' | 'Float'>;

/** What an operation on two numbers gives: Float where one is, else Decimal where one is, else BigInt. */
export function commonNumberType(a: NumberType, b: NumberType): Exclude<NumberType, 'Int'> {
  if (a === 'Float' || b === 'Float') return 'Float';
  return a === 'Decimal' || b === 'Decimal' ? 'Decimal' : 'BigInt';
}

export type Arithmetic = '+' | '-' | '*' | '/' | '%';

/** Of `/`: a quotient of integers is a Decimal. */
export function arithmeticType(operator: Arithmetic, a: NumberType, b: NumberType): Exclude<NumberType, 'Int'> {
  const common = commonNumberType(a, b);
  return operator === '/' && common === 'BigInt' ? 'Decimal' : common;
}

/**
 * The operation on two values of the types given; the result has the type that `arithmeticType` says. BigInt and Decimal are
 * exact, quotients to 34 digits; Decimals come out canonical. Float is that of IEEE 754, on the nearest doubles of the operands.
 * Throws ExpressionError for a zero divisor, and for a result that is beyond its type's bounds; `place` begins the message.
 */
export function compileArithmetic(
  operator: Arithmetic,
  a: NumberType,
  b: NumberType,
  place: string,
): (left: Value, right: Value) => Value {
  const type = arithmeticType(operator, a, b);
  const range = `${place}: the result is beyond the range of ${type}`;
  const byZero = `${place}: division by zero`;
  const divides = operator === '/' || operator === '%';
  switch (type) {
    case 'BigInt': {
      const [toLeft, toRight] = [toBigInt(a), toBigInt(b)];
      const calculate = bigIntOperations[operator as Exclude<Arithmetic, '/'>];
      return (left, right) => {
        const second = toRight(right);
        if (divides && second === 0n) throw new ExpressionError(byZero);
        const result = calculate(toLeft(left), second);
        if (!isBigIntInBounds(result)) throw new ExpressionError(range);
        return result;
      };
    }
    case 'Float': {
      const [toLeft, toRight] = [toDouble(a, place), toDouble(b, place)];
      const calculate = floatOperations[operator];
      return (left, right) => {
        const second = toRight(right);
        if (divides && second === 0) throw new ExpressionError(byZero);
        const result = calculate(toLeft(left), second);
        if (!Number.isFinite(result)) throw new ExpressionError(range);
        return result + 0;
      };
    }
    case 'Decimal': {
      const [toLeft, toRight] = [toExact(a), toExact(b)];
      const calculate = exactOperations[operator];
      return (left, right) => {
        const second = toRight(right);
        if (divides && second.mantissa === 0n) throw new ExpressionError(byZero);
        const result = exactToDecimal(calculate(toLeft(left), second));
        if (result === undefined) throw new ExpressionError(range);
        return result;
      };
    }
    default:
      return unreachable(type);
  }
}

/** Order by value of two numbers of the types given, exactly, whatever the types. Negative, zero or positive. */
export function compileNumberOrder(a: NumberType, b: NumberType): (left: Value, right: Value) => number {
  if (a === 'Decimal' && b === 'Decimal') return (left, right) => compareDecimals(left as string, right as string);
  if (a === 'Decimal' || b === 'Decimal') {
    const [toLeft, toRight] = [toExact(a), toExact(b)];
    return (left, right) => compareExact(toLeft(left), toRight(right));
  }
  // The language compares a bigint with a number by their exact values.
  return (left, right) =>
    (left as number | bigint) < (right as number | bigint) ? -1 : (left as number) > (right as number | bigint) ? 1 : 0;
}

/** A number of one type as another type's value, exact but for Float: that is the nearest. Throws ExpressionError where it has none. */
export function compileNumberConversion(from: NumberType, to: NumberType, place: string): (value: Value) => Value {
  if (from === to) return (value) => value;
  switch (to) {
    case 'Int': {
      const range = `${place} is not within the 32 bits of Int`;
      const convert = toBigInt(from);
      return (value) => {
        const int = convert(value);
        if (int < -0x8000_0000n || int > 0x7fff_ffffn) throw new ExpressionError(range);
        return Number(int);
      };
    }
    case 'BigInt':
      return toBigInt(from);
    case 'Decimal':
      return String;
    case 'Float':
      return toDouble(from, place);
    default:
      return unreachable(to);
  }
}

/** The number that a value is. */
export function toExact(type: NumberType): (value: Value) => Exact {
  switch (type) {
    case 'Int':
    case 'Float':
      return (value) => exactFromDouble(value as number);
    case 'BigInt':
      return (value) => exactFromBigInt(value as bigint);
    case 'Decimal':
      return (value) => exactFromDecimal(value as string);
    default:
      return unreachable(type);
  }
}

/** Of Int and BigInt alone; the types were checked. */
function toBigInt(type: NumberType): (value: Value) => bigint {
  return type === 'Int' ? (value) => BigInt(value as number) : (value) => value as bigint;
}

function toDouble(type: NumberType, place: string): (value: Value) => number {
  if (type === 'Int' || type === 'Float') return (value) => value as number;
  return (value) => {
    const double = Number(value);
    if (!Number.isFinite(double)) throw new ExpressionError(`${place}: a number is beyond the range of Float`);
    return double + 0;
  };
}

const bigIntOperations = {
  '+': (a: bigint, b: bigint) => a + b,
  '-': (a: bigint, b: bigint) => a - b,
  '*': (a: bigint, b: bigint) => a * b,
  '%': (a: bigint, b: bigint) => a % b,
} as const;

const floatOperations = {
  '+': (a: number, b: number) => a + b,
  '-': (a: number, b: number) => a - b,
  '*': (a: number, b: number) => a * b,
  '/': (a: number, b: number) => a / b,
  '%': (a: number, b: number) => a % b,
} as const;

const exactOperations = {
  '+': addExact,
  '-': subtractExact,
  '*': multiplyExact,
  '/': divideExact,
  '%': remainderExact,
} as const;
