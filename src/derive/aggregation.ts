import type { DerivedTable } from '../catalog/catalog.ts';
import type { AggregationDefinition } from '../catalog/derivation.ts';
import { must } from '../common/errors.ts';
import { canonicalDecimal } from '../model/decimal.ts';
import { evaluate } from '../model/evaluate.ts';
import { ExpressionError } from '../model/expression.ts';
import type { Expression } from '../model/expression.ts';
import type { Row } from '../model/row.ts';
import type { ColumnType, Value } from '../model/value.ts';
import { encodeKey, keyText, KeyTooLong } from '../store/keys.ts';
import type { WriteTransaction } from '../store/store.ts';
import { bucketId, bucketsOf, msOf } from './buckets.ts';
import type { Bucket } from './buckets.ts';
import type { Group, GroupInput, OpenGroup } from './group.ts';
import { createGroups } from './groups.ts';
import type { Lateness } from './lateness.ts';
import { groupsPrefix, memoryUnder } from './memory-keys.ts';
import type { Moves } from './moves.ts';
import { skipRow, sourceOf } from './operator.ts';
import type { Operator, OperatorContext } from './operator.ts';

/** What a source row brings to which group. */
interface Contribution {
  readonly dimensions: readonly Value[];
  readonly input: GroupInput;
}

