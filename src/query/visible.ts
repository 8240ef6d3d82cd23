import type { Catalog, Index, Table } from '../catalog/catalog.ts';
import type { Column, Relation } from '../catalog/column.ts';
import { readTables } from '../catalog/dependencies.ts';

/** What of a catalog the API shows. Hidden tables and columns are stored and used underneath, and named nowhere. */
export function visibleTables(catalog: Catalog): readonly Table[] {
  return catalog.tables.filter(isVisible);
}

export function isVisible(table: Table): boolean {
  return !table.hidden;
}

/** Tables that nobody declared: the inputs of an aggregation (`SongStats$inputs`). Shown nowhere, on the command line neither. */
export function isInternal({ derivation }: Table): boolean {
  return derivation?.kind === 'view' && derivation.inputs;
}

/** The inputs of an aggregation, where it has a table of its own for them. */
export function inputsOf(catalog: Catalog, { derivation }: Table): Table | undefined {
  if (derivation?.kind !== 'aggregation') return undefined;
  const source = catalog.tablesByName.get(derivation.source);
  return source !== undefined && isInternal(source) ? source : undefined;
}

/** The tables that a derived one follows from itself, as far as the API shows them. */
export function sourcesOf(catalog: Catalog, table: Table): readonly Table[] {
  const read = readTables(catalog.tablesByName, table);
  const declared = read.flatMap((each) => (isInternal(each) ? readTables(catalog.tablesByName, each) : [each]));
  return [...new Set(declared)].filter((each) => isVisible(each) && each !== table);
}

export function visibleColumns(table: Table): readonly Column[] {
  return table.columns.filter((column) => !column.hidden);
}

export function visibleRelations(catalog: Catalog, table: Table): readonly Relation[] {
  return table.relations.filter((relation) => {
    const target = catalog.tablesByName.get(relation.target);
    return target !== undefined && isVisible(target);
  });
}

/** The unique indexes that get a root field. */
export function uniqueLookups(table: Table): readonly Index[] {
  return table.indexes.filter((index) => index.unique && index.columns.every((column) => !column.hidden));
}
