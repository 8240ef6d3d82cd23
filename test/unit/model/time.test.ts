import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  dateTimeFromMs,
  formatDateTime,
  isDate,
  isDuration,
  maxDateTime,
  minDateTime,
  parseDateTime,
  parseDurationMs,
} from '../../../src/model/time.ts';

describe('parseDateTime', () => {
  test.each([
    ['1970-01-01T00:00:00Z', '1970-01-01T00:00:00.000Z'],
    ['2026-11-21T10:00:00.5Z', '2026-11-21T10:00:00.500Z'],
    ['2026-11-21T10:00:00,5Z', '2026-11-21T10:00:00.500Z'],
    ['2026-11-21t10:00:00z', '2026-11-21T10:00:00.000Z'],
    ['2026-11-21 10:00:00+00', '2026-11-21T10:00:00.000Z'],
    ['2026-11-21T10:00Z', '2026-11-21T10:00:00.000Z'],
    ['2026-11-21T10:00:00+01:30', '2026-11-21T08:30:00.000Z'],
    ['2026-11-21T10:00:00-0130', '2026-11-21T11:30:00.000Z'],
    ['2026-11-21T23:30:00-01:00', '2026-11-22T00:30:00.000Z'],
    ['2026-11-21T10:00:00.123456Z', '2026-11-21T10:00:00.123456Z'],
    ['2026-11-21T10:00:00.123456999Z', '2026-11-21T10:00:00.123456Z'],
    ['1969-12-31T23:59:59.999999999Z', '1969-12-31T23:59:59.999999Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['2000-02-29T00:00:00Z', '2000-02-29T00:00:00.000Z'],
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
    ['2016-12-31T18:59:60.25-05:00', '2017-01-01T00:00:00.250Z'],
    ['0000-01-01T00:00:00Z', '0000-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999999Z', '9999-12-31T23:59:59.999999Z'],
  ])('reads %s as %s', (text, printed) => {
    const us = parseDateTime(text);
    expect(us === undefined ? undefined : formatDateTime(us)).toBe(printed);
  });

  test.each([
    '',
    '2026-11-21',
    '2026-11-21T10:00:00',
    '2026-11-21T10:00:00.Z',
    '2026-11-21T10:00:00Zx',
    '2026-11-21T10:00:00 Z',
    '2026-11-21T24:00:00Z',
    '2026-11-21T10:60:00Z',
    '2026-11-21T10:00:61Z',
    '2026-11-21T10:00:60Z',
    '2026-11-21T1:00:00Z',
    '2026-11-21T10Z',
    '2026-11-21T10:00:00+24:00',
    '2026-11-21T10:00:00+1',
    '2026-11-21T10:00:00+01:3',
    '2023-02-29T00:00:00Z',
    '1900-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '20261121T100000Z',
    '+12026-11-21T10:00:00Z',
    '0000-01-01T00:00:00+00:01',
    '9999-12-31T23:59:59-00:01',
    '２０２６-11-21T10:00:00Z',
    'yesterday',
  ])('refuses %j', (text) => {
    expect(parseDateTime(text)).toBe(undefined);
  });

  test('reads back what formatDateTime writes, to the microsecond', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: minDateTime, max: maxDateTime }), (us) => {
        expect(parseDateTime(formatDateTime(us))).toBe(us);
      }),
      { numRuns: 2_000 },
    );
  });

  test('agrees with Date to the millisecond', () => {
    const dates = fc.date({
      min: new Date('0000-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(dates, (date) => {
        const us = BigInt(date.getTime()) * 1_000n;
        expect(parseDateTime(date.toISOString())).toBe(us);
        expect(formatDateTime(us)).toBe(date.toISOString());
        expect(dateTimeFromMs(date.getTime())).toBe(us);
      }),
      { numRuns: 2_000 },
    );
  });
});

test.each([0.5, NaN, Infinity, 253_402_300_800_000, -62_167_219_200_001, 2 ** 60])('%d is no instant in ms', (ms) => {
  expect(dateTimeFromMs(ms)).toBe(undefined);
});

test('dates are days that exist', () => {
  expect(['2024-02-29', '0000-01-01', '9999-12-31'].every(isDate)).toBe(true);
  expect(['2023-02-29', '2024-1-1', '2024-01-01T', '2024/01/01', '24-01-01', ''].some(isDate)).toBe(false);
});

test('durations are ISO 8601', () => {
  expect(['P7D', 'PT1H30M', 'P1Y2M3W4DT5H6M7.5S', '-PT6H', 'PT-6H+3M', 'PT0S'].every(isDuration)).toBe(true);
  expect(['', 'P', 'PT', 'P1DT', '7D', '10m', 'P1H', 'PT1D', 'PT1.5H', 'p7d'].some(isDuration)).toBe(false);
});

test.each<[string, number | undefined]>([
  ['P7D', 604_800_000],
  ['P2W', 1_209_600_000],
  ['PT10M', 600_000],
  ['P1DT12H', 129_600_000],
  ['PT0.25S', 250],
  ['500ms', 500],
  ['30s', 30_000],
  ['10m', 600_000],
  ['1h', 3_600_000],
  ['7d', 604_800_000],
  ['0s', 0],
  ['P1M', undefined],
  ['P1Y', undefined],
  ['P', undefined],
  ['PT', undefined],
  ['P1DT', undefined],
  ['-1h', undefined],
  ['1.5h', undefined],
  ['1 h', undefined],
  ['h', undefined],
  ['999999999999999d', undefined],
])('the length of %s is %s ms', (text, ms) => {
  expect(parseDurationMs(text)).toBe(ms);
});
