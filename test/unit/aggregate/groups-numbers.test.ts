import { describe, expect, test } from 'vitest';
import type { AggregateFunction } from '../../../src/catalog/derivation.ts';
import { ExpressionError } from '../../../src/model/expression.ts';
import type { ScalarName, Value } from '../../../src/model/value.ts';
import { scalar } from '../../support/make-table.ts';
import { GroupMemory } from './group-memory.ts';
import { openGroups, rowOf } from './group-world.ts';

/** The value of one function over these arguments, and whatever the order they come in. */
function resultOf(fn: AggregateFunction, type: ScalarName, to: ScalarName, args: readonly Value[]): Value {
  const open = openGroups({ fn, type: scalar(type), to: scalar(to) });
  const [value, turned] = [args, args.toReversed()].map((order) => {
    const group = open(new GroupMemory(), Buffer.from('group\0'));
    order.forEach((arg, i) => group.add(rowOf(1, i, arg)));
    return group.values()[0] ?? null;
  });
  expect(turned).toEqual(value);
  return value ?? null;
}

const least = Number.MIN_VALUE;
const greatest = Number.MAX_VALUE;
const maxInt64 = 2n ** 63n - 1n;

type Case = readonly [AggregateFunction, ScalarName, ScalarName, readonly Value[], Value];

describe('a sum of Floats is the double nearest to the exact sum', () => {
  test.each<Case>([
    ['SUM', 'Float', 'Float', [0.1, 0.2, 0.3], 0.6],
    ['SUM', 'Float', 'Float', [1e16, 1, -1e16], 1],
    ['SUM', 'Float', 'Float', [1e308, 1e308, -1e308], 1e308],
    ['SUM', 'Float', 'Float', [greatest, 5e-324, -greatest], 5e-324],
    ['SUM', 'Float', 'Float', [-0, 0, -0], 0],
    ['SUM', 'Float', 'Float', [0.1, -0.1], 0],
    // Halves go to the even neighbour, anything beyond a half away from it.
    ['SUM', 'Float', 'Float', [2 ** 53, 1], 2 ** 53],
    ['SUM', 'Float', 'Float', [-(2 ** 53), -1], -(2 ** 53)],
    ['SUM', 'Float', 'Float', [2 ** 53 + 2, 1], 2 ** 53 + 4],
    ['SUM', 'Float', 'Float', [2 ** 53, 1, least], 2 ** 53 + 2],
    ['SUM', 'Float', 'Float', [1, 2 ** -53, -least], 1],
    // A carry through the whole significand, out of the subnormal numbers, up to the greatest.
    ['SUM', 'Float', 'Float', [2 ** 54 - 2, 1, 1], 2 ** 54],
    ['SUM', 'Float', 'Float', [2 ** -1022 - least, least], 2 ** -1022],
    ['SUM', 'Float', 'Float', [greatest, 2 ** 969], greatest],
    ['AVG', 'Float', 'Float', [least, 0], 0],
    ['AVG', 'Float', 'Float', [3 * least, 0], 2 * least],
    ['AVG', 'Float', 'Float', [2 ** -1022, 2 ** -1022 - least], 2 ** -1022],
    ['AVG', 'Float', 'Float', [greatest, greatest, greatest], greatest],
    ['AVG', 'Float', 'Float', [0.1, 0.1, 0.1], 0.1],
    ['AVG', 'Int', 'Float', [1, 2, 2], 5 / 3],
    ['AVG', 'Int', 'Float', [2147483647, 2147483647], 2147483647],
    ['AVG', 'BigInt', 'Float', [maxInt64, maxInt64], 2 ** 63],
  ])('%s of %s in %s (case %#)', (fn, type, to, args, expected) => {
    expect(Object.is(resultOf(fn, type, to, args), expected)).toBe(true);
  });
});

