import { must } from '../common/errors.ts';
import type { ColumnPath, Expression } from '../model/expression.ts';
import type { Predicate } from '../model/predicate.ts';
import type { DerivedTable, Table, TopicTable } from './catalog.ts';
import type { Derivation } from './derivation.ts';

type Derived = Pick<DerivedTable, 'name' | 'columns'> & { readonly derivation?: Derivation | undefined };

/** Everything that a derived table reads of its source and what that relates to. */
export function readsOf({ columns, derivation }: Derived): readonly ColumnPath[] {
  if (derivation === undefined) return [];
  const expressions: (Expression | undefined)[] = columns.map((column) => column.expression);
  if (derivation.kind === 'aggregation') {
    for (const { arg, by } of derivation.aggregates) expressions.push(arg, by);
    expressions.push(derivation.eventTime);
  }
  const reads = expressions.flatMap((expression) => expression?.reads ?? []);
  return derivation.where === undefined ? reads : [...reads, ...pathsOf(derivation.where)];
}

/** The columns that a filter compares. */
export function pathsOf(predicate: Predicate): readonly ColumnPath[] {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return predicate.parts.flatMap(pathsOf);
    case 'not':
      return pathsOf(predicate.part);
    case 'compare':
      return [{ relations: [], column: predicate.column, fields: predicate.path }];
    case 'related':
      return pathsOf(predicate.part).map((path) => ({ ...path, relations: [predicate.relation, ...path.relations] }));
  }
}

/** Whether it leads to another row. */
export function leadsAway({ relations }: ColumnPath): boolean {
  return relations.length > 0;
}

/** The tables that a derived table reads itself: its source, then those that it leads to; each once. */
export function readTables(tables: ReadonlyMap<string, Table>, table: Derived): readonly Table[] {
  if (table.derivation === undefined) return [];
  const names = readsOf(table).flatMap(({ relations }) => relations.map(({ target }) => target));
  return [...new Set([table.derivation.source, ...names])].map((name) => must(tables.get(name), `no table ${name}`));
}

export interface Dependencies {
  /** Every derived table after all that it reads. */
  readonly order: readonly DerivedTable[];
  /** Circles, each from a table back to itself, by names. */
  readonly circles: readonly (readonly string[])[];
}

/** Tables without a derivation, which have a mistake, are passed over. */
export function dependenciesOf(tables: ReadonlyMap<string, Table>): Dependencies {
  const order: DerivedTable[] = [];
  const circles: (readonly string[])[] = [];
  const done = new Set<Table>();
  const open: Table[] = [];
  function visit(table: Table): void {
    if (open.includes(table)) {
      circles.push([...open.slice(open.indexOf(table)), table].map(({ name }) => name));
      return;
    }
    if (done.has(table) || !isDerivedTable(table)) return;
    open.push(table);
    for (const read of readTables(tables, table)) visit(read);
    open.pop();
    done.add(table);
    order.push(table);
  }
  for (const table of tables.values()) visit(table);
  return { order, circles };
}

function isDerivedTable(table: Table): table is DerivedTable {
  return table.derivation !== undefined;
}

/** The topics' tables of all that a derived table reads, each once. */
export function basesOf(tables: ReadonlyMap<string, Table>, table: DerivedTable): readonly TopicTable[] {
  return [...new Set(readTables(tables, table).flatMap(({ bases }) => bases))];
}
