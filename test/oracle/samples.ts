import { parseJson, printJson, type Json } from './json.ts';
import type { Random } from './random.ts';
import type { ScalarKind, TypeSpec } from './spec.ts';

const long = 'x'.repeat(509);

/** Small on purpose: ties, equal values under other spellings, and the edges of each type's range. As JSON text. */
const samples: Record<ScalarKind, readonly string[]> = {
  ID: ['"a"', '"b"', '"A"', '""', '"a:b"', '"a%3Ab"', '"é"', '"😀"', '"\uffee"', '"10"', '"9"'],
  String: [
    '"a"',
    '"b"',
    '"ab"',
    '"AB"',
    '"abc"',
    '"Abc"',
    '""',
    '" "',
    '"é"',
    '"e\u0301"',
    '"😀"',
    '"\uffee"',
    '"\\u0000"',
    '"a\\u0000b"',
    '"line\\nbreak \\"quoted\\" \\\\"',
    `"${long}"`,
    `"${long}aaaa"`,
    `"${long}aaab"`,
    `"${long}aaabz"`,
    `"${long}é"`,
    `"${long}aa😀z"`,
  ],
  Int: ['0', '1', '2', '-1', '-0', '7', '2147483647', '-2147483648', '10'],
  Float: [
    '0',
    '-0',
    '1',
    '1.5',
    '-1.5',
    '1e21',
    '1e-7',
    '0.1',
    '123456789.125',
    '-2.5e10',
    '1.7976931348623157e308',
    '5e-324',
  ],
  Boolean: ['true', 'false'],
  BigInt: [
    '0',
    '1',
    '-1',
    '"1"',
    '"2"',
    '9007199254740993',
    '"9007199254740992"',
    '9223372036854775807',
    '-9223372036854775808',
    '"9223372036854775806"',
    '100',
  ],
  Decimal: [
    '"1.5"',
    '1.50',
    '"1.500"',
    '0',
    '"0.00"',
    '-0.0',
    '"-1.5"',
    '2',
    '"2.0"',
    '"10"',
    '9.99',
    '"0.1"',
    '"0.10"',
    '"1e2"',
    '100',
    '"123456789012345678901234567890.123456789"',
    '"-123456789012345678901234567890.123456788"',
    '0.0001',
  ],
  DateTime: [
    '"2026-01-01T00:00:00Z"',
    '1767225600000',
    '"2026-01-01T01:00:00+01:00"',
    '"2026-01-01T00:00:00.000001Z"',
    '"2026-01-01T00:00:00.123Z"',
    '"1969-12-31T23:59:59.999999Z"',
    '0',
    '-1',
    '"2026-06-01T12:30:00.5Z"',
    '"1600-02-29T00:00:00Z"',
  ],
  Date: ['"2026-01-01"', '"2026-01-02"', '"2024-02-29"', '"1969-12-31"', '"0001-01-01"'],
  UUID: [
    '"00000000-0000-0000-0000-000000000000"',
    '"f81d4fae-7dec-11d0-a765-00a0c91e6bf6"',
    '"f81d4fae-7dec-11d0-a765-00a0c91e6bf7"',
  ],
  Duration: ['"PT1M"', '"PT60S"', '"P1D"', '"PT1H30M"'],
  Bytes: ['""', '"AA=="', '"/w=="', '"YWJj"', '"AAAA"'],
  JSON: [
    '{}',
    '[]',
    '0',
    '"text"',
    'true',
    '{"a":1.10,"b":[1e5,12345678901234567890]}',
    '{ "z" : 1 , "a" : { "deep" : [ null , "x" ] } }',
    '{"a":1,"a":2}',
    '"é\\u00e9\\/"',
    '[1.0,1,-0]',
  ],
};

/** Longer than what an index holds of a string, and alike up to there. */
export const longTexts = ['', 'a', 'aaaa', 'aaab', 'aaabz', 'é', 'aa😀z', 'aaa\uffee'].map((end) => `"${long}${end}"`);

