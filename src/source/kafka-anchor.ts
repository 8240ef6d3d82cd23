import { crc32c } from './record-batch-crc.ts';
import type { SourceRecord } from './source.ts';

/**
 * What tells one incarnation of a partition from another: the topic's id where the broker has ids, and the last record
 * read. The record also finds a log that was cut and written anew below the same id (an unclean leader election).
 */
export interface Anchor {
  readonly topicId: string | undefined;
  readonly record:
    | {
        readonly offset: number;
        readonly leaderEpoch: number;
        readonly timestampMs: number;
        /** Of key and value. */
        readonly hash: string;
      }
    | undefined;
}

export function makeAnchor(
  topicId: string | undefined,
  record: SourceRecord | undefined,
  leaderEpoch: number,
): Anchor | undefined {
  if (topicId === undefined && record === undefined) return undefined;
  if (record === undefined) return { topicId, record: undefined };
  const { offset, timestampMs } = record;
  return { topicId, record: { offset, leaderEpoch, timestampMs, hash: hashRecord(record) } };
}

export function hashRecord({ key, value }: SourceRecord): string {
  return [key, value].map((each) => (each ? `${each.length}-${crc32c(each).toString(16)}` : 'null')).join('-');
}

export function printAnchor({ topicId, record }: Anchor): string {
  const parts = record === undefined ? [] : [record.offset, record.leaderEpoch, record.timestampMs, record.hash];
  return ['1', topicId ?? '', ...parts].join(' ');
}

/** undefined for what `printAnchor` of this version did not write: nothing is compared then. */
export function parseAnchor(text: string | undefined): Anchor | undefined {
  const [version, topicId, offset, leaderEpoch, timestampMs, hash] = text?.split(' ') ?? [];
  if (version !== '1') return undefined;
  return {
    topicId: topicId === '' ? undefined : topicId,
    record:
      hash === undefined
        ? undefined
        : { offset: Number(offset), leaderEpoch: Number(leaderEpoch), timestampMs: Number(timestampMs), hash },
  };
}
