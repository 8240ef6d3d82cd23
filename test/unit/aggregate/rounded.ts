import { expect } from 'vitest';
import { canonicalDecimal } from '../../../src/model/decimal.ts';
import type { ScalarName, Value } from '../../../src/model/value.ts';
import { compareRationals, plus, rationalOf, timesRational } from './naive-aggregates.ts';
import type { Naive, Rational } from './naive-aggregates.ts';
import { scalar } from '../../support/make-table.ts';

/** Whether results are the nearest values of their types: told by their neighbours, without any rounding. */

const half = { over: 1n, under: 2n };
const float = scalar('Float');
const greatest = rationalOf(float, Number.MAX_VALUE);
/** From here on up a number rounds to infinity. */
const tooGreat = plus(greatest, { over: 2n ** 970n, under: 1n });

export function negated({ over, under }: Rational): Rational {
  return { over: -over, under };
}

function magnitude(number: Rational): Rational {
  return number.over < 0n ? negated(number) : number;
}

/** Compares a result with what lies between it and its neighbour: the number itself, or, of a root, the square. */
function compareTo(expected: Exclude<Naive, { kind: 'value' }>, found: Rational): number {
  if (expected.kind === 'number') return compareRationals(magnitude(expected.number), found);
  return compareRationals(expected.square, timesRational(found, found));
}

const powerOfTen = (exponent: number): Rational => rationalOf(scalar('Decimal'), `1e${exponent}`);

/** Whether there is no value of the type for it. */
export function overflows(expected: Naive, to: ScalarName): boolean {
  if (expected.kind === 'value') return false;
  if (to === 'Float') return compareTo(expected, tooGreat) >= 0;
  if (to === 'Decimal') {
    if (compareTo(expected, { over: 0n, under: 1n }) === 0) return false;
    if (compareTo(expected, powerOfTen(-1_000)) < 0) return true;
    const exact = expected.kind === 'number' && expected.exact;
    const limit = exact ? powerOfTen(1_000) : { over: 10n ** 1_000n - 5n * 10n ** 965n, under: 1n };
    if (compareTo(expected, limit) >= 0) return true;
    return exact && digitsOf(expected.number) > 1_000;
  }
  if (expected.kind === 'root') return false;
  const { over, under } = magnitude(expected.number);
  if (over % under !== 0n) return true;
  return to === 'Int'
    ? BigInt.asIntN(32, expected.number.over / under) !== expected.number.over / under
    : over / under >= 10n ** 1_000n;
}

/** Significant digits of a finite decimal. */
function digitsOf(number: Rational): number {
  let { over, under } = magnitude(number);
  while (under > 1n) {
    expect(under % 10n).toBe(0n);
    under /= 10n;
    if (over % 10n === 0n) over /= 10n;
    else if (under > 1n) continue;
  }
  return String(over).replace(/0+$/, '').length;
}

export function expectRounded(found: Value, expected: Naive, to: ScalarName): void {
  if (expected.kind === 'value') {
    expect(found).toEqual(expected.value);
    return;
  }
  const exact = expected.kind === 'number' ? expected.number : expected.square;
  if (to === 'Int' || to === 'BigInt') {
    expect(exact.over % exact.under).toBe(0n);
    const whole = exact.over / exact.under;
    expect(found).toBe(to === 'Int' ? Number(whole) : whole);
  } else if (to === 'Float') {
    expect(Object.is(found, -0)).toBe(false);
    expect(Math.sign(found as number) === -1 ? exact.over < 0n : exact.over >= 0n || found === 0).toBe(true);
    expectNearestDouble(Math.abs(found as number), expected);
  } else {
    expect(found).toBe(canonicalDecimal(found as string));
    if (exact.over !== 0n) expect((found as string).startsWith('-')).toBe(exact.over < 0n);
    const text = (found as string).replace('-', '');
    if (expected.kind === 'number' && expected.exact)
      expect(compareTo(expected, rationalOf(scalar('Decimal'), text))).toBe(0);
    else expectNearestDecimal(text, expected);
  }
}

function expectNearestDouble(found: number, expected: Exclude<Naive, { kind: 'value' }>): void {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, found);
  const bits = view.getBigUint64(0);
  const at = (place: bigint): Rational => {
    view.setBigUint64(0, place);
    const value = view.getFloat64(0);
    return Number.isFinite(value) ? rationalOf(float, value) : { over: 2n ** 1024n, under: 1n };
  };
  expectBetween(expected, bits === 0n ? undefined : at(bits - 1n), at(bits), at(bits + 1n), bits % 2n === 0n);
}

function expectNearestDecimal(text: string, expected: Exclude<Naive, { kind: 'value' }>): void {
  const decimal = scalar('Decimal');
  const value = rationalOf(decimal, text);
  if (value.over === 0n) {
    expect(compareTo(expected, value)).toBe(0);
    return;
  }
  const [whole = '', fraction = ''] = text.split('.');
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  // The power of ten of the 34th digit.
  const last = digits.length - fraction.length - 34;
  const unit = rationalOf(decimal, `1e${last}`);
  const units = timesRational(value, { over: unit.under, under: unit.over });
  expect(units.over % units.under).toBe(0n);
  // Below a power of ten the neighbours are ten times as near.
  const below = /^10*$/.test(digits) ? timesRational(unit, { over: 1n, under: 10n }) : unit;
  expectBetween(
    expected,
    plus(value, negated(below)),
    value,
    plus(value, unit),
    (units.over / units.under) % 2n === 0n,
  );
}

/** Halfway to a neighbour is for the even one. */
function expectBetween(
  expected: Exclude<Naive, { kind: 'value' }>,
  below: Rational | undefined,
  found: Rational,
  above: Rational,
  even: boolean,
): void {
  const toAbove = compareTo(expected, timesRational(plus(found, above), half));
  expect(even ? toAbove <= 0 : toAbove < 0).toBe(true);
  if (below === undefined) return;
  const toBelow = compareTo(expected, timesRational(plus(found, below), half));
  expect(even ? toBelow >= 0 : toBelow > 0).toBe(true);
}
