import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Column } from '../../../src/catalog/column.ts';
import { compareValues, equalValues } from '../../../src/model/value.ts';
import type { ColumnType, Value } from '../../../src/model/value.ts';
import {
  afterPrefix,
  compareKeys,
  decodeKey,
  encodeBound,
  encodeIndexKey,
  encodeIndexStartsWith,
  encodeKey,
  encodeKeyStartsWith,
  keyText,
  KeyTooLong,
  maxKeyBytes,
  prefixRange,
} from '../../../src/store/keys.ts';
import type { KeyRange } from '../../../src/store/store.ts';
import { allTypes, scalarValues, valuesOf } from '../../support/arbitrary-values.ts';
import { enumOf, makeTable, scalar } from '../../support/make-table.ts';

const columnsOf = (...types: readonly ColumnType[]): readonly Column[] =>
  makeTable({ columns: types.map((type, i) => ({ name: `c${i}`, type })), key: [] }).columns;
const indexOf = (...types: readonly ColumnType[]) => ({
  name: 'x',
  columns: columnsOf(...types),
  unique: false,
  covering: false,
});

function compareNullsLast(type: ColumnType, a: Value, b: Value): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return compareValues(type, a, b);
}

function within({ lower, upper }: KeyRange, key: Uint8Array): boolean {
  return (lower === undefined || compareKeys(lower, key) <= 0) && (upper === undefined || compareKeys(key, upper) < 0);
}

test.each(allTypes)('the order of keys is the order of values: %s', (_, type) => {
  const columns = columnsOf(type);
  const value = fc.option(valuesOf(type));
  fc.assert(
    fc.property(value, value, (a, b) => {
      const order = compareKeys(encodeBound(columns, [a]), encodeBound(columns, [b]));
      expect(Math.sign(order)).toBe(Math.sign(compareNullsLast(type, a, b)));
    }),
    { numRuns: 300 },
  );
});

test.each(allTypes)('a key gives its values back: %s', (_, type) => {
  const columns = columnsOf(type, type);
  const value = fc.option(valuesOf(type));
  fc.assert(
    fc.property(value, value, (a, b) => {
      const [first, second] = decodeKey(columns, encodeBound(columns, [a, b]));
      expect(equalValues(type, first ?? null, a) && equalValues(type, second ?? null, b)).toBe(true);
    }),
    { numRuns: 200 },
  );
});

const composite = [scalar('String'), enumOf('ROCK', 'JAZZ', 'ALT'), scalar('Decimal'), scalar('DateTime')] as const;
const tuples = fc.tuple(...composite.map((type) => fc.option(valuesOf(type), { freq: 4 })));

test('composite keys stand in the order of their columns', () => {
  const columns = columnsOf(...composite);
  fc.assert(
    fc.property(tuples, tuples, (a, b) => {
      const orders = composite.map((type, i) => compareNullsLast(type, a[i] ?? null, b[i] ?? null));
      const order = compareKeys(encodeBound(columns, a), encodeBound(columns, b));
      expect(Math.sign(order)).toBe(Math.sign(orders.find((each) => each !== 0) ?? 0));
    }),
    { numRuns: 2_000 },
  );
});

test('the range of a prefix holds exactly the keys with these first columns', () => {
  const columns = columnsOf(...composite);
  const short = fc.constantFrom(null, '', 'a', 'a\0', 'a\0\0', 'a\u0001', 'ab', '\0', '\u0001', '\u0002', 'é', '😀');
  const near = fc.tuple(
    short,
    fc.constantFrom(null, 'ROCK', 'JAZZ'),
    fc.constantFrom(null, '1', '1.0', '-1'),
    fc.constantFrom(null, 0n),
  );
  fc.assert(
    fc.property(near, near, fc.integer({ min: 0, max: 4 }), (a, b, length) => {
      const same = composite
        .slice(0, length)
        .every((type, i) => compareNullsLast(type, a[i] ?? null, b[i] ?? null) === 0);
      expect(within(prefixRange(encodeBound(columns, a.slice(0, length))), encodeBound(columns, b))).toBe(same);
    }),
    { numRuns: 3_000 },
  );
});

test('the range of a text prefix holds exactly the texts that begin with it', () => {
  const columns = columnsOf(scalar('Int'), scalar('String'));
  const index = indexOf(scalar('Int'), scalar('String'));
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '\0', '\u0001', 'é', '😀'), maxLength: 4 });
  fc.assert(
    fc.property(text, text, fc.constantFrom(1, 2), (prefix, value, other) => {
      const expected = other === 1 && value.startsWith(prefix);
      const key = encodeBound(columns, [other, value]);
      expect(within(prefixRange(encodeKeyStartsWith(columns, [1], prefix)), key)).toBe(expected);
      const bound = encodeIndexStartsWith(index, [1], prefix);
      expect(bound.cut).toBe(false);
      expect(within(prefixRange(bound.bytes), encodeIndexKey(index, [other, value]).bytes)).toBe(expected);
    }),
    { numRuns: 2_000 },
  );
});

