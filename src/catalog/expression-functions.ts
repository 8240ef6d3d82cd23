import { didYouMean } from '../common/did-you-mean.ts';
import { compileNumberOrder } from '../model/arithmetic.ts';
import { compareValues } from '../model/value.ts';
import type { ColumnType, Value } from '../model/value.ts';
import { caseTerm, coalesceTerm, unify } from './expression-choices.ts';
import { toDecimalTerm, toFloatTerm, toIntTerm, toStringTerm } from './expression-conversions.ts';
import { ExpressionMistake } from './expression-mistake.ts';
import type { Place } from './expression-parse.ts';
import { absTerm, roundTerm } from './expression-rounding.ts';
import { booleanType, isText, numberTypeOf, scalarType, strictTerm, stringType, wrongType } from './expression-term.ts';
import type { Term } from './expression-term.ts';
import { joinTexts } from './expression-text.ts';
import { datePartTerm, millisTerm, truncateTerm } from './expression-time.ts';
import { filterOps } from './where.ts';

/** A call of a function of the language. Throws ExpressionMistake for an unknown name or operands that do not fit. */
export function callTerm(place: Place, name: string, operands: readonly Term[]): Term {
  const definition = functions.get(name);
  if (definition === undefined) {
    throw new ExpressionMistake(`there is no function "${name}".${didYouMean(name, functions.keys())}`, place.start);
  }
  const { usage, least, most = least } = definition;
  if (operands.length < least || operands.length > most) {
    throw new ExpressionMistake(`${place.text}: write ${usage}`, place.start);
  }
  return definition.make(place, operands);
}

interface FunctionDefinition {
  /** How it is called, for messages. */
  readonly usage: string;
  /** How many operands it takes; at most as many as at least where `most` is absent. */
  readonly least: number;
  readonly most?: number;
  readonly make: (place: Place, operands: readonly Term[]) => Term;
}

function unary(usage: string, make: (place: Place, operand: Term) => Term): FunctionDefinition {
  return { usage, least: 1, make: (place, operands) => make(place, operands[0] as Term) };
}

function binary(usage: string, make: (place: Place, first: Term, second: Term) => Term): FunctionDefinition {
  return { usage, least: 2, make: (place, operands) => make(place, operands[0] as Term, operands[1] as Term) };
}

const functions: ReadonlyMap<string, FunctionDefinition> = new Map<string, FunctionDefinition>([
  ['coalesce', { usage: 'coalesce(a, b, …)', least: 2, most: Infinity, make: coalesceTerm }],
  ['case', { usage: 'case(condition, value, …, otherwise)', least: 2, most: Infinity, make: caseOf }],
  ['isNull', unary('isNull(x)', isNullTerm)],
  ['abs', unary('abs(x)', absTerm)],
  [
    'round',
    {
      usage: 'round(x) or round(x, digits)',
      least: 1,
      most: 2,
      make: (place, [x, digits]) => roundTerm(place, 'HALF_UP', x as Term, digits),
    },
  ],
  ['floor', unary('floor(x)', (place, x) => roundTerm(place, 'FLOOR', x))],
  ['ceil', unary('ceil(x)', (place, x) => roundTerm(place, 'CEILING', x))],
  ['least', { usage: 'least(a, b, …)', least: 2, most: Infinity, make: (place, all) => extremeTerm(place, all, -1) }],
  [
    'greatest',
    { usage: 'greatest(a, b, …)', least: 2, most: Infinity, make: (place, all) => extremeTerm(place, all, 1) },
  ],
  ['lower', unary('lower(text)', (place, text) => textTerm(place, text, (value) => value.toLowerCase()))],
  ['upper', unary('upper(text)', (place, text) => textTerm(place, text, (value) => value.toUpperCase()))],
  ['trim', unary('trim(text)', (place, text) => textTerm(place, text, (value) => value.trim()))],
  ['length', unary('length(text)', lengthTerm)],
  ['concat', { usage: 'concat(a, b, …)', least: 2, most: Infinity, make: concatTerm }],
  [
    'startsWith',
    binary('startsWith(text, start)', (...given) => searchTerm(...given, (text, part) => text.startsWith(part))),
  ],
  ['endsWith', binary('endsWith(text, end)', (...given) => searchTerm(...given, (text, part) => text.endsWith(part)))],
  ['contains', binary('contains(text, part)', (...given) => searchTerm(...given, (text, part) => text.includes(part)))],
  ['toString', unary('toString(x)', toStringTerm)],
  ['toDecimal', unary('toDecimal(x)', toDecimalTerm)],
  ['toFloat', unary('toFloat(x)', toFloatTerm)],
  ['toInt', unary('toInt(x)', toIntTerm)],
  ['year', unary('year(date)', (place, date) => datePartTerm(place, date, 'year'))],
  ['month', unary('month(date)', (place, date) => datePartTerm(place, date, 'month'))],
  ['day', unary('day(date)', (place, date) => datePartTerm(place, date, 'day'))],
  ['hour', unary('hour(dateTime)', (place, date) => datePartTerm(place, date, 'hour'))],
  ['millis', unary('millis(date)', millisTerm)],
  ['truncate', binary('truncate(dateTime, "1h")', truncateTerm)],
]);

function caseOf(place: Place, operands: readonly Term[]): Term {
  const pairs = Math.floor(operands.length / 2);
  const conditions = operands.filter((_, i) => i % 2 === 0).slice(0, pairs);
  const values = operands.filter((_, i) => i % 2 === 1);
  return caseTerm(place, conditions, values, operands.length % 2 === 1 ? operands.at(-1) : undefined);
}

/** Never null. */
function isNullTerm(place: Place, { evaluate }: Term): Term {
  return { place, type: booleanType, evaluate: (row, one) => evaluate(row, one) === null };
}

/** The first of the least or greatest; null where one of them is. */
function extremeTerm(place: Place, operands: readonly Term[], sign: -1 | 1): Term {
  const nothing = operands.find(({ type }) => type === undefined);
  if (nothing !== undefined) throw wrongType(place, nothing, 'the result would always be null');
  const { type, terms } = unify(place, operands);
  if (type === undefined || !filterOps(type).includes('gt'))
    throw wrongType(place, operands[0] as Term, 'it has no order');
  const number = numberTypeOf(type);
  const order = number === undefined ? orderOf(type) : compileNumberOrder(number, number);
  return strictTerm(place, type, terms, (...values) =>
    values.reduce((best, value) => (order(value, best) * sign > 0 ? value : best)),
  );
}

function orderOf(type: ColumnType): (a: Value, b: Value) => number {
  return (a, b) => compareValues(type, a, b);
}

function textTerm(place: Place, text: Term, change: (text: string) => string): Term {
  refuseOther(place, text);
  return strictTerm(place, stringType, [text], (value) => change(value as string));
}

/** In characters (code points), as databases count. */
function lengthTerm(place: Place, text: Term): Term {
  refuseOther(place, text);
  return strictTerm(place, scalarType('Int'), [text], (value) => Array.from(value as string).length);
}

function concatTerm(place: Place, texts: readonly Term[]): Term {
  for (const text of texts) refuseOther(place, text);
  return strictTerm(place, stringType, texts, joinTexts(place));
}

function searchTerm(place: Place, text: Term, part: Term, found: (text: string, part: string) => boolean): Term {
  refuseOther(place, text);
  refuseOther(place, part);
  return strictTerm(place, booleanType, [text, part], (a, b) => found(a as string, b as string));
}

function refuseOther(place: Place, text: Term): void {
  if (!isText(text.type)) throw wrongType(place, text, 'a text is needed here; toString(x) makes one');
}
