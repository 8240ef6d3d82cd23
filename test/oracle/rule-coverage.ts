import { Pairs } from './coverage.ts';
import type { ChangesPlan, OrderTerm, RootSelection, Selection } from './plan.ts';
import type { Grant, Rights } from './rights.ts';
import { tableOf, type SchemaSpec, type TableSpec } from './spec.ts';
import type { Where, WhereMember } from './where.ts';

/** How rules come upon an operation; `some`: on rows that a filter grants. */
const axes = {
  kind: ['pull', 'live', 'connection', 'changes', 'lookup', 'node'],
  caller: ['anonymous', 'identified'],
  rows: ['open', 'public', 'all', 'some', 'denied'],
  /** What the filter of the rows looks at. */
  through: ['none', 'columns', 'one', 'many'],
  /** The strictest rules of what is used there. */
  where: ['none', 'open', 'some', 'denied'],
  order: ['none', 'open', 'some', 'denied'],
  select: ['open', 'some', 'denied'],
  /** Of related tables and the relations to them. */
  reach: ['none', 'open', 'some', 'denied'],
} as const;

export type RuleVector = { readonly [A in keyof typeof axes]: (typeof axes)[A][number] };

function isPossible(vector: Partial<RuleVector>): boolean {
  const { kind, caller, rows, through, where, order, select, reach } = vector;
  if (rows !== undefined && through !== undefined && (rows === 'some') !== (through !== 'none')) return false;
  const isSome = [rows, where, order, select, reach].includes('some');
  if (caller === 'anonymous' && (isSome || rows === 'all' || (through ?? 'none') !== 'none')) return false;
  if (order !== undefined && order !== 'none' && ['changes', 'lookup', 'node'].includes(kind ?? '')) return false;
  if (where !== undefined && where !== 'none' && kind === 'node') return false;
  return !(where === 'none' && kind === 'lookup');
}

export class RuleCoverage extends Pairs<RuleVector> {
  constructor() {
    super(axes, isPossible);
  }
}

type Strength = 'none' | 'open' | 'some' | 'denied';
const strengths: readonly Strength[] = ['none', 'open', 'some', 'denied'];

export function ruleVector(schema: SchemaSpec, rights: Rights, asked: RootSelection | ChangesPlan): RuleVector {
  const uses = new Uses(schema, rights);
  const table = tableOf(schema, asked.table);
  uses.select(table, asked.select, true);
  if (!('kind' in asked)) uses.where(table, asked.where, 'where');
  else if (asked.kind === 'row') for (const name of asked.by) uses.field(table, name, 'where');
  else if (asked.kind !== 'node') uses.arguments(table, asked.args, 'where');
  const granted = rights.rows(table);
  const rows = granted.kind === 'rows' ? 'some' : granted.kind === 'denied' ? 'denied' : (openness(table) ?? 'all');
  const { where, order, reach, select } = uses.found;
  return {
    kind: 'kind' in asked ? kindOf(asked, rights) : 'changes',
    caller: rights.caller === undefined ? 'anonymous' : 'identified',
    rows,
    through: granted.kind === 'rows' ? farthest(granted.any) : 'none',
    where,
    order,
    select: select === 'none' ? 'open' : select,
    reach,
  };
}

function kindOf({ kind }: RootSelection, rights: Rights): RuleVector['kind'] {
  if (kind === 'row') return 'lookup';
  if (kind !== 'list') return kind;
  return rights.kind === 'LIVE' ? 'live' : 'pull';
}

function openness({ auth }: TableSpec): 'open' | 'public' | undefined {
  return auth === undefined ? 'open' : auth.kind === 'public' ? 'public' : undefined;
}

function farthest(any: readonly Where[]): 'columns' | 'one' | 'many' {
  const kinds = any.flatMap(({ members }) => members.map(reachOf));
  return kinds.includes('many') ? 'many' : kinds.includes('one') ? 'one' : 'columns';
}

function reachOf(member: WhereMember): 'columns' | 'one' | 'many' {
  switch (member.kind) {
    case 'column':
      return 'columns';
    case 'related':
      return member.quantifier === 'one' ? 'one' : 'many';
    case 'not':
      return farthest([member.of]);
    case 'and':
    case 'or':
      return farthest(member.of);
  }
}

class Uses {
  readonly #schema: SchemaSpec;
  readonly #rights: Rights;
  readonly found: Record<'where' | 'order' | 'select' | 'reach', Strength> = {
    where: 'none',
    order: 'none',
    select: 'none',
    reach: 'none',
  };

  constructor(schema: SchemaSpec, rights: Rights) {
    this.#schema = schema;
    this.#rights = rights;
  }

  #note(place: keyof Uses['found'], grant: Grant): void {
    const strength = grant.kind === 'all' ? 'open' : grant.kind === 'rows' ? 'some' : 'denied';
    if (strengths.indexOf(strength) > strengths.indexOf(this.found[place])) this.found[place] = strength;
  }

  field(table: TableSpec, name: string, place: keyof Uses['found']): void {
    this.#note(place, this.#rights.field(table, name));
  }

  arguments(
    table: TableSpec,
    args: { readonly where?: Where | undefined; readonly orderBy?: readonly OrderTerm[] | undefined },
    place: keyof Uses['found'],
  ): void {
    this.where(table, args.where, place);
    for (const { column } of args.orderBy ?? []) this.field(table, column, place === 'where' ? 'order' : place);
  }

  where(table: TableSpec, where: Where | undefined, place: keyof Uses['found']): void {
    for (const member of where?.members ?? []) {
      if (member.kind === 'and' || member.kind === 'or') for (const part of member.of) this.where(table, part, place);
      else if (member.kind === 'not') this.where(table, member.of, place);
      else if (member.kind === 'column') this.field(table, member.column, place);
      else if (member.kind === 'related') this.where(this.#follow(table, member.relation), member.of, 'reach');
    }
  }

  select(table: TableSpec, select: readonly Selection[], isRoot: boolean): void {
    for (const selection of select) {
      if (selection.kind === 'column') this.field(table, selection.name, isRoot ? 'select' : 'reach');
      if (selection.kind !== 'one' && selection.kind !== 'many') continue;
      const target = this.#follow(table, selection.relation);
      this.select(target, selection.select, false);
      if (selection.kind === 'many') this.arguments(target, selection.args, 'reach');
    }
  }

  #follow(table: TableSpec, name: string): TableSpec {
    const relation = table.relations.find((each) => each.name === name);
    const target = tableOf(this.#schema, relation?.target ?? '');
    this.field(table, name, 'reach');
    for (const column of relation?.columns ?? []) this.field(table, column, 'reach');
    this.#note('reach', this.#rights.rows(target));
    return target;
  }
}
