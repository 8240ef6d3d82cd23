import { typeText } from '../config/rules.ts';
import { coerceInput, CoercionError } from '../model/coerce.ts';
import type { NumberType } from '../model/arithmetic.ts';
import type { RelatedOne } from '../model/expression.ts';
import type { ColumnReader } from '../model/predicate.ts';
import type { ColumnType, ScalarName, Value } from '../model/value.ts';
import { didYouMean } from '../common/did-you-mean.ts';
import { ExpressionMistake } from './expression-mistake.ts';
import type { Place } from './expression-parse.ts';

/** A part of an expression, checked and compiled. */
export interface Term {
  readonly place: Place;
  /** Undefined: a null and nothing else, which fits every type. */
  readonly type: ColumnType | undefined;
  /** Why it may be null; absent: it never is. */
  readonly nullBecause?: string | undefined;
  readonly evaluate: Evaluate;
  /** Of a literal. */
  readonly literal?: Value | undefined;
  /**
   * Of what is, or chooses among, literals: the same as a value of another type (a text as a name of an enum or an instant, a
   * number as a Float), or undefined where the type has no such values. Throws ExpressionMistake where it has, and not this one.
   */
  readonly readAs?: ((type: ColumnType) => Term | undefined) | undefined;
}

export type Evaluate = (row: ColumnReader, one: RelatedOne) => Value;

export function scalarType(scalar: ScalarName): ColumnType {
  return { kind: 'scalar', scalar };
}

export const booleanType = scalarType('Boolean');
export const stringType = scalarType('String');

/** The term as one of that type, where it is one or a literal that can be read as one. */
export function readAs(term: Term, type: ColumnType): Term | undefined {
  if (term.type !== undefined && sameType(term.type, type)) return term;
  return term.readAs?.(type);
}

export function literalTerm(place: Place, type: ColumnType, value: Value): Term {
  return {
    place,
    type,
    evaluate: () => value,
    literal: value,
    readAs: (wanted) => readLiteral(place, type, value, wanted),
  };
}

function readLiteral(place: Place, type: ColumnType, value: Value, wanted: ColumnType): Term | undefined {
  if (sameType(type, wanted)) return literalTerm(place, type, value);
  const number = numberTypeOf(type) !== undefined;
  const mayBe = number ? isScalar(wanted, 'Float') : isScalar(type, 'String') && isWrittenAsText(wanted);
  if (!mayBe) return undefined;
  if (wanted.kind === 'enum' && !wanted.values.includes(value as string)) {
    const known = didYouMean(value as string, wanted.values) || ` It has ${wanted.values.join(', ')}.`;
    throw new ExpressionMistake(`${wanted.name} has no value "${value as string}".${known}`, place.start);
  }
  try {
    const read = coerceInput(wanted, number ? Number(value) : value);
    return { ...literalTerm(place, type, value), type: wanted, evaluate: () => read, literal: read };
  } catch (error) {
    if (!(error instanceof CoercionError)) throw error;
    throw new ExpressionMistake(error.message.replace(/\.$/, ''), place.start);
  }
}

/** Types whose values are written as text. */
function isWrittenAsText(type: ColumnType): boolean {
  if (type.kind === 'enum') return true;
  return type.kind === 'scalar' && ['ID', 'DateTime', 'Date', 'UUID', 'Duration', 'Bytes'].includes(type.scalar);
}

/** Types whose values are text that functions on text may take: String, ID, UUID, Duration, enums. */
export function isText(type: ColumnType | undefined): boolean {
  if (type?.kind === 'enum') return true;
  return type?.kind === 'scalar' && ['String', 'ID', 'UUID', 'Duration'].includes(type.scalar);
}

export function isScalar(type: ColumnType | undefined, scalar: ScalarName): boolean {
  return type?.kind === 'scalar' && type.scalar === scalar;
}

export function numberTypeOf(type: ColumnType | undefined): NumberType | undefined {
  if (type?.kind !== 'scalar') return undefined;
  const { scalar } = type;
  return scalar === 'Int' || scalar === 'BigInt' || scalar === 'Decimal' || scalar === 'Float' ? scalar : undefined;
}

export function sameType(a: ColumnType, b: ColumnType): boolean {
  if (a.kind === 'scalar') return b.kind === 'scalar' && a.scalar === b.scalar;
  if (a.kind !== 'list') return a.kind === b.kind && a.name === b.name;
  return b.kind === 'list' && a.elementRequired === b.elementRequired && sameType(a.element, b.element);
}

/** `"title" is String`: for messages. */
export function describeTerm({ place: { text }, type }: Term): string {
  const shown = /^['"]/.test(text) ? text : `"${text}"`;
  return `${shown} is ${type === undefined ? 'null' : typeText(type)}`;
}

/** `whole: "part" is String; * takes numbers`, at the part. */
export function wrongType(whole: Place, part: Term, takes: string): ExpressionMistake {
  return new ExpressionMistake(`${whole.text}: ${describeTerm(part)}; ${takes}`, part.place.start);
}

/** A term that is null where one of its operands is, else what `calculate` makes of their values. */
export function strictTerm(
  place: Place,
  type: ColumnType,
  operands: readonly Term[],
  calculate: (...values: Value[]) => Value,
): Term {
  const nullBecause = operands.find((operand) => operand.nullBecause !== undefined)?.nullBecause;
  return { place, type, nullBecause, evaluate: compileStrict(operands, calculate) };
}

function compileStrict(operands: readonly Term[], calculate: (...values: Value[]) => Value): Evaluate {
  const [first, second] = operands.map(({ evaluate }) => evaluate);
  if (first !== undefined && operands.length === 1) {
    return (row, one) => {
      const value = first(row, one);
      return value === null ? null : calculate(value);
    };
  }
  if (first !== undefined && second !== undefined && operands.length === 2) {
    return (row, one) => {
      const left = first(row, one);
      const right = second(row, one);
      return left === null || right === null ? null : calculate(left, right);
    };
  }
  return (row, one) => {
    const values = operands.map(({ evaluate }) => evaluate(row, one));
    return values.includes(null) ? null : calculate(...values);
  };
}
