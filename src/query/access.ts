import type { Index, Table } from '../catalog/catalog.ts';
import type { Column } from '../catalog/column.ts';
import type { Predicate } from '../model/predicate.ts';
import type { Value } from '../model/value.ts';
import { columnFacts, conjuncts, hasRange, isConstant } from './column-facts.ts';
import type { ColumnFact, ColumnFacts } from './column-facts.ts';
import type { OrderTerm } from './order.ts';

/** How rows of a table are found: decided from predicate and order alone, without looking at data. `scan.ts` runs it. */
export interface Access {
  readonly table: Table;
  /** Tested on every row that the path leads to. */
  readonly predicate: Predicate | undefined;
  /** Columns that must have the values that are given when it runs: those of a relation. */
  readonly fixed: readonly Column[];
  /** Columns that are null in rows that their predicate does not hold for (`grants.ts`): no key or index has them like that. */
  readonly masks: Masks;
  /** Total, or empty where the order does not matter (counting). */
  readonly order: readonly OrderTerm[];
  readonly path: RangePath | UnionPath;
  /** The columns of an index that would serve it, where the path is a scan and there is such an index: `genre plays`. */
  readonly missingIndex: string | undefined;
}

export type Masks = ReadonlyMap<Column, Predicate>;

const noMasks: Masks = new Map();

/** The parts of an `or`, each by its own range; rows are collected, made distinct and sorted. */
export interface UnionPath {
  readonly kind: 'union';
  readonly parts: readonly RangePath[];
}

/** Ranges of the row keys or of one index: equality on the first columns, then perhaps a range of the next. */
export interface RangePath {
  readonly kind: 'range';
  /** Undefined: the row keys. */
  readonly index: Index | undefined;
  readonly columns: readonly Column[];
  /** One entry per leading column; several values make several ranges; undefined: the column is fixed. */
  readonly equal: readonly (readonly Value[] | undefined)[];
  /** On the column behind `equal`. */
  readonly range: ColumnFact | undefined;
  /** False where it runs over everything, or everything that is not null. */
  readonly bounded: boolean;
  readonly ordering: Ordering;
}

/**
 * What the order of the path is worth for the order asked for.
 * exact: it is that order. ties: index entries with equal columns come in the wrong key order. grouped: it is the order of
 * groups of rows that are equal in the first `columns` columns. sort: none, all rows are sorted in memory.
 */
export type Ordering =
  | { readonly kind: 'sort' }
  | {
      readonly kind: 'exact' | 'ties' | 'grouped';
      readonly reverse: boolean;
      /** How many leading columns of the path give a group. */
      readonly columns: number;
      /** Null of the column behind `equal` comes at the end where the path does not have it: read as a range of its own. */
      readonly splitNulls: boolean;
    };

/** More combinations of `in` values than this are not read as ranges of their own. */
const maxRanges = 10_000;

export function planAccess(
  table: Table,
  predicate: Predicate | undefined,
  order: readonly OrderTerm[],
  fixed: readonly Column[] = [],
  masks: Masks = noMasks,
): Access {
  const parts = conjuncts(predicate);
  const facts = withFixed(columnFacts(parts), fixed);
  const given = { table, order, fixed, masks };
  const best = bestRange(given, facts);
  const path = best.bounded ? best : (planUnion(given, parts, facts) ?? best);
  const missing = path === best ? missingIndex(best, predicate, facts, given) : undefined;
  return { table, predicate, fixed, masks, order, path, missingIndex: missing };
}

/** True where each range is one whole row key: rows are got, not scanned. */
export function isPointLookup(path: RangePath): boolean {
  return path.index === undefined && path.equal.length === path.columns.length;
}

/** A fixed column is like one that equals a single value; which one is known later. */
function withFixed(facts: ColumnFacts, fixed: readonly Column[]): ColumnFacts {
  if (fixed.length === 0) return facts;
  return new Map([...facts, ...fixed.map((column) => [column, { equal: [null] }] as const)]);
}

/** What is asked for, beside the predicate. */
type Asked = Pick<Access, 'table' | 'order' | 'fixed' | 'masks'>;

function bestRange(asked: Asked, facts: ColumnFacts): RangePath {
  const candidates = [undefined, ...asked.table.indexes].map((index) => planRange(asked, index, facts));
  return candidates.reduce((best, candidate) => (score(candidate) > score(best) ? candidate : best));
}

function planRange(asked: Asked, index: Index | undefined, facts: ColumnFacts): RangePath {
  const { table, fixed } = asked;
  const columns = index?.columns ?? table.key;
  const equal: (readonly Value[] | undefined)[] = [];
  let ranges = 1;
  for (const column of columns) {
    const isFixed = fixed.includes(column);
    const values = facts.get(column)?.equal;
    if (values === undefined) break;
    ranges *= isFixed ? 1 : values.length;
    if (ranges > maxRanges) break;
    equal.push(isFixed ? undefined : values);
  }
  const next = columns[equal.length];
  const fact = next === undefined ? undefined : facts.get(next);
  const range = hasRange(fact) ? fact : undefined;
  const bounded =
    equal.length > 0 || range?.lower !== undefined || range?.upper !== undefined || range?.startsWith !== undefined;
  const ordering = orderingOf(asked, index, equal.length, facts);
  return { kind: 'range', index, columns, equal, range, bounded, ordering };
}