describe('integers never wrap, Decimals lose no digit', () => {
  test.each<Case>([
    ['SUM', 'Int', 'BigInt', [2147483647, 2147483647], 4294967294n],
    ['SUM', 'Int', 'Int', [2147483647, 1, -1], 2147483647],
    ['SUM', 'Int', 'Int', [-2147483648], -2147483648],
    ['SUM', 'Int', 'Decimal', [2147483647, 1], '2147483648'],
    ['SUM', 'Int', 'Float', [2147483647, 1], 2147483648],
    ['SUM', 'BigInt', 'BigInt', [maxInt64, maxInt64], 2n ** 64n - 2n],
    ['SUM', 'BigInt', 'BigInt', [-(2n ** 63n), -1n], -(2n ** 63n) - 1n],
    ['SUM', 'Decimal', 'Decimal', ['1.10', '2.20', '3.30'], '6.6'],
    ['SUM', 'Decimal', 'Decimal', ['0.1', '-0.10'], '0'],
    ['SUM', 'Decimal', 'Decimal', ['1e30', '1e-30'], `1${'0'.repeat(30)}.${'0'.repeat(29)}1`],
    ['SUM', 'Decimal', 'BigInt', ['1.5', '2.5'], 4n],
    ['SUM', 'Decimal', 'Decimal', [`${'9'.repeat(999)}`, '1'], `1${'0'.repeat(999)}`],
  ])('%s of %s in %s (case %#)', (fn, type, to, args, expected) => {
    expect(resultOf(fn, type, to, args)).toBe(expected);
  });
});

describe('what is divided has 34 digits in a Decimal', () => {
  const even = `1${'0'.repeat(32)}`;
  test.each<Case>([
    ['AVG', 'Decimal', 'Decimal', ['1', '2'], '1.5'],
    ['AVG', 'Decimal', 'Decimal', ['1', '0', '0'], `0.${'3'.repeat(34)}`],
    ['AVG', 'Decimal', 'Decimal', ['-2', '0', '0'], `-0.${'6'.repeat(33)}7`],
    ['AVG', 'Decimal', 'Decimal', [`${even}1`, `${even}2`], `${even}2`],
    ['AVG', 'Decimal', 'Decimal', [`${even}2`, `${even}3`], `${even}2`],
    ['AVG', 'Decimal', 'Decimal', [`${'9'.repeat(34)}`, `1${'0'.repeat(34)}`], `1${'0'.repeat(34)}`],
    ['AVG', 'BigInt', 'Decimal', [maxInt64, maxInt64 - 1n], '9223372036854775806.5'],
    ['AVG', 'Int', 'Int', [1, 3], 2],
  ])('%s of %s in %s (case %#)', (fn, type, to, args, expected) => {
    expect(resultOf(fn, type, to, args)).toBe(expected);
  });
});

describe('variance and standard deviation of a sample', () => {
  test.each<Case>([
    ['VARIANCE', 'Int', 'Float', [5], null],
    ['STDDEV', 'Int', 'Float', [5, null], null],
    ['VARIANCE', 'Int', 'Float', [2, 4, 4, 4, 5, 5, 7, 9], 32 / 7],
    ['VARIANCE', 'Int', 'Float', [7, 7, 7], 0],
    ['STDDEV', 'Float', 'Float', [0.1, 0.1, 0.1], 0],
    // The difference of two large sums: nothing is left of it in doubles.
    ['VARIANCE', 'Float', 'Float', [1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16], 30],
    ['VARIANCE', 'Float', 'Float', [2 ** 500, 2 ** 500 + 2 ** 450], 2 ** 899],
    ['STDDEV', 'Int', 'Float', [0, 2], Math.SQRT2],
    ['STDDEV', 'Int', 'Float', [1, 3, 5], 2],
    // Its square is beyond the greatest double.
    ['STDDEV', 'Float', 'Float', [1e308, -1e308], Math.SQRT2 * 1e308],
    ['STDDEV', 'Float', 'Float', [least, -least], least],
    ['STDDEV', 'Int', 'Decimal', [0, 2], '1.414213562373095048801688724209698'],
    ['STDDEV', 'Decimal', 'Decimal', ['1.1', '1.3', '1.5'], '0.2'],
    ['STDDEV', 'Decimal', 'Decimal', ['1e-500', '3e-500', '5e-500'], `0.${'0'.repeat(499)}2`],
  ])('%s of %s in %s (case %#)', (fn, type, to, args, expected) => {
    expect(resultOf(fn, type, to, args)).toBe(expected);
  });
});

