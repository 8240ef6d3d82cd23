import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalDecimal } from '../../../src/model/decimal.ts';
import {
  addExact,
  compareExact,
  divideExact,
  exactFromBigInt,
  exactFromDecimal,
  exactFromDouble,
  exactToBigInt,
  exactToDecimal,
  exactToDouble,
  multiplyExact,
  remainderExact,
  roundExact,
  subtractExact,
} from '../../../src/model/exact.ts';
import type { Exact, Rounding } from '../../../src/model/exact.ts';
import { decimals } from '../../support/arbitrary-values.ts';

/** The number as a fraction, by the definition of the words alone. */
interface Ratio {
  readonly over: bigint;
  readonly under: bigint;
}

function ratio({ mantissa, exponent }: Exact): Ratio {
  return exponent >= 0
    ? { over: mantissa * 10n ** BigInt(exponent), under: 1n }
    : { over: mantissa, under: 10n ** BigInt(-exponent) };
}

function same(a: Ratio, b: Ratio): boolean {
  return a.over * b.under === b.over * a.under;
}

const numbers = fc.oneof(
  decimals.map(exactFromDecimal),
  fc.bigInt().map(exactFromBigInt),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(exactFromDouble),
);
const nonZero = numbers.filter(({ mantissa }) => mantissa !== 0n);

