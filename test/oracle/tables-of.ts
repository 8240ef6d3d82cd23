import type { ChangesPlan, ListArguments, QueryPlan, Selection } from './plan.ts';
import { tableOf, type SchemaSpec, type TableSpec } from './spec.ts';
import type { Where } from './where.ts';

/** The topics that a position must name: of every table that the operation names. */
export function topicsOf(schema: SchemaSpec, plan: QueryPlan | ChangesPlan): ReadonlySet<string> {
  return new Set([...tablesOf(schema, plan)].flatMap((table) => table.topics ?? [table.topic]));
}

/** Those that decide which rows are in a change stream's set. */
export function deciding(schema: SchemaSpec, plan: ChangesPlan): ReadonlySet<TableSpec> {
  return tablesOf(schema, { ...plan, select: [] });
}

export function tablesOf(schema: SchemaSpec, plan: QueryPlan | ChangesPlan): ReadonlySet<TableSpec> {
  const tables = new Set<TableSpec>();
  const name = (table: TableSpec): unknown => tables.add(table);
  if ('roots' in plan) {
    for (const root of plan.roots) {
      const table = tableOf(schema, root.table);
      name(table);
      if (root.kind === 'list' || root.kind === 'connection') inWhere(schema, table, root.args.where, name);
      const shown = root.kind !== 'connection' || root.parts.includes('edges') || root.parts.includes('nodes');
      if (shown) inSelect(schema, table, root.select, name);
    }
  } else {
    const table = tableOf(schema, plan.table);
    name(table);
    inWhere(schema, table, plan.where, name);
    inSelect(schema, table, plan.select, name);
  }
  return tables;
}

function inSelect(
  schema: SchemaSpec,
  table: TableSpec,
  select: readonly Selection[],
  name: (table: TableSpec) => unknown,
): void {
  for (const selection of select) {
    if (selection.kind !== 'one' && selection.kind !== 'many') continue;
    const target = targetOf(schema, table, selection.relation);
    name(target);
    inSelect(schema, target, selection.select, name);
    const args: ListArguments = selection.kind === 'many' ? selection.args : {};
    inWhere(schema, target, args.where, name);
  }
}

function inWhere(
  schema: SchemaSpec,
  table: TableSpec,
  where: Where | undefined,
  name: (table: TableSpec) => unknown,
): void {
  for (const member of where?.members ?? []) {
    if (member.kind === 'and' || member.kind === 'or') for (const part of member.of) inWhere(schema, table, part, name);
    else if (member.kind === 'not') inWhere(schema, table, member.of, name);
    else if (member.kind === 'related' && (member.quantifier !== 'one' || member.of.members.length > 0)) {
      const target = targetOf(schema, table, member.relation);
      name(target);
      inWhere(schema, target, member.of, name);
    }
  }
}

function targetOf(schema: SchemaSpec, table: TableSpec, relation: string): TableSpec {
  return tableOf(schema, table.relations.find((r) => r.name === relation)?.target ?? '');
}
