/**
 * Work counters: what the gateway did, not how long it took. They prove law 10 in tests and are exported as metrics.
 * One object is shared by everything on a thread; a test takes a copy before and after.
 */
export interface Work {
  /** Rows fetched from LMDB (by key, by scan, or through an index entry). */
  rowsRead: number;
  /** Index entries passed over, whether or not their row was fetched. */
  indexEntriesRead: number;
  /** Predicate evaluations on a row. */
  predicatesTested: number;
  /** Feed entries that readers looked at. */
  feedEntriesRead: number;
  /** Comparisons of a change with a shape's read set, beyond hash lookups. */
  rangesTested: number;
  /** Evaluations of a live query's shape. */
  shapesEvaluated: number;
  /** Frames serialized (once per shape and version, not per subscriber). */
  framesSerialized: number;
  /** Bytes of these. */
  bytesSerialized: number;
  /** Frames handed to sockets. */
  framesSent: number;
  /** Puts and deletes of rows, by the writer. */
  rowsWritten: number;
  /** Puts and deletes of index entries, by the writer. */
  indexEntriesWritten: number;
  /** Puts and deletes of what derived tables keep beside their rows. */
  memoryEntriesWritten: number;
  /** Rows that derived tables looked at because they, or rows they relate to, had moved. */
  rowsDerived: number;
}

export function createWork(): Work {
  return {
    rowsRead: 0,
    indexEntriesRead: 0,
    predicatesTested: 0,
    feedEntriesRead: 0,
    rangesTested: 0,
    shapesEvaluated: 0,
    framesSerialized: 0,
    bytesSerialized: 0,
    framesSent: 0,
    rowsWritten: 0,
    indexEntriesWritten: 0,
    memoryEntriesWritten: 0,
    rowsDerived: 0,
  };
}