describe('exact numbers', () => {
  test('sums, differences and products are those of fractions', () => {
    fc.assert(
      fc.property(numbers, numbers, (a, b) => {
        const left = ratio(a);
        const right = ratio(b);
        const under = left.under * right.under;
        const sum = { over: left.over * right.under + right.over * left.under, under };
        const difference = { over: left.over * right.under - right.over * left.under, under };
        return (
          same(ratio(addExact(a, b)), sum) &&
          same(ratio(subtractExact(a, b)), difference) &&
          same(ratio(multiplyExact(a, b)), { over: left.over * right.over, under }) &&
          compareExact(a, b) === (difference.over < 0n ? -1 : difference.over > 0n ? 1 : 0)
        );
      }),
    );
  });

  test('a quotient is off by at most half a unit of its 34th digit, and exact where 34 digits suffice', () => {
    fc.assert(
      fc.property(nonZero, nonZero, (a, b) => {
        const quotient = divideExact(a, b);
        const digits = String(quotient.mantissa).replace(/^-|0+$/g, '').length;
        expect(digits).toBeLessThanOrEqual(34);
        const error = subtractExact(multiplyExact(quotient, b), a);
        if (error.mantissa === 0n) return;
        const length = String(quotient.mantissa < 0n ? -quotient.mantissa : quotient.mantissa).length;
        const halfUnit = { mantissa: 5n, exponent: quotient.exponent + length - 34 - 1 };
        expect(compareExact(magnitude(error), magnitude(multiplyExact(halfUnit, b)))).toBeLessThanOrEqual(0);
      }),
    );
  });

  test.each([
    ['1', '3', '0.3333333333333333333333333333333333'],
    ['2', '3', '0.6666666666666666666666666666666667'],
    ['-2', '3', '-0.6666666666666666666666666666666667'],
    ['1', '8', '0.125'],
    ['10', '2', '5'],
    ['0', '7', '0'],
    // Exactly between two neighbours: the even one.
    ['10000000000000000000000000000000005', '10', '1000000000000000000000000000000000'],
    ['10000000000000000000000000000000015', '10', '1000000000000000000000000000000002'],
    ['-10000000000000000000000000000000015', '10', '-1000000000000000000000000000000002'],
    // A hair above the half: up, though the digits that were computed end in the half.
    [
      '100000000000000000000000000000000050000000000000000000000000000000000001',
      '1',
      '100000000000000000000000000000000100000000000000000000000000000000000000',
    ],
    ['30000000000000000000000000000000001500000001', '3', '10000000000000000000000000000000000000000000'],
  ])('%s / %s is %s', (a, b, quotient) => {
    expect(exactToDecimal(divideExact(exactFromDecimal(a), exactFromDecimal(b)))).toBe(quotient);
  });

  test('a remainder has the sign of the dividend, is smaller than the divisor, and differs by whole divisors', () => {
    fc.assert(
      fc.property(nonZero, nonZero, (a, b) => {
        const rest = remainderExact(a, b);
        expect(rest.mantissa === 0n || rest.mantissa < 0n === a.mantissa < 0n).toBe(true);
        expect(compareExact(magnitude(rest), magnitude(b))).toBe(-1);
        const { over, under } = ratio(subtractExact(a, rest));
        const divisor = ratio(b);
        expect((over * divisor.under) % (under * divisor.over)).toBe(0n);
      }),
    );
  });

  test('dividing by zero throws', () => {
    const zero = exactFromBigInt(0n);
    expect(() => divideExact(exactFromBigInt(1n), zero)).toThrow(RangeError);
    expect(() => divideExact(zero, zero)).toThrow(RangeError);
    expect(() => remainderExact(exactFromBigInt(1n), zero)).toThrow(RangeError);
  });

  test('every finite double comes back as itself, and has the value that its powers of two say', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(exactToDouble(exactFromDouble(value))).toBe(value + 0);
      }),
    );
    expect(exactToDecimal(exactFromDouble(0.1))).toBe('0.1000000000000000055511151231257827021181583404541015625');
    expect(exactToDouble(exactFromDouble(5e-324))).toBe(5e-324);
    expect(exactToDouble(exactFromDouble(Number.MAX_VALUE))).toBe(Number.MAX_VALUE);
    expect(Object.is(exactToDouble(exactFromDouble(-0)), 0)).toBe(true);
    expect(() => exactFromDouble(NaN)).toThrow(RangeError);
    expect(() => exactFromDouble(Infinity)).toThrow(RangeError);
  });

  test('the nearest double is found however long the number is', () => {
    const half = addExact(exactFromDouble(1), exactFromDouble(2 ** -53));
    expect(exactToDouble(half)).toBe(1);
    expect(exactToDouble(addExact(half, { mantissa: 1n, exponent: -990 }))).toBe(1 + 2 ** -52);
    expect(exactToDouble(exactFromDecimal('1e400'))).toBe(Infinity);
    expect(Object.is(exactToDouble(exactFromDecimal('-1e-400')), 0)).toBe(true);
  });

  test('the text of a decimal is canonical', () => {
    fc.assert(
      fc.property(decimals, (text) => {
        expect(exactToDecimal(exactFromDecimal(text))).toBe(canonicalDecimal(text));
      }),
    );
  });

  test('what no Decimal or BigInt can hold has no text', () => {
    const large = exactFromDecimal('9'.repeat(1000));
    expect(exactToDecimal(large)).toBe('9'.repeat(1000));
    expect(exactToDecimal(addExact(large, exactFromBigInt(1n)))).toBeUndefined();
    expect(exactToBigInt(large)).toBe(BigInt('9'.repeat(1000)));
    expect(exactToBigInt(addExact(large, exactFromBigInt(1n)))).toBeUndefined();
    expect(exactToBigInt({ mantissa: 1n, exponent: 1_000_000_000 })).toBeUndefined();
    expect(exactToBigInt({ mantissa: 15n, exponent: -1 })).toBeUndefined();
    expect(exactToBigInt({ mantissa: 150n, exponent: -1 })).toBe(15n);
    expect(exactToDecimal({ mantissa: 1n, exponent: 1_000_000_000 })).toBeUndefined();
    expect(exactToDecimal({ mantissa: 1n, exponent: -1_000_000_000 })).toBeUndefined();
    expect(exactToDecimal({ mantissa: 0n, exponent: 1_000_000_000 })).toBe('0');
    expect(exactToDecimal(multiplyExact(exactFromDecimal('1e-600'), exactFromDecimal('1e-600')))).toBeUndefined();
  });

  const roundings: readonly (readonly [string, number, Rounding, string])[] = [
    ['2.5', 0, 'HALF_UP', '3'],
    ['-2.5', 0, 'HALF_UP', '-3'],
    ['2.5', 0, 'HALF_EVEN', '2'],
    ['-3.5', 0, 'HALF_EVEN', '-4'],
    ['2.49', 0, 'HALF_UP', '2'],
    ['-2.1', 0, 'FLOOR', '-3'],
    ['-2.9', 0, 'CEILING', '-2'],
    ['2.1', 0, 'CEILING', '3'],
    ['2.9', 0, 'FLOOR', '2'],
    ['1.005', 2, 'HALF_UP', '1.01'],
    ['1.2', 5, 'HALF_UP', '1.2'],
    ['1250', -2, 'HALF_UP', '1300'],
    ['0.004', 2, 'HALF_UP', '0'],
  ];
  test.each(roundings)('%s to %i places, %s, is %s', (text, places, rounding, rounded) => {
    expect(exactToDecimal(roundExact(exactFromDecimal(text), places, rounding))).toBe(rounded);
  });
});

function magnitude(a: Exact): Exact {
  return { mantissa: a.mantissa < 0n ? -a.mantissa : a.mantissa, exponent: a.exponent };
}
