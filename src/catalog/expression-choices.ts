import { commonNumberType, compileNumberConversion } from '../model/arithmetic.ts';
import type { NumberType } from '../model/arithmetic.ts';
import type { ColumnType } from '../model/value.ts';
import { ExpressionMistake } from './expression-mistake.ts';
import type { Place } from './expression-parse.ts';
import {
  describeTerm,
  isScalar,
  isText,
  numberTypeOf,
  readAs,
  scalarType,
  stringType,
  wrongType,
} from './expression-term.ts';
import type { Evaluate, Term } from './expression-term.ts';

/** `c ? a : b`, and `case(c, a, …, b)`: the value after the first condition that is true, else the last; unknown is not true. */
export function caseTerm(place: Place, conditions: readonly Term[], values: readonly Term[], otherwise?: Term): Term {
  for (const condition of conditions) {
    if (!isScalar(condition.type, 'Boolean')) throw wrongType(place, condition, 'a condition is a Boolean');
  }
  const tests = conditions.map(({ evaluate }) => evaluate);
  const all = otherwise === undefined ? values : [...values, otherwise];
  return choiceTerm(place, all, (branches) => {
    const results = branches.map(({ evaluate }) => evaluate);
    return {
      nullBecause:
        branches.find(({ nullBecause }) => nullBecause !== undefined)?.nullBecause ??
        (otherwise === undefined ? `${place.text} has no last value for when no condition is true` : undefined),
      evaluate: (row, one) => {
        const met = tests.findIndex((test) => test(row, one) === true);
        return results[met < 0 ? tests.length : met]?.(row, one) ?? null;
      },
    };
  });
}

/** The first value that is not null. */
export function coalesceTerm(place: Place, values: readonly Term[]): Term {
  return choiceTerm(place, values, (branches) => {
    const results = branches.map(({ evaluate }) => evaluate);
    const always = branches.some(({ nullBecause }) => nullBecause === undefined);
    return {
      nullBecause: always ? undefined : branches.at(-1)?.nullBecause,
      evaluate: (row, one) => {
        for (const result of results) {
          const value = result(row, one);
          if (value !== null) return value;
        }
        return null;
      },
    };
  });
}

type Choose = (branches: readonly Term[]) => { readonly nullBecause: string | undefined; readonly evaluate: Evaluate };

function choiceTerm(place: Place, branches: readonly Term[], choose: Choose): Term {
  const { type, terms } = unify(place, branches);
  const make = (unified: readonly Term[], made: ColumnType | undefined): Term => ({
    place,
    type: made,
    ...choose(unified),
  });
  const fixed = branches.some((branch) => branch.type !== undefined && branch.readAs === undefined);
  if (fixed || type === undefined) return make(terms, type);
  return {
    ...make(terms, type),
    readAs: (wanted) => {
      const read = branches.map((branch) => (branch.type === undefined ? branch : readAs(branch, wanted)));
      return read.some((branch) => branch === undefined) ? undefined : make(read as readonly Term[], wanted);
    },
  };
}

/** The same terms as terms of one type: that of one of them, or the wider one of numbers, or String of texts. */
export function unify(
  place: Place,
  terms: readonly Term[],
): { readonly type: ColumnType | undefined; readonly terms: readonly Term[] } {
  const typed = terms.filter(({ type }) => type !== undefined);
  // A literal takes the type of its company, and only among literals its own.
  for (const { type } of typed.toSorted((a, b) => Number(a.readAs !== undefined) - Number(b.readAs !== undefined))) {
    if (type === undefined) continue;
    const read = terms.map((term) => (term.type === undefined ? term : readAs(term, type)));
    if (read.every((term) => term !== undefined)) return { type, terms: read };
  }
  if (typed.length === 0) return { type: undefined, terms };
  const numbers = typed.map(({ type }) => numberTypeOf(type));
  if (numbers.every((number) => number !== undefined)) {
    const common = numbers.reduce<NumberType>(
      (a, b) => (a === b ? a : commonNumberType(a, b)),
      numbers[0] as NumberType,
    );
    return { type: scalarType(common), terms: terms.map((term) => convertNumber(place, term, common)) };
  }
  if (typed.every(({ type }) => isText(type))) return { type: stringType, terms };
  const [first, ...others] = typed;
  const stranger = others.find((other) => first !== undefined && !fits(first, other));
  const [a, b] = [first ?? terms[0], stranger ?? others[0]] as [Term, Term];
  throw new ExpressionMistake(
    `${place.text}: ${describeTerm(a)} and ${describeTerm(b)}; write values of one type`,
    b.place.start,
  );
}

function fits(a: Term, b: Term): boolean {
  if (numberTypeOf(a.type) !== undefined && numberTypeOf(b.type) !== undefined) return true;
  return (isText(a.type) && isText(b.type)) || (a.type !== undefined && readAs(b, a.type) !== undefined);
}

function convertNumber(place: Place, term: Term, to: NumberType): Term {
  const from = numberTypeOf(term.type);
  if (from === undefined || from === to) return term;
  const convert = compileNumberConversion(from, to, place.text);
  const { evaluate } = term;
  return {
    place: term.place,
    type: scalarType(to),
    nullBecause: term.nullBecause,
    evaluate: (row, one) => {
      const value = evaluate(row, one);
      return value === null ? null : convert(value);
    },
  };
}
