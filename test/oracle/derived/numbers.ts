/** Exact numbers: fractions of whole numbers, with a denominator above zero. */
export interface Fraction {
  readonly num: bigint;
  readonly den: bigint;
}

export const zero: Fraction = { num: 0n, den: 1n };

function fraction(num: bigint, den: bigint): Fraction {
  if (den === 0n) throw new Error('a denominator of zero');
  return den < 0n ? { num: -num, den: -den } : { num, den };
}

export const plus = (a: Fraction, b: Fraction): Fraction => fraction(a.num * b.den + b.num * a.den, a.den * b.den);
export const minus = (a: Fraction, b: Fraction): Fraction => fraction(a.num * b.den - b.num * a.den, a.den * b.den);
export const times = (a: Fraction, b: Fraction): Fraction => fraction(a.num * b.num, a.den * b.den);
export const over = (a: Fraction, b: Fraction): Fraction => fraction(a.num * b.den, a.den * b.num);
export const whole = (n: bigint | number): Fraction => ({ num: BigInt(n), den: 1n });
export const sum = (list: readonly Fraction[]): Fraction => list.reduce(plus, zero);

/** What the text of a decimal says. */
export function fromDecimal(text: string): Fraction {
  const match = /^(-?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (match === null) throw new Error(`not a decimal: ${text}`);
  const [, sign, integer = '', decimals = '', exponent = '0'] = match;
  const digits = BigInt(`${sign}${integer}${decimals}`);
  const scale = Number(exponent) - decimals.length;
  return scale >= 0 ? whole(digits * 10n ** BigInt(scale)) : fraction(digits, 10n ** BigInt(-scale));
}

/** What a double is, digit for digit. */
export function fromDouble(value: number): Fraction {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  const high = bits.getUint32(0);
  const exponent = (high >>> 20) & 0x7ff;
  const tail = (BigInt(high & 0xfffff) << 32n) | BigInt(bits.getUint32(4));
  const mantissa = exponent === 0 ? tail : tail | (1n << 52n);
  const power = (exponent === 0 ? 1 : exponent) - 1075;
  const signed = value < 0 ? -mantissa : mantissa;
  return power >= 0 ? whole(signed << BigInt(power)) : fraction(signed, 1n << BigInt(-power));
}

/** The nearest double, the even one of two that are as near; infinite beyond the largest. */
export function toDouble({ num, den }: Fraction): number {
  if (num === 0n) return 0;
  const magnitude = num < 0n ? -num : num;
  // So many binary places that the quotient has 66 bits, but none beyond the last that a double can have.
  const places = Math.min(1074, 66 + bitsOf(den) - bitsOf(magnitude));
  const scaled = places >= 0 ? magnitude << BigInt(places) : magnitude;
  const divisor = places >= 0 ? den : den << BigInt(-places);
  const quotient = scaled / divisor;
  const rest = scaled % divisor;
  const isWhole = places === 1074 && bitsOf(quotient) <= 53;
  // Where bits of the quotient will be rounded away, one more behind them stands for all that was left over.
  const rounded = isWhole ? nearest(quotient, rest, divisor) : (quotient << 1n) | (rest === 0n ? 0n : 1n);
  const shift = isWhole ? places : places + 1;
  const half = Math.trunc(shift / 2);
  const result = Number(rounded) * 2 ** -half * 2 ** -(shift - half);
  return num < 0n ? -result : result;
}

const bitsOf = (n: bigint): number => n.toString(2).length;

function nearest(quotient: bigint, rest: bigint, divisor: bigint): bigint {
  const up = 2n * rest > divisor || (2n * rest === divisor && quotient % 2n === 1n);
  return up ? quotient + 1n : quotient;
}

/** The nearest double to the square root. */
export function rootToDouble({ num, den }: Fraction): number {
  if (num === 0n) return 0;
  // √(num/den) = √(num·den·4^k) / (den·2^k): 2^k makes room for far more bits than a double has.
  const k = 400n;
  const radicand = num * den * (1n << (2n * k));
  const root = squareRoot(radicand);
  const exact = root * root === radicand;
  return toDouble({ num: exact ? root * 2n : root * 2n + 1n, den: den * (1n << k) * 2n });
}

function squareRoot(n: bigint): bigint {
  let guess = 1n << BigInt(Math.ceil(n.toString(2).length / 2));
  for (;;) {
    const next = (guess + n / guess) >> 1n;
    if (next >= guess) return guess;
    guess = next;
  }
}

/** Rounded to so many significant digits, halves to the even neighbour. */
export function toDigits(value: Fraction, digits: number): Fraction {
  if (value.num === 0n) return zero;
  const magnitude = value.num < 0n ? -value.num : value.num;
  let power = 0;
  const ten = 10n ** BigInt(digits);
  const scaledBy = (n: number): Fraction =>
    n >= 0 ? fraction(magnitude * 10n ** BigInt(n), value.den) : fraction(magnitude, value.den * 10n ** BigInt(-n));
  while (scaledBy(power).num >= ten * scaledBy(power).den) power -= 1;
  while (scaledBy(power).num * 10n < ten * scaledBy(power).den) power += 1;
  const { num, den } = scaledBy(power);
  const rounded = nearest(num / den, num % den, den);
  const result = power >= 0 ? fraction(rounded, 10n ** BigInt(power)) : whole(rounded * 10n ** BigInt(-power));
  return value.num < 0n ? fraction(-result.num, result.den) : result;
}

/** Plain digits without exponent and needless zeros; undefined where they never end. */
export function toDecimal({ num, den }: Fraction): string | undefined {
  const magnitude = num < 0n ? -num : num;
  let digits = String(magnitude / den);
  let rest = magnitude % den;
  if (rest !== 0n) digits += '.';
  for (let n = 0; rest !== 0n; n += 1) {
    if (n > 2000) return undefined;
    rest *= 10n;
    digits += String(rest / den);
    rest %= den;
  }
  return num < 0n ? `-${digits}` : digits;
}
