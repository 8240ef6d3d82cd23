import { describe, expect, test } from 'vitest';
import type { ColumnType } from '../../../src/model/value.ts';
import { enumOf, listOf, objectOf, scalar } from '../../support/make-table.ts';
import { record } from './record.ts';
import { decode, decodeColumn, id } from './told.ts';

describe('types', () => {
  const address = objectOf({ city: scalar('String'), price: scalar('Decimal'), count: scalar('Int') }, ['city']);

  test.each<[string, ColumnType, string, string]>([
    ['ID of a string', scalar('ID'), '"x-1"', '"x-1"'],
    ['ID of a number', scalar('ID'), '12', '"12"'],
    ['ID of a number beyond 2^53', scalar('ID'), '12345678901234567890', '"12345678901234567890"'],
    ['String', scalar('String'), '"\\u00e9\\ud83d\\ude00"', '"é😀"'],
    ['Int', scalar('Int'), '-2147483648', '-2147483648'],
    ['Int with a needless fraction', scalar('Int'), '1.0', '1'],
    ['Int of minus zero', scalar('Int'), '-0', '0'],
    ['Float', scalar('Float'), '0.1', '0.1'],
    ['Float of minus zero', scalar('Float'), '-0.0', '0'],
    ['Boolean', scalar('Boolean'), 'false', 'false'],
    ['BigInt of a number', scalar('BigInt'), '9007199254740993', '"9007199254740993"'],
    ['BigInt of digits', scalar('BigInt'), '"-9223372036854775808"', '"-9223372036854775808"'],
    ['BigInt beyond int64', scalar('BigInt'), '1'.repeat(40), `"${'1'.repeat(40)}"`],
    ['BigInt with an exponent', scalar('BigInt'), '1e20', '"100000000000000000000"'],
    ['Decimal of a number', scalar('Decimal'), '1.10', '"1.10"'],
    [
      'Decimal of a long number',
      scalar('Decimal'),
      '0.1000000000000000055511151231257827',
      '"0.1000000000000000055511151231257827"',
    ],
    ['Decimal of text', scalar('Decimal'), '"12.50"', '"12.50"'],
    ['Decimal beyond Float', scalar('Decimal'), '1e400', '"1e400"'],
    ['DateTime of text', scalar('DateTime'), '"2026-11-21T10:00:00.123456+01:00"', '"2026-11-21T09:00:00.123456Z"'],
    ['DateTime of milliseconds', scalar('DateTime'), '1700000000123', '"2023-11-14T22:13:20.123Z"'],
    ['Date', scalar('Date'), '"2024-02-29"', '"2024-02-29"'],
    ['UUID', scalar('UUID'), '"F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6"', '"f81d4fae-7dec-11d0-a765-00a0c91e6bf6"'],
    ['Duration', scalar('Duration'), '"PT1H30M"', '"PT1H30M"'],
    ['Bytes', scalar('Bytes'), '"-_8"', '"+/8="'],
    ['enum', enumOf('ROCK', 'JAZZ'), '"JAZZ"', '"JAZZ"'],
    [
      'JSON',
      scalar('JSON'),
      '{ "n" : 12345678901234567890, "d": [1.10, 1e400] }',
      '{"n":12345678901234567890,"d":[1.10,1e400]}',
    ],
    ['JSON of a string', scalar('JSON'), '" a "', '" a "'],
    ['JSON of false', scalar('JSON'), 'false', 'false'],
    ['a list', listOf(scalar('Int')), '[1,null,2]', '[1,null,2]'],
    ['a list with digits to keep', listOf(scalar('Decimal')), '[ 1.10 , "2.50", null ]', '["1.10","2.50",null]'],
    ['lists in a list', listOf(listOf(scalar('BigInt'))), '[[1],[9007199254740993]]', '[["1"],["9007199254740993"]]'],
    ['an object', address, '{"city":"Ulm","more":1}', '{"city":"Ulm","price":null,"count":null}'],
    [
      'an object with digits to keep',
      address,
      '{"price":1.10,"city":"Ulm","count":2}',
      '{"city":"Ulm","price":"1.10","count":2}',
    ],
    ['null', scalar('Int'), 'null', 'null'],
    ['null JSON', scalar('JSON'), 'null', 'null'],
  ])('reads %s', (_, type, json, expected) => {
    expect(decodeColumn(type, json)).toBe(expected);
  });

  test.each<[ColumnType, string, string]>([
    [scalar('ID'), 'true', 'TYPE: column `c`: expected ID, got a boolean'],
    [scalar('ID'), '1.5', 'TYPE: column `c`: expected ID, got a number with a fraction'],
    [scalar('String'), '5', 'TYPE: column `c`: expected String, got a number'],
    [scalar('String'), '"\\ud83d"', 'UTF8: column `c`: half of a surrogate pair'],
    [scalar('Int'), '"5"', 'TYPE: column `c`: expected Int, got a string'],
    [scalar('Int'), '1.5', 'TYPE: column `c`: expected Int, got a number with a fraction'],
    [scalar('Int'), '2147483648', 'RANGE: column `c`: beyond the 32 bits of Int'],
    [scalar('Int'), '1e400', 'RANGE: column `c`: beyond the 32 bits of Int'],
    [scalar('Float'), '1e400', 'RANGE: column `c`: beyond the range of Float'],
    [scalar('Float'), '"NaN"', 'TYPE: column `c`: expected Float, got a string'],
    [scalar('Boolean'), '1', 'TYPE: column `c`: expected Boolean, got a number'],
    [scalar('BigInt'), '1.5', 'TYPE: column `c`: expected BigInt, got a number with a fraction'],
    [scalar('BigInt'), '9007199254740993.5', 'TYPE: column `c`: expected BigInt, got a number with a fraction'],
    [scalar('BigInt'), '1e1000', 'RANGE: column `c`: more than 1000 digits'],
    [scalar('BigInt'), `"${'1'.repeat(1_001)}"`, 'RANGE: column `c`: more than 1000 digits'],
    [scalar('BigInt'), '"1.0"', 'TYPE: column `c`: expected BigInt, got text that is no whole number'],
    [scalar('Decimal'), '"1,5"', 'TYPE: column `c`: expected Decimal, got text that is no decimal number'],
    [
      scalar('Decimal'),
      '1e5000',
      'RANGE: column `c`: a Decimal has at most 1000 digits and lies between 1e-1000 and 1e1001',
    ],
    [
      scalar('DateTime'),
      '1700000000123.5',
      'TYPE: column `c`: expected DateTime as whole milliseconds, got a number with a fraction',
    ],
    [scalar('DateTime'), '1700000000123456', 'RANGE: column `c`: milliseconds since 1970 beyond the years 0 to 9999'],
    [
      scalar('DateTime'),
      '"2024-01-01"',
      'TYPE: column `c`: expected DateTime, got text that is not ISO 8601 with Z or an offset, in the years 0 to 9999',
    ],
    [scalar('Date'), '"2023-02-29"', 'TYPE: column `c`: expected Date, got text that is no day as yyyy-mm-dd'],
    [scalar('UUID'), '"x"', 'TYPE: column `c`: expected UUID, got text that is none'],
    [scalar('Duration'), '"1h"', 'TYPE: column `c`: expected Duration, got text that is no ISO 8601 duration'],
    [scalar('Bytes'), '"?"', 'TYPE: column `c`: expected Bytes, got text that is not base64'],
    [scalar('Bytes'), '[1]', 'TYPE: column `c`: expected Bytes, got a list'],
    [enumOf('ROCK'), '"POP"', 'ENUM: column `c`: expected a value of Genre, got a name that it does not have'],
    [enumOf('ROCK'), '0', 'TYPE: column `c`: expected Genre, got a number'],
    [listOf(scalar('Int')), '5', 'TYPE: column `c`: expected a list, got a number'],
    [listOf(scalar('Int')), '[1,"x"]', 'TYPE: column `c`[1]: expected Int, got a string'],
    [listOf(scalar('Int'), true), '[null]', 'REQUIRED_MISSING: column `c`[0]: null is not allowed in this list'],
    [
      listOf(scalar('Decimal'), true),
      '[1.1,null]',
      'REQUIRED_MISSING: column `c`[1]: null is not allowed in this list',
    ],
    [
      listOf(enumOf('ROCK')),
      '["POP"]',
      'ENUM: column `c`[0]: expected a value of Genre, got a name that it does not have',
    ],
    [address, '{}', 'REQUIRED_MISSING: column `c`.city: a value is required, and there is none'],
    [address, '{"price":1.1,"city":null}', 'REQUIRED_MISSING: column `c`.city: a value is required, and there is none'],
    [address, '{"city":1}', 'TYPE: column `c`.city: expected String, got a number'],
    [address, '{"price":1.10,"city":1}', 'TYPE: column `c`.city: expected String, got a number'],
    [address, '[]', 'TYPE: column `c`: expected Address, got a list'],
    [
      listOf(address),
      '[{"city":"Ulm","count":1.5}]',
      'TYPE: column `c`[0].count: expected Int, got a number with a fraction',
    ],
  ])('%o refuses %s: %s', (type, json, expected) => {
    expect(decodeColumn(type, json)).toBe(expected);
  });

  test('a default fills what is absent or null; without one a required column is missed by name', () => {
    expect(decodeColumn(scalar('Int'), 'null', { default: 7 })).toBe('7');
    expect(decodeColumn(scalar('Int'), '1', { default: 7, required: true })).toBe('1');
    expect(
      decode({ columns: [id, { name: 'c', type: scalar('Int'), default: 7, required: true }] }, record('k', '{}')),
    ).toEqual({ id: '"k"', c: '7' });
    expect(decodeColumn(scalar('Int'), 'null', { required: true })).toBe(
      'REQUIRED_MISSING: column `c`: a value is required, and the record has none',
    );
  });

  test('the last of repeated members wins, for digits too', () => {
    const columns = [id, { name: 'c', type: scalar('Decimal') }, { name: 'd', type: scalar('Int') }];
    expect(decode({ columns }, record('k', '{"c":1.1,"d":1,"c":2.20,"d":2}'))).toEqual({
      id: '"k"',
      c: '"2.20"',
      d: '2',
    });
  });

  test('members called like parts of every JS object are members, or absent', () => {
    const columns = [
      id,
      ...['constructor', 'toString', 'hasOwnProperty'].map((name) => ({ name, type: scalar('String') })),
    ];
    expect(decode({ columns }, record('k', '{"toString":"x","__proto__":{"constructor":"y","polluted":1}}'))).toEqual({
      id: '"k"',
      constructor: 'null',
      toString: '"x"',
      hasOwnProperty: 'null',
    });
    expect(
      decode(
        { columns: [id, { name: 'c', type: scalar('Int'), source: { kind: 'value', path: ['__proto__', 'n'] } }] },
        record('k', '{"__proto__":{"n":5}}'),
      ),
    ).toEqual({ id: '"k"', c: '5' });
    expect(({} as { polluted?: unknown }).polluted).toBe(undefined);
  });
});
