import type { DeclaredColumn, DeclaredSchema, DeclaredTable } from '../config/declared.ts';
import { literalToInput } from '../config/literal.ts';
import type { Report } from '../config/report.ts';
import { CoercionError, coerceInput } from '../model/coerce.ts';
import type { Value } from '../model/value.ts';
import type { Catalog, Table, TopicTable } from './catalog.ts';
import type { Column, Relation } from './column.ts';
import { rootNames } from './name-rules.ts';

type Draft<T> = { -readonly [Member in keyof T]: T[Member] };

/** Columns and tables while the catalog is built: what expressions and filters are compiled against, and put into. */
export type DraftColumn = Draft<Column>;
/** A derivation is missing until it is compiled, and for good where it has a mistake. */
export type DraftRelation = Draft<Relation>;
export type DraftTable = Draft<Omit<Table, 'columns' | 'relations'>> & {
  readonly columns: readonly DraftColumn[];
  readonly relations: readonly DraftRelation[];
};
export type DraftTopicTable = DraftTable & Draft<Omit<TopicTable, keyof Table>>;

/** What the steps of building share. */
export interface Building {
  readonly schema: DeclaredSchema;
  /** Not all of it is there yet; its tables by name are, for filters and expressions to be compiled against. */
  readonly catalog: Catalog;
  readonly drafts: ReadonlyMap<string, DraftTable | DraftTopicTable>;
  readonly report: Report;
}

/** A table without what has to be compiled. */
export function makeTable(declared: DeclaredTable): DraftTable | DraftTopicTable {
  const { key = [], origin } = declared;
  const columns = declared.columns.map(makeColumn);
  const columnsByName = new Map(columns.map((column) => [column.name, column]));
  const columnsOf = (names: readonly DeclaredColumn[]): readonly Column[] =>
    names.flatMap(({ name }) => columnsByName.get(name) ?? []);
  const relations = declared.relations.map((relation): DraftRelation => ({
    name: relation.name,
    description: relation.description,
    deprecationReason: relation.deprecationReason,
    target: relation.target,
    many: relation.many,
    auth: undefined,
    columns: relation.columns,
    references: relation.references,
  }));
  const bases: TopicTable[] = [];
  const made = {
    name: declared.name.value,
    description: declared.description,
    ...rootNames(declared),
    bases,
    kept: declared.kept,
    columns,
    columnsByName,
    key: columnsOf(key),
    syntheticId: key.length !== 1 || key[0]?.name !== 'id',
    indexes: declared.indexes.map((index) => ({
      name: index.columns.map(({ name }) => name).join(' '),
      columns: columnsOf(index.columns),
      unique: index.unique,
      covering: index.covering,
    })),
    relations,
    relationsByName: new Map(relations.map((relation) => [relation.name, relation])),
    limit: { default: declared.limit.default, max: declared.limit.max },
    expose: { query: declared.expose.query, live: declared.expose.live, changes: declared.expose.changes },
    changes: { retainMs: declared.changes.retain, maxBytes: declared.changes.maxBytes },
    sink: declared.sink && { topic: declared.sink.args.topic },
    hidden: declared.hidden,
    auth: undefined,
  };
  if (origin.kind !== 'topic') {
    const args = origin.kind === 'aggregation' ? origin.directive.args : undefined;
    return { ...made, retentionMs: args?.retention, timed: args?.retention !== undefined || args?.grace !== undefined };
  }
  const { args } = origin.directive;
  const table: DraftTopicTable & TopicTable = {
    ...made,
    derivation: undefined,
    retentionMs: args.retention,
    timed: args.retention !== undefined,
    mode: args.mode,
    topic: args.topic,
    cluster: args.cluster,
    accept: undefined,
    keyFormat: declared.keyFormat,
    clock: args.clock,
    onBadRecord: args.onBadRecord,
  };
  bases.push(table);
  return table;
}

function makeColumn(declared: DeclaredColumn, ordinal: number): DraftColumn {
  const { name, type, required, source, description, deprecationReason } = declared;
  return {
    name,
    ordinal,
    type,
    required,
    hidden: declared.hidden !== undefined,
    auth: undefined,
    source,
    expression: undefined,
    default: defaultOf(declared),
    description,
    deprecationReason,
  };
}

/** Undefined also where the literal does not fit, which `config/rules.ts` reports. */
function defaultOf({ type, default: given }: DeclaredColumn): Value | undefined {
  if (given === undefined) return undefined;
  try {
    return coerceInput(type, literalToInput(given.args.value, type));
  } catch (error) {
    if (error instanceof CoercionError) return undefined;
    throw error;
  }
}
