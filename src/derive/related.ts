import type { Catalog, Table } from '../catalog/catalog.ts';
import type { Column, Relation } from '../catalog/column.ts';
import { must } from '../common/errors.ts';
import type { ColumnReader } from '../model/predicate.ts';
import type { Row } from '../model/row.ts';
import type { Value } from '../model/value.ts';
import { findRows } from '../store/find-rows.ts';
import type { Reader } from '../store/store.ts';

/** A relation of a table, with its columns at hand, to be followed both ways. */
export interface Join {
  readonly owner: Table;
  readonly target: Table;
  readonly columns: readonly Column[];
  readonly references: readonly Column[];
}

export function joinOf(catalog: Catalog, owner: Table, relation: Relation): Join {
  const target = must(catalog.tablesByName.get(relation.target), `no table ${relation.target}`);
  return {
    owner,
    target,
    columns: relation.columns.map((name) => columnOf(owner, name)),
    references: relation.references.map((name) => columnOf(target, name)),
  };
}

/** The row that this one relates to; where a unique index leads to several, the first by key. */
export function relatedRow(reader: Reader, join: Join, row: ColumnReader): Row | undefined {
  for (const found of matching(reader, join.target, join.references, join.columns, row)) return found;
  return undefined;
}

/** The rows that relate to this one. */
export function relatingRows(reader: Reader, join: Join, target: ColumnReader): Iterable<Row> {
  return matching(reader, join.owner, join.columns, join.references, target);
}

/** Rows of `table` whose `columns` equal the `others` of `row`; a null equals nothing. */
function matching(
  reader: Reader,
  table: Table,
  columns: readonly Column[],
  others: readonly Column[],
  row: ColumnReader,
): Iterable<Row> {
  const values = new Map<Column, Value>();
  for (const [i, column] of columns.entries()) {
    const value = row.value(must(others[i], 'a relation pairs columns'));
    if (value === null) return [];
    values.set(column, value);
  }
  return findRows(reader, table, values);
}

function columnOf(table: Table, name: string): Column {
  return must(table.columnsByName.get(name), `no column ${table.name}.${name}`);
}
