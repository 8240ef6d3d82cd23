import type { DerivedTable } from '../catalog/catalog.ts';
import type { AggregationDefinition } from '../catalog/derivation.ts';
import { must } from '../common/errors.ts';
import type { Row } from '../model/row.ts';
import type { Value } from '../model/value.ts';
import { encodeBriefKey, keyText } from '../store/keys.ts';
import type { WriteTransaction } from '../store/store.ts';
import { bucketId, bucketsOf, msOf } from './buckets.ts';
import type { Bucket } from './buckets.ts';
import { createContributions } from './contribution.ts';
import type { Contribution } from './contribution.ts';
import { writeGroupRow } from './group-row.ts';
import type { Group } from '../aggregate/group.ts';
import { createGroups } from '../aggregate/groups.ts';
import type { Lateness } from './lateness.ts';
import { groupsPrefix, memoryUnder } from './memory-keys.ts';
import type { Move, Moves } from './moves.ts';
import { sourceOf } from './operator.ts';
import type { Operator, OperatorContext } from './operator.ts';

/** A group (of a bucket, where there are buckets) that the commit has opened. */
interface OpenedGroup {
  readonly key: Uint8Array;
  readonly keyValues: readonly Value[];
  readonly bucket: Bucket | undefined;
  readonly group: Group;
  timestampMs: number;
}

const noBuckets = [undefined];

/**
 * One row per group, or per group and bucket. A row that moves in the source is taken out of the groups it was in and added to those
 * it is in now; what it was follows from the row as it was, so nothing is remembered of it but what the functions need.
 */
export function createAggregation(
  context: OperatorContext,
  table: DerivedTable,
  definition: AggregationDefinition,
  latenessOf: (tx: WriteTransaction) => Lateness | undefined,
): Operator {
  const source = sourceOf(context.catalog, table);
  const openGroup = createGroups(definition);
  const contributions = createContributions(context, table, definition);
  const { window } = definition;
  const bucketsAt = (eventTime: bigint): readonly (Bucket | undefined)[] =>
    window === undefined ? noBuckets : bucketsOf(window.intervals, msOf(eventTime));

  /** Buckets that end here or before are gone. */
  function expiredTo(lateness: Lateness | undefined): number {
    if (lateness === undefined || table.retentionMs === undefined) return -Infinity;
    return lateness.streamTime.greatest - table.retentionMs;
  }

  /** Takes the moves over into groups, each opened once. */
  function applyMoves(
    tx: WriteTransaction,
    moves: readonly Move[],
    lateness: Lateness | undefined,
  ): Iterable<OpenedGroup> {
    const memory = memoryUnder(tx.memory(table), groupsPrefix);
    const opened = new Map<string, OpenedGroup>();
    const goneTo = expiredTo(lateness);

    function open({ dimensions, groupKey }: Contribution, bucket: Bucket | undefined): OpenedGroup {
      const keyValues = (): readonly Value[] =>
        contributions.key(dimensions, bucket?.interval.name ?? null, BigInt(bucket?.startMs ?? 0) * 1_000n);
      const key = bucket === undefined ? groupKey : encodeBriefKey(table.key, keyValues());
      const text = keyText(key);
      let found = opened.get(text);
      if (found === undefined) {
        found = { key, keyValues: keyValues(), bucket, group: openGroup(memory, key), timestampMs: 0 };
        opened.set(text, found);
      }
      return found;
    }

    function change(row: Row, kind: 'add' | 'retract', contribution: Contribution, timestampMs: number): void {
      const { input } = contribution;
      const refused = lateness?.refused(row.key, kind === 'add' ? 'after' : 'before');
      for (const bucket of bucketsAt(input.eventTime)) {
        // What is past retention is gone, whatever still happens to its rows.
        if (bucket !== undefined && (bucket.endMs <= goneTo || refused?.has(bucketId(bucket)) === true)) continue;
        const entry = open(contribution, bucket);
        entry.group[kind](input);
        entry.timestampMs = Math.max(entry.timestampMs, timestampMs);
      }
    }

    for (const { key, before, after, expired, timestampMs } of moves) {
      if (expired) {
        lateness?.forget(key);
        continue;
      }
      context.work.rowsDerived += 1;
      const was = before && contributions.of(tx, before, false);
      const is = after && contributions.of(tx, after, true);
      if (before !== undefined && was !== undefined) change(before, 'retract', was, timestampMs);
      if (after !== undefined && is !== undefined) change(after, 'add', is, timestampMs);
    }
    return opened.values();
  }

  /** Inputs all of whose buckets are gone are of no use any more. */
  function forgetInputs(tx: WriteTransaction, lateness: Lateness, goneTo: number, now: number): void {
    const ownInputs = source.derivation?.kind === 'view' && source.derivation.inputs;
    if (!ownInputs || !source.timed || goneTo === -Infinity) return;
    const longestMs = Math.max(...(window?.intervals ?? []).map(({ sizeMs }) => sizeMs));
    for (const key of tx.keysByTime(source, -Infinity, goneTo - longestMs + 1)) {
      tx.delete(source, key, now);
      lateness.outlived(key);
    }
  }

  return {
    table,
    follow(tx, moves: Moves) {
      const lateness = latenessOf(tx);
      const closedTo = lateness?.streamTime.closedTo ?? -Infinity;
      for (const entry of applyMoves(tx, moves.of(source), lateness)) {
        const { bucket, group } = entry;
        const closed = bucket !== undefined && bucket.endMs <= closedTo;
        group.save();
        writeGroupRow(
          context,
          tx,
          { table, definition },
          {
            ...entry,
            others: window === undefined ? [] : [[window.columns.closed.ordinal, closed]],
            rowTimeMs: bucket?.endMs ?? 0,
          },
        );
      }
      lateness?.save();
    },
    passTime(tx, expired) {
      const lateness = latenessOf(tx);
      if (lateness === undefined || window === undefined) return;
      const now = Math.max(0, lateness.streamTime.greatest);
      const memory = memoryUnder(tx.memory(table), groupsPrefix);
      const goneTo = expiredTo(lateness);
      for (const key of goneTo > -Infinity ? tx.keysByTime(table, -Infinity, goneTo + 1) : []) {
        openGroup(memory, key).drop();
        expired.add(keyText(key));
        tx.delete(table, key, now);
      }
      forgetInputs(tx, lateness, goneTo, now);
      closeRows(tx, table, lateness, now);
    },
  };
}

/** Marks the rows as closed that have come to be so in this commit. */
export function closeRows(tx: WriteTransaction, table: DerivedTable, lateness: Lateness, now: number): void {
  const { closedBefore, streamTime } = lateness;
  const closed = table.derivation.kind === 'aggregation' ? table.derivation.window?.columns.closed : undefined;
  if (closed === undefined || streamTime.closedTo <= closedBefore) return;
  for (const key of tx.keysByTime(table, closedBefore + 1, streamTime.closedTo + 1)) {
    const row = must(tx.get(table, key), 'a row of the time index');
    if (row.value(closed) === true) continue;
    const values = table.columns.map((column) => (column === closed ? true : row.value(column)));
    const { partition, offset, timestampMs } = row;
    tx.upsert(table, { key, values, partition, offset, timestampMs }, now);
  }
}
