import type { Expression } from '../model/expression.ts';
import type { Rule } from '../model/rule.ts';
import type { ColumnType, Value } from '../model/value.ts';

/** A column of a table, as declared. The smallest thing that rows, values and predicates are told apart by. */
export interface Column {
  readonly name: string;
  /** Place in `Table.columns`. */
  readonly ordinal: number;
  readonly type: ColumnType;
  /** A record without a value for it is a bad record. */
  readonly required: boolean;
  readonly hidden: boolean;
  /** Who may read its values; undefined: whoever reads the row. */
  readonly auth?: readonly Rule[] | undefined;
  readonly source: ColumnSource;
  /**
   * What it is computed with. `@computed` of a topic's table: over that table's own columns. A column of a view: over the view's
   * source. A dimension of an aggregation: over the aggregation's source.
   */
  readonly expression?: Expression | undefined;
  /** Fills an absent or null value. */
  readonly default?: Value | undefined;
  readonly description?: string | undefined;
  readonly deprecationReason?: string | undefined;
}

export type RecordMeta = 'KEY' | 'TIMESTAMP' | 'PARTITION' | 'OFFSET' | 'TOPIC' | 'COORDINATES';

/**
 * Where a column is read from. A key column of kind `value` is special where `Table.keyFormat` is not NONE: the record's key
 * says what it is, and the path is where the value may repeat it (a difference is a bad record, KEY_MISMATCH).
 */
export type ColumnSource =
  | { readonly kind: 'value'; readonly path: readonly string[] }
  /** An empty path is the whole key. */
  | { readonly kind: 'key'; readonly path: readonly string[] }
  | { readonly kind: 'header'; readonly name: string }
  | { readonly kind: 'meta'; readonly meta: RecordMeta }
  /** By `Column.expression`, from the row itself (`@computed`). */
  | { readonly kind: 'computed' }
  /** Of a view or an aggregation: from other tables' rows. */
  | { readonly kind: 'derived' };

/**
 * A join by value: rows of `target` whose `references` equal this row's `columns`. A null among `columns` relates to
 * nothing. `references` are the target's key or the columns of one of its indexes (a prefix, in order).
 */
export interface Relation {
  readonly name: string;
  readonly description?: string | undefined;
  readonly deprecationReason?: string | undefined;
  /** A table's name (looked up in `Catalog.tablesByName`: relations may be circular). */
  readonly target: string;
  readonly many: boolean;
  /** Who may follow it; undefined: whoever reads the row. */
  readonly auth?: readonly Rule[] | undefined;
  readonly columns: readonly string[];
  readonly references: readonly string[];
}
