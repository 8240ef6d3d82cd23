import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileExpression } from '../../../src/catalog/expression.ts';
import { ExpressionMistake } from '../../../src/catalog/expression-mistake.ts';
import { canonicalDecimal } from '../../../src/model/decimal.ts';
import { decimals } from '../../support/arbitrary-values.ts';
import { outcomeOf, scope, valueOf } from './expression-rows.ts';
import type { PlainRow } from './expression-rows.ts';
import {
  add,
  compare,
  divide,
  fromDecimal,
  fromDouble,
  multiply,
  negate,
  remainder,
  rounded,
  same,
  subtract,
} from './ratio.ts';
import type { Ratio } from './ratio.ts';

/** An expression as a tree, printed with as few parentheses as the language needs, and evaluated by a definition of our own. */
type Tree =
  | { readonly kind: 'leaf'; readonly text: string }
  | { readonly kind: 'minus'; readonly operand: Tree }
  | { readonly kind: 'binary'; readonly operator: Operator; readonly left: Tree; readonly right: Tree };
const operators = ['+', '-', '*', '/', '%'] as const;
type Operator = (typeof operators)[number];

const literals = fc.oneof(
  fc.bigInt({ min: 1n, max: 10n ** 20n }).map(String),
  fc.tuple(fc.nat(1_000), fc.stringMatching(/^\d{0,9}[1-9]$/)).map(([int, digits]) => `${int}.${digits}`),
);
const leaves = fc
  .oneof(literals, fc.constantFrom('quantity', 'count', 'big', 'price'))
  .map((text): Tree => ({ kind: 'leaf', text }));
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaves,
    tie('tree').map((operand): Tree => ({ kind: 'minus', operand })),
    fc
      .tuple(fc.constantFrom(...operators), tie('tree'), tie('tree'))
      .map(([operator, left, right]): Tree => ({ kind: 'binary', operator, left, right })),
  ),
}));

const rows = fc.record<PlainRow>({
  quantity: fc.integer({ min: -5, max: 5 }),
  count: fc.option(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), { freq: 8 }),
  big: fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }),
  price: fc.option(decimals, { freq: 8 }),
});

function print(node: Tree, least = 0): string {
  if (node.kind === 'leaf') return node.text;
  if (node.kind === 'minus') return `-${print(node.operand, 3)}`;
  const level = node.operator === '+' || node.operator === '-' ? 1 : 2;
  const text = `${print(node.left, level)} ${node.operator} ${print(node.right, level + 1)}`;
  return level < least ? `(${text})` : text;
}

interface Answer {
  readonly type: 'BigInt' | 'Decimal';
  /** Null is null. */
  readonly value: Ratio | null;
}

class ByZero extends Error {}

function naive(node: Tree, row: PlainRow): Answer {
  if (node.kind === 'leaf') {
    const given = /^\d/.test(node.text) ? node.text : (row[node.text] ?? null);
    const type = node.text === 'price' || node.text.includes('.') ? 'Decimal' : 'BigInt';
    return { type, value: given === null ? null : fromDecimal(String(given as string)) };
  }
  if (node.kind === 'minus') {
    const { type, value } = naive(node.operand, row);
    return { type, value: value && negate(value) };
  }
  const [left, right] = [naive(node.left, row), naive(node.right, row)];
  const { operator } = node;
  const type = operator === '/' || left.type === 'Decimal' || right.type === 'Decimal' ? 'Decimal' : 'BigInt';
  if (left.value === null || right.value === null) return { type, value: null };
  if ((operator === '/' || operator === '%') && right.value.over === 0n) throw new ByZero();
  const calculate = {
    '+': add,
    '-': subtract,
    '*': multiply,
    '%': remainder,
    '/': (a: Ratio, b: Ratio) => rounded(divide(a, b), 34),
  };
  return { type, value: calculate[operator](left.value, right.value) };
}

