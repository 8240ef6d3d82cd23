import { hashRecord } from './kafka-anchor.ts';
import type { Versions } from './kafka-cluster.ts';
import { kafkaError } from './kafka-errors.ts';
import type { PartitionReader } from './kafka-partition.ts';
import { fetchCall, listOffsetsCall } from './kafka-requests.ts';
import type { FetchPosition, ListedOffset } from './kafka-requests.ts';
import type { BrokerConnection } from './kafka-transport.ts';
import { UnreadableBatch, readRecordSection } from './record-batch.ts';
import type { PartitionProgress } from './source.ts';

export interface StartQuestion {
  readonly connection: BrokerConnection;
  readonly versions: Versions;
  /** All led by this broker. */
  readonly readers: readonly PartitionReader[];
  readonly maxBatchBytes: number;
  readonly tellProgress: (partitions: readonly PartitionProgress[]) => void;
  /** The broker's answer makes no sense of what we know of the partition: the metadata are read again first. */
  readonly lost: (reader: PartitionReader, errorCode: number) => void;
}

/**
 * Compares what we know of partitions (the next offset, the anchor) with the log as it is now, and begins to read those that
 * agree. The others get an incident: the log was truncated beyond our position, or it is another log. Throws KafkaError.
 */
export async function startPartitions(question: StartQuestion): Promise<void> {
  for (const { reader, start, end } of await tellBounds(question)) {
    if (!reader.isStarting) continue;
    const { incarnation } = reader;
    const reason = await whyAnotherLog(question, reader, start, end);
    if (!reader.isStarting || reader.incarnation !== incarnation) continue;
    judge(question, reader, start, end, reason);
  }
}

interface Bounds {
  readonly reader: PartitionReader;
  readonly start: number;
  readonly end: number;
}

/** Earliest offset and last stable offset of partitions, which the sink is told where they changed. Throws KafkaError. */
export async function tellBounds({
  connection,
  versions,
  readers,
  tellProgress,
  lost,
}: Omit<StartQuestion, 'maxBatchBytes'>): Promise<readonly Bounds[]> {
  const positions = readers.map((reader) => positionOf(reader, 0));
  const [earliest, latest] = await Promise.all([
    connection.send(listOffsetsCall(versions.listOffsets, positions, 'earliest')),
    connection.send(listOffsetsCall(versions.listOffsets, positions, 'latest')),
  ]);
  const starts = byPartition(earliest);
  const ends = byPartition(latest);
  const known: Bounds[] = [];
  const progress: PartitionProgress[] = [];
  for (const reader of readers) {
    const start = starts.get(nameOf(reader));
    const end = ends.get(nameOf(reader));
    const errorCode = start?.errorCode || end?.errorCode || kafkaError.none;
    if (start === undefined || end === undefined || errorCode !== kafkaError.none) {
      lost(reader, errorCode);
      continue;
    }
    known.push({ reader, start: start.offset, end: end.offset });
    const told = reader.progress(start.offset, end.offset);
    if (told !== undefined) progress.push(told);
  }
  tellProgress(progress);
  return known;
}

function judge(
  question: StartQuestion,
  reader: PartitionReader,
  start: number,
  end: number,
  anotherLog: string | undefined,
): void {
  const { topic, partition, position } = reader;
  if (anotherLog !== undefined) {
    reader.stop({ kind: 'topic-recreated', topic, partition, reason: anotherLog });
  } else if (position === undefined) {
    reader.begin(start);
  } else if (position < start) {
    reader.stop({ kind: 'truncated', topic, partition, next: position, start });
  } else if (position > end) {
    // A broker that has only just become the leader may not know the end yet: the second look counts.
    reader.suspicions++;
    if (reader.suspicions < 3) {
      question.lost(reader, kafkaError.none);
    } else {
      const reason = `it ends at offset ${end}, before ${position}, up to which it was read`;
      reader.stop({ kind: 'topic-recreated', topic, partition, reason });
    }
  } else {
    reader.begin(position);
  }
}

/** Why the log is not the one that the anchor was taken from; undefined where nothing says so. */
async function whyAnotherLog(
  { connection, versions, maxBatchBytes }: StartQuestion,
  reader: PartitionReader,
  start: number,
  end: number,
): Promise<string | undefined> {
  const { anchor, topicId } = reader;
  if (anchor === undefined) return undefined;
  if (anchor.topicId !== undefined && topicId !== undefined && anchor.topicId !== topicId) {
    return 'it was deleted and created again: its id is another';
  }
  const expected = anchor.record;
  if (expected === undefined || expected.offset < start || expected.offset >= end) return undefined;
  // One byte asks for one batch: a broker sends the first batch whole, whatever the limit.
  const answer = await connection.send(
    fetchCall(versions.fetch, [{ ...positionOf(reader, expected.offset), maxBytes: 1 }], { maxWaitMs: 0, maxBytes: 1 }),
  );
  const fetched = answer.partitions[0];
  if (fetched === undefined || fetched.errorCode !== kafkaError.none || fetched.records === null) return undefined;
  try {
    const section = readRecordSection({
      topic: reader.topic,
      partition: reader.partition,
      section: fetched.records,
      from: expected.offset,
      aborted: fetched.aborted,
      maxBatchBytes,
    });
    const read = section.read(1);
    if (read === undefined) return undefined;
    if (read.leaderEpoch < expected.leaderEpoch) {
      return `offset ${expected.offset} was written in an earlier leader epoch than what was read there`;
    }
    // Compaction may have removed the record; what follows it then says nothing.
    const found = read.records.find((record) => record.offset === expected.offset);
    if (found === undefined) return undefined;
    if (found.timestampMs === expected.timestampMs && hashRecord(found) === expected.hash) return undefined;
    return `the record at offset ${expected.offset} is another one than was read there`;
  } catch (error) {
    // Reading will meet the batch again and report it.
    if (error instanceof UnreadableBatch) return undefined;
    throw error;
  }
}

function positionOf(reader: PartitionReader, offset: number): FetchPosition {
  const { topic, topicId, partition, maxBytes } = reader;
  return { topic, topicId, partition, offset, maxBytes };
}

function byPartition(offsets: readonly ListedOffset[]): Map<string, ListedOffset> {
  return new Map(offsets.map((offset) => [nameOf(offset), offset]));
}

function nameOf({ topic, partition }: { readonly topic: string; readonly partition: number }): string {
  return `${topic}/${partition}`;
}
