import { describe, expect, test } from 'vitest';
import { compileExpression } from '../../../src/catalog/expression.ts';
import type { Value } from '../../../src/model/value.ts';
import { enumOf, scalar } from '../../support/make-table.ts';
import { mistakeIn, outcomeOf, scope, typeOf, valueOf } from './expression-rows.ts';
import type { PlainRow } from './expression-rows.ts';

const place = { city: 'Aix', at: { x: 3 } };
const row: PlainRow = {
  id: 'p1',
  quantity: 3,
  count: -2_147_483_648,
  big: 9_007_199_254_740_993n,
  price: '1.10',
  ratio: 0.1,
  rate: 2.5,
  title: 'Été 😀',
  isrc: 'none',
  genre: 'JAZZ',
  mood: 'ROCK',
  live: true,
  loud: false,
  playedAt: 1_700_000_000_123_456n,
  endedAt: -1n,
  day: '2024-02-29',
  uuid: 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6',
  length: 'PT9M',
  bytes: '+/8=',
  place,
  this: 7,
  song: { id: 's1', title: 'So What', genre: 'JAZZ', artist: { name: 'Miles' } },
};

describe('values', () => {
  test.each<[string, Value]>([
    // Integers are exact, and BigInt.
    ['1 + 2 * 3', 7n],
    ['(1 + 2) * 3', 9n],
    ['10 - 2 - 3', 5n],
    ['2 * -3', -6n],
    ['- -3', 3n],
    ['a - -1'.replace('a', 'quantity'), 4n],
    ['-count', 2_147_483_648n],
    ['count * count', 4_611_686_018_427_387_904n],
    ['big + 1', 9_007_199_254_740_994n],
    ['-7 % 3', -1n],
    ['7 % -3', 1n],
    ['12345678901234567890123456789 + 1', 12345678901234567890123456790n],
    // Decimals are exact, and canonical; quotients have 34 digits.
    ['price', '1.10'],
    ['price + 0', '1.1'],
    ['quantity * price', '3.3'],
    ['0.1 + 0.2', '0.3'],
    ['0.1234567890123456789012345678901 * 10', '1.234567890123456789012345678901'],
    ['1 / 3', '0.3333333333333333333333333333333333'],
    ['6 / 3', '2'],
    ['big / 2', '4503599627370496.5'],
    ['1e3 + 0', '1000'],
    ['1.5e-3', '0.0015'],
    ['5.5 % 2', '1.5'],
    ['-price', '-1.1'],
    ['-0.0', '0'],
    // Floats.
    ['ratio + rate', 2.6],
    ['ratio * 3', 0.30000000000000004],
    ['rate % 2', 0.5],
    ['quantity / rate', 1.2],
    ['0 * -rate', 0],
    ['price + ratio', 1.2000000000000002],
    // Comparison is by value, whatever the types.
    ['quantity == 3.0', true],
    ['quantity != 3', false],
    ['big > 9007199254740992.0', true],
    ['big == 9007199254740993', true],
    ['rate == 2.5', true],
    ['ratio == 0.1', true],
    ['ratio == toDecimal(ratio)', false],
    ['ratio > toDecimal(ratio)', true],
    ['price == 1.1', true],
    ['price <= 1.100', true],
    ['quantity < rate', false],
    ['quantity >= big', false],
    ['"a" < "b"', true],
    ['"\\u0061" == \'a\'', true],
    ['"😀" > "\\uffff"', true],
    ['genre == "JAZZ"', true],
    ['"ROCK" != genre', true],
    ['genre == song.genre', true],
    ['genre == title', false],
    ['mood != genre', true],
    ['live == true', true],
    ['playedAt > "2023-11-14T22:13:20.123Z"', true],
    ['playedAt == "2023-11-14T23:13:20.123456+01:00"', true],
    ['"1970-01-01T00:00:00Z" > endedAt', true],
    ['day >= "2024-02-29"', true],
    ['uuid == "F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6"', true],
    ['length == "PT9M"', true],
    ['bytes == "-_8"', true],
    ['id == "p1"', true],
    ['id < title', true],
    // Text.
    ['title + "!"', 'Été 😀!'],
    ['id + genre', 'p1JAZZ'],
    ['concat("a", id, \'b\')', 'ap1b'],
    ['lower("ÉT")', 'ét'],
    ['upper(title)', 'ÉTÉ 😀'],
    ['trim("  a b ")', 'a b'],
    ['length(title)', 5],
    ['startsWith(title, "Ét")', true],
    ['endsWith(title, "x")', false],
    ['contains(genre, "AZ")', true],
    [String.raw`"a\"b\\c\n\/"`, 'a"b\\c\n/'],
    ['\'say "hi"\'', 'say "hi"'],
    // Choices.
    ['live ? 1 : 2', 1n],
    ['loud ? 1 : live ? 2 : 3', 2n],
    ['sad ? 1 : 2', 2n],
    ['case(loud, "a", live, "b", "c")', 'b'],
    ['case(loud, "a", sad, "b", "c")', 'c'],
    ['case(loud, "a")', null],
    ['coalesce(sad, live)', true],
    ['coalesce(song.genre, "POP")', 'JAZZ'],
    ['coalesce(sad, null)', null],
    ['coalesce(quantity, 0.5)', '3'],
    ['coalesce(ratio, 0)', 0.1],
    ['coalesce(endedAt, "1970-01-01T00:00:00Z")', -1n],
    ['isNull(sad)', true],
    ['isNull(place)', false],
    ['!isNull(tags) || live', true],
    ['least(3, quantity, 2)', 2n],
    ['greatest(price, quantity)', '3'],
    ['greatest(ratio, quantity)', 3],
    ['least("b", title, "a")', 'a'],
    ['greatest(playedAt, endedAt)', 1_700_000_000_123_456n],
    // Rounding: halves away from zero.
    ['round(2.5)', 3n],
    ['round(-2.5)', -3n],
    ['round(price)', 1n],
    ['round(2.345, 2)', '2.35'],
    ['round(-2.345, 2)', '-2.35'],
    ['round(1250, -2)', 1300n],
    ['round(rate, 0)', 3],
    ['round(ratio * 3, 3)', 0.3],
    ['floor(-1.5)', -2n],
    ['ceil(-1.5)', -1n],
    ['floor(rate)', 2n],
    ['ceil(big)', 9_007_199_254_740_993n],
    ['abs(count)', 2_147_483_648n],
    ['abs(-1.50)', '1.5'],
    ['abs(-rate)', 2.5],
    // Conversions.
    ['toString(big)', '9007199254740993'],
    ['toString(price)', '1.10'],
    ['toString(ratio)', '0.1'],
    ['toString(live)', 'true'],
    ['toString(playedAt)', '2023-11-14T22:13:20.123456Z'],
    ['toString(genre)', 'JAZZ'],
    ['toDecimal(ratio)', '0.1'],
    ['toDecimal("1.50")', '1.5'],
    ['toDecimal(big)', '9007199254740993'],
    ['toFloat(price)', 1.1],
    ['toFloat("1e3")', 1000],
    ['toFloat(big)', 9_007_199_254_740_992],
    ['toInt(-1.9)', -1n],
    ['toInt(rate)', 2n],
    ['toInt("-12")', -12n],
    // Time is that of UTC.
    ['year(playedAt) * 10000 + month(playedAt) * 100 + day(playedAt)', 20231114n],
    ['hour(playedAt)', 22],
    ['hour(endedAt)', 23],
    ['year(endedAt)', 1969],
    ['month(day)', 2],
    ['day(day)', 29],
    ['millis(playedAt)', 1_700_000_000_123n],
    ['millis(endedAt)', -1n],
    ['millis(day)', 1_709_164_800_000n],
    ['truncate(playedAt, "1h")', 1_699_999_200_000_000n],
    ['truncate(endedAt, "1d")', -86_400_000_000n],
    // Paths.
    ['place.city', 'Aix'],
    ['place.at.x + 1', 4n],
    ['song.title', 'So What'],
    ['song . artist.name', 'Miles'],
    ['this', 7],
    ['((quantity))', 3],
    ['(quantity + 1) * (quantity - 1)', 8n],
    ['\n quantity\t>\r 2 && live', true],
    ['quantity>2&&!loud', true],
    ['quantity*-1', -3n],
    ['1 - -1', 2n],
    ['1--1', 2n],
    ['!loud == live', true],
    ['1 < 2 == true', true],
    ['loud || live && loud', false],
    ['live || live && loud', true],
  ])('%s is %s', (text, value) => {
    expect(valueOf(text, row)).toEqual(value);
  });

  test('-0 is 0', () => {
    for (const text of ['-rate * 0', '-(rate - rate)', 'abs(-(rate - rate))', 'round(-ratio, 0)']) {
      expect(Object.is(valueOf(text, row), 0), text).toBe(true);
    }
  });

  test.each([
    'sad + 1'.replace('sad', 'big'),
    'big * price',
    '-big',
    'big == quantity',
    'title + "x"',
    'concat("a", title, "b", "c")',
    'lower(title)',
    'least(quantity, big, 1)',
    'round(price, 1)',
    'year(playedAt)',
    'truncate(playedAt, "1h")',
    'toString(big)',
    'song.title',
    'song.artist.name + "x"',
    '!live',
    'live && loud',
    'sad || false',
    'live ? null : sad',
  ])('%s is null where nothing is known', (text) => {
    expect(valueOf(text, { quantity: 1, place })).toBeNull();
    expect(compileExpression(scope, text).nullable).toBe(true);
  });

  test.each<[string, PlainRow, Value]>([
    ['live && loud', { loud: false }, false],
    ['loud && live', { loud: false }, false],
    ['live || loud', { loud: true }, true],
    ['live && loud', { loud: true }, null],
    ['live || loud', { loud: false }, null],
    ['isNull(live) && isNull(song.title)', {}, true],
    ['coalesce(big, count, 5)', { count: 2 }, 2n],
    ['coalesce(big, count, 5)', {}, 5n],
    ['song.artist.name', { song: { title: 'x' } }, null],
    ['coalesce(song.artist.name, "?")', { song: { title: 'x', artist: { name: 'y' } } }, 'y'],
  ])('%s, by row %#', (text, given, value) => {
    expect(valueOf(text, given)).toBe(value);
  });

  test.each<[string, PlainRow, string]>([
    ['quantity / count', { quantity: 1, count: 0 }, 'quantity / count: division by zero'],
    ['2 * (quantity % count)', { quantity: 1, count: 0 }, 'quantity % count: division by zero'],
    ['price / price', { price: '0.00' }, 'price / price: division by zero'],
    ['rate / ratio', { rate: 1, ratio: 0 }, 'rate / ratio: division by zero'],
    ['rate * rate', { rate: 1e200 }, 'rate * rate: the result is beyond the range of Float'],
    ['big * 10', { big: 10n ** 999n }, 'big * 10: the result is beyond the range of BigInt'],
    ['price * price', { price: '1e-600' }, 'price * price: the result is beyond the range of Decimal'],
    ['big + rate', { big: 10n ** 400n, rate: 1 }, 'big + rate: a number is beyond the range of Float'],
    ['toInt(title)', { title: '1.5' }, 'toInt(title): the text is no whole number'],
    ['toDecimal(title)', { title: '1,5' }, 'toDecimal(title): the text is no Decimal'],
    ['toFloat(title)', { title: 'NaN' }, 'toFloat(title): the text is no number'],
    ['title + title', { title: 'x'.repeat(600_000) }, 'title + title: the text would be too long'],
    [
      'truncate(playedAt, "7d")',
      { playedAt: -62_167_219_200_000_000n },
      'truncate(playedAt, "7d"): the result is before the year 0',
    ],
  ])('%s has no value', (text, given, message) => {
    expect(outcomeOf(text, given)).toBe(`error: ${message}`);
  });

  test('what a condition or an operator need not look at does not fail', () => {
    const zero = { quantity: 1, count: 0 };
    expect(valueOf('count != 0 && quantity / count > 1', zero)).toBe(false);
    expect(valueOf('count == 0 || quantity / count > 1', zero)).toBe(true);
    expect(valueOf('count == 0 ? 0 : quantity / count', zero)).toBe('0');
    expect(valueOf('case(count == 0, 0, quantity / count)', zero)).toBe('0');
    expect(valueOf('coalesce(count, quantity / count)', zero)).toBe('0');
  });
});

