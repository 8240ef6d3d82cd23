import type { ASTNode } from 'graphql';
import { must } from '../common/errors.ts';
import type { Applied } from '../config/arguments.ts';
import type { DeclaredColumn, DeclaredTable } from '../config/declared.ts';
import { placeText } from '../config/report.ts';
import type { Expression } from '../model/expression.ts';
import type { Table } from './catalog.ts';
import { leadsAway, pathsOf, readTables } from './dependencies.ts';
import type { AggregateFunction, AggregationDefinition } from './derivation.ts';
import type { Building, DraftTable } from './draft.ts';
import { aggregationBehind, joinBehind, overRecords, topicBehind } from './record-time.ts';

/** Reports derived tables that could not be kept true to their sources, and sinks that tables would read again. */
export function checkDerivations(building: Building): void {
  const { drafts, schema } = building;
  for (const declared of schema.tables) {
    const draft = drafts.get(declared.name.value);
    const { origin } = declared;
    if (draft?.derivation === undefined || origin.kind === 'topic') continue;
    const source = must(drafts.get(draft.derivation.source), `no table ${draft.derivation.source}`);
    if (!source.kept) checkUnkept(building, declared, draft, source);
    if (draft.derivation.kind === 'aggregation' && origin.kind === 'aggregation') {
      checkCounted(building, declared, origin.directive, source);
      checkTime(building, declared, origin.directive, draft.derivation, source);
    }
  }
  checkSinks(building);
}

/** Where the rows are gone, nothing can be looked up again when a related row changes. */
function checkUnkept({ report }: Building, declared: DeclaredTable, draft: DraftTable, source: Table): void {
  const { columns, origin } = declared;
  const message =
    `the rows of ${source.name} are not kept, so none could be found again when a row changes that it relates to. ` +
    'Give the topic a table with mode: APPEND, and a "retention" that is long enough.';
  const derivation = must(draft.derivation, 'a derived table');
  for (const [i, column] of columns.entries()) {
    const made = draft.columns[i];
    const aggregate =
      derivation.kind === 'aggregation' ? derivation.aggregates.find((each) => each.column === made) : undefined;
    const node = nodeOf(column);
    if (isAway(made?.expression) || isAway(aggregate?.arg)) report.add(node, `"${column.name}": ${message}`);
    else if (isAway(aggregate?.by)) report.add(column.aggregate?.at('by') ?? node, `"${column.name}": ${message}`);
  }
  if (origin.kind === 'topic') return;
  const { directive } = origin;
  if (derivation.where !== undefined && pathsOf(derivation.where).some(leadsAway)) {
    report.add(directive.at('where'), `@${directive.node.name.value}(where:): ${message}`);
  }
  if (derivation.kind === 'aggregation' && origin.kind === 'aggregation' && isAway(derivation.eventTime)) {
    report.add(origin.directive.at('timestamp'), `@aggregation(timestamp:): ${message}`);
  }
}

function isAway(expression: Expression | undefined): boolean {
  return expression?.reads.some(leadsAway) === true;
}

/** What says where the column's value comes from. */
function nodeOf({ aggregate, computed, from, node }: DeclaredColumn): ASTNode {
  return aggregate?.at('arg') ?? computed?.at('expr') ?? from?.at('path') ?? node;
}

/** What retention has removed stays counted; a row that came again would be counted twice. */
function checkCounted(
  building: Building,
  { name }: DeclaredTable,
  directive: Applied<'aggregation'>,
  source: Table,
): void {
  const { catalog, report } = building;
  const aggregation = aggregationBehind(catalog.tablesByName, source);
  const at = directive.at('source');
  if (aggregation?.retentionMs !== undefined) {
    report.add(
      at,
      `${aggregation.name} removes buckets that are past its retention, and ${name.value} would lose what it counts of them. ` +
        `Aggregate the source of ${aggregation.name} instead, or remove its "retention".`,
    );
  }
  const topic = topicBehind(catalog.tablesByName, source);
  if (topic?.retentionMs === undefined || topic.mode === 'STREAM') return;
  const [only, ...others] = topic.key;
  const coordinates = only?.source.kind === 'meta' && only.source.meta === 'COORDINATES' && others.length === 0;
  if (topic.mode === 'APPEND' && coordinates) {
    checkJoined(building, name.value, at, source, topic);
    return;
  }
  report.add(
    at,
    `${topic.name} has a retention, after which its rows stay counted: one that comes again under its key would be counted ` +
      `twice. Make ${topic.name} a table with mode: APPEND and the key id: ID! @from(meta: COORDINATES), or remove its "retention".`,
  );
}

