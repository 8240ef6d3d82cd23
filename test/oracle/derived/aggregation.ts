import type { NaiveRow, World } from '../naive.ts';
import { compareKeys } from '../naive.ts';
import { columnOf, type TypeSpec } from '../spec.ts';
import type { NaiveValue } from '../values.ts';
import { evaluate } from './expression.ts';
import { aggregate, canonical, groupName, NoValue } from './functions.ts';
import type { AggregationSpec, AnyTable, DerivedTable, Expr, WindowSpec } from './spec.ts';
import { bucketName, bucketsAt, sessionClosesAt, sessionsOf } from './windows.ts';

/** What of time an aggregation goes by. Times in µs, undefined before there is one. */
export interface Clock {
  /** Of all partitions. */
  readonly greatest: bigint | undefined;
  /** Up to where every partition has come. */
  readonly least: bigint | undefined;
  /** How many records came too late for a bucket. */
  readonly late: number;
  /** Names of the buckets that the row came too late for. */
  refused(row: NaiveRow): ReadonlySet<string>;
}

interface Group {
  readonly values: ReadonlyMap<string, NaiveValue>;
  readonly rows: NaiveRow[];
}

/** The rows of the aggregation over these rows of its source, in no order. */
export function aggregateRows(
  world: World,
  source: AnyTable,
  table: DerivedTable,
  rows: readonly NaiveRow[],
  clock: Clock,
): readonly NaiveRow[] {
  const spec = table.derivation;
  if (spec.kind !== 'aggregation') throw new Error('not an aggregation');
  const { timestamp } = spec;
  const times = new Map(
    rows.map((row) => {
      const time = timestamp === undefined ? BigInt(row.timestampMs) * 1000n : evaluate(world, source, timestamp, row);
      return [row, time as bigint | null] as const;
    }),
  );
  const timeOf = (row: NaiveRow): bigint => times.get(row) ?? 0n;
  const groups = new Map<string, Group>();
  // A row whose time is not known yet is in no group.
  const counted = rows.filter((row) => times.get(row) !== null && hasValues(world, source, spec, row));
  for (const row of inOrder(source, counted, timeOf)) {
    const names = [...spec.dimensions.keys()];
    const dimensions = new Map(
      names.map((name) => {
        const { type } = columnOf(table, name);
        return [name, canonical(type, evaluate(world, source, must(spec.dimensions.get(name)), row))] as const;
      }),
    );
    const name = names.map((each) => groupName(columnOf(table, each).type, dimensions.get(each) ?? null));
    const add = (more: string, values: readonly (readonly [string, NaiveValue])[]): void => {
      const id = JSON.stringify([more, ...name]);
      const group = groups.get(id) ?? { values: new Map([...values, ...dimensions]), rows: [] };
      group.rows.push(row);
      groups.set(id, group);
    };
    if (spec.window === undefined || spec.window.sessionGap !== undefined) add('', []);
    else {
      for (const bucket of bucketsAt(spec.window, timeOf(row))) {
        if (clock.refused(row).has(bucketName(bucket)) || isGone(table, bucket.end, clock)) continue;
        add(bucketName(bucket), [
          ['interval', bucket.interval],
          ['timestamp', bucket.start],
          ['closed', isClosed(spec.window, bucket.end, clock)],
        ]);
      }
    }
  }
  const all = [...groups.values()].flatMap((group) => splitSessions(table, spec.window, group, timeOf, clock));
  return all.flatMap(({ values, rows: members }) => groupRow(world, source, table, values, members));
}

/** Two of the longest texts there are make a key that cannot be stored, whatever else is in it; one does not. */
const maxKeyText = 1_000;

/** A row one of whose expressions has no value is not counted at all, nor one whose group's key is too long. */
function hasValues(world: World, source: AnyTable, spec: AggregationSpec, row: NaiveRow): boolean {
  try {
    const dimensions = [...spec.dimensions.values()].map((expr) => evaluate(world, source, expr, row));
    const texts = dimensions.filter((value) => typeof value === 'string');
    if (Buffer.byteLength(texts.join('')) > maxKeyText) return false;
    for (const { arg, by } of spec.aggregates) {
      for (const expr of [arg, by]) if (expr !== undefined) evaluate(world, source, expr, row);
    }
    return true;
  } catch (error) {
    if (error instanceof NoValue) return false;
    throw error;
  }
}

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('missing');
  return value;
}

