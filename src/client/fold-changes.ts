/** One message of a change stream, as far as it is selected. Any typed document's result fits. */
export interface ChangesMessage<Row> {
  readonly changes?: readonly {
    readonly operation?: 'INSERT' | 'UPDATE' | 'DELETE';
    readonly rowId?: string | number;
    readonly node?: Row | null;
  }[];
  readonly deletedIds?: readonly (string | number)[];
  readonly reset?: boolean;
}

export interface FoldOptions<Row> {
  /** Where rows belong; without it they stay where they are, and new ones come last. */
  readonly compare?: ((a: Row, b: Row) => number) | undefined;
  /** Default: the row's `id`. */
  readonly id?: ((row: Row) => string | number) | undefined;
}

/** For lists in a cache. */
export interface CachedFoldOptions<Row> extends FoldOptions<Row> {
  /** A list that the cache does not have yet begins empty: for streams with `snapshot: true`. Else nothing is folded into it. */
  readonly startEmpty?: boolean;
}

/**
 * The rows after a message of their change stream: inserted, updated and deleted; all anew upon `reset`. A new array, and the same
 * row objects where nothing changed. Select `changes { rowId node { … } }` with the row's id, `deletedIds` and `reset`.
 *
 * For lists of everything that matches. A list with `limit` needs rows that no change tells of when one leaves it: make it a live query.
 */
export function foldChanges<Row extends object>(
  rows: readonly Row[],
  message: ChangesMessage<Row>,
  options: FoldOptions<Row> = {},
): Row[] {
  const { compare, id = (row) => (row as { id: string }).id } = options;
  const byId = new Map((message.reset === true ? [] : rows).map((row) => [String(id(row)), row]));
  for (const rowId of message.deletedIds ?? []) byId.delete(String(rowId));
  for (const { operation, rowId, node } of message.changes ?? []) {
    if (node !== undefined && node !== null) byId.set(String(id(node)), node);
    else if (operation === 'DELETE') byId.delete(String(rowId));
  }
  const folded = [...byId.values()];
  return compare === undefined ? folded : folded.sort(compare);
}
