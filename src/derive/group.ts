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
  readonly key: Uint8Array;
}

/** The aggregates of one group (of one bucket, where there are buckets) while a commit goes on. */
export interface Group {
  /** How many source rows it has. */
  readonly rows: number;
  add(input: GroupInput): void;
  /** Takes out a row that was added with an equal input; nothing of it is left. */
  retract(input: GroupInput): void;
  /** One value per aggregate. The group has a row. */
  values(): readonly Value[];
  /** Writes the state, or removes it where no row is left. Once, at the end of the commit. */
  save(): void;
  /** Removes all state, whatever rows there are: the bucket is past its retention. */
  drop(): void;
}

/** Opens the group with this key from its state; a group without state is empty. */
export type OpenGroup = (memory: Memory, groupKey: Uint8Array) => Group;

export type CreateGroups = (definition: AggregationDefinition) => OpenGroup;
