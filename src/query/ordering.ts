import type { Index, Table } from '../catalog/catalog.ts';
import type { Column } from '../catalog/column.ts';
import type { Predicate } from '../model/predicate.ts';
import { hasRange, isConstant } from './column-facts.ts';
import type { ColumnFacts } from './column-facts.ts';
import type { OrderTerm } from './order.ts';

/** Columns that are null in rows that their predicate does not hold for (`grants.ts`): no key or index has them like that. */
export type Masks = ReadonlyMap<Column, Predicate>;

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

/** How far the entries' order (index columns, then row key) agrees with the order asked for. */
export function orderingOf(
  { table, order, masks }: { readonly table: Table; readonly order: readonly OrderTerm[]; readonly masks: Masks },
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
    if (!nullsFit(term)) {
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
    const byKey = rest.length === key.length && rest.every((term, i) => term.column === key[i] && nullsFit(term));
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

/** Whether nulls come at the end where keys and indexes have them, read in the direction asked for. Keys of groups may have some. */
function nullsFit({ column, descending, nullsFirst }: OrderTerm): boolean {
  return nullsFirst === descending || column.required;
}
