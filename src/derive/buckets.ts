import type { Interval } from '../catalog/derivation.ts';

/** A bucket of event time: [startMs, endMs), aligned to 1970-01-01T00:00Z. */
export interface Bucket {
  readonly interval: Interval;
  readonly startMs: number;
  readonly endMs: number;
}

/** The buckets that an instant is in, the earliest first: one per tumbling interval, several per hopping one. */
export function bucketsOf(intervals: readonly Interval[], atMs: number): readonly Bucket[] {
  const buckets: Bucket[] = [];
  for (const interval of intervals) {
    const { sizeMs, advanceMs } = interval;
    const last = Math.floor(atMs / advanceMs) * advanceMs;
    for (let startMs = last - (Math.ceil(sizeMs / advanceMs) - 1) * advanceMs; startMs <= last; startMs += advanceMs) {
      if (startMs + sizeMs > atMs) buckets.push({ interval, startMs, endMs: startMs + sizeMs });
    }
  }
  return buckets;
}

/** What a row of sessions is judged by when it comes: a bucket of its own. A session cannot get a row once all those that might join it are late. */
export function sessionBucket(atMs: number, gapMs: number): Bucket {
  return { interval: { name: 'session', sizeMs: gapMs, advanceMs: gapMs }, startMs: atMs, endMs: atMs + gapMs };
}

/** Names a bucket among those of one aggregation. */
export function bucketId({ interval, startMs }: Bucket): string {
  return `${interval.name} ${startMs}`;
}

/** The millisecond that an instant (µs) is in; before 1970 too. */
export function msOf(eventTimeUs: bigint): number {
  const ms = eventTimeUs / 1_000n;
  return Number(eventTimeUs < 0n && ms * 1_000n !== eventTimeUs ? ms - 1n : ms);
}