/** Strings that agree for about as long as an index keeps them. */
const long = fc
  .tuple(
    fc.constantFrom('a', 'é', '\0', '😀'),
    fc.integer({ min: 100, max: 520 }),
    fc.constantFrom('', '\0', '\u0001', '\u0001\u0001', 'a', 'b', '\uffff', '😀'),
    fc.constantFrom('', 'x', 'y'),
  )
  .map(([unit, count, middle, end]) => unit.repeat(count) + middle + end);

test('cut index keys keep the order of their values, and say that they are cut', () => {
  const index = indexOf(scalar('String'));
  fc.assert(
    fc.property(long, long, (a, b) => {
      const [left, right] = [encodeIndexKey(index, [a]), encodeIndexKey(index, [b])];
      const order = Math.sign(compareKeys(left.bytes, right.bytes));
      if (order === 0) expect(a === b || (left.cut && right.cut)).toBe(true);
      else expect(order).toBe(Math.sign(compareValues(scalar('String'), a, b)));
      expect(left.cut).toBe(encodeBound(index.columns, [a]).length > 1 + 512);
    }),
    { numRuns: 3_000 },
  );
});

test('a prefix of a cut text finds its entry', () => {
  const index = indexOf(scalar('String'));
  fc.assert(
    fc.property(long, fc.nat(600), (text, length) => {
      const prefix = text.slice(0, length).replace(/[\ud800-\udbff]$/, '');
      const { bytes, cut } = encodeIndexStartsWith(index, [], prefix);
      expect(within(prefixRange(bytes), encodeIndexKey(index, [text]).bytes)).toBe(true);
      expect(cut).toBe(encodeBound(index.columns, [prefix]).length - 1 > 1 + 512);
    }),
  );
});

test.each([1, 2, 3, 8, 40])(
  'an index key of %i columns of any length fits LMDB beside the longest row key',
  (count) => {
    const index = indexOf(...Array.from({ length: count }, () => scalar('String')));
    const { bytes, cut } = encodeIndexKey(
      index,
      Array.from({ length: count }, () => '\0'.repeat(10_000)),
    );
    expect(cut).toBe(true);
    expect(bytes.length + maxKeyBytes).toBeLessThanOrEqual(1_978);
  },
);

test('refuses a row key above the limit, and makes bounds of any length', () => {
  const columns = columnsOf(scalar('ID'));
  expect(encodeKey(columns, ['x'.repeat(maxKeyBytes - 2)]).length).toBe(maxKeyBytes);
  expect(() => encodeKey(columns, ['x'.repeat(maxKeyBytes - 1)])).toThrow(KeyTooLong);
  expect(() => encodeKey(columns, ['\0'.repeat(600)])).toThrow('1202 bytes');
  expect(encodeBound(columns, ['x'.repeat(100_000)]).length).toBe(100_002);
});

test('-0 is 0, a Decimal is its value, nulls are last', () => {
  const floats = columnsOf(scalar('Float'));
  expect(encodeBound(floats, [-0])).toEqual(encodeBound(floats, [0]));
  const decimals = columnsOf(scalar('Decimal'));
  expect(encodeBound(decimals, ['1.10'])).toEqual(encodeBound(decimals, ['11e-1']));
  expect(decodeKey(decimals, encodeBound(decimals, ['-0.10']))).toEqual(['-0.1']);
  fc.assert(
    fc.property(scalarValues.String, (text) => {
      const strings = columnsOf(scalar('String'));
      expect(compareKeys(encodeBound(strings, [text]), encodeBound(strings, [null]))).toBe(-1);
    }),
  );
});

test('afterPrefix is above every key with the prefix, and leaves the prefix alone', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 4 }), fc.uint8Array({ maxLength: 4 }), (prefix, rest) => {
      const bytes = Buffer.from(prefix);
      const after = afterPrefix(bytes);
      expect(bytes).toEqual(Buffer.from(prefix));
      const key = Buffer.concat([prefix, rest]);
      if (after === undefined) expect(prefix.every((byte) => byte === 0xff)).toBe(true);
      else expect(compareKeys(key, after)).toBe(-1);
      expect(keyText(key)).toBe(key.toString('latin1'));
    }),
  );
});