describe('random expressions', () => {
  test('arithmetic is that of fractions, quotients rounded to 34 digits', () => {
    fc.assert(
      fc.property(tree, rows, (node, row) => {
        const text = print(node);
        let expected: Answer | undefined;
        try {
          expected = naive(node, row);
        } catch (error) {
          if (!(error instanceof ByZero)) throw error;
        }
        const outcome = outcomeOf(text, row);
        if (expected === undefined) {
          expect(outcome).toMatch(/^error: .*: division by zero$/);
          return;
        }
        if (expected.value === null) {
          expect(outcome).toBeNull();
          return;
        }
        const isPlain = node.kind === 'leaf';
        if (expected.type === 'BigInt' && !isPlain) expect(typeof outcome).toBe('bigint');
        if (expected.type === 'Decimal' && !isPlain) expect(outcome).toBe(canonicalDecimal(outcome as string));
        expect(
          same(fromDecimal(String(outcome as string)), expected.value),
          `${text} is ${String(outcome as string)}`,
        ).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  const numbers = {
    quantity: fc.integer({ min: -3, max: 3 }),
    big: fc.oneof(fc.bigInt(), fc.bigInt({ min: -3n, max: 3n })),
    price: fc.oneof(decimals, fc.constantFrom('0.1', '-0.0', '1.0', '0.5')),
    ratio: fc
      .oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(0.1, 0.5, -0, 1))
      .map((value) => value + 0),
  };
  const names = fc.constantFrom(...(Object.keys(numbers) as (keyof typeof numbers)[]));

  test('numbers of all types compare by their exact values', () => {
    const comparisons = {
      '==': (order: number) => order === 0,
      '!=': (order: number) => order !== 0,
      '<': (order: number) => order < 0,
      '<=': (order: number) => order <= 0,
      '>': (order: number) => order > 0,
      '>=': (order: number) => order >= 0,
    };
    const operator = fc.constantFrom(...(Object.keys(comparisons) as (keyof typeof comparisons)[]));
    fc.assert(
      fc.property(names, names, operator, fc.record(numbers), (a, b, sign, row) => {
        const exact = (value: unknown): Ratio =>
          typeof value === 'number' ? fromDouble(value) : fromDecimal(String(value));
        expect(valueOf(`${a} ${sign} ${b}`, row)).toBe(comparisons[sign](compare(exact(row[a]), exact(row[b]))));
      }),
      { numRuns: 2_000 },
    );
  });

  test('with a Float, arithmetic is that of doubles', () => {
    const calculations = {
      '+': (a: number, b: number) => a + b,
      '-': (a: number, b: number) => a - b,
      '*': (a: number, b: number) => a * b,
      '/': (a: number, b: number) => a / b,
      '%': (a: number, b: number) => a % b,
    };
    fc.assert(
      fc.property(
        names,
        fc.constantFrom(...operators),
        fc.boolean(),
        fc.record(numbers),
        (other, operator, swap, row) => {
          const [a, b] = swap ? ([other, 'ratio'] as const) : (['ratio', other] as const);
          const outcome = outcomeOf(`${a} ${operator} ${b}`, row);
          const [left, right] = [Number(row[a]), Number(row[b])];
          const result = calculations[operator](left, right) + 0;
          if ((operator === '/' || operator === '%') && right === 0) expect(outcome).toMatch(/division by zero$/);
          else if (!Number.isFinite(result)) expect(outcome).toMatch(/beyond the range of Float$/);
          else expect(outcome).toBe(result);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('logic is three-valued', () => {
    type Logic = { readonly text: string; readonly value: (row: PlainRow) => boolean | null };
    const { logic } = fc.letrec<{ logic: Logic }>((tie) => ({
      logic: fc.oneof(
        { maxDepth: 5 },
        fc
          .constantFrom('live', 'loud', 'sad')
          .map((text): Logic => ({ text, value: (row) => (row[text] ?? null) as boolean | null })),
        fc.boolean().map((value): Logic => ({ text: String(value), value: () => value })),
        tie('logic').map(({ text, value }): Logic => ({
          text: `!(${text})`,
          value: (row) => {
            const answer = value(row);
            return answer === null ? null : !answer;
          },
        })),
        tie('logic').map(({ text, value }): Logic => ({
          text: `isNull(${text})`,
          value: (row) => value(row) === null,
        })),
        fc.tuple(fc.constantFrom('&&', '||', '=='), tie('logic'), tie('logic')).map(([operator, a, b]): Logic => ({
          text: `(${a.text}) ${operator} (${b.text})`,
          value: (row) => {
            const [left, right] = [a.value(row), b.value(row)];
            if (operator === '==') return left === null || right === null ? null : left === right;
            const decisive = operator === '||';
            if (left === decisive || right === decisive) return decisive;
            return left === null || right === null ? null : !decisive;
          },
        })),
      ),
    }));
    const answers = fc.constantFrom(true, false, null);
    fc.assert(
      fc.property(logic, fc.record({ live: answers, loud: answers, sad: answers }), ({ text, value }, row) => {
        fc.pre((text.match(/\(/g) ?? []).length < 50 && text.length < 3_000);
        expect(valueOf(text, row)).toBe(value(row));
      }),
      { numRuns: 1_000 },
    );
  });

  test('whatever is written is an expression or a mistake inside of it', () => {
    const words = fc.constantFrom(
      ...'quantity title song live this null true lower case 1 0.5 "a" \' " \\ ( ) , . ? : + - * / !'.split(' '),
      ...'== = < && | [ ] { ; ?. 😀'.split(' '),
      ' ',
      '\n',
    );
    const texts = fc.oneof(
      fc.array(words, { maxLength: 12 }).map((all) => all.join('')),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(texts, (text) => {
        try {
          compileExpression(scope, text);
        } catch (error) {
          expect(error, text).toBeInstanceOf(ExpressionMistake);
          const { offset } = error as ExpressionMistake;
          expect(offset >= 0 && offset <= text.length, `${offset} in ${text}`).toBe(true);
        }
      }),
      { numRuns: 5_000 },
    );
  });
});