/** A value that is right for the type, as a record has it; the samples of strings also make what is beyond them. */
export function sampleText(random: Random, type: TypeSpec, size: 'few' | 'any' = 'any'): string {
  switch (type.kind) {
    case 'enum':
      return JSON.stringify(random.pick(type.values));
    case 'list': {
      const count = random.pick([0, 1, 1, 2, 2, 3]);
      const items = Array.from({ length: count }, () =>
        !type.elementRequired && random.chance(0.2) ? 'null' : sampleText(random, type.element, size),
      );
      return `[${items.join(',')}]`;
    }
    case 'object': {
      const fields = type.fields
        .map((f): string | undefined => {
          if (!f.required && random.chance(0.15)) return undefined;
          return `${JSON.stringify(f.name)}:${!f.required && random.chance(0.15) ? 'null' : sampleText(random, f.type, size)}`;
        })
        .filter((field) => field !== undefined);
      if (random.chance(0.2)) fields.push('"unknownField":{"x":[1]}');
      return `{${random.shuffled(fields).join(',')}}`;
    }
    case 'scalar': {
      const list = samples[type.scalar];
      return random.pick(size === 'few' ? list.slice(0, 5) : list);
    }
  }
}

/** A value that no column of the type takes. */
export function wrongText(random: Random, type: TypeSpec): string {
  switch (type.kind) {
    case 'enum':
      return random.pick(['"NO_SUCH"', '1', '""', 'true']);
    case 'list':
      return random.pick([
        '"x"',
        '{}',
        '5',
        type.elementRequired ? '[null]' : '{"a":1}',
        `[${wrongText(random, type.element)}]`,
      ]);
    case 'object':
      return random.pick(['"x"', '[]', '5', 'true']);
    case 'scalar':
      return random.pick(wrong[type.scalar]);
  }
}

const wrong: Record<ScalarKind, readonly string[]> = {
  ID: ['true', '{}', '[]', '1.5'],
  String: ['1', 'true', '{}', '[]'],
  Int: ['1.5', '"1x"', '2147483648', '-2147483649', 'true', '{}', '1e10'],
  Float: ['"x"', 'true', '1e400', '-1e400', '[]'],
  Boolean: ['1', '0', '"yes"', '{}'],
  BigInt: ['1.5', '"x"', 'true', '""', '{}'],
  Decimal: ['"x"', '"1."', '""', 'true', '"1,5"', '[]'],
  DateTime: ['"yesterday"', '"2026-13-01T00:00:00Z"', 'true', '1.5', '"2026-02-30T00:00:00Z"', '"2026-01-01T00:00:00"'],
  Date: ['"2026-02-30"', '"01.02.2026"', '20260101', 'true'],
  UUID: ['"not-a-uuid"', '""', '5'],
  Duration: ['"soon"', '"P"', '5', '""'],
  Bytes: ['"***"', '5', 'true'],
  // Every JSON value is JSON; an enum's name is nothing else's problem.
  JSON: ['"fine"'],
};

/** The same JSON with other blanks. Not where it has escapes: other escapes are another text, which JSON columns keep. */
export function respaced(random: Random, text: string): string {
  if (random.chance(0.6) || text.includes('\\/')) return text;
  return print(random, parseJson(text));
}

function print(random: Random, json: Json): string {
  const blank = (): string => random.pick(['', '', ' ', '\n', '\t ']);
  if (json.t === 'arr')
    return `[${blank()}${json.items.map((item) => print(random, item)).join(`${blank()},${blank()}`)}${blank()}]`;
  if (json.t === 'obj') {
    const members = json.entries.map(
      ([name, value]) => `${JSON.stringify(name)}${blank()}:${blank()}${print(random, value)}`,
    );
    return `{${blank()}${members.join(`${blank()},${blank()}`)}${blank()}}`;
  }
  return printJson(json);
}
