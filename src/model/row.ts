import type { Column } from '../catalog/column.ts';
import type { Value } from './value.ts';

/**
 * A stored row at one version. Immutable: it may be kept past the snapshot it was read from.
 * Columns are decoded on demand and remembered.
 */
export interface Row {
  /** The row key's bytes (`store/keys.ts`), as in LMDB. */
  readonly key: Uint8Array;
  /** The column's value; null where the stored row has none. */
  value(column: Column): Value;
  /** The column's stored JSON fragment, `null` included. A response copies it. */
  json(column: Column): string;
  /** Characters of all its fragments: what it takes of memory, about. */
  readonly size: number;
  /** The partition whose record wrote the row, its offset, and its timestamp in ms. */
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
}

/** A row on its way into the store: what `decode` makes of a record. */
export interface NewRow {
  readonly key: Uint8Array;
  /** One value per column of the table, by `Column.ordinal`. */
  readonly values: readonly Value[];
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
}
