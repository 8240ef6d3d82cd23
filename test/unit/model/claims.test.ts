import { describe, expect, test } from 'vitest';
import { bindClaims, claimAt, readClaimPath } from '../../../src/model/claims.ts';
import { evaluate } from '../../../src/model/evaluate.ts';
import type { ClaimOperand, CompareOp } from '../../../src/model/predicate.ts';
import type { ColumnType, Value } from '../../../src/model/value.ts';
import { enumOf, listOf, makeTable, scalar } from '../../support/make-table.ts';

describe('paths', () => {
  test.each([
    ['$jwt.sub', { claim: ['sub'] }],
    ['$jwt.org.tenant', { claim: ['org', 'tenant'] }],
    ['$jwt.https://example\\.com/claims.role', { claim: ['https://example.com/claims', 'role'] }],
    ['jwt.sub', undefined],
    ['', undefined],
    ['$jwt', 'misspelt'],
    ['$jwt.', 'misspelt'],
    ['$jwt.a..b', 'misspelt'],
    ['$jtw.sub', 'misspelt'],
  ])('%s', (text, path) => {
    expect(readClaimPath(text)).toEqual(path);
  });

  test('lead to own members alone', () => {
    const claims = { sub: 'u1', org: { tenant: 't1' }, list: ['a'] };
    expect(claimAt(claims, ['org', 'tenant'])).toBe('t1');
    const none = [
      ['nobody'],
      ['sub', 'length'],
      ['list', 'length'],
      ['toString'],
      ['__proto__', 'x'],
      ['org', 'constructor'],
    ];
    for (const path of none) {
      expect(claimAt(claims, path), path.join('.')).toBeUndefined();
    }
  });
});

/** Whether a rule on one column lets a row with this value in; undefined: it grants nothing. */
function lets(
  type: ColumnType,
  op: CompareOp,
  claims: ClaimOperand,
  caller: Readonly<Record<string, unknown>>,
  value: Value,
): boolean | null | undefined {
  const { columns } = makeTable({ columns: [{ name: 'id', type }] });
  const [column] = columns;
  if (column === undefined) throw new Error('no column');
  const unbound = { kind: 'compare', column, path: [], type, op, operand: null, insensitive: false, claims } as const;
  const bound = bindClaims({ unbound: { kind: 'not', part: { kind: 'not', part: unbound } } }, caller);
  return bound && evaluate(bound, { value: () => value }, () => []);
}

describe('claims in the place of operands', () => {
  const claim: ClaimOperand = { claim: ['x'] };
  const items: ClaimOperand = { items: [{ claim: ['x'] }, { value: 'b' }] };
  const id = scalar('ID');
  test.each<[string, ColumnType, CompareOp, ClaimOperand, unknown, Value, boolean | undefined]>([
    ['a text', id, 'eq', claim, 'a', 'a', true],
    ['a number for an ID', id, 'eq', claim, 7, '7', true],
    ['another value', id, 'eq', claim, 'b', 'a', false],
    ['a list where one value is wanted', id, 'eq', claim, ['a'], 'a', undefined],
    ['nothing', id, 'eq', claim, undefined, 'a', undefined],
    ['null', id, 'neq', claim, null, 'a', undefined],
    ['an object', id, 'neq', claim, { a: 1 }, 'a', undefined],
    ['a text for a number', scalar('Int'), 'gt', claim, 'many', 1, undefined],
    ['a number', scalar('Int'), 'gt', claim, 0, 1, true],
    ['a fraction for a whole number', scalar('Int'), 'gt', claim, 0.5, 1, undefined],
    ['a number that JavaScript cannot tell', scalar('BigInt'), 'eq', claim, 2 ** 53, 9007199254740992n, undefined],
    ['a name that the enum does not have', enumOf('A', 'B'), 'eq', claim, 'C', 'A', undefined],
    ['a list', id, 'in', claim, ['a', 'b'], 'a', true],
    ['one value for a list', id, 'in', claim, 'a', 'a', true],
    ['an empty list', id, 'in', claim, [], 'a', false],
    ['an empty list that excludes', id, 'notIn', claim, [], 'a', true],
    ['a list with a null', id, 'notIn', claim, ['b', null], 'a', undefined],
    ['a list with what does not fit', scalar('Int'), 'in', claim, [1, 'x'], 1, undefined],
    ['one of a list', id, 'in', items, 'a', 'a', true],
    ['one of a list, beside a value', id, 'in', items, 'a', 'b', true],
    ['a list inside a list', id, 'in', items, ['a'], 'a', undefined],
    ['an element', listOf(id), 'has', claim, 'a', ['a'], true],
    ['elements', listOf(id), 'hasSome', claim, ['z', 'a'], ['a'], true],
    ['all elements', listOf(id), 'hasEvery', claim, ['z', 'a'], ['a'], false],
  ])('%s', (_name, type, op, operand, x, value, expected) => {
    expect(lets(type, op, operand, x === undefined ? {} : { x }, value)).toBe(expected);
  });
});
