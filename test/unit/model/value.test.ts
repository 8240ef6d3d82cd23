import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KeyTooLong, encodeKey } from '../../../src/store/keys.ts';
import {
  compareStrings,
  compareValues,
  equalValues,
  JsonText,
  valueFromJson,
  valueToJson,
} from '../../../src/model/value.ts';
import type { Value } from '../../../src/model/value.ts';
import { allTypes, valuesOf } from '../../support/arbitrary-values.ts';
import { enumOf, listOf, makeTable, objectOf, scalar } from '../../support/make-table.ts';

describe('compareValues', () => {
  const ordered: readonly (readonly [string, Parameters<typeof compareValues>[0], readonly Value[]])[] = [
    ['strings by code point', scalar('String'), ['', 'A', 'a', 'aa', 'b', 'é', '\ue000', '\uffff', '😀', '😀a']],
    ['numbers', scalar('Float'), [-1e300, -1, -0.5, 0, 1e-300, 2, 10]],
    ['big integers', scalar('BigInt'), [-(10n ** 30n), -2n, 0n, 9007199254740992n, 9007199254740993n]],
    [
      'decimals by value',
      scalar('Decimal'),
      ['-1e3', '-10', '-9.5', '-0.01', '0', '0.001', '0.01', '1.09', '1.1', '2', '1e1'],
    ],
    ['instants', scalar('DateTime'), [-1n, 0n, 1n]],
    ['dates', scalar('Date'), ['0099-12-31', '1999-12-31', '2000-01-01']],
    ['booleans', scalar('Boolean'), [false, true]],
    ['bytes by what they stand for', scalar('Bytes'), ['', 'AA==', 'AAA=', 'gICA', '+w==', '/w==']],
    ['enums by declaration', enumOf('ROCK', 'JAZZ', 'ALT'), ['ROCK', 'JAZZ', 'ALT']],
    ['lists by element, nulls last', listOf(scalar('Int')), [[], [1], [1, 1], [1, null], [2], [null]]],
    [
      'objects by field',
      objectOf({ a: scalar('Int'), b: scalar('String') }),
      [
        { a: 1, b: 'x' },
        { a: 1, b: null },
        { a: 2, b: 'a' },
        { a: null, b: 'a' },
      ],
    ],
  ];
  test.each(ordered)('orders %s', (_, type, values) => {
    values.forEach((a, i) => {
      values.forEach((b, j) => {
        expect(Math.sign(compareValues(type, a, b)), `${valueToJson(type, a)} ${valueToJson(type, b)}`).toBe(
          Math.sign(i - j),
        );
      });
    });
  });

  test.each([
    ['1.10', '1.1'],
    ['-0', '0'],
    ['1e3', '1000'],
    ['0.0100', '1E-2'],
    ['007', '7'],
  ])('takes the decimals %s and %s for equal', (a, b) => {
    expect(equalValues(scalar('Decimal'), a, b)).toBe(true);
  });

  test.each(allTypes)('is a total order of %s that agrees with equalValues and with key bytes', (_, type) => {
    const values = valuesOf(type);
    const { key } = makeTable({ columns: [{ name: 'id', type }] });
    // Lists may be longer than a key can be.
    const bytesOf = (value: Value): Uint8Array | undefined => {
      try {
        return encodeKey(key, [value]);
      } catch (error) {
        if (error instanceof KeyTooLong) return undefined;
        throw error;
      }
    };
    fc.assert(
      fc.property(values, values, values, (a, b, c) => {
        const ab = Math.sign(compareValues(type, a, b));
        expect(Math.sign(compareValues(type, b, a)) + 0).toBe(-ab + 0);
        expect(compareValues(type, a, a)).toBe(0);
        expect(equalValues(type, a, b)).toBe(ab === 0);
        const [least, middle, greatest] = [a, b, c].toSorted((x, y) => compareValues(type, x, y)) as [
          Value,
          Value,
          Value,
        ];
        expect(
          [
            compareValues(type, least, middle),
            compareValues(type, middle, greatest),
            compareValues(type, least, greatest),
          ].every((order) => order <= 0),
        ).toBe(true);
        const [bytesA, bytesB] = [bytesOf(a), bytesOf(b)];
        if (bytesA !== undefined && bytesB !== undefined) expect(Buffer.compare(bytesA, bytesB)).toBe(ab);
      }),
      { numRuns: 200 },
    );
  });

  test('agrees with UTF-8 on strings', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        expect(Math.sign(compareStrings(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });

  test('null equals null alone', () => {
    expect(equalValues(scalar('Int'), null, null)).toBe(true);
    expect(equalValues(scalar('Int'), null, 0)).toBe(false);
    expect(equalValues(scalar('Int'), 0, null)).toBe(false);
  });
});

describe('valueToJson', () => {
  test.each<[Parameters<typeof valueToJson>[0], Value, string]>([
    [scalar('String'), 'a"\n\u2028é', '"a\\"\\n\u2028é"'],
    [scalar('Float'), 1e21, '1e+21'],
    [scalar('Float'), 0.1, '0.1'],
    [scalar('BigInt'), 12345678901234567890n, '"12345678901234567890"'],
    [scalar('Decimal'), '1.10', '"1.10"'],
    [scalar('DateTime'), 1_795_249_800_123_000n, '"2026-11-21T08:30:00.123Z"'],
    [scalar('DateTime'), 1_795_249_800_123_456n, '"2026-11-21T08:30:00.123456Z"'],
    [scalar('JSON'), new JsonText('{"n":1.10}'), '{"n":1.10}'],
    [scalar('Int'), null, 'null'],
    [enumOf('A'), 'A', '"A"'],
    [listOf(scalar('BigInt')), [1n, null], '["1",null]'],
    [objectOf({ a: scalar('Int'), b: scalar('JSON') }), { b: new JsonText('[1]'), a: 1 }, '{"a":1,"b":[1]}'],
    [objectOf({ a: scalar('Int'), b: scalar('JSON') }), {}, '{"a":null,"b":null}'],
  ])('writes %o %o as %s', (type, value, json) => {
    expect(valueToJson(type, value)).toBe(json);
  });

  test.each(allTypes)('writes %s as JSON that valueFromJson reads back', (_, type) => {
    fc.assert(
      fc.property(valuesOf(type), (value) => {
        const text = valueToJson(type, value);
        expect(() => JSON.parse(text) as unknown).not.toThrow();
        const read = valueFromJson(type, text);
        expect(valueToJson(type, read)).toBe(text);
        expect(equalValues(type, read, value)).toBe(true);
      }),
      { numRuns: 200 },
    );
    expect(valueFromJson(type, valueToJson(type, null))).toBe(null);
  });
});
