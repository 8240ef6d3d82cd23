import type { ChangesPlan, OrderTerm, QueryPlan, RootSelection, Selection } from './plan.ts';
import type { Rights } from './rights.ts';
import { tableOf, type SchemaSpec, type TableSpec } from './spec.ts';
import type { Where } from './where.ts';

/** Why an operation is refused whatever the data, for failures' reports; undefined where it is not. */
export function whyDenied(schema: SchemaSpec, rights: Rights, plan: QueryPlan | ChangesPlan): string | undefined {
  const judge = new Judge(schema, rights);
  if ('roots' in plan) for (const root of plan.roots) judge.root(root);
  else {
    const table = tableOf(schema, plan.table);
    judge.names(table);
    judge.where(table, plan.where);
    judge.select(table, plan.select);
  }
  return judge.reason;
}

class Judge {
  readonly #schema: SchemaSpec;
  readonly #rights: Rights;
  reason: string | undefined;

  constructor(schema: SchemaSpec, rights: Rights) {
    this.#schema = schema;
    this.#rights = rights;
  }

  names(table: TableSpec): void {
    if (this.#rights.rows(table).kind === 'denied') this.reason ??= table.name;
  }

  /** Whoever may not read a field at all may not ask what depends on it. */
  #uses(table: TableSpec, field: string): void {
    if (this.#rights.field(table, field).kind === 'denied') this.reason ??= `${table.name}.${field}`;
  }

  root(root: RootSelection): void {
    const table = tableOf(this.#schema, root.table);
    // A nodeId names no table that anybody could be told about.
    if (root.kind !== 'node') this.names(table);
    if (root.kind === 'row') for (const name of root.by) this.#uses(table, name);
    if (root.kind === 'list' || root.kind === 'connection') this.#arguments(table, root.args);
    const shown = root.kind !== 'connection' || root.parts.includes('edges') || root.parts.includes('nodes');
    if (shown) this.select(table, root.select);
  }

  #arguments(
    table: TableSpec,
    args: { readonly where?: Where | undefined; readonly orderBy?: readonly OrderTerm[] | undefined },
  ): void {
    this.where(table, args.where);
    for (const { column } of args.orderBy ?? []) this.#uses(table, column);
  }

  select(table: TableSpec, select: readonly Selection[]): void {
    for (const selection of select) {
      if (selection.kind !== 'one' && selection.kind !== 'many') continue;
      const target = this.#target(table, selection.relation);
      this.names(target);
      if (selection.kind === 'many') this.#arguments(target, selection.args);
      this.select(target, selection.select);
    }
  }

  where(table: TableSpec, where: Where | undefined): void {
    for (const member of where?.members ?? []) {
      if (member.kind === 'and' || member.kind === 'or') for (const part of member.of) this.where(table, part);
      else if (member.kind === 'not') this.where(table, member.of);
      else if (member.kind === 'column') this.#uses(table, member.column);
      else if (member.kind === 'related') {
        const target = this.#target(table, member.relation);
        this.#uses(table, member.relation);
        this.names(target);
        this.where(target, member.of);
      }
    }
  }

  #target(table: TableSpec, relation: string): TableSpec {
    return tableOf(this.#schema, table.relations.find(({ name }) => name === relation)?.target ?? '');
  }
}
