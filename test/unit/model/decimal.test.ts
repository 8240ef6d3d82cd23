import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  canonicalDecimal,
  checkDecimal,
  compareDecimals,
  decimalToBigInt,
  isDecimal,
} from '../../../src/model/decimal.ts';
import { decimals } from '../../support/arbitrary-values.ts';

test.each([
  ['1.10', '1.1'],
  ['-0', '0'],
  ['-0.00e5', '0'],
  ['0e99999', '0'],
  ['1e3', '1000'],
  ['1E+3', '1000'],
  ['12.50e-3', '0.0125'],
  ['-12.340e1', '-123.4'],
  ['00012.50', '12.5'],
  ['100', '100'],
  ['0.0001', '0.0001'],
  ['123456789012345678901234567890.10', '123456789012345678901234567890.1'],
])('the canonical form of %s is %s', (text, canonical) => {
  expect(canonicalDecimal(text)).toBe(canonical);
});

test.each(['', '-', '.5', '5.', '+1', '1e', '1e1.5', ' 1', '1 ', '0x10', 'NaN', 'Infinity', '1_000', '١'])(
  '%j is no decimal',
  (text) => {
    expect(checkDecimal(text)).toBe('syntax');
  },
);

describe('bounds', () => {
  test.each<[string, 'ok' | 'range']>([
    ['1e1000', 'ok'],
    ['1e-1000', 'ok'],
    ['9'.repeat(1_000), 'ok'],
    ['1e1001', 'range'],
    ['1e-1001', 'range'],
    ['1e999999999999', 'range'],
    ['-1e-999999999999', 'range'],
    ['9'.repeat(1_001), 'range'],
    // Zeros that end a number are no digits of it: the canonical form of 1e1000 is as good as 1e1000.
    [`1.${'0'.repeat(1_000)}`, 'ok'],
    [canonicalDecimal('1e1000'), 'ok'],
    ['0'.repeat(5_000), 'range'],
  ])('%s', (text, result) => {
    expect(checkDecimal(text)).toBe(result);
    expect(isDecimal(text)).toBe(result === 'ok');
  });
});

/** As a fraction of bigints over 10^60, which the generated decimals fit. */
function exact(text: string): bigint {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.');
  const power = 60 - fraction.length + Number(exponent);
  const magnitude = BigInt(whole + fraction) * 10n ** BigInt(power);
  return text.startsWith('-') ? -magnitude : magnitude;
}

test('compares as the exact values do, and canonical forms are equal exactly for equal values', () => {
  fc.assert(
    fc.property(decimals, decimals, (a, b) => {
      const [left, right] = [exact(a), exact(b)];
      expect(Math.sign(compareDecimals(a, b))).toBe(left < right ? -1 : left > right ? 1 : 0);
      expect(canonicalDecimal(a) === canonicalDecimal(b)).toBe(left === right);
      expect(compareDecimals(canonicalDecimal(a), a)).toBe(0);
      expect(canonicalDecimal(canonicalDecimal(a))).toBe(canonicalDecimal(a));
    }),
    { numRuns: 2_000 },
  );
});

test.each<[string, bigint | undefined]>([
  ['12', 12n],
  ['-12.0', -12n],
  ['1.2e1', 12n],
  ['0.5', undefined],
  ['1e20', 100_000_000_000_000_000_000n],
  ['1e999', 10n ** 999n],
  ['1e1000', undefined],
])('%s is the integer %s', (text, integer) => {
  expect(decimalToBigInt(text)).toBe(integer);
});
