import { describe, expect, test } from 'vitest';
import type { Column, Relation } from '../../../src/catalog/column.ts';
import { evaluate } from '../../../src/model/evaluate.ts';
import type { ColumnReader, CompareOp, Predicate } from '../../../src/model/predicate.ts';
import type { ColumnType, Value } from '../../../src/model/value.ts';
import { enumOf, listOf, makeTable, objectOf, scalar } from '../../support/make-table.ts';

const address = objectOf({ city: scalar('String'), floor: scalar('Int') });
const table = makeTable({
  columns: [
    { name: 'id', type: scalar('ID') },
    { name: 'name', type: scalar('String') },
    { name: 'price', type: scalar('Decimal') },
    { name: 'genre', type: enumOf('ROCK', 'JAZZ', 'ALT') },
    { name: 'tags', type: listOf(scalar('String')) },
    { name: 'address', type: address },
  ],
});

function column(name: string): Column {
  const found = table.columnsByName.get(name);
  if (found === undefined) throw new Error(name);
  return found;
}

function row(values: Readonly<Record<string, Value>>): ColumnReader {
  return { value: ({ name }) => values[name] ?? null };
}

function compare(
  name: string,
  op: CompareOp,
  operand: Value,
  more: { insensitive?: boolean; path?: string[]; type?: ColumnType } = {},
): Predicate {
  const { insensitive = false, path = [], type = column(name).type } = more;
  return { kind: 'compare', column: column(name), path, type, op, operand, insensitive };
}

const noRows = (): [] => [];
const ask = (predicate: Predicate, values: Readonly<Record<string, Value>>): true | false | null =>
  evaluate(predicate, row(values), noRows);

const isTrue = compare('id', 'eq', 'x');
const isFalse = compare('id', 'neq', 'x');
const isUnknown = compare('name', 'eq', 'x');
const truths = { true: isTrue, false: isFalse, null: isUnknown };

describe('three-valued logic', () => {
  test.each<[keyof typeof truths, keyof typeof truths, true | false | null, true | false | null]>([
    ['true', 'true', true, true],
    ['true', 'false', false, true],
    ['true', 'null', null, true],
    ['false', 'false', false, false],
    ['false', 'null', false, null],
    ['null', 'null', null, null],
  ])('%s and/or %s', (a, b, and, or) => {
    for (const parts of [
      [truths[a], truths[b]],
      [truths[b], truths[a]],
    ]) {
      expect(ask({ kind: 'and', parts }, { id: 'x' })).toBe(and);
      expect(ask({ kind: 'or', parts }, { id: 'x' })).toBe(or);
      expect(ask({ kind: 'not', part: { kind: 'and', parts } }, { id: 'x' })).toBe(and === null ? null : !and);
    }
  });

  test('no parts: and is true, or is false', () => {
    expect(ask({ kind: 'and', parts: [] }, {})).toBe(true);
    expect(ask({ kind: 'or', parts: [] }, {})).toBe(false);
  });
});

