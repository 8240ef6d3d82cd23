import type { SecretType } from './tokens.ts';

export type Operation = 'QUERY' | 'LIVE' | 'CHANGES';
export const operations: readonly Operation[] = ['QUERY', 'LIVE', 'CHANGES'];

/** What a rule asks of a row: the part of the filter language that the rules here use. */
export type Condition =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Condition[] }
  | { readonly kind: 'not'; readonly part: Condition }
  | {
      readonly kind: 'compare';
      readonly column: string;
      readonly op: Op;
      readonly operand: Operand;
      readonly insensitive?: boolean;
    }
  | {
      readonly kind: 'related';
      readonly relation: string;
      readonly quantifier: 'one' | 'some' | 'every' | 'none';
      readonly part: Condition;
    };

export type Op =
  | 'eq'
  | 'neq'
  | 'in'
  | 'notIn'
  | 'gt'
  | 'gte'
  | 'lt'
  | 'lte'
  | 'startsWith'
  | 'isNull'
  | 'has'
  | 'hasSome'
  | 'hasEvery';

export type Operand =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'claim'; readonly path: readonly string[] }
  | { readonly kind: 'list'; readonly items: readonly Operand[] };

/** A rule of `@auth`, as in the language. */
export interface RuleSpec {
  readonly roles?: readonly string[];
  readonly where?: Condition;
  readonly operations?: readonly Operation[];
}

export type AuthSpec = 'open' | 'public' | readonly RuleSpec[];

export interface ColumnSpec {
  readonly name: string;
  /** In the schema, without `!`. */
  readonly type: SecretType | 'ID' | 'Boolean' | '[String!]';
  readonly required: boolean;
  /**
   * key: one of a few canaries, the table's own; reference: a key of another table; label: one of a few words, which rules and
   * filters go by; secret: a new canary with every write; derived: what the definition of a view or aggregation says.
   */
  readonly role: 'key' | 'reference' | 'label' | 'secret' | 'derived';
  /** Of a reference: the table whose keys it holds. */
  readonly of?: string | undefined;
  readonly hidden: boolean;
  readonly index?: 'index' | 'unique' | 'covering' | undefined;
  /** Directives that say where it comes from, such as `@from(path: "team.note")`. */
  readonly origin?: string | undefined;
  readonly rules?: readonly RuleSpec[] | undefined;
}

export interface RelationSpec {
  readonly name: string;
  readonly target: string;
  readonly many: boolean;
  readonly columns: readonly string[];
  readonly references: readonly string[];
  readonly rules?: readonly RuleSpec[] | undefined;
}

export interface TableSpec {
  /** `Doc`; the topic is called like it. */
  readonly name: string;
  readonly hidden: boolean;
  readonly auth: AuthSpec;
  readonly key: readonly string[];
  readonly columns: readonly ColumnSpec[];
  readonly relations: readonly RelationSpec[];
  /** Of several columns each. */
  readonly indexes: readonly string[];
  readonly expose: { readonly query: boolean; readonly live: boolean; readonly changes: boolean };
  readonly origin: OriginSpec;
}

export type OriginSpec =
  | { readonly kind: 'topic'; readonly stream: boolean }
  /** `paths`: by column, where it is not the source's column of its name. */
  | {
      readonly kind: 'view';
      readonly source: string;
      readonly where?: Condition | undefined;
      readonly paths: ReadonlyMap<string, readonly [relation: string, column: string]>;
    }
  /** One row for every value of the column `by`; other columns are aggregates. */
  | {
      readonly kind: 'aggregation';
      readonly source: string;
      readonly by: string;
      readonly sums: ReadonlyMap<string, { readonly fn: 'COUNT' | 'MAX' | 'COLLECT_SET'; readonly arg?: string }>;
    };

export interface SchemaSpec {
  readonly tables: readonly TableSpec[];
}

export function tableOf({ tables }: SchemaSpec, name: string): TableSpec {
  const table = tables.find((each) => each.name === name);
  if (table === undefined) throw new Error(`no table ${name}`);
  return table;
}

export function columnOf(table: TableSpec, name: string): ColumnSpec {
  const column = table.columns.find((each) => each.name === name);
  if (column === undefined) throw new Error(`no column ${table.name}.${name}`);
  return column;
}

export function relationOf(table: TableSpec, name: string): RelationSpec {
  const relation = table.relations.find((each) => each.name === name);
  if (relation === undefined) throw new Error(`no relation ${table.name}.${name}`);
  return relation;
}

export function isKept({ origin }: TableSpec): boolean {
  return origin.kind !== 'topic' || !origin.stream;
}

export function shownColumns({ columns }: TableSpec): readonly ColumnSpec[] {
  return columns.filter(({ hidden }) => !hidden);
}

/** Relations that lead to what the API shows. */
export function shownRelations(schema: SchemaSpec, { relations }: TableSpec): readonly RelationSpec[] {
  return relations.filter(({ target }) => !tableOf(schema, target).hidden);
}

export function singularOf({ name }: TableSpec): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

export function pluralOf(table: TableSpec): string {
  return `${singularOf(table)}Many`;
}

/** The most rows that one may ask for at once. */
export const maxRows = 200;
