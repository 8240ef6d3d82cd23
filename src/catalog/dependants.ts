import type { Catalog, DerivedTable, Table, TopicTable } from './catalog.ts';
import { isTopicTable } from './catalog.ts';

/** The topic's table whose records a table's rows are, through views; undefined behind an aggregation. */
export function recordBase(catalog: Catalog, table: Table): TopicTable | undefined {
  if (isTopicTable(table)) return table;
  if (table.derivation?.kind === 'aggregation') return undefined;
  const source = sourceOf(catalog, table);
  return source && recordBase(catalog, source);
}

/**
 * Whether the table can be made of the rows that its source has now. If not, it must see the records again: those of a STREAM,
 * those whose rows retention has removed, or those that were judged as they came (`grace`).
 */
export function followsFromRows(catalog: Catalog, table: DerivedTable): boolean {
  const source = sourceOf(catalog, table);
  if (source === undefined || !source.kept || table.timed) return false;
  const remembers = table.derivation.kind === 'aggregation' || table.derivation.inputs;
  return !remembers || recordBase(catalog, source)?.retentionMs === undefined;
}

/** The aggregation that a table which nobody declared is the inputs of. */
export function aggregationOf(catalog: Catalog, { name, derivation }: Table): DerivedTable | undefined {
  if (derivation?.kind !== 'view' || !derivation.inputs) return undefined;
  return catalog.derivedTables.find((table) => table.derivation.source === name);
}

/**
 * What has to be built anew with these tables: all that is derived from them, the inputs of aggregations, and, where that needs to see
 * records again, the tables of these records.
 */
export function builtAnewWith(catalog: Catalog, names: Iterable<string>): ReadonlySet<string> {
  const anew = new Set(names);
  for (let size = -1; size !== anew.size;) {
    size = anew.size;
    for (const table of catalog.derivedTables) {
      if (anew.has(aggregationOf(catalog, table)?.name ?? '')) anew.add(table.name);
      if (readBy(catalog, table).some(({ name }) => anew.has(name))) anew.add(table.name);
      if (!anew.has(table.name) || followsFromRows(catalog, table)) continue;
      const base = recordBase(catalog, sourceOf(catalog, table) ?? table);
      if (base !== undefined) anew.add(base.name);
    }
  }
  return anew;
}

/** The tables that a derived table reads itself: its source and those that its columns and filter lead to. */
function readBy(catalog: Catalog, { derivation, columns, bases }: DerivedTable): readonly Table[] {
  const source = catalog.tablesByName.get(derivation.source);
  const related = columns.flatMap(({ expression }) =>
    (expression?.reads ?? []).flatMap(({ relations }) =>
      relations.flatMap(({ target }) => catalog.tablesByName.get(target) ?? []),
    ),
  );
  // A filter's relations lead to tables that, or whose bases, are among the bases.
  return [...(source === undefined ? [] : [source]), ...related, ...bases];
}

function sourceOf(catalog: Catalog, table: Table): Table | undefined {
  return table.derivation && catalog.tablesByName.get(table.derivation.source);
}