describe('compare', () => {
  test.each<[string, CompareOp, Value, Value, true | false]>([
    ['price', 'eq', '1.10', '1.1', true],
    ['price', 'neq', '1.10', '1.1', false],
    ['price', 'gt', '10', '9.5', true],
    ['price', 'gte', '1e1', '10', true],
    ['price', 'lt', '-1', '-0.5', true],
    ['price', 'lte', '2', '1', false],
    ['price', 'in', '2.0', ['1', '2'], true],
    ['price', 'in', '3', ['1', '2'], false],
    ['price', 'in', '3', [], false],
    ['price', 'notIn', '2.0', ['1', '2'], false],
    ['price', 'notIn', '3', [], true],
    ['genre', 'gt', 'JAZZ', 'ROCK', true],
    ['genre', 'lt', 'ALT', 'JAZZ', false],
    ['name', 'contains', 'Hello', 'ell', true],
    ['name', 'contains', 'Hello', 'ELL', false],
    ['name', 'contains', 'Hello', '', true],
    ['name', 'startsWith', 'Hello', 'He', true],
    ['name', 'endsWith', 'Hello', 'lo', true],
    ['name', 'endsWith', 'Hello', 'l', false],
    ['name', 'gt', '😀', '\uffff', true],
    ['tags', 'has', ['a', 'b'], 'b', true],
    ['tags', 'has', ['a', null], 'b', false],
    ['tags', 'hasSome', ['a', 'b'], ['x', 'b'], true],
    ['tags', 'hasSome', ['a', 'b'], [], false],
    ['tags', 'hasEvery', ['a', 'b'], ['b', 'a'], true],
    ['tags', 'hasEvery', ['a', 'b'], ['b', 'c'], false],
    ['tags', 'hasEvery', ['a'], [], true],
    ['tags', 'isEmpty', [], true, true],
    ['tags', 'isEmpty', ['a'], false, true],
    ['tags', 'isEmpty', ['a'], true, false],
    ['tags', 'isNull', [], true, false],
    ['tags', 'eq', ['a', 'b'], ['a', 'b'], true],
  ])('%s %s: %j and %j is %s', (name, op, value, operand, answer) => {
    expect(ask(compare(name, op, operand), { [name]: value })).toBe(answer);
  });

  test.each<[string, CompareOp, Value]>([
    ['price', 'eq', '1'],
    ['price', 'neq', '1'],
    ['price', 'gt', '1'],
    ['price', 'in', ['1']],
    ['price', 'in', []],
    ['price', 'notIn', ['1']],
    ['name', 'contains', ''],
    ['tags', 'has', 'a'],
    ['tags', 'hasSome', ['a']],
    ['tags', 'hasEvery', []],
    ['tags', 'isEmpty', true],
    ['tags', 'isEmpty', false],
  ])('null %s %s is unknown', (name, op, operand) => {
    expect(ask(compare(name, op, operand), {})).toBe(null);
    expect(ask({ kind: 'not', part: compare(name, op, operand) }, {})).toBe(null);
  });

  test('isNull is two-valued', () => {
    expect(ask(compare('name', 'isNull', true), {})).toBe(true);
    expect(ask(compare('name', 'isNull', false), {})).toBe(false);
    expect(ask(compare('name', 'isNull', true), { name: '' })).toBe(false);
  });

  test.each<[CompareOp, Value, true | false]>([
    ['contains', 'LÉON', true],
    ['startsWith', 'nap', true],
    ['endsWith', 'ÉON', true],
    ['eq', 'napoLÉON', true],
    ['neq', 'NAPOLÉON', false],
    ['in', ['x', 'napoléon'], true],
    ['notIn', ['x', 'napoléon'], false],
  ])('%s without case', (op, operand, answer) => {
    expect(ask(compare('name', op, operand, { insensitive: true }), { name: 'Napoléon' })).toBe(answer);
  });

  test('follows a path into an embedded object; a missing step is null', () => {
    const city = (op: CompareOp, operand: Value): Predicate =>
      compare('address', op, operand, { path: ['city'], type: scalar('String') });
    expect(ask(city('eq', 'Ulm'), { address: { city: 'Ulm', floor: null } })).toBe(true);
    expect(ask(city('eq', 'Ulm'), { address: { city: null, floor: 1 } })).toBe(null);
    expect(ask(city('eq', 'Ulm'), {})).toBe(null);
    expect(ask(city('isNull', true), {})).toBe(true);
  });
});

describe('relations', () => {
  const relation: Relation = { name: 'others', target: 'Thing', many: true, columns: ['id'], references: ['id'] };
  const related = (quantifier: 'one' | 'some' | 'every' | 'none', part: Predicate): Predicate => ({
    kind: 'related',
    relation,
    quantifier,
    part,
  });
  const asked = (
    predicate: Predicate,
    rows: ColumnReader[],
    from: ColumnReader | undefined = row({ id: 'x' }),
  ): true | false | null => evaluate(predicate, from, (_, asks) => (asks === relation ? rows : []));
  const rows = { true: row({ id: 'x' }), false: row({ id: 'y' }), null: row({}) };

  test.each<[readonly (keyof typeof rows)[], boolean, boolean, boolean]>([
    [[], false, true, true],
    [['true'], true, true, false],
    [['false'], false, false, true],
    [['null'], false, false, true],
    [['true', 'null'], true, false, false],
    [['true', 'true'], true, true, false],
    [['null', 'false'], false, false, true],
  ])('over %j: some %s, every %s, none %s', (names, some, every, none) => {
    const others = names.map((name) => rows[name]);
    expect(asked(related('some', isTrue), others)).toBe(some);
    expect(asked(related('every', isTrue), others)).toBe(every);
    expect(asked(related('none', isTrue), others)).toBe(none);
  });

  test('a to-one relation without a row has only nulls', () => {
    expect(asked(related('one', isTrue), [rows.true])).toBe(true);
    expect(asked(related('one', isTrue), [])).toBe(null);
    expect(asked(related('one', compare('name', 'isNull', true)), [])).toBe(true);
    expect(asked(related('one', { kind: 'not', part: isTrue }), [])).toBe(null);
  });

  test('a missing row relates to nothing', () => {
    const missing = (part: Predicate): true | false | null => evaluate(part, undefined, () => [rows.true]);
    expect(missing(related('some', isTrue))).toBe(false);
    expect(missing(related('none', isTrue))).toBe(true);
    expect(missing(related('one', isTrue))).toBe(null);
  });
});
