import { maxDecimalDigits, decimalParts, isDecimal } from './decimal.ts';

/**
 * A number without error: `mantissa × 10^exponent`. Every BigInt, every Decimal and every finite double is one (a double is
 * `m × 2^-k`, which is `m × 5^k × 10^-k`). Made for expressions and aggregates; several pairs may denote one number.
 *
 * Sums, differences and products are exact, however many digits that takes. Operands come from values, which are bounded,
 * so that what one operation can make is bounded, too: who chains operations checks the bounds where a value is made again
 * (`exactToDecimal`, `exactToBigInt`).
 */
export interface Exact {
  readonly mantissa: bigint;
  /** An integer. */
  readonly exponent: number;
}

export const exactZero: Exact = { mantissa: 0n, exponent: 0 };

export function exactFromBigInt(value: bigint): Exact {
  return { mantissa: value, exponent: 0 };
}

/** Of text that `isDecimal` accepts; throws RangeError for other text. */
export function exactFromDecimal(text: string): Exact {
  const { sign, exponent, digits } = decimalParts(text);
  if (sign === 0) return exactZero;
  const magnitude = BigInt(digits);
  return { mantissa: sign < 0 ? -magnitude : magnitude, exponent: exponent - digits.length };
}

/** The very number that a finite double is: 0.1 has 55 digits. Throws RangeError for NaN and the infinities. */
export function exactFromDouble(value: number): Exact {
  if (Number.isSafeInteger(value)) return exactFromBigInt(BigInt(value));
  if (!Number.isFinite(value)) throw new RangeError(`${value} is no number`);
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const power = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xf_ffff_ffff_ffffn;
  const magnitude = power === 0 ? fraction : fraction | 0x10_0000_0000_0000n;
  const mantissa = bits >> 63n === 0n ? magnitude : -magnitude;
  const shift = Math.max(power, 1) - 1_075;
  if (shift >= 0) return exactFromBigInt(mantissa << BigInt(shift));
  return { mantissa: mantissa * 5n ** BigInt(-shift), exponent: shift };
}

const view = new DataView(new ArrayBuffer(8));

export function addExact(a: Exact, b: Exact): Exact {
  const exponent = Math.min(a.exponent, b.exponent);
  return { mantissa: mantissaAt(a, exponent) + mantissaAt(b, exponent), exponent };
}

export function subtractExact(a: Exact, b: Exact): Exact {
  return addExact(a, negateExact(b));
}

export function negateExact(a: Exact): Exact {
  return { mantissa: -a.mantissa, exponent: a.exponent };
}

export function multiplyExact(a: Exact, b: Exact): Exact {
  return { mantissa: a.mantissa * b.mantissa, exponent: a.exponent + b.exponent };
}

/** As many digits as IEEE 754's decimal128 has. */
export const quotientDigits = 34;

/** The quotient, rounded half to even to 34 significant digits where it has more. Throws RangeError where `b` is zero. */
export function divideExact(a: Exact, b: Exact): Exact {
  if (a.mantissa === 0n) {
    if (b.mantissa === 0n) throw new RangeError('division by zero');
    return exactZero;
  }
  // One digit more than is kept, so that what is cut off tells on which side of the half it lies.
  const shift = Math.max(0, quotientDigits + 1 + digitsOf(b.mantissa) - digitsOf(a.mantissa));
  const dividend = a.mantissa * powerOfTen(shift);
  const quotient = dividend / b.mantissa;
  const isWhole = quotient * b.mantissa === dividend;
  const exponent = a.exponent - b.exponent - shift;
  const surplus = digitsOf(quotient) - quotientDigits;
  if (surplus <= 0) return { mantissa: quotient, exponent };
  // A sticky digit below the quotient's last one stands for the remainder: enough to leave a tie.
  const negative = a.mantissa < 0n !== b.mantissa < 0n;
  const sticky = isWhole ? 0n : negative ? -1n : 1n;
  return cut(quotient * 10n + sticky, exponent - 1, surplus + 1, 'HALF_EVEN');
}

/** What is left of `a` after as many whole `b` as fit: it has the sign of `a`. Throws RangeError where `b` is zero. */
export function remainderExact(a: Exact, b: Exact): Exact {
  if (b.mantissa === 0n) throw new RangeError('division by zero');
  const exponent = Math.min(a.exponent, b.exponent);
  return { mantissa: mantissaAt(a, exponent) % mantissaAt(b, exponent), exponent };
}

