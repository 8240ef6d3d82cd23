import type { ColumnType } from '../model/value.ts';
import type { Predicate } from '../model/predicate.ts';
import type { Column, Relation } from './column.ts';

/**
 * Everything a schema declares, after validation: frozen data without AST nodes. Every room above reads it;
 * only `catalog/build.ts` makes it.
 */
export interface Catalog {
  /** In order of declaration, hidden ones included. */
  readonly tables: readonly Table[];
  readonly tablesByName: ReadonlyMap<string, Table>;
  /** Enum and embedded object types that columns use, in order of declaration; for the generated API. */
  readonly enums: readonly EnumType[];
  readonly objects: readonly ObjectType[];
  /** Hash of all that decides an answer; part of every shape's identity. */
  readonly fingerprint: string;
}

export interface EnumType {
  readonly name: string;
  readonly description?: string | undefined;
  readonly values: readonly {
    readonly name: string;
    readonly description?: string | undefined;
    readonly deprecationReason?: string | undefined;
  }[];
}

export interface ObjectType {
  readonly name: string;
  readonly description?: string | undefined;
  readonly type: Extract<ColumnType, { kind: 'object' }>;
}

export type TableMode = 'UPSERT' | 'APPEND';

export interface Table {
  /** The type's name: `Song`. */
  readonly name: string;
  readonly description?: string | undefined;
  /** Root field names: `song`, `songs` (`…Connection`, `…Changes` are derived from them). */
  readonly singular: string;
  readonly plural: string;
  readonly mode: TableMode;
  readonly topic: string;
  readonly cluster: string;
  /** Only matching records are kept; columns of this table alone, no relations. */
  readonly accept?: Predicate | undefined;
  readonly keyFormat: KeyFormat;
  readonly onBadRecord: 'SKIP' | 'HALT';
  /** Rows whose record is older than the table's stream time by more than this are removed. ms. */
  readonly retentionMs?: number | undefined;
  readonly columns: readonly Column[];
  readonly columnsByName: ReadonlyMap<string, Column>;
  /** The columns of the row key, in key order. */
  readonly key: readonly Column[];
  /** True where the API adds `id: ID!` because the key is composite or is not called `id`. */
  readonly syntheticId: boolean;
  readonly indexes: readonly Index[];
  readonly relations: readonly Relation[];
  readonly relationsByName: ReadonlyMap<string, Relation>;
  readonly limit: { readonly default: number; readonly max: number };
  readonly expose: { readonly query: boolean; readonly live: boolean; readonly changes: boolean };
  /** How long the change feed is kept. */
  readonly changes: { readonly retainMs: number; readonly maxBytes: number };
  /** Stored and usable in relations and rules, absent from the API. */
  readonly hidden: boolean;
}

/** How the record's key becomes the key columns. STRING: one column. JSON: an object with one member a column, or one bare value. LONG: 8 bytes, big-endian. NONE: the key columns come from the value. */
export type KeyFormat = 'STRING' | 'JSON' | 'LONG' | 'NONE';

export interface Index {
  /** The columns' names joined by a space, as in the declaration: `customerId createdAt`. */
  readonly name: string;
  readonly columns: readonly Column[];
  readonly unique: boolean;
}
