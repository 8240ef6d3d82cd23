import type { LogRecord } from '../naive.ts';
import type { WindowSpec } from './spec.ts';

/** A bucket of event time, [start, end). Times in µs. */
export interface Bucket {
  /** The name of its interval. */
  readonly interval: string;
  readonly start: bigint;
  readonly end: bigint;
}

/** Of tumbling and hopping windows: every bucket whose span holds the instant. */
export function bucketsAt(window: WindowSpec, at: bigint): readonly Bucket[] {
  return window.sizes.flatMap(({ name, sizeMs }) => {
    const size = BigInt(sizeMs) * 1000n;
    const step = window.hop === undefined ? size : BigInt(window.hop.ms) * 1000n;
    const buckets: Bucket[] = [];
    let start = floor(at, step);
    for (; start + size > at; start -= step) buckets.push({ interval: name, start, end: start + size });
    return buckets;
  });
}

/**
 * Where a session of this row alone could still grow: lateness looks at nothing else, because which rows are in its session depends
 * on what other rows there are.
 */
export function sessionBucketAt(gapMs: number, at: bigint): Bucket {
  const start = floor(at, 1000n);
  return { interval: '', start, end: start + BigInt(gapMs) * 1000n };
}

/** Nothing can be added to a session any more that is not too late by itself: it would be no further than the gap from its end. */
export function sessionClosesAt(gapMs: number, end: bigint): bigint {
  return floor(end, 1000n) + 2n * BigInt(gapMs) * 1000n;
}

/** The multiple of `step` at or before. */
function floor(at: bigint, step: bigint): bigint {
  const rest = ((at % step) + step) % step;
  return at - rest;
}

export const bucketName = ({ interval, start }: Bucket): string => `${interval} ${start}`;

/** A good record of the base table, as lateness sees it: its row's event time, or none where it deletes the row. */
export interface Timed {
  readonly record: LogRecord;
  readonly key: string;
  readonly at: bigint | undefined;
  /** The time that says whether it is late: that of its own partition's records before it, or what the clock last said. */
  readonly judgedBy: 'records' | bigint | undefined;
}

export interface Lateness {
  /** How many records came too late for at least one bucket. */
  readonly late: number;
  /** By the key of the row: the names of the buckets that its newest record was refused for. */
  readonly refused: ReadonlyMap<string, ReadonlySet<string>>;
  /** By partition: the greatest event time of its records. */
  readonly streamTimes: ReadonlyMap<number, bigint>;
}

const day = 86_400_000_000n;

/** Goes through the records in order. `bucketsOf` says where a row of that event time would be counted. */
export function judge(
  records: readonly Timed[],
  graceMs: number | undefined,
  bucketsOf: (at: bigint) => readonly Bucket[],
): Lateness {
  const streamTimes = new Map<number, bigint>();
  const refused = new Map<string, ReadonlySet<string>>();
  const rows = new Map<string, bigint>();
  let count = 0;
  for (const { record, key, at, judgedBy } of records) {
    const told = streamTimes.get(record.partition);
    const now = judgedBy === 'records' ? told : judgedBy;
    const before = rows.get(key);
    const countedIn = new Set(before === undefined ? [] : bucketsOf(before).map(bucketName));
    for (const name of refused.get(key) ?? []) countedIn.delete(name);
    refused.delete(key);
    rows.delete(key);
    if (at === undefined) continue;
    rows.set(key, at);
    const late = bucketsOf(at).filter(
      (bucket) =>
        graceMs !== undefined &&
        now !== undefined &&
        bucket.end + BigInt(graceMs) * 1000n <= now &&
        !countedIn.has(bucketName(bucket)),
    );
    if (late.length > 0) {
      refused.set(key, new Set(late.map(bucketName)));
      count += 1;
    }
    const ahead = at > BigInt(record.timestampMs) * 1000n + day;
    if (!ahead && (told === undefined || at > told)) streamTimes.set(record.partition, at);
  }
  return { late: count, refused, streamTimes };
}

/** Rows no further apart than the gap, in order of their times. */
export function sessionsOf<T>(
  rows: readonly T[],
  timeOf: (row: T) => bigint,
  gapMs: number,
): readonly (readonly T[])[] {
  const sessions: T[][] = [];
  let last: bigint | undefined;
  for (const row of rows.toSorted((a, b) => Number(timeOf(a) - timeOf(b)))) {
    const at = timeOf(row);
    if (last === undefined || at - last > BigInt(gapMs) * 1000n) sessions.push([]);
    sessions.at(-1)?.push(row);
    last = at;
  }
  return sessions;
}