/** A view loses the rows that retention removes, and then what related rows say of them no longer reaches what counts them. */
function checkJoined({ catalog, report }: Building, name: string, at: ASTNode, source: Table, topic: Table): void {
  const view = joinBehind(catalog.tablesByName, source);
  if (view === undefined) return;
  report.add(
    at,
    `${view.name} reads rows of other tables, which may change when the retention of ${topic.name} has removed a row that ` +
      `${name} still counts. Aggregate ${topic.name} and lead through its relations in ${name}, or remove the retention.`,
  );
}

const orderedByTime: readonly AggregateFunction[] = ['FIRST', 'LAST', 'COLLECT_LIST'];

function checkTime(
  { catalog, report }: Building,
  declared: DeclaredTable,
  directive: Applied<'aggregation'>,
  definition: AggregationDefinition,
  source: Table,
): void {
  const { grace, retention, timestamp } = directive.args;
  const { eventTime, window } = definition;
  const aggregation = aggregationBehind(catalog.tablesByName, source);
  if (aggregation !== undefined) {
    for (const argument of ['grace', 'retention'] as const) {
      if (directive.args[argument] === undefined) continue;
      report.add(
        directive.at(argument),
        `@aggregation(${argument}:) goes by the time of records, and the rows of ${source.name} are those of the aggregation ` +
          `${aggregation.name}. Remove it${argument === 'grace' ? `; ${aggregation.name} can have it` : ''}.`,
      );
    }
    const needs = definition.aggregates.find(({ fn }) => orderedByTime.includes(fn))?.fn;
    if (timestamp === undefined && (window !== undefined || needs !== undefined)) {
      report.add(
        directive.node,
        `The rows of ${source.name} are those of the aggregation ${aggregation.name} and have no record whose time ` +
          `${window === undefined ? `${needs} could go by` : 'could say their bucket'}. Name a column with "timestamp".`,
      );
    }
    return;
  }
  if (eventTime === undefined || window === undefined) return;
  if (overRecords(catalog.tablesByName, source, eventTime) !== undefined) return;
  const argument = grace === undefined ? 'retention' : 'grace';
  if (grace === undefined && retention === undefined) return;
  const topic = topicBehind(catalog.tablesByName, source)?.name ?? source.name;
  report.add(
    directive.at('timestamp'),
    `With "${argument}" records are judged as they come, by a column of ${topic} itself. "${timestamp}" is not one that ` +
      `${declared.name.value} has of it as it is.`,
  );
}

/** The definition with what judges its records. */
export function withRecordTime(
  tables: ReadonlyMap<string, Table>,
  definition: AggregationDefinition,
  source: Table,
): AggregationDefinition {
  const { eventTime, window } = definition;
  if (window === undefined || eventTime === undefined) return definition;
  return { ...definition, window: { ...window, recordTime: overRecords(tables, source, eventTime) } };
}

function checkSinks({ catalog, report, schema }: Building): void {
  const sinks = new Map<string, DeclaredTable>();
  for (const declared of schema.tables) {
    const { sink } = declared;
    if (sink === undefined) continue;
    const { topic } = sink.args;
    const other = sinks.get(topic);
    if (other === undefined) sinks.set(topic, declared);
    else {
      report.add(
        sink.at('topic'),
        `"${topic}" is the sink of ${other.name.value} already (${placeText(other.name)}), and keys of both would mix. Use another topic.`,
      );
    }
    const table = catalog.tablesByName.get(declared.name.value);
    const reader = table && topicTablesOf(catalog.tablesByName, table).find((each) => each.topic === topic);
    if (reader !== undefined) {
      report.add(
        sink.at('topic'),
        `${declared.name.value} is made from "${topic}"${reader.name === declared.name.value ? '' : ` (by ${reader.name})`} ` +
          'and would read its own changes for ever. Use another topic.',
      );
    }
  }
}

/** As `Table.bases` will say. There is no circle. */
function topicTablesOf(tables: ReadonlyMap<string, Table>, table: Table): Table['bases'] {
  if (table.derivation === undefined) return table.bases;
  return readTables(tables, table).flatMap((each) => topicTablesOf(tables, each));
}
