import type { ASTNode, FieldDefinitionNode, NameNode, ObjectTypeDefinitionNode } from 'graphql';
import type { ColumnType } from '../model/value.ts';
import type { Applied } from './arguments.ts';
import type { DirectiveArguments } from './language.ts';

/**
 * A schema as written, with its names resolved and its nodes at hand; what rules look at and `catalog/build.ts` turns into
 * a catalog. Where the schema has mistakes, what they concern is missing here (a key, a column's type), so that one
 * mistake is not reported twice.
 */
export interface DeclaredSchema {
  readonly tables: readonly DeclaredTable[];
  readonly tablesByName: ReadonlyMap<string, DeclaredTable>;
  readonly enums: readonly DeclaredEnum[];
  readonly objects: readonly DeclaredObject[];
}

export interface DeclaredEnum {
  readonly name: NameNode;
  readonly description: string | undefined;
  readonly values: readonly {
    readonly name: string;
    readonly description: string | undefined;
    readonly deprecationReason: string | undefined;
  }[];
  /** The aggregation whose intervals it lists; undefined where it was written. */
  readonly madeFor?: NameNode | undefined;
}

export interface DeclaredObject {
  readonly name: NameNode;
  readonly description: string | undefined;
  readonly type: Extract<ColumnType, { kind: 'object' }>;
}

export interface DeclaredTable {
  readonly name: NameNode;
  readonly node: ObjectTypeDefinitionNode;
  readonly description: string | undefined;
  readonly origin: DeclaredOrigin;
  readonly limit: DirectiveArguments['limit'];
  readonly limitNode: ASTNode;
  readonly exposed: Applied<'expose'> | undefined;
  /** As `@expose` says; without query and live where the table is not kept, which `derived-tables.ts` finds out. */
  expose: DirectiveArguments['expose'];
  readonly changes: DirectiveArguments['changes'];
  readonly sink: Applied<'sink'> | undefined;
  readonly hidden: boolean;
  readonly auth: Applied<'auth'> | undefined;
  /** False for streams and views of them. Set by `derived-tables.ts`. */
  kept: boolean;
  /** Fields of every kind, also those with a mistake. */
  readonly fieldNames: readonly string[];
  /** In an aggregation with those that are generated: `interval` first, `end` and `closed` last. */
  readonly columns: readonly DeclaredColumn[];
  readonly relations: readonly DeclaredRelation[];
  readonly keyDirective: Applied<'key'> | undefined;
  /** Undefined where the key is missing or wrong. Of views and aggregations set by `derived-tables.ts`. */
  key: readonly DeclaredColumn[] | undefined;
  readonly indexes: readonly DeclaredIndex[];
  readonly unreadIndexes: readonly UnreadIndex[];
  /** NONE for what is not built from a topic. */
  readonly keyFormat: DeclaredKeyFormat;
}

/** What a table is built from. */
export type DeclaredOrigin =
  | { readonly kind: 'topic'; readonly directive: Applied<'table'> }
  | { readonly kind: 'view'; readonly directive: Applied<'view'> }
  | {
      readonly kind: 'aggregation';
      readonly directive: Applied<'aggregation'>;
      readonly window: DeclaredWindow | undefined;
    };

/** Buckets of time; `intervals` is empty for sessions. */
export interface DeclaredWindow {
  readonly intervals: readonly DeclaredInterval[];
  readonly sessionGapMs: number | undefined;
}

/** Structurally the catalog's `Interval`. */
export interface DeclaredInterval {
  readonly name: string;
  readonly sizeMs: number;
  readonly advanceMs: number;
}

export type DeclaredKeyFormat = 'STRING' | 'JSON' | 'LONG' | 'NONE';

/** Structurally the catalog's `ColumnSource`. */
export type DeclaredSource =
  | { readonly kind: 'value'; readonly path: readonly string[] }
  | { readonly kind: 'key'; readonly path: readonly string[] }
  | { readonly kind: 'header'; readonly name: string }
  | { readonly kind: 'meta'; readonly meta: NonNullable<DirectiveArguments['from']['meta']> }
  | { readonly kind: 'computed' }
  | { readonly kind: 'derived' };

/** What a column of an aggregation is for. */
export type DeclaredRole = 'interval' | 'timestamp' | 'dimension' | 'aggregate' | 'end' | 'closed';

export interface DeclaredColumn {
  readonly name: string;
  /** Of a generated column one that stands where its aggregation is declared. */
  readonly node: FieldDefinitionNode;
  readonly type: ColumnType;
  readonly required: boolean;
  readonly hidden: Applied<'hidden'> | undefined;
  readonly auth: Applied<'auth'> | undefined;
  readonly from: Applied<'from'> | undefined;
  readonly default: Applied<'default'> | undefined;
  readonly computed: Applied<'computed'> | undefined;
  readonly aggregate: Applied<'aggregate'> | undefined;
  /** True where what says its value has a mistake: then no more can be said of it. */
  readonly unread: boolean;
  /** In aggregations only. */
  readonly role: DeclaredRole | undefined;
  readonly description: string | undefined;
  readonly deprecationReason: string | undefined;
  /** Set by `sources.ts`. */
  source: DeclaredSource;
}

export interface DeclaredIndex {
  readonly columns: readonly DeclaredColumn[];
  readonly unique: boolean;
  readonly covering: boolean;
  readonly node: ASTNode;
}

/** Of an index with a mistake the columns, where they are known: no more can be said of it. */
export type UnreadIndex = readonly DeclaredColumn[] | undefined;

export interface DeclaredRelation {
  readonly name: string;
  readonly node: FieldDefinitionNode;
  readonly directive: Applied<'relation'>;
  readonly auth: Applied<'auth'> | undefined;
  readonly target: string;
  readonly many: boolean;
  readonly description: string | undefined;
  readonly deprecationReason: string | undefined;
  /** Set by `relation-rules.ts`; empty where the relation has a mistake. */
  columns: readonly string[];
  references: readonly string[];
}
