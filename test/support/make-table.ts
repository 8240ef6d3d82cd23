import type { KeyFormat, TableMode, TopicTable } from '../../src/catalog/catalog.ts';
import type { Column, ColumnSource } from '../../src/catalog/column.ts';
import type { Predicate } from '../../src/model/predicate.ts';
import type { ColumnType, ObjectField, ScalarName, Value } from '../../src/model/value.ts';

/** Tables without a schema, for tests of the rooms below the catalog. */
interface ColumnSpec {
  readonly name: string;
  readonly type: ColumnType;
  readonly required?: boolean;
  readonly source?: ColumnSource;
  readonly default?: Value;
}

export interface TableSpec {
  readonly columns: readonly ColumnSpec[];
  /** Names; default `id`. */
  readonly key?: readonly string[];
  readonly keyFormat?: KeyFormat;
  readonly mode?: TableMode;
  readonly accept?: (column: (name: string) => Column) => Predicate;
}

export function makeTable(spec: TableSpec): TopicTable {
  const columns = spec.columns.map(({ name, type, required, source, default: fallback }, ordinal): Column => ({
    name,
    ordinal,
    type,
    required: required ?? false,
    hidden: false,
    source: source ?? { kind: 'value', path: [name] },
    default: fallback,
  }));
  const columnsByName = new Map(columns.map((column) => [column.name, column]));
  const columnOf = (name: string): Column => {
    const column = columnsByName.get(name);
    if (column === undefined) throw new Error(`no column ${name}`);
    return column;
  };
  const bases: TopicTable[] = [];
  const table: TopicTable = {
    name: 'Thing',
    bases,
    kept: spec.mode !== 'STREAM',
    clock: 'STREAM',
    timed: false,
    singular: 'thing',
    plural: 'things',
    mode: spec.mode ?? 'UPSERT',
    topic: 'things',
    cluster: 'default',
    accept: spec.accept?.(columnOf),
    keyFormat: spec.keyFormat ?? 'STRING',
    onBadRecord: 'SKIP',
    columns,
    columnsByName,
    key: (spec.key ?? ['id']).map(columnOf),
    syntheticId: false,
    indexes: [],
    relations: [],
    relationsByName: new Map(),
    limit: { default: 50, max: 1_000 },
    expose: { query: true, live: true, changes: true },
    changes: { retainMs: 3_600_000, maxBytes: 1_000_000 },
    hidden: false,
  };
  bases.push(table);
  return table;
}

export function scalar(name: ScalarName): ColumnType {
  return { kind: 'scalar', scalar: name };
}

export function enumOf(...values: string[]): ColumnType {
  return { kind: 'enum', name: 'Genre', values };
}

export function listOf(element: ColumnType, elementRequired = false): ColumnType {
  return { kind: 'list', element, elementRequired };
}

/** An embedded object; `required` names the fields that must be there. */
export function objectOf(fields: Readonly<Record<string, ColumnType>>, required: readonly string[] = []): ColumnType {
  const declared = Object.entries(fields).map(([name, type]): ObjectField => ({
    name,
    type,
    required: required.includes(name),
  }));
  return { kind: 'object', name: 'Address', fields: declared };
}
