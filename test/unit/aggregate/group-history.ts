import fc from 'fast-check';
import { expect } from 'vitest';
import type { Group, GroupInput } from '../../../src/aggregate/group.ts';
import { ExpressionError } from '../../../src/model/expression.ts';
import type { ColumnType, ScalarName, Value } from '../../../src/model/value.ts';
import type { Memory } from '../../../src/store/store.ts';
import { GroupMemory } from './group-memory.ts';
import { makeAggregation, openGroups } from './group-world.ts';
import type { AggregateSpec } from './group-world.ts';
import { naiveAggregate } from './naive-aggregates.ts';
import { expectRounded, overflows } from './rounded.ts';

/** Random histories of a group, against a naive evaluation of the rows that are left. */

export type Step =
  | {
      readonly kind: 'add';
      readonly arg: Value;
      readonly by: Value;
      readonly eventTime: bigint;
      readonly offset: number;
    }
  | { readonly kind: 'retract'; readonly row: number }
  /** Another offset, and another argument or the one that it had. */
  | { readonly kind: 'update'; readonly row: number; readonly arg: Value | undefined; readonly addFirst: boolean }
  | { readonly kind: 'commit' };

export function steps(
  type: ColumnType,
  args: fc.Arbitrary<Value>,
  bys: fc.Arbitrary<Value>,
): fc.Arbitrary<readonly Step[]> {
  // A few values more often than others, so that they are met again.
  const arg = fc
    .array(args, { minLength: 1, maxLength: 4 })
    .chain((known) => fc.constant(fc.oneof(fc.constantFrom(...known), args, fc.constant(null))));
  return arg.chain((someArg) =>
    fc.array(
      fc.oneof(
        {
          weight: 5,
          arbitrary: fc.record({
            kind: fc.constant('add' as const),
            arg: someArg,
            by: fc.option(bys),
            eventTime: fc.oneof(fc.bigInt({ min: -2n, max: 2n }), fc.constantFrom(-(2n ** 63n), 2n ** 63n - 1n)),
            offset: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constant(2 ** 53 - 1)),
          }),
        },
        { weight: 2, arbitrary: fc.record({ kind: fc.constant('retract' as const), row: fc.nat() }) },
        {
          weight: 2,
          arbitrary: fc.record({
            kind: fc.constant('update' as const),
            row: fc.nat(),
            arg: fc.option(someArg, { nil: undefined }),
            addFirst: fc.boolean(),
          }),
        },
        { weight: 2, arbitrary: fc.record({ kind: fc.constant('commit' as const) }) },
      ),
      { maxLength: 40 },
    ),
  );
}

const groupKey = Buffer.from('group\0');

/** Everything that a memory has, to be compared. */
export function contentsOf(memory: Memory): readonly string[] {
  const contents: string[] = [];
  for (const { key, value } of memory.scan({})) {
    contents.push(`${Buffer.from(key).toString('hex')} ${value.toString('hex')}`);
  }
  return contents;
}

/** The history in a memory of its own. */
export function runHistory(
  specs: readonly AggregateSpec[],
  history: readonly Step[],
  shuffle: readonly number[],
): void {
  for (const _ of playHistory(specs, history, shuffle, new GroupMemory())) continue;
}

/**
 * Plays the history in a memory that is empty, and leaves it empty. Yields where a commit ends: the memory may belong to another
 * transaction then.
 */
export function* playHistory(
  specs: readonly AggregateSpec[],
  history: readonly Step[],
  shuffle: readonly number[],
  memory: Memory,
): Generator<void> {
  const open = openGroups(...specs);
  const columns = makeAggregation(specs).aggregates.map(({ column }) => column.type);
  let group = open(memory, groupKey);
  let rows: GroupInput[] = [];
  let keys = 0;
  const inputOf = (
    arg: Value,
    by: Value,
    order: Pick<GroupInput, 'eventTime' | 'partition' | 'offset' | 'key'>,
  ): GroupInput => ({
    ...order,
    args: specs.map(({ type }) => (type === undefined ? null : arg)),
    bys: specs.map((spec) => (spec.by === undefined ? null : by)),
  });
  const argOf = (row: GroupInput): Value => row.args.find((arg) => arg !== null) ?? null;
  const byOf = (row: GroupInput): Value => row.bys.find((by) => by !== null) ?? null;

  for (const step of [...history, { kind: 'commit' } as const]) {
    switch (step.kind) {
      case 'add': {
        keys += 1;
        const { arg, by, eventTime, offset } = step;
        const row = inputOf(arg, by, {
          eventTime,
          partition: keys % 3,
          offset,
          key: Buffer.from(`${(keys * 7) % 10} ${keys}\0`),
        });
        rows.push(row);
        group.add(row);
        break;
      }
      case 'retract': {
        const [row] = rows.splice(step.row % Math.max(rows.length, 1), 1);
        if (row !== undefined) group.retract(row);
        break;
      }
      case 'update': {
        const [row] = rows.splice(step.row % Math.max(rows.length, 1), 1);
        if (row === undefined) break;
        const offset = step.arg === undefined ? row.offset : row.offset + 1;
        const next = inputOf(step.arg === undefined ? argOf(row) : step.arg, byOf(row), { ...row, offset });
        if (step.addFirst) group.add(next);
        group.retract(row);
        if (!step.addFirst) group.add(next);
        rows.push(next);
        break;
      }
      case 'commit':
        expect(group.rows).toBe(rows.length);
        if (rows.length > 0) expectValues(group, specs, columns, rows);
        group.save();
        yield;
        group = open(memory, groupKey);
    }
  }

  // The rows alone decide what is kept: not those that have come and gone, nor their order.
  const other = new GroupMemory();
  const again = open(other, groupKey);
  const ranks = new Map(rows.map((row, i) => [row, shuffle[i % shuffle.length] ?? 0]));
  for (const row of rows.toSorted((a, b) => (ranks.get(a) ?? 0) - (ranks.get(b) ?? 0))) again.add(row);
  again.save();
  expect(contentsOf(other)).toEqual(contentsOf(memory));

  for (const row of rows.toReversed()) group.retract(row);
  rows = [];
  group.save();
  expect(contentsOf(memory)).toEqual([]);
}

function expectValues(
  group: Group,
  specs: readonly AggregateSpec[],
  columns: readonly ColumnType[],
  rows: readonly GroupInput[],
): void {
  const expected = specs.map((spec, place) => naiveAggregate(spec, place, rows));
  const types = columns.map((type) => (type.kind === 'scalar' ? type.scalar : 'ID'));
  if (expected.some((naive, place) => overflows(naive, types[place] as ScalarName))) {
    expect(() => group.values()).toThrow(ExpressionError);
    return;
  }
  const values = group.values();
  expected.forEach((naive, place) => expectRounded(values[place] ?? null, naive, types[place] as ScalarName));
}

/** An order for rows to be added in. */
export const shuffles = fc.array(fc.integer(), { minLength: 40, maxLength: 40 });
