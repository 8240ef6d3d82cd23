import type { Column } from '../catalog/column.ts';
import type { Change } from '../model/change.ts';
import type { Predicate } from '../model/predicate.ts';
import type { Value } from '../model/value.ts';
import { isIndexable } from '../query/access.ts';
import { type ColumnFact, columnFacts, conjuncts, hasRange } from '../query/column-facts.ts';
import { afterPrefix, compareKeys, encodeBound, encodeKeyStartsWith, keyText, prefixRange } from '../store/keys.ts';
import { type Interval, IntervalIndex } from './interval-index.ts';
import { MultiMap } from './multi-map.ts';

/** What a row must have in a column to be of any concern. */
export interface Route {
  readonly column: Column;
  readonly fact: ColumnFact;
}

/** The column that tells most of what a predicate asks of every row; none where it asks nothing that can be looked up. */
export function routesOf(predicate: Predicate | undefined): readonly Route[] {
  let ranged: Route | undefined;
  for (const [column, fact] of columnFacts(conjuncts(predicate))) {
    if (!isIndexable(column)) continue;
    if (fact.equal !== undefined) return [{ column, fact }];
    if (hasRange(fact)) ranged ??= { column, fact };
  }
  return ranged === undefined ? [] : [ranged];
}

/**
 * Finds by the values of a row, as it was and as it is, whom a change may concern: by hash where a column must equal a value, in a
 * tree of intervals where it must lie in a range. Who has no route hears of every change.
 */
export class ValueRoutes<T extends object> {
  readonly #all = new Set<T>();
  readonly #byColumn = new Map<Column, ColumnRoutes<T>>();

  /** How many hear of every change. */
  get unrouted(): number {
    return this.#all.size;
  }

  /** One way is enough to be found. The result takes the item out again. */
  add(routes: readonly Route[], item: T): () => void {
    if (routes.length === 0) {
      this.#all.add(item);
      return () => void this.#all.delete(item);
    }
    const undo = routes.map((route) => this.#addRoute(route, item));
    return () => undo.forEach((each) => each());
  }

  /** Calls `mark` for everybody whom the change may concern, once. */
  touch({ before, after }: Change, mark: (item: T) => void): void {
    for (const item of this.#all) mark(item);
    if (this.#byColumn.size === 0) return;
    const found = new Set<T>();
    for (const [column, { byValue, ranges }] of this.#byColumn) {
      const was = before && encodeBound([column], [before.value(column)]);
      const is = after && encodeBound([column], [after.value(column)]);
      const same = was !== undefined && is !== undefined && compareKeys(was, is) === 0;
      for (const bytes of same ? [is] : [was, is]) {
        if (bytes === undefined) continue;
        byValue.forEach(keyText(bytes), (item) => void found.add(item));
        if (ranges.size > 0) for (const item of ranges.holding(bytes)) found.add(item);
      }
    }
    for (const item of found) mark(item);
  }

  #addRoute({ column, fact }: Route, item: T): () => void {
    const routes = this.#byColumn.get(column) ?? { byValue: new MultiMap<T>(), ranges: new IntervalIndex<T>() };
    this.#byColumn.set(column, routes);
    const remove =
      fact.equal === undefined
        ? routes.ranges.add(intervalOf(column, fact), item)
        : addValues(routes.byValue, column, fact.equal, item);
    return () => {
      remove();
      if (routes.byValue.size + routes.ranges.size === 0) this.#byColumn.delete(column);
    };
  }
}

interface ColumnRoutes<T extends object> {
  readonly byValue: MultiMap<T>;
  readonly ranges: IntervalIndex<T>;
}

function addValues<T extends object>(
  byValue: MultiMap<T>,
  column: Column,
  values: readonly Value[],
  item: T,
): () => void {
  const texts = new Set(values.map((value) => keyText(encodeBound([column], [value]))));
  for (const text of texts) byValue.add(text, item);
  return () => texts.forEach((text) => byValue.delete(text, item));
}

/** A comparison keeps no null, and nulls stand last. */
function intervalOf(column: Column, { lower, upper, startsWith }: ColumnFact): Interval {
  const bytesOf = (value: Value): Uint8Array => encodeBound([column], [value]);
  const from = lower && (lower.inclusive ? bytesOf(lower.value) : afterPrefix(bytesOf(lower.value)));
  const to = upper && (upper.inclusive ? afterPrefix(bytesOf(upper.value)) : bytesOf(upper.value));
  const prefix = startsWith === undefined ? {} : prefixRange(encodeKeyStartsWith([column], [], startsWith));
  return {
    lower: greater(from, prefix.lower),
    upper: less(to, prefix.upper) ?? bytesOf(null),
  };
}

function greater(a: Uint8Array | undefined, b: Uint8Array | undefined): Uint8Array | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return compareKeys(a, b) > 0 ? a : b;
}

function less(a: Uint8Array | undefined, b: Uint8Array | undefined): Uint8Array | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return compareKeys(a, b) < 0 ? a : b;
}
