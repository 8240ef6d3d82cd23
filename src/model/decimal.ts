/**
 * Decimals are kept as the text that the producer wrote and compare by value, exactly: 1.10 equals 1.1, 1e3 equals
 * 1000, -0 equals 0. The bounds keep a few bytes of input (`1e999999999`) from becoming gigabytes of digits.
 */
export interface DecimalParts {
  /** -1, 0 or 1. */
  readonly sign: number;
  /** The value is 0.d1d2d3… × 10^exponent; 0 where the value is zero. */
  readonly exponent: number;
  /** Significant digits without leading or trailing zeros; empty where the value is zero. */
  readonly digits: string;
}

/** Digits without leading and trailing zeros, so that 1e1000 may be written either way; also the greatest number of digits of a BigInt. */
export const maxDecimalDigits = 1_000;
/** Of the leading digit: 1e1000 and 1e-1000 are the outermost powers of ten. */
const maxDecimalExponent = 1_000;
const maxTextLength = 4_000;

const syntax = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** True for a decimal that Headgate keeps: JSON's number syntax (leading zeros allowed), within the bounds above. */
export function isDecimal(text: string): boolean {
  return checkDecimal(text) === 'ok';
}

/** Tells text that is no decimal from a decimal that is out of bounds. */
export function checkDecimal(text: string): 'ok' | 'syntax' | 'range' {
  // Most decimals are short and plain, and then in range whatever they say.
  if (text.length <= 15 && plain.test(text)) return 'ok';
  if (text.length > maxTextLength) return syntax.test(text) ? 'range' : 'syntax';
  return split(text) === undefined ? (syntax.test(text) ? 'range' : 'syntax') : 'ok';
}

const plain = /^-?\d+(?:\.\d+)?$/;

/** Throws for text that `isDecimal` refuses: such text is no value. */
export function decimalParts(text: string): DecimalParts {
  const parts = split(text);
  if (parts === undefined) throw new RangeError(`not a decimal within bounds: ${text.slice(0, 40)}`);
  return parts;
}

/** Order by value of two texts that `isDecimal` accepts. */
export function compareDecimals(a: string, b: string): number {
  if (a === b) return 0;
  const left = decimalParts(a);
  const right = decimalParts(b);
  if (left.sign !== right.sign) return left.sign < right.sign ? -1 : 1;
  if (left.exponent !== right.exponent) return left.exponent < right.exponent ? -left.sign : left.sign;
  if (left.digits === right.digits) return 0;
  return left.digits < right.digits ? -left.sign : left.sign;
}

/** The one text for every way to write a value: plain digits without exponent, needless zeros or a minus on zero. */
export function canonicalDecimal(text: string): string {
  const { sign, exponent, digits } = decimalParts(text);
  if (sign === 0) return '0';
  const minus = sign < 0 ? '-' : '';
  if (exponent <= 0) return `${minus}0.${'0'.repeat(-exponent)}${digits}`;
  if (exponent >= digits.length) return minus + digits.padEnd(exponent, '0');
  return `${minus}${digits.slice(0, exponent)}.${digits.slice(exponent)}`;
}

/** The integer that a decimal denotes; undefined where it has a fraction or more digits than a BigInt may have. */
export function decimalToBigInt(text: string): bigint | undefined {
  const { sign, exponent, digits } = decimalParts(text);
  if (sign === 0) return 0n;
  if (digits.length > exponent || exponent > maxDecimalDigits) return undefined;
  const magnitude = BigInt(digits.padEnd(exponent, '0'));
  return sign < 0 ? -magnitude : magnitude;
}

function split(text: string): DecimalParts | undefined {
  const match = text.length > maxTextLength ? null : syntax.exec(text);
  if (match === null) return undefined;
  const whole = match[2] ?? '';
  const mantissa = whole + (match[3] ?? '');
  let start = 0;
  while (mantissa.charCodeAt(start) === zero) start += 1;
  if (start === mantissa.length) return nought;
  let end = mantissa.length;
  while (mantissa.charCodeAt(end - 1) === zero) end -= 1;
  if (end - start > maxDecimalDigits) return undefined;
  const exponent = whole.length - start + Number(match[4] ?? 0);
  if (Math.abs(exponent - 1) > maxDecimalExponent) return undefined;
  return { sign: match[1] === '-' ? -1 : 1, exponent, digits: mantissa.slice(start, end) };
}

const zero = 48;
const nought: DecimalParts = { sign: 0, exponent: 0, digits: '' };
