import { SetupError } from '../common/errors.ts';
import type { Mistake } from '../common/errors.ts';
import type { DeclaredColumn, DeclaredSchema, DeclaredTable } from '../config/declared.ts';
import type { SchemaFile } from '../config/definitions.ts';
import { literalAt, literalToInput, whereToInput } from '../config/literal.ts';
import { Report } from '../config/report.ts';
import { readSchema } from '../config/schema.ts';
import { CoercionError, coerceInput } from '../model/coerce.ts';
import { JsonText } from '../model/value.ts';
import type { Value } from '../model/value.ts';
import type { Catalog, TopicTable } from './catalog.ts';
import type { Column } from './column.ts';
import { fingerprintOf } from './fingerprint.ts';
import { checkNames, rootNames } from './name-rules.ts';
import { WhereError, compileWhere } from './where.ts';

/** The catalog of a schema. Throws SetupError with every mistake in it. */
export function buildCatalog(files: readonly SchemaFile[]): Catalog {
  const { catalog, mistakes } = compileSchema(files);
  if (catalog === undefined || mistakes.length > 0) throw new SetupError(mistakes);
  return deepFreeze(catalog);
}

/** Every mistake of a schema, in the order of files and lines; empty where it can be served. */
export function checkSchema(files: readonly SchemaFile[]): readonly Mistake[] {
  return compileSchema(files).mistakes;
}

type Draft<T> = { -readonly [Member in keyof T]: T[Member] };

/** Compiles what can be compiled of a schema with mistakes too, because filters may hold further ones. */
function compileSchema(files: readonly SchemaFile[]): { catalog?: Catalog; mistakes: readonly Mistake[] } {
  const report = new Report(files.map(({ file }) => file));
  const schema = readSchema(files, report);
  if (schema === undefined) return { mistakes: report.mistakes() };
  checkNames(schema, report);
  const tables = schema.tables.map(makeTable);
  const catalog: Catalog = {
    tables,
    topicTables: tables,
    derivedTables: [],
    tablesByName: new Map(tables.map((table) => [table.name, table])),
    enums: schema.enums.map(({ name, description, values }) => ({ name: name.value, description, values })),
    objects: schema.objects.map(({ name, description, type }) => ({ name: name.value, description, type })),
    fingerprint: '',
  };
  compileAccepts(schema, catalog, tables, report);
  return { catalog: { ...catalog, fingerprint: fingerprintOf(tables) }, mistakes: report.mistakes() };
}

function makeTable(declared: DeclaredTable): Draft<TopicTable> {
  const { table, key = [] } = declared;
  const columns = declared.columns.map(makeColumn);
  const columnsByName = new Map(columns.map((column) => [column.name, column]));
  const columnsOf = (names: readonly DeclaredColumn[]): readonly Column[] =>
    names.flatMap(({ name }) => columnsByName.get(name) ?? []);
  const relations = declared.relations.map((relation) => ({
    name: relation.name,
    description: relation.description,
    deprecationReason: relation.deprecationReason,
    target: relation.target,
    many: relation.many,
    columns: relation.columns,
    references: relation.references,
  }));
  const bases: TopicTable[] = [];
  const made: Draft<TopicTable> = {
    name: declared.name.value,
    description: declared.description,
    ...rootNames(declared),
    bases,
    kept: true,
    timed: table.args.retention !== undefined,
    mode: table.args.mode,
    topic: table.args.topic,
    cluster: table.args.cluster,
    accept: undefined,
    keyFormat: declared.keyFormat,
    onBadRecord: table.args.onBadRecord,
    retentionMs: table.args.retention,
    columns,
    columnsByName,
    key: columnsOf(key),
    syntheticId: key.length !== 1 || key[0]?.name !== 'id',
    indexes: declared.indexes.map((index) => ({
      name: index.columns.map(({ name }) => name).join(' '),
      columns: columnsOf(index.columns),
      unique: index.unique,
    })),
    relations,
    relationsByName: new Map(relations.map((relation) => [relation.name, relation])),
    limit: { default: declared.limit.default, max: declared.limit.max },
    expose: { query: declared.expose.query, live: declared.expose.live, changes: declared.expose.changes },
    changes: { retainMs: declared.changes.retain, maxBytes: declared.changes.maxBytes },
    hidden: declared.hidden,
  };
  bases.push(made);
  return made;
}

function makeColumn(declared: DeclaredColumn, ordinal: number): Column {
  const { name, type, required, source, description, deprecationReason } = declared;
  return {
    name,
    ordinal,
    type,
    required,
    hidden: declared.hidden !== undefined,
    source,
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

function compileAccepts(
  schema: DeclaredSchema,
  catalog: Catalog,
  tables: readonly Draft<TopicTable>[],
  report: Report,
): void {
  for (const [i, { table: directive }] of schema.tables.entries()) {
    const { accept } = directive.args;
    const table = tables[i];
    if (accept === undefined || table === undefined) continue;
    try {
      const input = whereToInput(accept, (name) => table.columnsByName.get(name)?.type);
      table.accept = compileWhere(catalog, table, input, { relations: false });
    } catch (error) {
      if (!(error instanceof WhereError)) throw error;
      report.add(literalAt(accept, error.path), `@table(accept:): ${error.message}`);
    }
  }
}

/** Maps stay as they are; the type says that nobody writes to them. */
function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  if (value instanceof Map || value instanceof JsonText) return value;
  Object.freeze(value);
  for (const member of Object.values(value)) deepFreeze(member);
  return value;
}
