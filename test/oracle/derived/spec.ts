import type { EnumSpec, SchemaSpec, TableSpec, TypeSpec } from '../spec.ts';
import type { Where } from '../where.ts';

/** A schema with derived tables: those of topics first, then each behind all that it is made of. */
export interface DerivedSchema extends SchemaSpec {
  readonly tables: readonly AnyTable[];
}

export type AnyTable = BaseTable | DerivedTable;

/** A table of a topic. STREAM is an APPEND table that shows no rows. */
export interface BaseTable extends TableSpec {
  readonly stream: boolean;
  readonly derivation?: undefined;
}

export interface DerivedTable extends TableSpec {
  /** The order of the key is written, and not that of the declaration. */
  readonly keyWritten: boolean;
  readonly derivation: ViewSpec | AggregationSpec;
}

export interface ViewSpec {
  readonly kind: 'view';
  readonly source: string;
  readonly where?: Where | undefined;
  /** By column name, over the source. */
  readonly columns: ReadonlyMap<string, Expr>;
}

export interface AggregationSpec {
  readonly kind: 'aggregation';
  readonly source: string;
  readonly where?: Where | undefined;
  /** By column name, in order of the key. */
  readonly dimensions: ReadonlyMap<string, Expr>;
  readonly aggregates: readonly AggregateSpec[];
  /** A column of the source or of a row that it relates to; also orders FIRST, LAST and COLLECT_LIST. */
  readonly timestamp?: Reference | undefined;
  readonly window?: WindowSpec | undefined;
}

export const functions = [
  'COUNT',
  'COUNT_DISTINCT',
  'SUM',
  'AVG',
  'MIN',
  'MAX',
  'FIRST',
  'LAST',
  'TOP_K',
  'COLLECT_LIST',
  'COLLECT_SET',
  'STDDEV',
  'VARIANCE',
] as const;
export type FunctionName = (typeof functions)[number];

export interface AggregateSpec {
  readonly column: string;
  readonly fn: FunctionName;
  readonly arg?: Expr | undefined;
  readonly by?: Expr | undefined;
  readonly n?: number | undefined;
}

/** Times in ms. */
export interface WindowSpec {
  /** The type of the column `interval`; absent for sessions. */
  readonly interval?: EnumSpec | undefined;
  readonly sizes: readonly { readonly text: string; readonly name: string; readonly sizeMs: number }[];
  readonly hop?: { readonly text: string; readonly ms: number } | undefined;
  readonly sessionGap?: { readonly text: string; readonly ms: number } | undefined;
  readonly graceMs?: number | undefined;
}

/** A column, as it is. */
export type Reference = Extract<Expr, { readonly kind: 'column' | 'path' }>;

/** An expression over a row; its type is worked out by whoever wrote it. */
export type Expr =
  | { readonly kind: 'column'; readonly name: string; readonly type: TypeSpec; readonly nullable: boolean }
  /** A column of another row, through relations to one. */
  | {
      readonly kind: 'path';
      readonly relations: readonly string[];
      readonly column: string;
      readonly type: TypeSpec;
      readonly nullable: boolean;
    }
  | { readonly kind: 'number'; readonly text: string; readonly type: TypeSpec; readonly nullable: false }
  | {
      readonly kind: 'binary';
      readonly op: '+' | '-' | '*' | '/';
      readonly left: Expr;
      readonly right: Expr;
      readonly type: TypeSpec;
      readonly nullable: boolean;
    }
  | {
      readonly kind: 'coalesce';
      readonly of: readonly Expr[];
      readonly type: TypeSpec;
      readonly nullable: boolean;
    };

export function tableNamed(schema: DerivedSchema, name: string): AnyTable {
  const table = schema.tables.find((t) => t.name === name);
  if (table === undefined) throw new Error(`no table ${name}`);
  return table;
}

/** The table of a topic whose rows are the view's rows, under the same keys; undefined behind an aggregation. */
export function baseOf(schema: DerivedSchema, table: AnyTable): BaseTable | undefined {
  if (table.derivation === undefined) return table;
  if (table.derivation.kind === 'aggregation') return undefined;
  return baseOf(schema, tableNamed(schema, table.derivation.source));
}

/** The column of the base that a column of the table shows; undefined where it is not simply one. */
export function baseColumn(schema: DerivedSchema, table: AnyTable, column: string): string | undefined {
  if (table.derivation === undefined) return column;
  if (table.derivation.kind === 'aggregation') return undefined;
  const expr = table.derivation.columns.get(column);
  if (expr?.kind !== 'column') return undefined;
  return baseColumn(schema, tableNamed(schema, table.derivation.source), expr.name);
}

/** Whether its rows can be asked for: those of STREAM tables, and of views of them, cannot. */
export function isKept(schema: DerivedSchema, table: AnyTable): boolean {
  if (table.derivation === undefined) return !table.stream;
  if (table.derivation.kind === 'aggregation') return true;
  return isKept(schema, tableNamed(schema, table.derivation.source));
}

/** The tables of topics that an answer about the table depends on. */
export function basesOf(schema: DerivedSchema, table: AnyTable): ReadonlySet<BaseTable> {
  if (table.derivation === undefined) return new Set([table]);
  const found = new Set(basesOf(schema, tableNamed(schema, table.derivation.source)));
  const source = tableNamed(schema, table.derivation.source);
  const { derivation } = table;
  const exprs =
    derivation.kind === 'view'
      ? [...derivation.columns.values()]
      : [
          ...[derivation.timestamp].filter((e) => e !== undefined),
          ...derivation.dimensions.values(),
          ...derivation.aggregates.flatMap(({ arg, by }) => [arg, by].filter((e) => e !== undefined)),
        ];
  const related = new Set([
    ...exprs.flatMap((e) => relatedTables(schema, source, e)),
    ...whereTables(schema, source, derivation.where),
  ]);
  for (const other of related) for (const base of basesOf(schema, other)) found.add(base);
  return found;
}

function targetOf(schema: DerivedSchema, table: AnyTable, relation: string): AnyTable {
  return tableNamed(schema, table.relations.find((r) => r.name === relation)?.target ?? '');
}

function relatedTables(schema: DerivedSchema, table: AnyTable, expr: Expr): readonly AnyTable[] {
  switch (expr.kind) {
    case 'column':
    case 'number':
      return [];
    case 'binary':
      return [...relatedTables(schema, table, expr.left), ...relatedTables(schema, table, expr.right)];
    case 'coalesce':
      return expr.of.flatMap((part) => relatedTables(schema, table, part));
    case 'path': {
      const tables: AnyTable[] = [];
      let at = table;
      for (const relation of expr.relations) tables.push((at = targetOf(schema, at, relation)));
      return tables;
    }
  }
}

function whereTables(schema: DerivedSchema, table: AnyTable, where: Where | undefined): readonly AnyTable[] {
  return (where?.members ?? []).flatMap((member): readonly AnyTable[] => {
    switch (member.kind) {
      case 'column':
        return [];
      case 'not':
        return whereTables(schema, table, member.of);
      case 'and':
      case 'or':
        return member.of.flatMap((part) => whereTables(schema, table, part));
      case 'related': {
        const target = targetOf(schema, table, member.relation);
        return [target, ...whereTables(schema, target, member.of)];
      }
    }
  });
}
