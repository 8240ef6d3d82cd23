import type { ASTNode, FieldDefinitionNode, NameNode } from 'graphql';
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
}

export interface DeclaredObject {
  readonly name: NameNode;
  readonly description: string | undefined;
  readonly type: Extract<ColumnType, { kind: 'object' }>;
}

export interface DeclaredTable {
  readonly name: NameNode;
  readonly description: string | undefined;
  readonly table: Applied<'table'>;
  readonly limit: DirectiveArguments['limit'];
  readonly limitNode: ASTNode;
  readonly expose: DirectiveArguments['expose'];
  readonly changes: DirectiveArguments['changes'];
  readonly hidden: boolean;
  /** Fields of every kind, also those with a mistake. */
  readonly fieldNames: readonly string[];
  readonly columns: readonly DeclaredColumn[];
  readonly relations: readonly DeclaredRelation[];
  /** Undefined where the key is missing or wrong. */
  readonly key: readonly DeclaredColumn[] | undefined;
  readonly indexes: readonly DeclaredIndex[];
  readonly keyFormat: DeclaredKeyFormat;
}

export type DeclaredKeyFormat = 'STRING' | 'JSON' | 'LONG' | 'NONE';

/** Structurally the catalog's `ColumnSource`. */
export type DeclaredSource =
  | { readonly kind: 'value'; readonly path: readonly string[] }
  | { readonly kind: 'key'; readonly path: readonly string[] }
  | { readonly kind: 'header'; readonly name: string }
  | { readonly kind: 'meta'; readonly meta: NonNullable<DirectiveArguments['from']['meta']> };

export interface DeclaredColumn {
  readonly name: string;
  readonly node: FieldDefinitionNode;
  readonly type: ColumnType;
  readonly required: boolean;
  readonly hidden: Applied<'hidden'> | undefined;
  readonly from: Applied<'from'> | undefined;
  readonly default: Applied<'default'> | undefined;
  readonly description: string | undefined;
  readonly deprecationReason: string | undefined;
  /** Set by `sources.ts`. */
  source: DeclaredSource;
}

export interface DeclaredIndex {
  readonly columns: readonly DeclaredColumn[];
  readonly unique: boolean;
  readonly node: ASTNode;
}

export interface DeclaredRelation {
  readonly name: string;
  readonly node: FieldDefinitionNode;
  readonly directive: Applied<'relation'>;
  readonly target: string;
  readonly many: boolean;
  readonly description: string | undefined;
  readonly deprecationReason: string | undefined;
  /** Set by `relation-rules.ts`; empty where the relation has a mistake. */
  columns: readonly string[];
  references: readonly string[];
}
