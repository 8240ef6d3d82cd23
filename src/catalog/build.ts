import { must, SetupError } from '../common/errors.ts';
import type { Mistake } from '../common/errors.ts';
import { sourceOf } from '../config/derived-tables.ts';
import type { SchemaFile } from '../config/definitions.ts';
import { Report } from '../config/report.ts';
import { readSchema } from '../config/schema.ts';
import type { SchemaOptions } from '../config/schema.ts';
import { JsonText } from '../model/value.ts';
import { compileAggregation } from './aggregations.ts';
import { compileAuth } from './auth.ts';
import { isTopicTable } from './catalog.ts';
import type { Catalog, Table } from './catalog.ts';
import { compileFilter } from './compile.ts';
import { compileComputed } from './computed.ts';
import { basesOf, dependenciesOf, leadsAway, readsOf } from './dependencies.ts';
import { checkDerivations, withRecordTime } from './derivation-rules.ts';
import { makeTable } from './draft.ts';
import type { Building, DraftTable } from './draft.ts';
import { checkExposure } from './exposure.ts';
import { fingerprintOf } from './fingerprint.ts';
import { addReverseIndexes } from './implicit-indexes.ts';
import { withInputs } from './inputs.ts';
import { checkNames } from './name-rules.ts';
import { compileView } from './views.ts';

/** The catalog of a schema. Throws SetupError with every mistake in it. */
export function buildCatalog(files: readonly SchemaFile[], options: SchemaOptions = {}): Catalog {
  const { catalog, mistakes } = compileSchema(files, options);
  if (catalog === undefined || mistakes.length > 0) throw new SetupError(mistakes);
  return deepFreeze(catalog);
}

/** Every mistake of a schema, in the order of files and lines: none where it can be served. And what is doubtful in it. */
export function checkSchema(files: readonly SchemaFile[], options: SchemaOptions = {}): SchemaReport {
  const { mistakes, warnings } = compileSchema(files, options);
  return { mistakes, warnings };
}

export interface SchemaReport {
  readonly mistakes: readonly Mistake[];
  readonly warnings: readonly Mistake[];
}

/** Compiles what can be compiled of a schema with mistakes too, because filters and expressions may hold further ones. */
function compileSchema(files: readonly SchemaFile[], options: SchemaOptions): SchemaReport & { catalog?: Catalog } {
  const report = new Report(files.map(({ file }) => file));
  const schema = readSchema(files, report, options);
  if (schema === undefined) return { mistakes: report.mistakes(), warnings: [] };
  checkNames(schema, report);
  const made = schema.tables.map(makeTable);
  const drafts = new Map(made.map((table) => [table.name, table]));
  const tablesByName: ReadonlyMap<string, Table> = drafts;
  const catalog: Catalog = {
    tables: [],
    topicTables: [],
    derivedTables: [],
    tablesByName,
    enums: schema.enums.map(({ name, description, values }) => ({ name: name.value, description, values })),
    objects: schema.objects.map(({ name, description, type }) => ({ name: name.value, description, type })),
    fingerprint: '',
  };
  const building: Building = { schema, catalog, drafts, report };
  compileTables(building);
  compileAuth(building);
  if (report.mistakes().length > 0) return { mistakes: report.mistakes(), warnings: report.warnings() };
  checkExposure(building);
  for (const table of made) finishAggregation(table, drafts);
  const { order } = dependenciesOf(tablesByName);
  for (const table of order) {
    const draft = drafts.get(table.name);
    if (draft === undefined) continue;
    draft.bases = basesOf(tablesByName, table);
    if (table.derivation.kind !== 'view') continue;
    const origin = table.derivation.inputs ? draft : drafts.get(table.derivation.source);
    if (origin !== undefined) addReverseIndexes(drafts, origin, readsOf(table));
  }
  const tables = [...tablesByName.values()];
  return {
    catalog: {
      ...catalog,
      tables,
      topicTables: tables.filter(isTopicTable),
      derivedTables: order,
      fingerprint: fingerprintOf(tables),
    },
    mistakes: [],
    warnings: report.warnings(),
  };
}

function compileTables(building: Building): void {
  const { drafts, report, schema } = building;
  for (const declared of schema.tables) {
    const draft = drafts.get(declared.name.value);
    if (draft === undefined) continue;
    const { origin } = declared;
    if (origin.kind === 'topic') {
      compileComputed(building, declared, draft);
      const { accept } = origin.directive.args;
      if (accept === undefined || !('topic' in draft)) continue;
      draft.accept = compileFilter(building, draft, accept, '@table(accept:)', { relations: false });
      continue;
    }
    const source = sourceOf(declared, schema.tablesByName);
    const sourceDraft = source && drafts.get(source.name.value);
    if (sourceDraft === undefined) continue;
    if (origin.kind === 'view') compileView(building, declared, draft, sourceDraft);
    else compileAggregation(building, declared, draft, sourceDraft);
  }
  const { circles } = dependenciesOf(building.catalog.tablesByName);
  for (const circle of circles) {
    const declared = schema.tablesByName.get(circle[0] ?? '');
    const node = declared?.origin.directive.at('source');
    if (node !== undefined) report.add(node, `${circle.join(' → ')}: a table cannot follow from itself.`);
  }
  if (circles.length === 0) checkDerivations(building);
}

/** Says what judges an aggregation's records, and puts a hidden view of its inputs behind it where it leads through relations. */
function finishAggregation(table: DraftTable, drafts: Map<string, DraftTable>): void {
  const { derivation } = table;
  if (derivation?.kind !== 'aggregation') return;
  const source = must(drafts.get(derivation.source), `no table ${derivation.source}`);
  const judged = withRecordTime(drafts, derivation, source);
  table.derivation = judged;
  if (!readsOf(table).some(leadsAway)) return;
  const { inputs, dimensions, definition } = withInputs(table, judged, source);
  drafts.set(inputs.name, inputs);
  for (const column of table.columns) column.expression = dimensions.get(column) ?? column.expression;
  table.derivation = definition;
}

/** Maps stay as they are; the type says that nobody writes to them. */
function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  if (value instanceof Map || value instanceof JsonText) return value;
  Object.freeze(value);
  for (const member of Object.values(value)) deepFreeze(member);
  return value;
}
