import { describe, expect, test } from 'vitest';
import { assignTo } from '../../../src/catalog/expression-assign.ts';
import { compileExpression } from '../../../src/catalog/expression.ts';
import { ExpressionError } from '../../../src/model/expression.ts';
import type { ColumnType, ScalarName, Value } from '../../../src/model/value.ts';
import { enumOf, listOf, scalar } from '../../support/make-table.ts';
import { evaluate, scope } from './expression-rows.ts';
import type { PlainRow } from './expression-rows.ts';

function assigned(text: string, type: ColumnType, row: PlainRow = {}, required = false): Value {
  const expression = assignTo(compileExpression(scope, text, type), type, required);
  if (typeof expression === 'string') return expression;
  expect(expression.type).toEqual(type);
  try {
    return evaluate(expression, row);
  } catch (error) {
    if (error instanceof ExpressionError) return `error: ${error.message}`;
    throw error;
  }
}

describe('a value for a column', () => {
  test.each<[string, ScalarName, PlainRow, Value]>([
    ['quantity', 'Int', { quantity: 3 }, 3],
    ['quantity', 'BigInt', { quantity: 3 }, 3n],
    ['quantity', 'Float', { quantity: 3 }, 3],
    ['quantity', 'Decimal', { quantity: 3 }, '3'],
    ['quantity + 1', 'Int', { quantity: 2_147_483_646 }, 2_147_483_647],
    ['quantity + 1', 'Int', { quantity: 2_147_483_647 }, 'error: quantity + 1 is not within the 32 bits of Int'],
    ['-quantity - 1', 'Int', { quantity: 2_147_483_647 }, -2_147_483_648],
    ['-quantity - 2', 'Int', { quantity: 2_147_483_647 }, 'error: -quantity - 2 is not within the 32 bits of Int'],
    ['big', 'Decimal', { big: 9_007_199_254_740_993n }, '9007199254740993'],
    ['big', 'Float', { big: 9_007_199_254_740_993n }, 9_007_199_254_740_992],
    ['big', 'Float', { big: 10n ** 400n }, 'error: big: a number is beyond the range of Float'],
    ['price', 'Decimal', { price: '1.10' }, '1.10'],
    ['price', 'Float', { price: '1.10' }, 1.1],
    ['price', 'Float', { price: '1e400' }, 'error: price: a number is beyond the range of Float'],
    ['genre', 'String', { genre: 'JAZZ' }, 'JAZZ'],
    ['title', 'ID', { title: 'x' }, 'x'],
    ['id', 'String', { id: 'x' }, 'x'],
    ['big', 'Int', {}, null],
    ['price', 'Float', {}, null],
  ])('%s as %s, by row %#', (text, type, row, value) => {
    expect(assigned(text, scalar(type), row)).toBe(value);
  });

  test.each<[string, ColumnType, string]>([
    ['ratio', scalar('Int'), 'ratio is Float and the column is Int: write toInt(ratio), or declare it Float'],
    [
      'price * 2',
      scalar('BigInt'),
      'price * 2 is Decimal and the column is BigInt: write toInt(price * 2), or declare it Decimal',
    ],
    [
      'ratio',
      scalar('Decimal'),
      'ratio is Float and the column is Decimal: write toDecimal(ratio), or declare it Float',
    ],
    ['title', scalar('Int'), 'title is String and the column is Int: write toInt(title), or declare it String'],
    ['live', scalar('String'), 'live is Boolean and the column is String: write toString(live), or declare it Boolean'],
    ['live', scalar('Int'), 'live is Boolean and the column is Int'],
    ['title', enumOf('A'), 'title is String and the column is Genre'],
    ['playedAt', scalar('Date'), 'playedAt is DateTime and the column is Date'],
    ['tags', listOf(scalar('Int')), 'tags is [String] and the column is [Int]'],
    ['tags', listOf(scalar('String'), true), 'tags is [String] and the column is [String!]'],
  ])('%s is none', (text, type, problem) => {
    expect(assigned(text, type)).toBe(problem);
  });

  test.each<[string, string]>([
    ['big', '"big" may be null; the column is required: make it nullable, or write coalesce(big, …)'],
    [
      'big * 2',
      'big * 2 may be null ("big" may be null); the column is required: make it nullable, or write coalesce(big * 2, …)',
    ],
    [
      'song.title',
      '"song.title" may be null: the row that "song" leads to may be missing; the column is required: make it nullable, or write coalesce(song.title, …)',
    ],
    [
      'live ? 1 : null',
      'live ? 1 : null may be null (null is one of its values); the column is required: make it nullable, or write coalesce(live ? 1 : null, …)',
    ],
  ])('%s may be null, and a required column says why it cannot be', (text, problem) => {
    const expression = compileExpression(scope, text);
    expect(assignTo(expression, expression.type, true)).toBe(problem);
    expect(assignTo(expression, expression.type, false)).toBe(expression);
  });

  test('a list without nulls is also one that may have them', () => {
    const strict = { ...compileExpression(scope, 'tags'), type: listOf(scalar('String'), true) };
    expect(assignTo(strict, listOf(scalar('String')), false)).toMatchObject({ type: listOf(scalar('String')) });
  });

  test('what is never null is fine', () => {
    expect(assigned('coalesce(big, 0) + quantity', scalar('BigInt'), { quantity: 1 }, true)).toBe(1n);
    expect(assigned('"JAZZ"', enumOf('ROCK', 'JAZZ'), {}, true)).toBe('JAZZ');
  });
});
