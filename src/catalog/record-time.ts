import type { ColumnPath, Expression } from '../model/expression.ts';
import type { Table, TopicTable } from './catalog.ts';
import { isTopicTable } from './catalog.ts';
import { leadsAway, readsOf } from './dependencies.ts';
import { pathExpression } from './paths.ts';

type Tables = ReadonlyMap<string, Table>;

/** The aggregation whose rows a table's are, through views; undefined where they are records'. The table itself where it is one. */
export function aggregationBehind(tables: Tables, table: Table): Table | undefined {
  for (const each of behind(tables, table)) if (each.derivation?.kind === 'aggregation') return each;
  return undefined;
}

/** The topic's table whose records a table's rows are, through views; undefined behind an aggregation. */
export function topicBehind(tables: Tables, table: Table): TopicTable | undefined {
  for (const each of behind(tables, table)) if (isTopicTable(each)) return each;
  return undefined;
}

/** The view on the way to the topic's table that also reads rows of other tables; undefined where none does. */
export function joinBehind(tables: Tables, table: Table): Table | undefined {
  for (const each of behind(tables, table)) if (isView(each) && readsOf(each).some(leadsAway)) return each;
  return undefined;
}

function isView({ derivation }: Table): boolean {
  return derivation?.kind === 'view';
}

/** The table, the source that it is a view of, and so on. */
function* behind(tables: Tables, table: Table): Generator<Table> {
  let at: Table | undefined = table;
  while (at !== undefined) {
    yield at;
    at = at.derivation?.kind === 'view' ? tables.get(at.derivation.source) : undefined;
  }
}

/**
 * What an expression over a table reads of the record that a row comes from, over the topic's table: undefined where it is more than
 * one column that views have passed on.
 */
export function overRecords(tables: Tables, table: Table, expression: Expression): Expression | undefined {
  let path = pathOf(expression);
  for (const each of behind(tables, table)) {
    if (path === undefined) return undefined;
    if (isTopicTable(each)) return pathExpression(path, expression.type, expression.nullable, expression.text);
    const inner = path.column.expression && pathOf(path.column.expression);
    path = inner && { ...inner, fields: [...inner.fields, ...path.fields] };
  }
  return undefined;
}

/** The column that the expression reads, where it does nothing else and follows no relation. */
function pathOf({ reads, text }: Expression): ColumnPath | undefined {
  const [path, ...others] = reads;
  if (path === undefined || others.length > 0 || path.relations.length > 0) return undefined;
  return text === [path.column.name, ...path.fields].join('.') ? path : undefined;
}
