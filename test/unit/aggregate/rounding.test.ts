import { expect, test } from 'vitest';
import {
  nearestDouble,
  nearestDoubleRoot,
  roundedDecimal,
  roundedDecimalRoot,
} from '../../../src/aggregate/rounding.ts';

/** At and right beside the middle of two neighbours, which random numbers never meet. */

const unit = 10n ** 400n;

test.each([0, 1, 2, 3].map((low) => 2 ** 52 + low))('a double: halves beside %i go to the even one', (value) => {
  const doubled = 2n * BigInt(value) + 1n;
  const even = value % 2 === 0 ? value : value + 1;
  for (const [nudge, expected] of [
    [-1n, value],
    [0n, even],
    [1n, value + 1],
  ] as const) {
    expect(nearestDouble({ numerator: doubled * unit + nudge, denominator: 2n * unit })).toBe(expected);
    expect(nearestDouble({ numerator: -doubled * unit - nudge, denominator: 2n * unit })).toBe(-expected);
    const square = { numerator: doubled * doubled * unit + nudge, denominator: 4n * unit };
    expect(nearestDoubleRoot(square)).toBe(expected);
  }
});

test.each([0n, 1n, 2n, 3n].map((low) => 10n ** 33n + low))(
  '34 digits: halves beside %i go to the even one',
  (value) => {
    const doubled = 2n * value + 1n;
    const even = value % 2n === 0n ? value : value + 1n;
    for (const [nudge, expected] of [
      [-1n, value],
      [0n, even],
      [1n, value + 1n],
    ] as const) {
      const decimal = { mantissa: expected, exponent: 0 };
      expect(roundedDecimal({ numerator: doubled * unit + nudge, denominator: 2n * unit })).toEqual(decimal);
      const square = { numerator: doubled * doubled * unit + nudge, denominator: 4n * unit };
      expect(roundedDecimalRoot(square)).toEqual(decimal);
    }
  },
);

test('a root is told from a half by whatever is beyond it, also where the square is exact to the last bit or digit', () => {
  for (let power = 1n; power <= 30n; power += 1n) {
    const [bits, digits] = [2n ** (2n * power), 10n ** power];
    for (const low of [0n, 1n]) {
      const double = 2n * (2n ** 52n + low) + 1n;
      const up = nearestDoubleRoot({ numerator: double * double * bits + 1n, denominator: 4n * bits });
      expect(up).toBe(Number(2n ** 52n + low + 1n));
      const decimal = 2n * (10n ** 33n + low) + 1n;
      const root = roundedDecimalRoot({ numerator: decimal * decimal * digits + 1n, denominator: 4n * digits });
      expect(root).toEqual({ mantissa: 10n ** 33n + low + 1n, exponent: 0 });
    }
  }
});