/** A group that the commit has opened. */
interface OpenedGroup {
  readonly key: Uint8Array;
  readonly keyValues: readonly Value[];
  readonly bucket: Bucket | undefined;
  readonly group: Group;
  timestampMs: number;
}

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
  const { work } = context;
  const source = sourceOf(context.catalog, table);
  const openGroup: OpenGroup = createGroups(definition);
  const { window, aggregates, where } = definition;
  const dimensions = definition.dimensions.map((column) => ({
    type: column.type,
    expression: must(column.expression, `${table.name}.${column.name} has no expression`),
  }));

  function contributionOf(row: Row): Contribution | undefined {
    if (where !== undefined) {
      work.predicatesTested += 1;
      if (evaluate(where, row, () => []) !== true) return undefined;
    }
    const time =
      definition.eventTime === undefined ? BigInt(row.timestampMs) * 1_000n : valueOf(definition.eventTime, row);
    if (typeof time !== 'bigint') return undefined;
    const { partition, offset, key } = row;
    const args = aggregates.map(({ arg }) => (arg === undefined ? null : valueOf(arg, row)));
    const bys = aggregates.map(({ by }) => (by === undefined ? null : valueOf(by, row)));
    const values = dimensions.map(({ type, expression }) => canonical(type, valueOf(expression, row)));
    // Throws where the group's key would be too long; all buckets' keys are as long as one another.
    encodeKey(table.key, keyOf(values, bucketsFor(time)[0]));
    return { dimensions: values, input: { args, bys, eventTime: time, partition, offset, key } };
  }

  /** The groups of a commit, each opened once. */
  function openGroups(tx: WriteTransaction, lateness: Lateness | undefined) {
    const memory = memoryUnder(tx.memory(table), groupsPrefix);
    const opened = new Map<string, OpenedGroup>();
    const expiredTo = expiry(lateness);

    function open(values: readonly Value[], bucket: Bucket | undefined): OpenedGroup {
      const keyValues = keyOf(values, bucket);
      const key = encodeKey(table.key, keyValues);
      const text = keyText(key);
      let found = opened.get(text);
      if (found === undefined) {
        found = { key, keyValues, bucket, group: openGroup(memory, key), timestampMs: 0 };
        opened.set(text, found);
      }
      return found;
    }

    return {
      opened,
      change(row: Row, kind: 'add' | 'retract', contribution: Contribution, timestampMs: number): void {
        const refused = lateness?.refused(row.key, kind === 'add' ? 'after' : 'before');
        for (const bucket of bucketsFor(contribution.input.eventTime)) {
          // What is past retention is gone, whatever still happens to its rows.
          if (bucket !== undefined && (bucket.endMs <= expiredTo || refused?.has(bucketId(bucket)) === true)) continue;
          const entry = open(contribution.dimensions, bucket);
          entry.group[kind](contribution.input);
          entry.timestampMs = Math.max(entry.timestampMs, timestampMs);
        }
      },
    };
  }

  function bucketsFor(eventTime: bigint): readonly (Bucket | undefined)[] {
    return window === undefined ? [undefined] : bucketsOf(window.intervals, msOf(eventTime));
  }

  /** The values of the key's columns, in the key's order. */
  function keyOf(values: readonly Value[], bucket: Bucket | undefined): readonly Value[] {
    return table.key.map((column) => {
      if (column === window?.columns.interval) return bucket?.interval.name ?? null;
      if (column === window?.columns.timestamp) return BigInt(bucket?.startMs ?? 0) * 1_000n;
      return values[definition.dimensions.indexOf(column)] ?? null;
    });
  }

  /** Buckets that end here or before are gone. */
  function expiry(lateness: Lateness | undefined): number {
    return lateness === undefined || table.retentionMs === undefined
      ? -Infinity
      : lateness.streamTime.greatest - table.retentionMs;
  }

  function writeRow(tx: WriteTransaction, entry: OpenedGroup, closedTo: number): void {
    const { key, keyValues, bucket, group, timestampMs } = entry;
    group.save();
    if (group.rows === 0) {
      tx.delete(table, key, timestampMs);
      return;
    }
    const values: Value[] = [];
    for (const [i, column] of table.key.entries()) values[column.ordinal] = keyValues[i] ?? null;
    try {
      for (const [i, value] of group.values().entries()) {
        values[must(aggregates[i], 'a value per aggregate').column.ordinal] = value;
      }
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      const row = tx.get(table, key);
      const letter = {
        topic: source.name,
        partition: 0,
        offset: 0,
        timestampMs,
        code: 'EXPRESSION',
        reason: error.message,
      } as const;
      tx.addDeadLetter(table, letter);
      context.skipped(table, letter);
      if (row !== undefined) tx.delete(table, key, timestampMs);
      return;
    }
    if (window !== undefined) values[window.columns.closed.ordinal] = bucket !== undefined && bucket.endMs <= closedTo;
    const rowTime = bucket?.endMs ?? 0;
    tx.upsert(table, { key, values, partition: 0, offset: 0, timestampMs: rowTime }, timestampMs);
  }

  function contributionOrSkip(tx: WriteTransaction, row: Row, report: boolean): Contribution | undefined {
    try {
      return contributionOf(row);
    } catch (error) {
      if (error instanceof KeyTooLong) {
        if (report) skipRow(context, tx, table, row, 'KEY_TOO_LONG', error.message);
      } else if (error instanceof ExpressionError) {
        if (report) skipRow(context, tx, table, row, 'EXPRESSION', error.message);
      } else throw error;
      return undefined;
    }
  }

  return {
    table,
    follow(tx, moves: Moves) {
      const lateness = latenessOf(tx);
      const groups = openGroups(tx, lateness);
      for (const { key, before, after, expired, timestampMs } of moves.of(source)) {
        if (expired) {
          lateness?.forget(key);
          continue;
        }
        work.rowsDerived += 1;
        const was = before === undefined ? undefined : contributionOrSkip(tx, before, false);
        const is = after === undefined ? undefined : contributionOrSkip(tx, after, true);
        if (before !== undefined && was !== undefined) groups.change(before, 'retract', was, timestampMs);
        if (after !== undefined && is !== undefined) groups.change(after, 'add', is, timestampMs);
      }
      const closedTo = lateness?.streamTime.closedTo ?? -Infinity;
      for (const entry of groups.opened.values()) writeRow(tx, entry, closedTo);
      lateness?.save();
    },
    passTime(tx, expired) {
      const lateness = latenessOf(tx);
      if (lateness === undefined || window === undefined) return;
      const memory = memoryUnder(tx.memory(table), groupsPrefix);
      const expiredTo = expiry(lateness);
      const now = Math.max(0, lateness.streamTime.greatest);
      if (expiredTo > -Infinity) {
        for (const key of tx.keysByTime(table, -Infinity, expiredTo + 1)) {
          openGroup(memory, key).drop();
          expired.add(keyText(key));
          tx.delete(table, key, now);
        }
      }
      const { closedTo } = lateness.streamTime;
      if (closedTo <= lateness.closedBefore) return;
      for (const key of tx.keysByTime(table, lateness.closedBefore + 1, closedTo + 1)) {
        const row = must(tx.get(table, key), 'a row of the time index');
        if (row.value(window.columns.closed) === true) continue;
        const values = table.columns.map((column) => (column === window.columns.closed ? true : row.value(column)));
        const { partition, offset, timestampMs } = row;
        tx.upsert(table, { key, values, partition, offset, timestampMs }, now);
      }
    },
  };
}

/** Over the source's own columns: what leads through relations is a column of the inputs by then. */
function valueOf(expression: Expression, row: Row): Value {
  return expression.evaluate(row, () => undefined);
}

/** Equal Decimals are one group, however they are written. */
function canonical(type: ColumnType, value: Value): Value {
  return type.kind === 'scalar' && type.scalar === 'Decimal' && value !== null
    ? canonicalDecimal(value as string)
    : value;
}