describe('a result that its column cannot hold is an error that says what to do', () => {
  test.each<readonly [AggregateFunction, ScalarName, ScalarName, readonly Value[], string]>([
    [
      'SUM',
      'Int',
      'Int',
      [2147483647, 1],
      'SUM in column sum0 is outside what Int can hold: declare the column as BigInt',
    ],
    ['SUM', 'Int', 'Int', [-2147483648, -1], 'outside what Int can hold'],
    ['SUM', 'BigInt', 'BigInt', [10n ** 1000n - 1n, 1n], 'outside what BigInt can hold'],
    ['SUM', 'Float', 'Float', [greatest, 2 ** 970], 'SUM in column sum0 is outside what Float can hold'],
    ['SUM', 'Float', 'Float', [-greatest, -greatest], 'outside what Float can hold'],
    ['SUM', 'Decimal', 'Decimal', ['1e999', '1e-999'], 'outside what Decimal can hold'],
    ['SUM', 'Decimal', 'BigInt', ['1.5'], 'no whole number'],
    ['AVG', 'Int', 'Int', [1, 2], 'AVG in column avg0 is no whole number: declare the column as Float or Decimal'],
    [
      'VARIANCE',
      'Float',
      'Float',
      [1e308, -1e308],
      'outside what Float can hold: keep the values that make it so large out of the aggregation by where',
    ],
    ['AVG', 'BigInt', 'Float', [10n ** 400n], 'outside what Float can hold: declare the column as Decimal, or keep'],
  ])('%s of %s in %s (case %#)', (fn, type, to, args, message) => {
    expect(() => resultOf(fn, type, to, args)).toThrow(ExpressionError);
    expect(() => resultOf(fn, type, to, args)).toThrow(message);
  });

  test('the group goes on: the error ends when what made it is taken out', () => {
    const memory = new GroupMemory();
    const open = openGroups({ fn: 'SUM', type: scalar('Float') }, { fn: 'MAX', type: scalar('Float') });
    const group = open(memory, Buffer.from('group\0'));
    for (let i = 0; i < 3; i += 1) group.add(rowOf(2, i, greatest));
    expect(() => group.values()).toThrow(ExpressionError);
    group.save();
    const later = open(memory, Buffer.from('group\0'));
    later.retract(rowOf(2, 0, greatest));
    later.retract(rowOf(2, 1, greatest));
    expect(later.values()).toEqual([greatest, greatest]);
  });
});

describe('numbers go into wider columns', () => {
  test.each<Case>([
    ['MAX', 'Int', 'BigInt', [3, -4], 3n],
    ['MIN', 'Int', 'Decimal', [3, -4], '-4'],
    ['LAST', 'Int', 'Float', [4, 4], 4],
    ['MAX', 'BigInt', 'Decimal', [maxInt64], String(maxInt64)],
    ['MIN', 'Decimal', 'Float', ['0.30', '0.4'], 0.3],
    ['MIN', 'Decimal', 'Float', ['-3e200', '0.4'], -3e200],
    ['COUNT', 'String', 'BigInt', ['a', null, ''], 2n],
    ['COUNT_DISTINCT', 'String', 'BigInt', ['a', 'a', ''], 2n],
  ])('%s of %s in %s (case %#)', (fn, type, to, args, expected) => {
    expect(resultOf(fn, type, to, args)).toBe(expected);
  });
});
