import type { Expression } from '../model/expression.ts';
import type { Predicate } from '../model/predicate.ts';
import type { Column } from './column.ts';

/** How a table follows from others; compiled by `catalog/build.ts`, carried out by `derive`. */
export type Derivation = ViewDefinition | AggregationDefinition;

/**
 * One row for every row of the source that `where` keeps, under the same key (bytes and all). The values are those of the columns'
 * expressions, over the source's row and the rows it relates to. A row one of whose expressions fails is not in the view.
 */
export interface ViewDefinition {
  readonly kind: 'view';
  /** A table's name. */
  readonly source: string;
  /** Over the source; relations to one row allowed. */
  readonly where?: Predicate | undefined;
  /**
   * The inputs of an aggregation: rows outlive the source's rows that retention removed, because what was counted stays counted
   * and is still corrected when a related row changes. Expressions that lead through relations read columns and relations of the
   * view itself; the others are over the source and stay as they are when a related row moves. There is no `where`.
   */
  readonly inputs: boolean;
  /** Of inputs: the event time of the source's row, which the row is timed by instead of its record's timestamp. */
  readonly timedBy?: Expression | undefined;
}

/** One row per group of the source's rows (and bucket), kept while the group has a row. */
export interface AggregationDefinition {
  readonly kind: 'aggregation';
  /** A table's name; `…$inputs` where dimensions, arguments or `where` lead through relations. */
  readonly source: string;
  /** Over the source's own columns. */
  readonly where?: Predicate | undefined;
  /** Columns of the group, with their expressions over the source; in key order, without interval and timestamp. */
  readonly dimensions: readonly Column[];
  readonly aggregates: readonly Aggregate[];
  /** When the thing that a row tells of happened, over the source; absent: the timestamp of its record. Orders FIRST, LAST, COLLECT_LIST. */
  readonly eventTime?: Expression | undefined;
  readonly window?: Window | undefined;
}

export const aggregateFunctions = [
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
export type AggregateFunction = (typeof aggregateFunctions)[number];

export interface Aggregate {
  /** Where the result goes, and its type. */
  readonly column: Column;
  readonly fn: AggregateFunction;
  /** Over the source. COUNT may have none: it counts rows then, else values that are not null. */
  readonly arg?: Expression | undefined;
  /** TOP_K: ordered by this instead of by the argument itself. */
  readonly by?: Expression | undefined;
  /** TOP_K: how many. COLLECT_LIST, COLLECT_SET: at most so many, the first ones. */
  readonly n?: number | undefined;
}

/** What time it is: what records tell, or what the clock was at the last tick (`derive.tick`). */
export type Clock = 'STREAM' | 'WALL';

/** Buckets of event time: [start, end), aligned to 1970-01-01T00:00Z; sessions [start, end], both of rows. */
export interface Window {
  /** What of the aggregation's own key and rows says which bucket. */
  readonly columns: {
    /** Start of the bucket. */
    readonly timestamp: Column;
    /** Which of `intervals`; absent for sessions. */
    readonly interval?: Column | undefined;
    readonly closed: Column;
    /** The time of a session's last row; of sessions only. */
    readonly end?: Column | undefined;
  };
  /** Empty for sessions. */
  readonly intervals: readonly Interval[];
  /** Sessions: rows of a group that are no further apart belong together. ms. */
  readonly sessionGapMs?: number | undefined;
  /** How long after a bucket's end (by its partition's stream time, or the clock) a record may still be added to it. Absent: for ever. ms. */
  readonly graceMs?: number | undefined;
  /** What grace and retention go by. */
  readonly clock: Clock;
  /**
   * The event time as a record of the base table tells it, over that table: what stream time and lateness are judged by. Absent where
   * `eventTime` is absent too: then the record's timestamp is. Absent also where no column of the record tells it, or where the
   * source follows from an aggregation, which has no records: then there is neither grace nor retention.
   */
  readonly recordTime?: Expression | undefined;
}

export interface Interval {
  /** Unit then number: `H1`, `M15`, `D1`; also the order of the enum's values. */
  readonly name: string;
  readonly sizeMs: number;
  /** Equal to `sizeMs` for tumbling buckets, less for hopping ones. */
  readonly advanceMs: number;
}