/** How far the entries' order (index columns, then row key) agrees with the order asked for. */
function orderingOf(
  { table, order, masks }: Asked,
  index: Index | undefined,
  equal: number,
  facts: ColumnFacts,
): Ordering {
  const columns = index?.columns ?? table.key;
  const constant = (column: Column): boolean => columns.indexOf(column) < equal && columns.includes(column);
  const terms = order.filter(
    ({ column }) => masks.has(column) || (!constant(column) && !isConstant(facts.get(column))),
  );
  let reverse: boolean | undefined;
  let splitNulls = false;
  let at = equal;
  let matched = 0;
  const follows = (term: OrderTerm, column: Column | undefined): boolean =>
    term.column === column && !masks.has(term.column) && (reverse === undefined || reverse === term.descending);
  for (const term of terms) {
    while (at < columns.length && isConstant(facts.get(columns[at] as Column))) at += 1;
    if (at >= columns.length || !follows(term, columns[at])) break;
    if (term.nullsFirst !== term.descending && !term.column.required) {
      // The index has its nulls at the other end. Only the range of its next column leaves them out, or gives them a lane.
      if (at !== equal) break;
      splitNulls = !hasRange(facts.get(term.column));
    }
    reverse = term.descending;
    at += 1;
    matched += 1;
  }
  while (at < columns.length && isConstant(facts.get(columns[at] as Column))) at += 1;
  const rest = terms.slice(matched);
  if (rest.length > 0 && at >= columns.length && index !== undefined) {
    // Behind the index columns, entries stand in the order of the row key.
    const key = table.key.filter((column) => !columns.includes(column) && !isConstant(facts.get(column)));
    const byKey = rest.length === key.length && rest.every((term, i) => term.column === key[i]);
    if (byKey && rest.every((term) => term.descending === (reverse ?? rest[0]?.descending))) {
      return { kind: 'exact', reverse: reverse ?? rest[0]?.descending ?? false, columns: at, splitNulls };
    }
    if (byKey && reverse === true && rest.every((term) => !term.descending)) {
      return { kind: 'ties', reverse, columns: at, splitNulls };
    }
  }
  if (rest.length === 0) return { kind: 'exact', reverse: reverse ?? false, columns: at, splitNulls };
  return matched === 0 ? { kind: 'sort' } : { kind: 'grouped', reverse: reverse ?? false, columns: at, splitNulls };
}

/** The first `or` of which every part leads to a bounded range. */
function planUnion(asked: Asked, parts: readonly Predicate[], facts: ColumnFacts): UnionPath | undefined {
  for (const part of parts) {
    if (part.kind !== 'or') continue;
    const ranges = part.parts.map((branch) => {
      const branchFacts = new Map([...facts, ...columnFacts(conjuncts(branch))]);
      return bestRange({ ...asked, order: [] }, branchFacts);
    });
    if (ranges.every((range) => range.bounded)) return { kind: 'union', parts: ranges };
  }
  return undefined;
}

const orderingScore: Readonly<Record<Ordering['kind'], number>> = { exact: 300, ties: 299, grouped: 100, sort: 0 };

/** No statistics: whole keys before unique indexes before equal columns before order before ranges. */
function score(path: RangePath): number {
  const { index, columns, equal, range, bounded, ordering } = path;
  const whole = equal.length === columns.length;
  let points = equal.length * 1_000 + orderingScore[ordering.kind];
  if (bounded) points += 10_000;
  if (whole && index === undefined) points += 1_000_000;
  if (whole && index?.unique === true) points += 500_000;
  if (range?.startsWith !== undefined || (range?.lower !== undefined && range.upper !== undefined)) points += 250;
  else if (range !== undefined) points += 200;
  // Rows come from an index by one more lookup each.
  if (index === undefined) points += 1;
  return points;
}

/**
 * Equal columns, then those of the order or else one with a range: the first such index with which it would be no scan any
 * more. An order alone does not help a predicate, whose rows would still be tested one by one.
 */
function missingIndex(
  path: RangePath,
  predicate: Predicate | undefined,
  facts: ColumnFacts,
  asked: Asked,
): string | undefined {
  const { table, order, masks } = asked;
  if (path.bounded) return undefined;
  const equal = [...facts].filter(([, fact]) => fact.equal !== undefined).map(([column]) => column);
  const ordered = order
    .map((term) => term.column)
    .filter((column) => !table.key.includes(column) && !masks.has(column));
  const ranged = [...facts].filter(([, fact]) => hasRange(fact)).map(([column]) => [column]);
  for (const next of [ordered, ...ranged]) {
    const columns = [...new Set([...equal, ...next].filter(isIndexable))];
    if (columns.length === 0) continue;
    const name = columns.map((column) => column.name).join(' ');
    const served = planRange(asked, { name, columns, unique: false }, facts);
    if (served.bounded || (predicate === undefined && isBetterOrder(served.ordering, path.ordering))) return name;
  }
  return undefined;
}

function isIndexable({ type }: Column): boolean {
  return type.kind === 'enum' || (type.kind === 'scalar' && type.scalar !== 'JSON' && type.scalar !== 'Bytes');
}

function isBetterOrder(a: Ordering, b: Ordering): boolean {
  if (a.kind === 'grouped' && b.kind === 'grouped') return a.columns > b.columns;
  return orderingScore[a.kind] > orderingScore[b.kind];
}
