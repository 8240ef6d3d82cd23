import type { Index, Table } from '../catalog/catalog.ts';
import type { Column, Relation } from '../catalog/column.ts';
import { evaluate } from '../model/evaluate.ts';
import { allOf } from '../model/predicate.ts';
import type { Predicate } from '../model/predicate.ts';
import type { Value } from '../model/value.ts';
import { columnFacts, conjuncts, hasRange } from './column-facts.ts';
import type { ColumnFact, ColumnFacts } from './column-facts.ts';
import type { OrderTerm } from './order.ts';
import { orderingOf } from './ordering.ts';
import type { Masks, Ordering } from './ordering.ts';

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
  readonly path: RangePath | ThroughPath | UnionPath;
  /** Where `path` leads through other tables: what is done where these would have more rows to look at than the table itself. */
  readonly otherwise: RangePath | undefined;
  /** The columns of an index that would serve it, where the path is a scan and there is such an index: `genre plays`. */
  readonly missingIndex: string | undefined;
}

/** The parts of an `or`, each by its own range; rows are collected, made distinct and sorted. */
export interface UnionPath {
  readonly kind: 'union';
  readonly parts: readonly (RangePath | ThroughPath)[];
}

/**
 * From the rows of another table back over a relation: those that the predicate asks of related rows are found first, then the rows
 * that relate to them; collected, made distinct and sorted. So `grants: { some: { userId: { eq: "u1" } } }` reads the grants of u1
 * and what they are for.
 */
export interface ThroughPath {
  readonly kind: 'through';
  readonly target: Access;
  /** Of the target; their values are those of `columns` here. */
  readonly references: readonly Column[];
  readonly columns: readonly Column[];
  /** In which `columns` are fixed. */
  readonly path: RangePath;
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

/** More combinations of `in` values than this are not read as ranges of their own. */
const maxRanges = 10_000;

export function planAccess({
  table,
  predicate,
  order,
  fixed = [],
  masks = new Map(),
  links = new Map(),
}: AccessRequest): Access {
  const parts = conjuncts(predicate);
  const facts = withFixed(columnFacts(parts), fixed);
  const asked = { table, order, fixed, masks, links };
  const best = bestRange(asked, facts);
  const path = best.bounded ? best : (planUnion(asked, parts, facts) ?? planThrough(asked, parts, facts) ?? best);
  const missing = path === best ? missingIndex(best, predicate, facts, asked) : undefined;
  const otherwise = path === best ? undefined : best;
  return { table, predicate, fixed, masks, order, path, otherwise, missingIndex: missing };
}

/** What an access is planned for. */
export interface AccessRequest {
  readonly table: Table;
  readonly predicate: Predicate | undefined;
  readonly order: readonly OrderTerm[];
  readonly fixed?: readonly Column[] | undefined;
  readonly masks?: Masks | undefined;
  /** The relations that may be followed back from what a predicate asks of related rows. Default: none. */
  readonly links?: Links | undefined;
}

/** Both ends of relations; `RelationAccess` has them. */
export type Links = ReadonlyMap<
  Relation,
  { readonly target: Table; readonly columns: readonly Column[]; readonly references: readonly Column[] }
>;

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
type Asked = Pick<Access, 'table' | 'order' | 'fixed' | 'masks'> & { readonly links: Links };

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

/** The first `or` of which every part leads to a bounded range. */
function planUnion(asked: Asked, parts: readonly Predicate[], facts: ColumnFacts): UnionPath | undefined {
  for (const part of parts) {
    if (part.kind !== 'or' || part.parts.length === 0) continue;
    const paths = part.parts.map((branch) => {
      const inner = conjuncts(branch);
      const branchFacts = new Map([...facts, ...columnFacts(inner)]);
      const range = bestRange({ ...asked, order: [] }, branchFacts);
      return range.bounded ? range : planThrough(asked, inner, branchFacts);
    });
    if (paths.every((path) => path !== undefined)) return { kind: 'union', parts: paths };
  }
  return undefined;
}

/** The first relation of which the predicate asks what an index of the other table knows, and this table's own the way back. */
function planThrough(asked: Asked, parts: readonly Predicate[], facts: ColumnFacts): ThroughPath | undefined {
  for (const part of parts) {
    if (part.kind !== 'related' || (part.quantifier !== 'one' && part.quantifier !== 'some')) continue;
    const link = asked.links.get(part.relation);
    // A row without a related one may be meant as well, and is not found from there.
    const withoutOne = part.quantifier === 'one' && evaluate(part.part, undefined, () => []) === true;
    if (link === undefined || withoutOne) continue;
    const { target: table, columns, references } = link;
    const back = bestRange({ ...asked, order: [], fixed: columns }, withFixed(facts, columns));
    if (!back.bounded) continue;
    const target = planAccess({ table, predicate: allOf(part.part, part.only), order: [], links: asked.links });
    if (target.path.kind !== 'range' || target.path.bounded) {
      return { kind: 'through', target, references, columns, path: back };
    }
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
  // Rows come from an index that does not hold them by one more lookup each.
  if (index === undefined || index.covering) points += 1;
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
    const served = planRange(asked, { name, columns, unique: false, covering: false }, facts);
    if (served.bounded || (predicate === undefined && isBetterOrder(served.ordering, path.ordering))) return name;
  }
  return undefined;
}

/** Whether an index may have it: its values have an order of their own. */
export function isIndexable({ type }: Column): boolean {
  return type.kind === 'enum' || (type.kind === 'scalar' && type.scalar !== 'JSON' && type.scalar !== 'Bytes');
}

function isBetterOrder(a: Ordering, b: Ordering): boolean {
  if (a.kind === 'grouped' && b.kind === 'grouped') return a.columns > b.columns;
  return orderingScore[a.kind] > orderingScore[b.kind];
}