/** (event time, partition, offset, key) */
function inOrder(source: AnyTable, rows: readonly NaiveRow[], timeOf: (row: NaiveRow) => bigint): readonly NaiveRow[] {
  const sign = (n: bigint): number => (n < 0n ? -1 : n > 0n ? 1 : 0);
  return rows.toSorted(
    (a, b) =>
      sign(timeOf(a) - timeOf(b)) ||
      a.partition - b.partition ||
      a.offset - b.offset ||
      compareKeys(source, a.key, b.key),
  );
}

/** Nothing that arrives can be added any more. */
function isClosed(window: WindowSpec, end: bigint, { least }: Clock): boolean {
  return window.graceMs !== undefined && least !== undefined && least - BigInt(window.graceMs) * 1000n >= end;
}

function isGone(table: DerivedTable, end: bigint, { greatest }: Clock): boolean {
  if (table.retentionMs === undefined || greatest === undefined) return false;
  return end + BigInt(table.retentionMs) * 1000n <= greatest;
}

function splitSessions(
  table: DerivedTable,
  window: WindowSpec | undefined,
  group: Group,
  timeOf: (row: NaiveRow) => bigint,
  clock: Clock,
): readonly Group[] {
  const gap = window?.sessionGap;
  if (window === undefined || gap === undefined) return [group];
  const onTime = group.rows.filter((row) => clock.refused(row).size === 0);
  return sessionsOf(onTime, timeOf, gap.ms).flatMap((rows): readonly Group[] => {
    const start = timeOf(must(rows[0]));
    const end = timeOf(must(rows.at(-1)));
    const closes = sessionClosesAt(gap.ms, end);
    if (isGone(table, closes, clock)) return [];
    const closed = isClosed(window, closes, clock);
    return [
      { values: new Map([...group.values, ['timestamp', start], ['end', end], ['closed', closed]]), rows: [...rows] },
    ];
  });
}

/** No row where a function has no value. */
function groupRow(
  world: World,
  source: AnyTable,
  table: DerivedTable,
  fixed: ReadonlyMap<string, NaiveValue>,
  rows: readonly NaiveRow[],
): readonly NaiveRow[] {
  const spec = table.derivation;
  if (spec.kind !== 'aggregation') throw new Error('not an aggregation');
  const values = new Map(fixed);
  const read = (expr: Expr | undefined, row: NaiveRow): NaiveValue =>
    expr === undefined ? null : evaluate(world, source, expr, row);
  for (const each of spec.aggregates) {
    const { type } = columnOf(table, each.column);
    const inputs = rows.map((row) => ({ arg: read(each.arg, row), by: read(each.by, row) }));
    try {
      values.set(each.column, aggregate(each, elementOf(type), each.arg?.type, each.by?.type, inputs));
    } catch (error) {
      if (error instanceof NoValue) return [];
      throw error;
    }
  }
  const key = table.key.map((name) => values.get(name) ?? null);
  // No record wrote it: what orders such rows is the end of their bucket, then their key.
  return [{ key, values, partition: 0, offset: 0, timestampMs: endOf(spec, values) }];
}

/** ms */
function endOf({ window }: AggregationSpec, values: ReadonlyMap<string, NaiveValue>): number {
  const size = window?.sizes.find(({ name }) => name === values.get('interval'))?.sizeMs;
  if (size !== undefined) return Number((values.get('timestamp') as bigint) / 1000n) + size;
  if (window?.sessionGap === undefined) return 0;
  return Number(sessionClosesAt(window.sessionGap.ms, values.get('end') as bigint) / 1000n);
}

function elementOf(type: TypeSpec): TypeSpec {
  return type.kind === 'list' ? type.element : type;
}
