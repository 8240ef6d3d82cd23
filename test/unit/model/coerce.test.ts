import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalBase64, coerceInput, CoercionError } from '../../../src/model/coerce.ts';
import { equalValues, JsonText, valueFromJson, valueToJson } from '../../../src/model/value.ts';
import type { ColumnType, Value } from '../../../src/model/value.ts';
import { allTypes, valuesOf } from '../../support/arbitrary-values.ts';
import { enumOf, listOf, objectOf, scalar } from '../../support/make-table.ts';

describe('coerceInput', () => {
  const address = objectOf({ city: scalar('String'), floor: scalar('Int') }, ['city']);

  test.each<[ColumnType, unknown, Value]>([
    [scalar('ID'), 'a', 'a'],
    [scalar('ID'), 7, '7'],
    [scalar('Int'), -(2 ** 31), -(2 ** 31)],
    [scalar('Int'), -0, 0],
    [scalar('Float'), 1.5, 1.5],
    [scalar('BigInt'), '12345678901234567890', 12345678901234567890n],
    [scalar('BigInt'), 5, 5n],
    [scalar('BigInt'), 5n, 5n],
    [scalar('Decimal'), '1.10', '1.10'],
    [scalar('Decimal'), 0.1, '0.1'],
    [scalar('Decimal'), 1e-7, '1e-7'],
    [scalar('Decimal'), 12n, '12'],
    [scalar('DateTime'), '1970-01-01T00:00:01Z', 1_000_000n],
    [scalar('DateTime'), 1_000, 1_000_000n],
    [scalar('DateTime'), 5n, 5n],
    [scalar('Date'), '2024-02-29', '2024-02-29'],
    [scalar('UUID'), 'F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6', 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6'],
    [scalar('Duration'), 'PT1H', 'PT1H'],
    [scalar('Bytes'), '-_8', '+/8='],
    [
      scalar('JSON'),
      { a: [1, 10n, undefined, new JsonText('1.10')], b: undefined },
      new JsonText('{"a":[1,10,null,1.10]}'),
    ],
    [scalar('JSON'), 'text', new JsonText('"text"')],
    [enumOf('A', 'B'), 'B', 'B'],
    [listOf(scalar('Int')), [1, null], [1, null]],
    [scalar('Int'), null, null],
    [scalar('Int'), undefined, null],
  ])('%o takes %o', (type, input, value) => {
    expect(coerceInput(type, input)).toEqual(value);
  });

  test('objects get every declared field', () => {
    expect(valueToJson(address, coerceInput(address, { city: 'Ulm' }))).toBe('{"city":"Ulm","floor":null}');
  });

  test.each<[ColumnType, unknown, RegExp]>([
    [scalar('ID'), 1.5, /an ID/],
    [scalar('ID'), true, /an ID/],
    [scalar('String'), 5, /Expected a String, got 5/],
    [scalar('String'), '\ud83d', /surrogate/],
    [scalar('Int'), 1.5, /an Int/],
    [scalar('Int'), 2 ** 31, /32 bits/],
    [scalar('Int'), '5', /got "5"/],
    [scalar('Float'), NaN, /a Float/],
    [scalar('Boolean'), 'true', /a Boolean/],
    [scalar('BigInt'), 2 ** 53, /as a string/],
    [scalar('BigInt'), '1.0', /a BigInt/],
    [scalar('BigInt'), '9'.repeat(1_001), /1000 digits/],
    [scalar('Decimal'), 2 ** 60, /as a string/],
    [scalar('Decimal'), '1,5', /a Decimal/],
    [scalar('Decimal'), '1e5000', /out of range/],
    [scalar('DateTime'), '2024-01-01T00:00:00', /with Z or an offset/],
    [scalar('DateTime'), 10n ** 30n, /a DateTime/],
    [scalar('Date'), '2023-02-29', /a day that exists/],
    [scalar('UUID'), 'x', /a UUID/],
    [scalar('Duration'), '1h', /ISO 8601/],
    [scalar('Bytes'), 'a', /base64/],
    [scalar('JSON'), Infinity, /JSON/],
    [enumOf('A', 'B'), 'C', /one of A, B/],
    [listOf(scalar('Int')), 5, /a list/],
    [listOf(scalar('Int'), true), [1, null], /\[1\]|Null/],
    [listOf(scalar('Int')), [1, 'x'], /^\[1\]: Expected an Int/],
    [address, { city: 'Ulm', street: 'x' }, /no field "street"; it has city, floor/],
    [address, { floor: 1 }, /needs a value for "city"/],
    [address, { city: 'Ulm', floor: 'x' }, /^floor: /],
    [address, [], /a Address|an Address|Address/],
  ])('%o refuses %o', (type, input, message) => {
    expect(() => coerceInput(type, input)).toThrow(CoercionError);
    expect(() => coerceInput(type, input)).toThrow(message);
  });

  test.each(allTypes)('gives a value of %s back as it is', (_, type) => {
    fc.assert(
      fc.property(valuesOf(type), (value) => {
        const coerced = coerceInput(type, value);
        expect(equalValues(type, coerced, value)).toBe(true);
        expect(valueToJson(type, coerced)).toBe(valueToJson(type, value));
        expect(equalValues(type, coerceInput(type, valueFromJson(type, valueToJson(type, value))), value)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});

test('base64 has one form for the same bytes', () => {
  expect(['AAA=', 'AAA', 'AAB='].map(canonicalBase64)).toEqual(['AAA=', 'AAA=', 'AAA=']);
  expect(['A', 'AAA==', 'AA=', 'A A=', 'AA=A', '===='].map(canonicalBase64)).toEqual(Array(6).fill(undefined));
  expect(canonicalBase64('')).toBe('');
});
