import type { Catalog, Table } from '../../src/catalog/catalog.ts';
import type { Relation } from '../../src/catalog/column.ts';
import { compileWhere } from '../../src/catalog/where.ts';
import { must } from '../../src/common/errors.ts';
import { evaluate } from '../../src/model/evaluate.ts';
import type { ColumnReader } from '../../src/model/predicate.ts';
import type { NewRow } from '../../src/model/row.ts';
import { compareValues, equalValues } from '../../src/model/value.ts';
import type { Value } from '../../src/model/value.ts';

/** Answers as the words of the API say it: filter everything, sort everything, cut. No index, no planning. */
export interface NaiveQueries {
  select(table: string, args: NaiveArguments): readonly NaiveRow[];
  related(row: NaiveRow, relation: string, args?: NaiveArguments): readonly NaiveRow[];
  /** The page that Relay's algorithm gives, `after` and `before` being rows that may not match. */
  page(table: string, args: NaiveArguments & NaivePage): NaiveConnection;
}

export interface NaiveArguments {
  readonly where?: unknown;
  readonly orderBy?: readonly Readonly<Record<string, string>>[] | undefined;
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
}

export interface NaivePage {
  readonly first?: number | undefined;
  readonly last?: number | undefined;
  readonly after?: NaiveRow | undefined;
  readonly before?: NaiveRow | undefined;
}

export interface NaiveConnection {
  readonly rows: readonly NaiveRow[];
  readonly totalCount: number;
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
}

export interface NaiveRow extends ColumnReader {
  readonly table: Table;
  readonly values: readonly Value[];
}

export function createNaiveQueries(catalog: Catalog, rowsByTable: ReadonlyMap<Table, readonly NewRow[]>): NaiveQueries {
  const tableOf = (name: string): Table => must(catalog.tablesByName.get(name), `no table ${name}`);
  const all = new Map<Table, readonly NaiveRow[]>();
  for (const table of catalog.tables) {
    const rows = (rowsByTable.get(table) ?? []).map(({ values }): NaiveRow => {
      return { table, values, value: ({ ordinal }) => values[ordinal] ?? null };
    });
    all.set(table, rows);
  }

  function relatedRows(row: NaiveRow, relation: Relation): readonly NaiveRow[] {
    const target = tableOf(relation.target);
    const rows = (all.get(target) ?? []).filter((other) =>
      relation.columns.every((name, i) => {
        const column = must(row.table.columnsByName.get(name), name);
        const reference = must(target.columnsByName.get(relation.references[i] ?? ''), 'reference');
        const value = row.value(column);
        return value !== null && equalValues(column.type, value, other.value(reference));
      }),
    );
    return rows.toSorted(comparer(target, []));
  }

  function matching(table: Table, rows: readonly NaiveRow[], where: unknown): readonly NaiveRow[] {
    const predicate = where === undefined ? undefined : compileWhere(catalog, table, where);
    if (predicate === undefined) return rows;
    const related = (row: ColumnReader, relation: Relation) => relatedRows(row as NaiveRow, relation);
    return rows.filter((row) => evaluate(predicate, row, related) === true);
  }

  function answer(table: Table, rows: readonly NaiveRow[], args: NaiveArguments): readonly NaiveRow[] {
    const sorted = matching(table, rows, args.where).toSorted(comparer(table, args.orderBy ?? []));
    const offset = args.offset ?? 0;
    return sorted.slice(offset, offset + (args.limit ?? table.limit.default));
  }

  return {
    select(name, args) {
      const table = tableOf(name);
      return answer(table, all.get(table) ?? [], args);
    },
    related(row, name, args = {}) {
      const relation = must(row.table.relationsByName.get(name), `no relation ${name}`);
      return answer(tableOf(relation.target), relatedRows(row, relation), args);
    },
    page(name, { first, last, after, before, ...args }) {
      const table = tableOf(name);
      const compare = comparer(table, args.orderBy ?? []);
      const set = matching(table, all.get(table) ?? [], args.where).toSorted(compare);
      let rows: readonly NaiveRow[] = set.filter(
        (row) => (after === undefined || compare(row, after) > 0) && (before === undefined || compare(row, before) < 0),
      );
      const size = first ?? (last === undefined ? table.limit.default : undefined);
      if (size !== undefined) rows = rows.slice(0, size);
      if (last !== undefined) rows = last === 0 ? [] : rows.slice(-last);
      const start = rows[0];
      const end = rows.at(-1);
      const window = set.filter(
        (row) => (after === undefined || compare(row, after) > 0) && (before === undefined || compare(row, before) < 0),
      );
      const [cutFront, cutBack] = cuts(window.length, size, last);
      return {
        rows,
        totalCount: set.length,
        hasPreviousPage:
          start === undefined
            ? cutFront || (after !== undefined && set.some((row) => compare(row, after) <= 0))
            : set.some((row) => compare(row, start) < 0),
        hasNextPage:
          end === undefined
            ? cutBack || (before !== undefined && set.some((row) => compare(row, before) >= 0))
            : set.some((row) => compare(row, end) > 0),
      };
    },
  };
}

/** Whether first and last leave something out in front of an empty page, and behind it. */
function cuts(size: number, first: number | undefined, last: number | undefined): readonly [boolean, boolean] {
  const taken = Math.min(size, first ?? Infinity);
  return [last !== undefined && taken > last, size > taken];
}

function comparer(
  table: Table,
  orderBy: readonly Readonly<Record<string, string>>[],
): (a: NaiveRow, b: NaiveRow) => number {
  const terms = [...orderBy.flatMap((entry) => Object.entries(entry)), ...table.key.map(({ name }) => [name, 'ASC'])];
  return (a, b) => {
    for (const [name, direction] of terms) {
      const column = must(table.columnsByName.get(name ?? ''), `no column ${name}`);
      const descending = direction?.startsWith('DESC') === true;
      const nullsFirst = direction?.endsWith('NULLS_FIRST') === true || direction === 'DESC';
      const [left, right] = [a.value(column), b.value(column)];
      if (left === null && right === null) continue;
      if (left === null) return nullsFirst ? -1 : 1;
      if (right === null) return nullsFirst ? 1 : -1;
      const order = compareValues(column.type, left, right);
      if (order !== 0) return descending ? -order : order;
    }
    return 0;
  };
}
