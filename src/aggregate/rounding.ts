import type { Quotient } from './exact-sum.ts';

/**
 * From exact quotients to results, rounded once, to the nearest and halves to even. That goes for roots, too: they are computed to
 * more bits or digits than are kept, with a note whether anything is left beyond, so that they are correctly rounded.
 */

/** What a Decimal keeps of a quotient or a root: as many digits as IEEE 754's decimal128 has. */
const decimalDigits = 34;
/** One more than a double's significand, and some. */
const quotientBits = 64;

/** The nearest double; infinite beyond the greatest. Never -0. */
export function nearestDouble({ numerator, denominator }: Quotient): number {
  const magnitude = numerator < 0n ? -numerator : numerator;
  if (magnitude === 0n) return 0;
  const power = bitsOf(magnitude) - bitsOf(denominator) - quotientBits;
  const { whole, rest } = divideBy(magnitude, denominator, 2n, power);
  const rounded = roundToDouble(whole, power, rest);
  return numerator < 0n ? -rounded + 0 : rounded;
}

/** The double nearest to the square root of a quotient that is not negative. */
export function nearestDoubleRoot({ numerator, denominator }: Quotient): number {
  if (numerator === 0n) return 0;
  const power = Math.floor((bitsOf(numerator) - bitsOf(denominator)) / 2) - quotientBits;
  const { whole, rest } = divideBy(numerator, denominator, 2n, power * 2);
  const root = integerRoot(whole);
  return roundToDouble(root, power, rest || root * root !== whole);
}

export interface Decimal {
  readonly mantissa: bigint;
  readonly exponent: number;
}

/** The quotient to 34 significant digits. */
export function roundedDecimal({ numerator, denominator }: Quotient): Decimal {
  const magnitude = numerator < 0n ? -numerator : numerator;
  if (magnitude === 0n) return { mantissa: 0n, exponent: 0 };
  const power = digitsOf(magnitude) - digitsOf(denominator) - decimalDigits - 1;
  const { whole, rest } = divideBy(magnitude, denominator, 10n, power);
  const { mantissa, exponent } = roundToDigits(whole, power, rest);
  return { mantissa: numerator < 0n ? -mantissa : mantissa, exponent };
}

/** The square root of a quotient that is not negative, to 34 significant digits. */
export function roundedDecimalRoot({ numerator, denominator }: Quotient): Decimal {
  if (numerator === 0n) return { mantissa: 0n, exponent: 0 };
  const power = Math.floor((digitsOf(numerator) - digitsOf(denominator)) / 2) - decimalDigits - 2;
  const { whole, rest } = divideBy(numerator, denominator, 10n, power * 2);
  const root = integerRoot(whole);
  return roundToDigits(root, power, rest || root * root !== whole);
}

/** a / b / base^power, as its whole part and whether there is any other. */
function divideBy(
  a: bigint,
  b: bigint,
  base: bigint,
  power: number,
): { readonly whole: bigint; readonly rest: boolean } {
  const dividend = power < 0 ? a * base ** BigInt(-power) : a;
  const divisor = power > 0 ? b * base ** BigInt(power) : b;
  const whole = dividend / divisor;
  return { whole, rest: whole * divisor !== dividend };
}

const significandBits = 53;
/** The power of two that the least double above zero is. */
const leastPower = -1_074;
const infinityBits = 0x7ff0_0000_0000_0000n;
const view = new DataView(new ArrayBuffer(8));

/** (whole, and a little more where there is a rest) × 2^power. Whole has at least two bits more than are kept. */
function roundToDouble(whole: bigint, power: number, rest: boolean): number {
  const lowest = Math.max(power + bitsOf(whole) - significandBits, leastPower);
  const kept = dropUnits(whole, 1n << BigInt(lowest - power), rest);
  // Where rounding fills the significand up, its carry raises the exponent; below 2^-1022 there is no hidden bit to take away.
  const bits = (BigInt(lowest - leastPower) << 52n) + kept;
  if (bits >= infinityBits) return Infinity;
  view.setBigUint64(0, bits);
  return view.getFloat64(0);
}

function roundToDigits(whole: bigint, power: number, rest: boolean): Decimal {
  const surplus = digitsOf(whole) - decimalDigits;
  return { mantissa: dropUnits(whole, 10n ** BigInt(surplus), rest), exponent: power + surplus };
}

/** whole / unit, to the nearest; a unit is even, so that a half of it is whole. */
function dropUnits(whole: bigint, unit: bigint, rest: boolean): bigint {
  const kept = whole / unit;
  const dropped = whole - kept * unit;
  const half = unit / 2n;
  const up = dropped > half || (dropped === half && (rest || kept % 2n === 1n));
  return up ? kept + 1n : kept;
}

/** The greatest integer whose square is not greater. */
function integerRoot(value: bigint): bigint {
  if (value < 2n) return value;
  // Newton's steps from above come down to the root, and rise when they are there.
  let root = 1n << BigInt(Math.ceil(bitsOf(value) / 2));
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

function bitsOf(value: bigint): number {
  const hex = value.toString(16);
  return hex.length * 4 - (Math.clz32(Number.parseInt(hex.charAt(0), 16)) - 28);
}

function digitsOf(value: bigint): number {
  return String(value).length;
}
