import { compileArithmetic, compileNumberOrder, arithmeticType, compileNumberConversion } from '../model/arithmetic.ts';
import type { Arithmetic } from '../model/arithmetic.ts';
import { negateExact, exactFromDecimal, exactToDecimal } from '../model/exact.ts';
import { compareStrings, compareValues } from '../model/value.ts';
import type { Value } from '../model/value.ts';
import { ExpressionMistake } from './expression-mistake.ts';
import type { Place } from './expression-parse.ts';
import {
  booleanType,
  describeTerm,
  isScalar,
  isText,
  literalTerm,
  numberTypeOf,
  readAs,
  sameType,
  scalarType,
  strictTerm,
  stringType,
  wrongType,
} from './expression-term.ts';
import type { Term } from './expression-term.ts';
import { joinTexts } from './expression-text.ts';
import { filterOps } from './where.ts';

/** `-x`, `!x`. */
export function unaryTerm(place: Place, operator: string, operand: Term): Term {
  if (operator === '!') {
    if (!isScalar(operand.type, 'Boolean')) throw wrongType(place, operand, '! takes a Boolean');
    return strictTerm(place, booleanType, [operand], (value) => value === false);
  }
  const number = numberTypeOf(operand.type);
  if (number === undefined) throw wrongType(place, operand, '- takes a number');
  const type = scalarType(number === 'Int' ? 'BigInt' : number);
  if (operand.literal !== undefined) return literalTerm(place, type, negate(operand.literal));
  const widen = compileNumberConversion(number, number === 'Int' ? 'BigInt' : number, place.text);
  return strictTerm(place, type, [operand], (value) => negate(widen(value)));
}

function negate(value: Value): Value {
  if (typeof value === 'bigint') return -value;
  if (typeof value === 'number') return -value + 0;
  // The text of a number that is a Decimal is one with the other sign, too.
  return exactToDecimal(negateExact(exactFromDecimal(value as string))) ?? value;
}

export function binaryTerm(place: Place, operator: string, left: Term, right: Term): Term {
  switch (operator) {
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
      return arithmeticTerm(place, operator, left, right);
    case '&&':
    case '||':
      return logicTerm(place, operator, left, right);
    default:
      return comparisonTerm(place, operator as Comparison, left, right);
  }
}

function arithmeticTerm(place: Place, operator: Arithmetic, left: Term, right: Term): Term {
  if (operator === '+' && (isText(left.type) || isText(right.type))) {
    const stranger = [left, right].find(({ type }) => !isText(type));
    if (stranger === undefined) return strictTerm(place, stringType, [left, right], joinTexts(place));
    const hint = stranger.type === undefined ? '' : `; write toString(${stranger.place.text})`;
    throw wrongType(place, stranger, `+ takes two numbers or two texts${hint}`);
  }
  const [a, b] = [numberTypeOf(left.type), numberTypeOf(right.type)];
  if (a === undefined) throw wrongType(place, left, `${operator} takes numbers`);
  if (b === undefined) throw wrongType(place, right, `${operator} takes numbers`);
  if ((operator === '/' || operator === '%') && isZero(right.literal)) {
    throw new ExpressionMistake(`${place.text}: division by zero`, right.place.start);
  }
  const type = scalarType(arithmeticType(operator, a, b));
  return strictTerm(place, type, [left, right], compileArithmetic(operator, a, b, place.text));
}

function isZero(literal: Value | undefined): boolean {
  return literal === 0n || literal === 0 || literal === '0';
}

/** Three-valued: false && null is false, true || null is true. The right side is left alone where the left decides. */
function logicTerm(place: Place, operator: '&&' | '||', left: Term, right: Term): Term {
  for (const operand of [left, right]) {
    if (!isScalar(operand.type, 'Boolean')) throw wrongType(place, operand, `${operator} takes Booleans`);
  }
  const decisive = operator === '||';
  const [first, second] = [left.evaluate, right.evaluate];
  return {
    place,
    type: booleanType,
    nullBecause: left.nullBecause ?? right.nullBecause,
    evaluate: (row, one) => {
      const a = first(row, one);
      if (a === decisive) return a;
      const b = second(row, one);
      if (b === decisive) return b;
      return a === null || b === null ? null : !decisive;
    },
  };
}

type Comparison = keyof typeof comparisons;

const comparisons = {
  '==': (order: number) => order === 0,
  '!=': (order: number) => order !== 0,
  '<': (order: number) => order < 0,
  '<=': (order: number) => order <= 0,
  '>': (order: number) => order > 0,
  '>=': (order: number) => order >= 0,
} as const;

function comparisonTerm(place: Place, operator: Comparison, left: Term, right: Term): Term {
  for (const [operand, other] of [
    [left, right],
    [right, left],
  ] as const) {
    if (operand.type !== undefined) continue;
    const hint = operator === '==' ? '' : operator === '!=' ? '!' : undefined;
    throw new ExpressionMistake(
      `${place.text}: a comparison with null is never true${hint === undefined ? '' : `; write ${hint}isNull(${other.place.text})`}`,
      operand.place.start,
    );
  }
  const orderOf = orderOfTerms(place, operator, left, right);
  const answer = comparisons[operator];
  return strictTerm(place, booleanType, orderOf.operands, (a, b) => answer(orderOf.order(a ?? null, b ?? null)));
}

interface Order {
  /** The operands, literals among them read as the other's type. */
  readonly operands: readonly [Term, Term];
  /** Zero where equal. */
  readonly order: (left: Value, right: Value) => number;
}

function orderOfTerms(place: Place, operator: Comparison, first: Term, second: Term): Order {
  const right = first.type === undefined ? second : (readAs(second, first.type) ?? second);
  const left = right.type === undefined ? first : (readAs(first, right.type) ?? first);
  const operands = [left, right] as const;
  const { type } = left;
  const [a, b] = [numberTypeOf(type), numberTypeOf(right.type)];
  if (a !== undefined && b !== undefined) return { operands, order: compileNumberOrder(a, b) };
  const ordered = operator !== '==' && operator !== '!=';
  if (type !== undefined && right.type !== undefined && sameType(type, right.type)) {
    const ops = filterOps(type);
    if (ops.includes(ordered ? 'gt' : 'eq')) return { operands, order: (x, y) => compareValues(type, x, y) };
    throw wrongType(place, left, ops.includes('eq') ? 'it has no order: only == and != compare it' : noComparison);
  }
  if (isText(type) && isText(right.type) && (!ordered || (isPlain(left) && isPlain(right)))) {
    return { operands, order: (x, y) => compareStrings(x as string, y as string) };
  }
  throw new ExpressionMistake(
    `${place.text}: ${describeTerm(left)} and ${describeTerm(right)}; they cannot be compared`,
    right.place.start,
  );
}

const noComparison = 'such values cannot be compared';

/** Text with the order of its characters: not an enum or a Duration. */
function isPlain({ type }: Term): boolean {
  return isText(type) && !isScalar(type, 'Duration') && type?.kind !== 'enum';
}
