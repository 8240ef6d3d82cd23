import { bindWhere, type Caller } from './claims.ts';
import type { NaiveRow, Tables, World } from './naive.ts';
import { relatedRows } from './related-rows.ts';
import type { ReadKind, RuleSpec, SchemaSpec, TableSpec } from './spec.ts';
import { holds, type Where } from './where.ts';

/** What the rules of a table or field grant one caller, before any row is looked at. */
export type Grant =
  | { readonly kind: 'all' }
  /** No rule can apply: roles, operations and claims say so. */
  | { readonly kind: 'denied' }
  /** Rows that match one of these, in which the claims are in place. */
  | { readonly kind: 'rows'; readonly any: readonly Where[] };

const all: Grant = { kind: 'all' };

/** The rules that apply, each with its place in the list. */
export interface Applied {
  readonly rule: number;
  readonly where: Where | undefined;
}

/** What a caller may read in an operation of one kind. */
export class Rights {
  readonly schema: SchemaSpec;
  readonly caller: Caller | undefined;
  readonly kind: ReadKind;

  constructor(schema: SchemaSpec, caller: Caller | undefined, kind: ReadKind) {
    this.schema = schema;
    this.caller = caller;
    this.kind = kind;
  }

  /** What a refused operation fails with. */
  get refusal(): 'FORBIDDEN' | 'UNAUTHENTICATED' {
    return this.caller === undefined ? 'UNAUTHENTICATED' : 'FORBIDDEN';
  }

  rows(table: TableSpec): Grant {
    return table.auth?.kind === 'rules' ? grantOf(this.applied(table, table.auth.rules)) : all;
  }

  /** Of a column or a relation. */
  field(table: TableSpec, name: string): Grant {
    const rules = rulesOf(table, name);
    return rules === undefined ? all : grantOf(this.applied(table, rules));
  }

  applied(table: TableSpec, rules: readonly RuleSpec[]): readonly Applied[] {
    const { caller, kind, schema } = this;
    if (caller === undefined) return [];
    return rules.flatMap(({ roles, operations, where }, rule): readonly Applied[] => {
      if (roles !== undefined && !roles.some((role) => caller.roles.includes(role))) return [];
      if (operations !== undefined && !operations.includes(kind)) return [];
      if (where === undefined) return [{ rule, where }];
      const bound = bindWhere(schema, table, where, caller.claims);
      return bound === undefined ? [] : [{ rule, where: bound }];
    });
  }

  /** Whether there may be columns of the table that this caller cannot read in every row. */
  restrictsColumns(table: TableSpec): boolean {
    return table.columns.some(({ name }) => this.field(table, name).kind !== 'all');
  }

  /** Whether there may be rows of it, or fields of them, that this caller cannot read. */
  restricts(table: TableSpec): boolean {
    const isGuarded = table.relations.some(({ name }) => this.field(table, name).kind !== 'all');
    return isGuarded || this.rows(table).kind !== 'all' || this.restrictsColumns(table);
  }
}

export function rulesOf(table: TableSpec, field: string): readonly RuleSpec[] | undefined {
  return [...table.columns, ...table.relations].find(({ name }) => name === field)?.auth;
}

function grantOf(applied: readonly Applied[]): Grant {
  if (applied.length === 0) return { kind: 'denied' };
  const any = applied.flatMap(({ where }) => where ?? []);
  return any.length < applied.length ? all : { kind: 'rows', any };
}

/** Rules see every row and every column, whatever other rules say. */
export function isGranted(world: Tables, table: TableSpec, grant: Grant, row: NaiveRow): boolean {
  if (grant.kind !== 'rows') return grant.kind === 'all';
  return grant.any.some((where) => holds(world, table, where, row) === true);
}

/** All tables at one position as a caller sees them: rows that it may read, null in columns that it may not. */
export class CallerTables implements Tables {
  readonly schema: SchemaSpec;
  readonly #world: World;
  readonly #rights: Rights;
  readonly #rows = new Map<string, readonly NaiveRow[]>();
  /** The row as it is, by the row as it is seen. */
  readonly #whole = new Map<NaiveRow, NaiveRow>();

  constructor(world: World, rights: Rights) {
    this.schema = world.schema;
    this.#world = world;
    this.#rights = rights;
  }

  rows(table: TableSpec): readonly NaiveRow[] {
    let rows = this.#rows.get(table.name);
    if (rows === undefined) this.#rows.set(table.name, (rows = this.#read(table)));
    return rows;
  }

  related(table: TableSpec, relation: TableSpec['relations'][number], row: NaiveRow): readonly NaiveRow[] {
    const whole = this.#whole.get(row) ?? row;
    const grant = this.#rights.field(table, relation.name);
    return isGranted(this.#world, table, grant, whole) ? relatedRows(this, relation, row) : [];
  }

  #read(table: TableSpec): readonly NaiveRow[] {
    const world = this.#world;
    const granted = this.#rights.rows(table);
    const guarded = table.columns
      .map(({ name }) => ({ name, grant: this.#rights.field(table, name) }))
      .filter(({ grant }) => grant.kind !== 'all');
    return world
      .rows(table)
      .filter((row) => isGranted(world, table, granted, row))
      .map((row) => {
        const values = new Map(row.values);
        for (const { name, grant } of guarded) if (!isGranted(world, table, grant, row)) values.set(name, null);
        const seen = { ...row, values };
        this.#whole.set(seen, row);
        return seen;
      });
  }
}
