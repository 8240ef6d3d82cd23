import type { Row } from './row.ts';

/** What one commit did to one row; several records for a key in one commit are one change. */
export type Change = (
  | { readonly kind: 'insert'; readonly key: Uint8Array; readonly before?: undefined; readonly after: Row }
  | { readonly kind: 'update'; readonly key: Uint8Array; readonly before: Row; readonly after: Row }
  | { readonly kind: 'delete'; readonly key: Uint8Array; readonly before: Row; readonly after?: undefined }
) & {
  /** Of the record that caused it (the last of them), ms; of the table's stream time where retention did. */
  readonly timestampMs: number;
};

/** The changes of one commit to one table, as the feed keeps them. */
export interface TableCommit {
  readonly version: number;
  /** When it was committed, ms by the writer's clock; 0 in a store without a clock. */
  readonly committedMs: number;
  readonly changes: readonly Change[];
}
