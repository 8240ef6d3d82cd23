import { unreachable } from '../common/errors.ts';
import { exactFromDecimal, exactToBigInt, exactToDecimal } from '../model/exact.ts';
import { isDecimal } from '../model/decimal.ts';
import type { ColumnPath, Expression } from '../model/expression.ts';
import { memberOf } from '../model/value.ts';
import type { ColumnType } from '../model/value.ts';
import { caseTerm } from './expression-choices.ts';
import { callTerm } from './expression-functions.ts';
import { ExpressionMistake } from './expression-mistake.ts';
import { binaryTerm, unaryTerm } from './expression-operators.ts';
import { parseExpression } from './expression-parse.ts';
import type { Name, Place, Syntax } from './expression-parse.ts';
import { booleanType, literalTerm, readAs, scalarType, stringType } from './expression-term.ts';
import type { Evaluate, Term } from './expression-term.ts';

/**
 * The language of `expr`, `arg` and `by`: arithmetic, comparison, three-valued logic and functions over columns. Compiled once,
 * when a catalog is built, into closures; nothing is evaluated by name at run time.
 *
 *   text ──tokens──▶ syntax ──scope──▶ terms with types ──▶ Expression
 *
 * A null operand makes a result null, but for coalesce, case, `? :`, isNull, && and ||. Integers make a BigInt, exactly; with a
 * Decimal a canonical Decimal, exactly, quotients to 34 digits; with a Float a Float. Numbers compare by value, whatever their
 * types. A literal takes the type of its company: text beside an enum, an instant or a day is one, a number beside a Float is one.
 */
export interface ExpressionScope {
  /** Whose columns these are, for messages: a table's name. */
  readonly owner: string;
  /** What a path of names means: a column, a field of an embedded object, a column of a row that it relates to. */
  resolve(path: readonly string[]): ResolvedPath | PathProblem;
}

export interface ResolvedPath {
  readonly read: ColumnPath;
  /** Of the column, or of the field inside it. */
  readonly type: ColumnType;
  readonly nullable: boolean;
}

export interface PathProblem {
  /** What is wrong and what to write instead. */
  readonly problem: string;
  /** Which name of the path is wrong: its place in the path. */
  readonly at: number;
}

/**
 * Compiles an expression. Called by `catalog/build.ts`, and again by whoever derives tables. Throws ExpressionMistake at the first
 * mistake. `wanted` is the type of the column that the value is for: literals are read as its values (`"ROCK"` as a Genre), and
 * nothing else is converted; see `assignTo`.
 */
export function compileExpression(scope: ExpressionScope, text: string, wanted?: ColumnType): Expression {
  const syntax = parseExpression(text);
  const reads = new Map<string, ColumnPath>();
  const whole = compile(scope, syntax, reads);
  const term = wanted === undefined ? whole : (readAs(whole, wanted) ?? whole);
  const { type, nullBecause, evaluate } = term;
  if (type === undefined) throw new ExpressionMistake(`${syntax.text}: the result would always be null`, syntax.start);
  return { text, type, nullable: nullBecause !== undefined, nullBecause, reads: [...reads.values()], evaluate };
}

function compile(scope: ExpressionScope, syntax: Syntax, reads: Map<string, ColumnPath>): Term {
  switch (syntax.kind) {
    case 'number':
      return numberTerm(syntax);
    case 'string':
      return literalTerm(syntax, stringType, syntax.value);
    case 'constant':
      if (syntax.value !== null) return literalTerm(syntax, booleanType, syntax.value);
      return { place: syntax, type: undefined, nullBecause: 'null is one of its values', evaluate: () => null };
    case 'path':
      return pathTerm(scope, syntax, syntax.names, reads);
    case 'call': {
      const operands = syntax.operands.map((operand) => compile(scope, operand, reads));
      return callTerm(syntax, syntax.name, operands);
    }
    case 'unary':
      return unaryTerm(syntax, syntax.operator, compile(scope, syntax.operand, reads));
    case 'binary':
      return binaryTerm(
        syntax,
        syntax.operator,
        compile(scope, syntax.left, reads),
        compile(scope, syntax.right, reads),
      );
    case 'conditional': {
      const [condition, whenTrue, otherwise] = [syntax.condition, syntax.whenTrue, syntax.otherwise].map((part) =>
        compile(scope, part, reads),
      ) as [Term, Term, Term];
      return caseTerm(syntax, [condition], [whenTrue], otherwise);
    }
    default:
      return unreachable(syntax);
  }
}

/** Digits alone are a BigInt, with a point or an exponent they are a Decimal; no digit is lost. */
function numberTerm(place: Place): Term {
  const exact = isDecimal(place.text) ? exactFromDecimal(place.text) : undefined;
  const isInteger = /^\d+$/.test(place.text);
  const value = exact === undefined ? undefined : isInteger ? exactToBigInt(exact) : exactToDecimal(exact);
  if (value === undefined) {
    throw new ExpressionMistake('a number has at most 1,000 digits and lies between 1e-1000 and 1e1000', place.start);
  }
  return literalTerm(place, scalarType(isInteger ? 'BigInt' : 'Decimal'), value);
}

function pathTerm(scope: ExpressionScope, place: Place, names: readonly Name[], reads: Map<string, ColumnPath>): Term {
  const path = names.map(({ name }) => name);
  const resolved = scope.resolve(path);
  if ('problem' in resolved) {
    throw new ExpressionMistake(resolved.problem, names[resolved.at]?.offset ?? place.start);
  }
  const { read, type, nullable } = resolved;
  reads.set(path.join('.'), read);
  const relation = read.relations[0]?.name;
  const because = relation === undefined ? '' : `: the row that "${relation}" leads to may be missing`;
  return {
    place,
    type,
    nullBecause: nullable ? `"${path.join('.')}" may be null${because}` : undefined,
    evaluate: compileRead(read),
  };
}

function compileRead({ relations, column, fields }: ColumnPath): Evaluate {
  if (relations.length === 0 && fields.length === 0) return (row) => row.value(column);
  return (row, one) => {
    let at = row;
    for (const relation of relations) {
      const next = one(at, relation);
      if (next === undefined) return null;
      at = next;
    }
    let value = at.value(column);
    for (const field of fields) {
      if (value === null) return null;
      value = memberOf(value, field);
    }
    return value;
  };
}
