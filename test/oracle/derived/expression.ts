import type { NaiveRow, World } from '../naive.ts';
import { tableOf, type TableSpec, type TypeSpec } from '../spec.ts';
import { parseJson } from '../json.ts';
import { fromRecord, isBad, type NaiveValue } from '../values.ts';
import { exactly, NoValue, numberOf, quotientOf } from './functions.ts';
import { minus, over, plus, times, type Fraction } from './numbers.ts';
import type { Expr } from './spec.ts';

/** Null in, null out. */
export function evaluate(world: World, table: TableSpec, expr: Expr, row: NaiveRow): NaiveValue {
  switch (expr.kind) {
    case 'column':
      return row.values.get(expr.name) ?? null;
    case 'number': {
      const value = fromRecord(expr.type, parseJson(expr.text));
      if (isBad(value)) throw new Error('not a number');
      return value;
    }
    case 'path':
      return along(world, table, expr.relations, expr.column, row);
    case 'coalesce': {
      for (const part of expr.of) {
        const value = evaluate(world, table, part, row);
        if (value !== null) return convert(part, expr, value);
      }
      return null;
    }
    case 'binary': {
      const left = evaluate(world, table, expr.left, row);
      const right = evaluate(world, table, expr.right, row);
      if (left === null || right === null) return null;
      // Floats are calculated with on the nearest doubles of both.
      const operand = (type: TypeSpec, value: NaiveValue): Fraction =>
        isFloat(expr.type) ? exactly(expr.type, numberOf(expr.type, exactly(type, value))) : exactly(type, value);
      const result = calculate(expr.op, operand(expr.left.type, left), operand(expr.right.type, right));
      return expr.op === '/' ? quotientOf(expr.type, result) : numberOf(expr.type, result);
    }
  }
}

const isFloat = (type: TypeSpec): boolean => type.kind === 'scalar' && type.scalar === 'Float';

function convert(from: Expr, to: Expr, value: NaiveValue): NaiveValue {
  const same = JSON.stringify(from.type) === JSON.stringify(to.type);
  return same ? value : numberOf(to.type, exactly(from.type, value));
}

function calculate(op: '+' | '-' | '*' | '/', left: Fraction, right: Fraction): Fraction {
  switch (op) {
    case '+':
      return plus(left, right);
    case '-':
      return minus(left, right);
    case '*':
      return times(left, right);
    case '/':
      if (right.num === 0n) throw new NoValue('a division by zero');
      return over(left, right);
  }
}

/** A column at the end of relations to one row; null where one of the rows is missing. */
function along(
  world: World,
  table: TableSpec,
  relations: readonly string[],
  column: string,
  row: NaiveRow,
): NaiveValue {
  let at: NaiveRow | undefined = row;
  let where = table;
  for (const name of relations) {
    const relation = where.relations.find((r) => r.name === name);
    if (relation === undefined || relation.many) throw new Error(`no relation ${name} to one row`);
    at = world.related(where, relation, at)[0];
    where = tableOf(world.schema, relation.target);
    if (at === undefined) return null;
  }
  return at.values.get(column) ?? null;
}
