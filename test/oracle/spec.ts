import type { Expr } from './derived/spec.ts';
import type { Where } from './where.ts';

/**
 * A schema as the oracle describes it: what a generator draws, what is printed as SDL for the gateway, and what the
 * naive evaluator reads. Nothing of it comes from the gateway's own catalog.
 */
export interface SchemaSpec {
  readonly tables: readonly TableSpec[];
  readonly enums: readonly EnumSpec[];
  readonly objects: readonly ObjectSpec[];
}

export type ScalarKind =
  | 'ID'
  | 'String'
  | 'Int'
  | 'Float'
  | 'Boolean'
  | 'BigInt'
  | 'Decimal'
  | 'DateTime'
  | 'Date'
  | 'UUID'
  | 'Duration'
  | 'Bytes'
  | 'JSON';

export interface EnumSpec {
  readonly kind: 'enum';
  readonly name: string;
  readonly values: readonly string[];
}

export interface ObjectSpec {
  readonly kind: 'object';
  readonly name: string;
  readonly fields: readonly { readonly name: string; readonly type: TypeSpec; readonly required: boolean }[];
}

export type TypeSpec =
  | { readonly kind: 'scalar'; readonly scalar: ScalarKind }
  | EnumSpec
  | ObjectSpec
  | { readonly kind: 'list'; readonly element: TypeSpec; readonly elementRequired: boolean };

/** What a caller does with the tables that an operation reads. */
export type ReadKind = 'QUERY' | 'LIVE' | 'CHANGES';

/** Grants an identified caller what all of its members allow. */
export interface RuleSpec {
  readonly roles?: readonly string[] | undefined;
  readonly operations?: readonly ReadKind[] | undefined;
  /** With claims in it, as `claims.ts` writes them. */
  readonly where?: Where | undefined;
}

export type AuthSpec = { readonly kind: 'public' } | { readonly kind: 'rules'; readonly rules: readonly RuleSpec[] };

export type MetaKind = 'KEY' | 'TIMESTAMP' | 'PARTITION' | 'OFFSET' | 'TOPIC' | 'COORDINATES';

export interface ColumnSpec {
  readonly name: string;
  readonly type: TypeSpec;
  readonly required: boolean;
  /** Absent: the value's member of the column's name. */
  readonly from?:
    | { readonly path: readonly string[] }
    | { readonly header: string }
    | { readonly key: readonly string[] }
    | { readonly meta: MetaKind }
    | undefined;
  /** Over the other columns; then no record has it. */
  readonly computed?: Expr | undefined;
  /** The API does not show it: only rules see it (`shown.ts`). */
  readonly hidden?: boolean | undefined;
  /** Who may read its values; absent: whoever reads the row. */
  readonly auth?: readonly RuleSpec[] | undefined;
  /** What fills it, as the JSON text of a record's member. */
  readonly fallback?: string | undefined;
}

export interface RelationSpec {
  readonly name: string;
  readonly target: string;
  readonly many: boolean;
  readonly columns: readonly string[];
  readonly references: readonly string[];
  /** Who may follow it; absent: whoever reads the row. */
  readonly auth?: readonly RuleSpec[] | undefined;
}

export interface IndexSpec {
  readonly columns: readonly string[];
  readonly unique: boolean;
  readonly covering?: boolean | undefined;
}

export interface TableSpec {
  readonly name: string;
  readonly singular: string;
  readonly plural: string;
  readonly topic: string;
  /** Where it is not `topic` alone: all that an answer about the table depends on. */
  readonly topics?: readonly string[] | undefined;
  readonly partitions: number;
  readonly mode: 'UPSERT' | 'APPEND';
  /** As the gateway derives it where `keyFormatWritten` is false. */
  readonly keyFormat: 'STRING' | 'JSON' | 'LONG' | 'NONE';
  readonly keyFormatWritten: boolean;
  readonly key: readonly string[];
  readonly columns: readonly ColumnSpec[];
  readonly relations: readonly RelationSpec[];
  readonly indexes: readonly IndexSpec[];
  readonly accept?: Where | undefined;
  readonly retentionMs?: number | undefined;
  /** What retention, and an aggregation's grace, go by; absent: what the records tell. */
  readonly clock?: 'WALL' | undefined;
  readonly limit: { readonly default: number; readonly max: number };
  /** How long, and how much of, its changes are kept; absent: all, in a round. */
  readonly changes?: { readonly retainMs: number; readonly maxBytes: number } | undefined;
  readonly hidden?: boolean | undefined;
  /** Who may read its rows; absent: everybody. */
  readonly auth?: AuthSpec | undefined;
}

export function tableOf(schema: SchemaSpec, name: string): TableSpec {
  const table = schema.tables.find((t) => t.name === name);
  if (table === undefined) throw new Error(`no table ${name}`);
  return table;
}

export function columnOf(table: TableSpec, name: string): ColumnSpec {
  const column = table.columns.find((c) => c.name === name);
  if (column === undefined) throw new Error(`no column ${table.name}.${name}`);
  return column;
}

/** The API adds `id: ID!` where the key is composite or is not called `id`. */
export function hasSyntheticId(table: TableSpec): boolean {
  return !(table.key.length === 1 && table.key[0] === 'id');
}
