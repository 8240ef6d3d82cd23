import type { NaiveRow, Tables } from './naive.ts';
import { columnOf, tableOf, type RelationSpec, type TableSpec } from './spec.ts';
import { canonicalDecimal, type NaiveValue } from './values.ts';

/** Rows of the other table whose `references` equal this row's `columns`, in key order. A null relates to nothing. */
export function relatedRows(tables: Tables, relation: RelationSpec, row: NaiveRow): readonly NaiveRow[] {
  const target = tableOf(tables.schema, relation.target);
  const { columns, references } = relation;
  const wanted = columns.map((name) => row.values.get(name) ?? null);
  return wanted.includes(null)
    ? []
    : (rowsBy(target, references, tables.rows(target)).get(nameOf(target, references, wanted)) ?? []);
}

/** By what they have in these columns. */
function rowsBy(
  table: TableSpec,
  columns: readonly string[],
  rows: readonly NaiveRow[],
): ReadonlyMap<string, readonly NaiveRow[]> {
  const known = grouped.get(rows) ?? new Map<string, Map<string, NaiveRow[]>>();
  grouped.set(rows, known);
  let groups = known.get(columns.join());
  if (groups === undefined) {
    known.set(columns.join(), (groups = new Map()));
    for (const row of rows) {
      const values = columns.map((name) => row.values.get(name) ?? null);
      const name = nameOf(table, columns, values);
      const group = groups.get(name);
      if (group === undefined) groups.set(name, [row]);
      else group.push(row);
    }
  }
  return groups;
}

const grouped = new WeakMap<readonly NaiveRow[], Map<string, Map<string, NaiveRow[]>>>();

/** Equal for values of these columns that are equal. */
export function nameOf(table: TableSpec, columns: readonly string[], values: readonly NaiveValue[]): string {
  return JSON.stringify(
    columns.map((name, i) => {
      const { type } = columnOf(table, name);
      const value = values[i] ?? null;
      if (value === null) return null;
      if (type.kind === 'scalar' && type.scalar === 'Decimal') return canonicalDecimal(String(value));
      return String(value);
    }),
  );
}
