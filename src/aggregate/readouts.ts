import type { Aggregate, AggregateFunction } from '../catalog/derivation.ts';
import { must } from '../common/errors.ts';
import type { ColumnType, Value } from '../model/value.ts';
import { CountPart } from './count-part.ts';
import { DistinctPart } from './distinct-part.ts';
import type { Quotient } from './exact-sum.ts';
import { OrderedPart } from './ordered-part.ts';
import type { Part, PartPlan } from './part.ts';
import { RankedPart } from './ranked-part.ts';
import { quotientResult, rootResult, sumResult, valueResult, wholeResult } from './result.ts';
import { SumPart } from './sum-part.ts';

/** The value of an aggregate, out of the flushed parts of a group with at least one row. Throws ExpressionError. */
export type Readout = (parts: readonly Part[], rows: number) => Value;

/** Says which parts an aggregate needs and how it is read from them. `place`: its place among the aggregates. */
export function planReadout(aggregate: Aggregate, place: number, plan: PartPlan): Readout {
  return makers[aggregate.fn](aggregate, place, plan);
}

type MakeReadout = (aggregate: Aggregate, place: number, plan: PartPlan) => Readout;

const makers: Readonly<Record<AggregateFunction, MakeReadout>> = {
  COUNT(aggregate, place, plan) {
    if (aggregate.arg === undefined) return (_, rows) => wholeResult(aggregate, BigInt(rows));
    const part = plan.need(nameOf('count', aggregate), (_, state) => new CountPart(place, state));
    return (parts) => wholeResult(aggregate, BigInt(part(parts).count));
  },

  COUNT_DISTINCT(aggregate, place, plan) {
    const part = distinctPart(aggregate, place, plan);
    return (parts) => wholeResult(aggregate, BigInt(part(parts).size));
  },

  SUM(aggregate, place, plan) {
    const part = sumPart(aggregate, place, plan);
    const type = argType(aggregate);
    return (parts) => {
      const { count, sum } = part(parts);
      return count === 0 ? null : sumResult(aggregate, sum, type);
    };
  },

  AVG(aggregate, place, plan) {
    const part = sumPart(aggregate, place, plan);
    return (parts) => {
      const { count, sum } = part(parts);
      if (count === 0) return null;
      const { numerator, denominator } = sum.quotient;
      return quotientResult(aggregate, { numerator, denominator: denominator * BigInt(count) });
    };
  },

  MIN: (aggregate, place, plan) =>
    firstOf(aggregate, distinctPart(aggregate, place, plan), (part) => part.values('ascending')),

  MAX: (aggregate, place, plan) =>
    firstOf(aggregate, distinctPart(aggregate, place, plan), (part) => part.values('descending')),

  FIRST: (aggregate, place, plan) =>
    firstOf(aggregate, orderedPart(aggregate, place, plan), (part) => part.values('first to last')),

  LAST: (aggregate, place, plan) =>
    firstOf(aggregate, orderedPart(aggregate, place, plan), (part) => part.values('last to first')),

  TOP_K(aggregate, place, plan) {
    const { by } = aggregate;
    if (by === undefined) {
      return listOf(aggregate, distinctPart(aggregate, place, plan), (part) => part.values('descending'));
    }
    const type = argType(aggregate);
    const part = plan.need(
      nameOf('ranked', aggregate, JSON.stringify([by.type, by.text])),
      (entries) => new RankedPart(place, type, by.type, entries()),
    );
    return listOf(aggregate, part, (ranked) => ranked.values());
  },

  COLLECT_LIST: (aggregate, place, plan) =>
    listOf(aggregate, orderedPart(aggregate, place, plan), (part) => part.values('first to last')),

  COLLECT_SET: (aggregate, place, plan) =>
    listOf(aggregate, distinctPart(aggregate, place, plan), (part) => part.values('ascending')),

  STDDEV(aggregate, place, plan) {
    const variance = sampleVariance(aggregate, place, plan);
    return (parts) => {
      const quotient = variance(parts);
      return quotient === null ? null : rootResult(aggregate, quotient);
    };
  },

  VARIANCE(aggregate, place, plan) {
    const variance = sampleVariance(aggregate, place, plan);
    return (parts) => {
      const quotient = variance(parts);
      return quotient === null ? null : quotientResult(aggregate, quotient);
    };
  },
};

type PartOf<P> = (parts: readonly Part[]) => P;

function sumPart(aggregate: Aggregate, place: number, plan: PartPlan): PartOf<SumPart> {
  const type = argType(aggregate);
  return plan.need(nameOf('sum', aggregate), (_, state) => new SumPart(place, type, false, state));
}

function distinctPart(aggregate: Aggregate, place: number, plan: PartPlan): PartOf<DistinctPart> {
  const type = argType(aggregate);
  return plan.need(nameOf('distinct', aggregate), (entries, state) => new DistinctPart(place, type, entries(), state));
}

function orderedPart(aggregate: Aggregate, place: number, plan: PartPlan): PartOf<OrderedPart> {
  const type = argType(aggregate);
  return plan.need(nameOf('ordered', aggregate), (entries) => new OrderedPart(place, type, entries()));
}

/** (n Σx² - (Σx)²) / (n (n - 1)), without error; null below two values. */
function sampleVariance(aggregate: Aggregate, place: number, plan: PartPlan): PartOf<Quotient | null> {
  const type = argType(aggregate);
  const sumOf = sumPart(aggregate, place, plan);
  const squaresOf = plan.need(nameOf('squares', aggregate), (_, state) => new SumPart(place, type, true, state));
  return (parts) => {
    const { count, sum } = sumOf(parts);
    if (count < 2) return null;
    const n = BigInt(count);
    const total = sum.quotient;
    const squares = squaresOf(parts).sum.quotient;
    const square = { numerator: total.numerator ** 2n, denominator: total.denominator ** 2n };
    return {
      numerator: n * squares.numerator * square.denominator - square.numerator * squares.denominator,
      denominator: squares.denominator * square.denominator * n * (n - 1n),
    };
  };
}

/** The first value, null where there is none. */
function firstOf<P extends Part>(aggregate: Aggregate, part: PartOf<P>, values: (part: P) => Iterable<Value>): Readout {
  const { column } = aggregate;
  const type = argType(aggregate);
  return (parts) => {
    for (const value of values(part(parts))) return valueResult(aggregate, value, type, column.type);
    return null;
  };
}

/** The first `n` values. */
function listOf<P extends Part>(aggregate: Aggregate, part: PartOf<P>, values: (part: P) => Iterable<Value>): Readout {
  const { column, n = Infinity } = aggregate;
  const type = argType(aggregate);
  const elementType = column.type.kind === 'list' ? column.type.element : column.type;
  return (parts) => {
    const list: Value[] = [];
    if (n <= 0) return list;
    for (const value of values(part(parts))) {
      list.push(valueResult(aggregate, value, type, elementType));
      if (list.length >= n) break;
    }
    return list;
  };
}

function argType({ arg, fn }: Aggregate): ColumnType {
  return must(arg, `${fn} has no argument`).type;
}

/** Equal for aggregates that can share a part. */
function nameOf(kind: string, { arg }: Aggregate, more = ''): string {
  return JSON.stringify([kind, arg?.type, arg?.text, more]);
}
