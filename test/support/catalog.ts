import type { Catalog, Index, Table, TopicTable } from '../../src/catalog/catalog.ts';
import type { Column } from '../../src/catalog/column.ts';
import { makeTable } from './make-table.ts';
import type { TableSpec } from './make-table.ts';

/** Catalogs without a schema, for tests of the rooms below the catalog. */
export interface NamedTableSpec extends TableSpec {
  readonly name: string;
  /** Default: the name in lower case. */
  readonly topic?: string;
  readonly cluster?: string;
  /** Each the names of its columns, joined by a blank. */
  readonly indexes?: readonly string[];
  /** Those of them that hold the rows. */
  readonly covering?: readonly string[];
  readonly retentionMs?: number;
  readonly onBadRecord?: TopicTable['onBadRecord'];
  readonly changes?: Table['changes'];
}

export function makeCatalog(specs: readonly NamedTableSpec[]): Catalog {
  const tables = specs.map((spec): TopicTable => {
    const table = makeTable(spec);
    const bases: TopicTable[] = [];
    const made: TopicTable = {
      ...table,
      bases,
      timed: spec.retentionMs !== undefined,
      name: spec.name,
      singular: spec.name.toLowerCase(),
      plural: `${spec.name.toLowerCase()}s`,
      topic: spec.topic ?? spec.name.toLowerCase(),
      cluster: spec.cluster ?? table.cluster,
      indexes: (spec.indexes ?? []).map((name) => makeIndex(table, name, spec.covering?.includes(name) === true)),
      retentionMs: spec.retentionMs,
      onBadRecord: spec.onBadRecord ?? table.onBadRecord,
      changes: spec.changes ?? table.changes,
    };
    bases.push(made);
    return made;
  });
  return {
    tables,
    topicTables: tables,
    derivedTables: [],
    tablesByName: new Map(tables.map((table) => [table.name, table])),
    enums: [],
    objects: [],
    fingerprint: JSON.stringify(specs),
  };
}

function makeIndex(table: Table, name: string, covering: boolean): Index {
  return { name, columns: name.split(' ').map((column) => columnOf(table, column)), unique: false, covering };
}

export function tableOf(catalog: Catalog, name: string): TopicTable {
  const table = catalog.topicTables.find((each) => each.name === name);
  if (table === undefined) throw new Error(`no table ${name}`);
  return table;
}

export function columnOf(table: Table, name: string): Column {
  const column = table.columnsByName.get(name);
  if (column === undefined) throw new Error(`no column ${name}`);
  return column;
}

export function indexOf(table: Table, name: string): Index {
  const index = table.indexes.find((candidate) => candidate.name === name);
  if (index === undefined) throw new Error(`no index ${name}`);
  return index;
}