/** HALF_UP: halves away from zero, as people round; HALF_EVEN: halves to the even neighbour; FLOOR and CEILING: down and up. */
export type Rounding = 'HALF_UP' | 'HALF_EVEN' | 'FLOOR' | 'CEILING';

/** With at most so many digits after the point; negative `places` round to tens, hundreds and so on. */
export function roundExact(a: Exact, places: number, rounding: Rounding): Exact {
  const surplus = -places - a.exponent;
  return surplus <= 0 ? a : cut(a.mantissa, a.exponent, surplus, rounding);
}

/** -1, 0 or 1. */
export function compareExact(a: Exact, b: Exact): number {
  const exponent = Math.min(a.exponent, b.exponent);
  const left = mantissaAt(a, exponent);
  const right = mantissaAt(b, exponent);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The canonical text of the number; undefined where no Decimal is so large, so small or so long. */
export function exactToDecimal({ mantissa, exponent }: Exact): string | undefined {
  if (mantissa === 0n) return '0';
  const minus = mantissa < 0n ? '-' : '';
  let digits = String(mantissa < 0n ? -mantissa : mantissa);
  let end = digits.length;
  while (digits.charCodeAt(end - 1) === zero) end -= 1;
  const point = digits.length + exponent;
  digits = digits.slice(0, end);
  if (digits.length > maxDecimalDigits || Math.abs(point) > maxDecimalDigits) return undefined;
  let text: string;
  if (point <= 0) text = `0.${'0'.repeat(-point)}${digits}`;
  else if (point >= digits.length) text = digits.padEnd(point, '0');
  else text = `${digits.slice(0, point)}.${digits.slice(point)}`;
  return isDecimal(text) ? minus + text : undefined;
}

/** The same integer; undefined where it has a fraction, or more digits than a BigInt may have. */
export function exactToBigInt({ mantissa, exponent }: Exact): bigint | undefined {
  if (mantissa === 0n) return 0n;
  if (exponent > maxDecimalDigits) return undefined;
  const unit = powerOfTen(Math.abs(exponent));
  const value = exponent >= 0 ? mantissa * unit : mantissa / unit;
  if (exponent < 0 && value * unit !== mantissa) return undefined;
  return isBigIntInBounds(value) ? value : undefined;
}

/** Whether a value of type BigInt may be so large: it has at most 1,000 digits. */
export function isBigIntInBounds(value: bigint): boolean {
  return value > -bigIntLimit && value < bigIntLimit;
}

const bigIntLimit = 10n ** BigInt(maxDecimalDigits);

/** The nearest double, halves to even; infinite beyond the largest. Never -0. */
export function exactToDouble({ mantissa, exponent }: Exact): number {
  if (mantissa === 0n) return 0;
  // The engine rounds a numeral correctly, however many digits it has.
  return Number(exponent === 0 ? mantissa : `${mantissa}e${exponent}`) + 0;
}

/** The mantissa that the number has with this exponent, which is not above its own. */
function mantissaAt(a: Exact, exponent: number): bigint {
  return a.exponent === exponent ? a.mantissa : a.mantissa * powerOfTen(a.exponent - exponent);
}

/** Without the last `count` digits of the mantissa. */
function cut(mantissa: bigint, exponent: number, count: number, rounding: Rounding): Exact {
  const unit = powerOfTen(count);
  const whole = mantissa / unit;
  const rest = mantissa - whole * unit;
  return { mantissa: whole + stepOf(whole, rest, unit, rounding), exponent: exponent + count };
}

/** How far to go from the number cut off towards zero: -1, 0 or 1. */
function stepOf(whole: bigint, rest: bigint, unit: bigint, rounding: Rounding): bigint {
  if (rest === 0n) return 0n;
  const away = rest < 0n ? -1n : 1n;
  if (rounding === 'FLOOR') return rest < 0n ? -1n : 0n;
  if (rounding === 'CEILING') return rest < 0n ? 0n : 1n;
  const doubled = (rest < 0n ? -rest : rest) * 2n;
  if (doubled !== unit) return doubled > unit ? away : 0n;
  return rounding === 'HALF_UP' || whole % 2n !== 0n ? away : 0n;
}

function digitsOf(value: bigint): number {
  return String(value < 0n ? -value : value).length;
}

function powerOfTen(exponent: number): bigint {
  return exponent < smallPowers.length ? (smallPowers[exponent] as bigint) : 10n ** BigInt(exponent);
}

const smallPowers: readonly bigint[] = Array.from({ length: 40 }, (_, i) => 10n ** BigInt(i));
const zero = 48;