describe('types', () => {
  test.each([
    ['quantity', 'Int!'],
    ['quantity + quantity', 'BigInt!'],
    ['quantity + count', 'BigInt'],
    ['1 / 2', 'Decimal!'],
    ['quantity * price', 'Decimal'],
    ['quantity * ratio', 'Float'],
    ['id', 'ID!'],
    ['isrc', 'String!'],
    ['place.city', 'String!'],
    ['place.at.x', 'Int!'],
    ['song.title', 'String'],
    ['song.id', 'ID'],
    ['isNull(title)', 'Boolean!'],
    ['title == "a"', 'Boolean'],
    ['coalesce(title, song.title)', 'String'],
    ['coalesce(title, "a")', 'String!'],
    ['coalesce(genre, "POP")', 'Genre!'],
    ['coalesce(genre, mood)', 'String'],
    ['coalesce(count, quantity)', 'Int!'],
    ['coalesce(count, 0)', 'BigInt!'],
    ['coalesce(ratio, 1.5)', 'Float!'],
    ['coalesce(day, "2024-01-01")', 'Date!'],
    ['coalesce(null, quantity)', 'Int!'],
    ['live ? quantity : null', 'Int'],
    ['case(live, 1, 2)', 'BigInt!'],
    ['case(live, 1)', 'BigInt'],
    ['case(live, "ROCK", "JAZZ") == genre', 'Boolean'],
    ['live && true', 'Boolean'],
    ['tags', 'list'],
    ['place', 'Address!'],
    ['coalesce(tags, tags)', 'list'],
    ['length(isrc)', 'Int!'],
    ['toInt(isrc)', 'BigInt!'],
  ])('%s is %s', (text, type) => {
    expect(typeOf(text)).toBe(type);
  });

  test('literals take the type of the column that the value is for', () => {
    const genre = enumOf('ROCK', 'JAZZ');
    expect(valueOf('live ? "ROCK" : null', row, genre)).toBe('ROCK');
    expect(compileExpression(scope, 'case(live, "ROCK", "JAZZ")', genre).type).toBe(genre);
    expect(compileExpression(scope, 'live ? "ROCK" : title', genre).type).toEqual(scalar('String'));
    expect(mistakeIn('live ? "ROCK" : "JAZ"', scope, genre)).toBe('16: Genre has no value "JAZ". Did you mean "JAZZ"?');
    expect(valueOf('"2024-01-01T00:00:00Z"', row, scalar('DateTime'))).toBe(1_704_067_200_000_000n);
    expect(valueOf('1', row, scalar('Float'))).toBe(1);
  });

  test('every column that is read is named once', () => {
    const { reads } = compileExpression(scope, 'song.title + place.city + song.title + isrc');
    expect(
      reads.map(({ relations, column, fields }) =>
        [...relations.map(({ name }) => name), column.name, ...fields].join('.'),
      ),
    ).toEqual(['song.title', 'place.city', 'isrc']);
  });
});
