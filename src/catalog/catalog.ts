import type { Auth } from '../model/rule.ts';
import type { ColumnType } from '../model/value.ts';
import type { Predicate } from '../model/predicate.ts';
import type { Column, Relation } from './column.ts';
import type { Clock, Derivation } from './derivation.ts';

/**
 * Everything a schema declares, after validation: frozen data without AST nodes. Every room above reads it;
 * only `catalog/build.ts` makes it.
 */
export interface Catalog {
  /** In order of declaration, hidden ones included; then those that only Headgate itself reads (`SongStats$inputs`). */
  readonly tables: readonly Table[];
  /** Those that are built from a topic, in the same order. */
  readonly topicTables: readonly TopicTable[];
  /** Those that are derived from other tables, each after all that it is derived from. */
  readonly derivedTables: readonly DerivedTable[];
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

/** STREAM: the rows are not kept. Its records can be subscribed to and aggregated, and nothing else. */
export type TableMode = 'UPSERT' | 'APPEND' | 'STREAM';

/** A table as its readers see it, whatever it is built from. */
export interface Table {
  /** The type's name: `Song`. */
  readonly name: string;
  readonly description?: string | undefined;
  /** Root field names: `song`, `songs` (`…Connection`, `…Changes` are derived from them). */
  readonly singular: string;
  readonly plural: string;
  /** The tables of topics that it is built from, through however many tables between; itself where it is one. */
  readonly bases: readonly TopicTable[];
  /** How it follows from other tables; absent: it is a `TopicTable`. */
  readonly derivation?: Derivation | undefined;
  /** False: rows go through to the change feed and to derived tables, and none is stored (STREAM, and views of such a table). */
  readonly kept: boolean;
  /** Rows older than the table's time (`clock`) by more than this are removed. ms. Of aggregations: buckets that end so long ago. */
  readonly retentionMs?: number | undefined;
  /** Rows are also kept in order of `Row.timestampMs`: where there is retention, or buckets that close. */
  readonly timed: boolean;
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
  /** Who may read its rows; undefined: whoever reaches the gateway, where nobody is asked who they are. */
  readonly auth?: Auth | undefined;
  /** The topic that the table's changes are written to. */
  readonly sink?: { readonly topic: string } | undefined;
}

/** A table that is built from a topic. */
export interface TopicTable extends Table {
  readonly derivation?: undefined;
  readonly mode: TableMode;
  readonly topic: string;
  readonly cluster: string;
  /** Only matching records are kept; columns of this table alone, no relations. */
  readonly accept?: Predicate | undefined;
  readonly keyFormat: KeyFormat;
  /** What `retentionMs` goes by; of aggregations `Window.clock`. */
  readonly clock: Clock;
  readonly onBadRecord: 'SKIP' | 'HALT';
}

/** A table that follows from others: a view or an aggregation. Never older or newer than they are. */
export interface DerivedTable extends Table {
  readonly derivation: Derivation;
}

export function isTopicTable(table: Table): table is TopicTable {
  return table.derivation === undefined;
}

/** How the record's key becomes the key columns. STRING: one column. JSON: an object with one member a column, or one bare value. LONG: 8 bytes, big-endian. NONE: the key columns come from the value. */
export type KeyFormat = 'STRING' | 'JSON' | 'LONG' | 'NONE';

export interface Index {
  /** The columns' names joined by a space, as in the declaration: `customerId createdAt`. */
  readonly name: string;
  readonly columns: readonly Column[];
  readonly unique: boolean;
  /** Its entries hold the rows. */
  readonly covering: boolean;
}
