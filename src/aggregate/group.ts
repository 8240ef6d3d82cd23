import type { AggregationDefinition } from '../catalog/derivation.ts';
import type { Value } from '../model/value.ts';
import type { Memory } from '../store/store.ts';

/** What an aggregation reads of one source row: computed once, whether the row is added or taken out again. */
export interface GroupInput {
  /** By place in `AggregationDefinition.aggregates`; null also where there is no argument. */
  readonly args: readonly Value[];
  /** `Aggregate.by`, by the same place. */
  readonly bys: readonly Value[];
  /** Rows are in order of (event time, partition, offset, key). Event time in µs since 1970. */
  readonly eventTime: bigint;
  readonly partition: number;
  readonly offset: number;
  /** The source row's key bytes: no two rows of a group have the same. */
  readonly key: Uint8Array;
}

/**
 * The aggregates of one group (of one bucket, where there are buckets) while a commit goes on. In no order: what it has is decided
 * by the rows that were added and not retracted, not by what came when. An update is a retraction and an addition, in
 * whichever order; where they are equal in what a function reads, nothing of it is written.
 *
 * | function                                | null arguments | reads                                    | of no value       |
 * |-----------------------------------------|----------------|------------------------------------------|-------------------|
 * | COUNT without argument                  |                | the number of rows                       | never             |
 * | COUNT                                   | not counted    | a counter                                | 0                 |
 * | COUNT_DISTINCT                          | not counted    | one entry a distinct value, exact        | 0                 |
 * | SUM, AVG                                | ignored        | an exact sum and a counter               | null              |
 * | VARIANCE, STDDEV (of a sample, n - 1)   | ignored        | the same, and an exact sum of squares    | null, also of one |
 * | MIN, MAX                                | ignored        | one entry a distinct value               | null              |
 * | FIRST, LAST                             | passed over    | one entry a row, in order of rows        | null              |
 * | COLLECT_LIST: the first `n`             | left out       | one entry a row, in order of rows        | []                |
 * | COLLECT_SET: the least `n`              | left out       | one entry a distinct value               | []                |
 * | TOP_K: the greatest `n`, descending     | left out       | one entry a distinct value               | []                |
 * | TOP_K with `by`: of the `n` rows of     | left out, also | one entry a row, by `by` (descending),   | []                |
 * | greatest `by`; an argument may repeat   | for `by` null  | argument (ascending), order of rows      |                   |
 *
 * Functions of one argument share their entries. Values that compare as equal are one value; MIN, MAX, COUNT_DISTINCT, TOP_K and
 * COLLECT_SET give it in canonical form, FIRST, LAST and COLLECT_LIST as it was written.
 *
 * Numbers are rounded once, at the end, halves to even, roots included: to the nearest double in a Float, to 34 digits in a Decimal;
 * a SUM of Int, BigInt or Decimal into a Decimal not at all.
 */
export interface Group {
  /** How many source rows it has. */
  readonly rows: number;
  add(input: GroupInput): void;
  /** Takes out a row that was added with an equal input; nothing of it is left. */
  retract(input: GroupInput): void;
  /**
   * One value per aggregate. The group has a row. Lists and entries that have moved are read from memory: once per commit is enough.
   * Throws ExpressionError where a result does not fit its column; the group stays as good as it was.
   */
  values(): readonly Value[];
  /** Writes the state, or removes it where no row is left. Once, at the end of the commit. */
  save(): void;
  /** Removes all state, whatever rows there are: the bucket is past its retention. The group is empty then. */
  drop(): void;
}

/**
 * Opens the group with this key from its state; a group without state is empty. One `Group` per key at a time: it keeps counters to
 * itself until `save`. `groupKey` has at most `maxKeyBytes`. `memory` holds groups alone; a key in it has at most one byte less than
 * a `Memory` takes, so that whoever keeps other things beside them can put a byte in front.
 */
export type OpenGroup = (memory: Memory, groupKey: Uint8Array) => Group;

/**
 * State can be read only under the definition that wrote it, as far as function, argument, `by` and types of its aggregates and
 * their order go: the memory of a table is emptied where these have changed.
 */
export type CreateGroups = (definition: AggregationDefinition) => OpenGroup;
