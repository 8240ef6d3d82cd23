import fc from 'fast-check';
import { expect, test } from 'vitest';
import { maxJsonDepth, scanObject, skipJson, skipSpace } from '../../../src/common/json-scan.ts';

function isJson(text: string): boolean {
  const bytes = Buffer.from(text);
  const end = skipJson(bytes, 0);
  return end >= 0 && skipSpace(bytes, end) === bytes.length;
}

test('accepts what JSON.parse accepts', () => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom('', ' ', '\n', '\t '), (text, space) => {
      expect(isJson(space + text + space)).toBe(true);
    }),
  );
});

test('agrees with JSON.parse about texts that are nearly JSON', () => {
  const piece = fc.constantFrom(
    ...'{}[]:,"\\ \n\t019-+.eEtfn',
    'true',
    'false',
    'null',
    '\\u00e9',
    '"a"',
    '1e5',
    '\u0001',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = pieces.join('');
      expect(isJson(text)).toBe(parses(text));
    }),
    { numRuns: 5_000 },
  );
});

test.each([
  '01',
  '1.',
  '.5',
  '-',
  '+1',
  '1e',
  'nul',
  'truefalse',
  '"\\x"',
  '"\\u12g4"',
  '"open',
  '[1,]',
  '{"a":1,}',
  '{1:2}',
  '\ufeff1',
])('refuses %s', (text) => {
  expect(isJson(text)).toBe(false);
});

test('says where the text stops being JSON', () => {
  expect(~skipJson(Buffer.from('{"a":[1,tru]}'), 0)).toBe(11);
  expect(~skipJson(Buffer.from('{"a"'), 0)).toBe(4);
});

test('refuses nesting beyond the limit without recursing', () => {
  expect(isJson('['.repeat(maxJsonDepth) + ']'.repeat(maxJsonDepth))).toBe(true);
  expect(isJson('['.repeat(1_000_000))).toBe(false);
});

test('visits members in order, repeats included, with their exact text', () => {
  const bytes = Buffer.from(' { "a" : 1.10 , "b":{"a":[ 2 ]},"a":"\\u0041" } ');
  const members: string[][] = [];
  const text = (start: number, end: number) => bytes.subarray(start, end).toString();
  const end = scanObject(bytes, (nameStart, nameEnd, start, stop) => {
    members.push([text(nameStart, nameEnd), text(start, stop)]);
  });
  expect(end).toBe(bytes.length);
  expect(members).toEqual([
    ['"a"', '1.10'],
    ['"b"', '{"a":[ 2 ]}'],
    ['"a"', '"\\u0041"'],
  ]);
});

test('visits the members that JSON.parse sees', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
      const bytes = Buffer.from(JSON.stringify(object));
      const seen = new Map<unknown, unknown>();
      const end = scanObject(bytes, (nameStart, nameEnd, start, stop) => {
        const parse = (from: number, to: number): unknown => JSON.parse(bytes.subarray(from, to).toString());
        seen.set(parse(nameStart, nameEnd), parse(start, stop));
      });
      expect(end).toBe(bytes.length);
      expect(seen).toEqual(new Map(Object.entries(JSON.parse(JSON.stringify(object)) as object)));
    }),
  );
});

test.each(['[]', '1', '{}x', '{"a":1}{', '', '{"a":1'])('does not take %j for one object', (text) => {
  expect(scanObject(Buffer.from(text), () => {})).toBeLessThan(0);
});

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
