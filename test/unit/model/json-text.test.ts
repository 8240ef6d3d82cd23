import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isDeeperThan, jsonElements, jsonMembers, minifyJson, stringFromJson } from '../../../src/model/json-text.ts';

test.each([
  [' { "a" : 1.10 ,\n\t"b c" : [ 1 , 2 ] } ', '{"a":1.10,"b c":[1,2]}'],
  ['"  a  "', '"  a  "'],
  ['[" \\" , ", 1 ]', '[" \\" , ",1]'],
  ['["\\\\", 1]', '["\\\\",1]'],
  [' 12345678901234567890 ', '12345678901234567890'],
])('minifies %j', (text, minified) => {
  expect(minifyJson(text)).toBe(minified);
});

test('cuts members without touching digits; the last of a name wins', () => {
  const members = jsonMembers('{ "a": 1.10, "b": {"a": 2 }, "\\u0061": 1e400, "": null, "__proto__": [ 1, 2 ] }');
  expect([...(members ?? [])]).toEqual([
    ['a', '1e400'],
    ['b', '{"a":2}'],
    ['', 'null'],
    ['__proto__', '[1,2]'],
  ]);
  expect(jsonMembers(' { } ')?.size).toBe(0);
  expect(jsonMembers('[1]')).toBe(undefined);
});

test('cuts elements', () => {
  expect(jsonElements('[ 1.0, "a,]", [ 2 ], {"a": "}"} ]')).toEqual(['1.0', '"a,]"', '[2]', '{"a":"}"}']);
  expect(jsonElements(' [ ] ')).toEqual([]);
  expect(jsonElements('{}')).toBe(undefined);
});

describe('against a naive parser that keeps the text of numbers', () => {
  /** JSON with every way to write the same: blanks, escapes, repeated names, numbers of any length. */
  const blanks = fc.constantFrom('', '', '', ' ', '\n', '\t \r');
  const numbers = fc.constantFrom(
    '0',
    '-0',
    '1.10',
    '1E+2',
    '12345678901234567890',
    '0.10000000000000000000001',
    '1e400',
  );
  const strings = fc
    .array(fc.constantFrom('a', 'é', '😀', '\\"', '\\\\', '\\u0041', '\\ud83d', ',', ']', '}', '{', '[', ' ', ':'), {
      maxLength: 4,
    })
    .map((parts) => `"${parts.join('')}"`);
  const { json } = fc.letrec<{ json: string }>((tie) => ({
    json: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      fc.oneof(numbers, strings, fc.constantFrom('true', 'false', 'null')),
      fc
        .array(fc.tuple(blanks, tie('json'), blanks), { maxLength: 3 })
        .map((items) => `[${items.flat().length === 0 ? ' ' : items.map((item) => item.join('')).join(',')}]`),
      fc
        .array(fc.tuple(blanks, strings, blanks, tie('json'), blanks), { maxLength: 3 })
        .map((items) => `{${items.map(([a, name, b, value, c]) => `${a}${name}${b}:${b}${value}${c}`).join(',')}}`),
    ),
  }));
  const documents = fc.tuple(blanks, json, blanks).map((parts) => parts.join(''));

  test('members, elements and minified text are the same', () => {
    fc.assert(
      fc.property(documents, (text) => {
        JSON.parse(text);
        const tree = parseNaively(text);
        expect(minifyJson(text)).toBe(tree.text);
        expect(jsonElements(text)).toEqual(tree.elements);
        expect(jsonMembers(text)).toEqual(tree.members);
        const parsed: unknown = JSON.parse(text);
        const names = tree.members === undefined ? undefined : Object.keys(parsed as object).toSorted();
        expect(tree.members && [...tree.members.keys()].toSorted()).toEqual(names);
        for (const depth of [0, 1, 2, 5]) expect(isDeeperThan(text, depth)).toBe(tree.depth > depth);
      }),
      { numRuns: 2_000 },
    );
  });
});

test('measures depth outside of strings', () => {
  expect(isDeeperThan('['.repeat(65) + ']'.repeat(65), 64)).toBe(true);
  expect(isDeeperThan('['.repeat(64) + ']'.repeat(64), 64)).toBe(false);
  expect(isDeeperThan(`["${'['.repeat(500)}"]`, 64)).toBe(false);
  expect(isDeeperThan(`[${'[],'.repeat(500)}[]]`, 64)).toBe(false);
});

test('reads string literals', () => {
  expect(stringFromJson('"a\\u0041\\n"')).toBe('aA\n');
  expect(stringFromJson('"plain é"')).toBe('plain é');
});

interface Tree {
  readonly text: string;
  readonly depth: number;
  readonly members?: Map<string, string>;
  readonly elements?: string[];
}

/** One character after the other, by recursion. */
function parseNaively(text: string): Tree {
  let at = 0;
  const blank = (): void => {
    while (' \n\t\r'.includes(text[at] ?? 'x')) at += 1;
  };
  const string = (): string => {
    const start = at;
    for (at += 1; text[at] !== '"'; at += 1) if (text[at] === '\\') at += 1;
    at += 1;
    return text.slice(start, at);
  };
  const value = (): Tree => {
    blank();
    const parts: string[] = [];
    let depth = 0;
    const first = text[at];
    if (first === '"') return { text: string(), depth: 0 };
    if (first !== '[' && first !== '{') {
      const start = at;
      while (at < text.length && !',]} \n\t\r'.includes(text[at] ?? '')) at += 1;
      return { text: text.slice(start, at), depth: 0 };
    }
    const members = new Map<string, string>();
    const elements: string[] = [];
    at += 1;
    blank();
    while (text[at] !== ']' && text[at] !== '}') {
      let name = '';
      if (first === '{') {
        name = string();
        blank();
        at += 1;
      }
      const inner = value();
      depth = Math.max(depth, inner.depth);
      elements.push(inner.text);
      if (first === '{') members.set(JSON.parse(name) as string, inner.text);
      parts.push(first === '{' ? `${name}:${inner.text}` : inner.text);
      blank();
      if (text[at] === ',') at += 1;
      blank();
    }
    at += 1;
    const whole = first + parts.join(',') + (first === '{' ? '}' : ']');
    return first === '{' ? { text: whole, depth: depth + 1, members } : { text: whole, depth: depth + 1, elements };
  };
  return value();
}
