import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readSync, readdirSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SetupError } from '../common/errors.ts';
import { skipJson, skipSpace } from '../common/json-scan.ts';
import { JsonText } from '../model/value.ts';
import { ambiguous, isTopicName, notATopic, partitionFile, partitionOfFile, topicFile } from './log-files.ts';
import { partitionOfKey } from './log-partitioner.ts';

/**
 * A record for an embedded log. `JsonText` stands for JSON that is written digit for digit; any other value is written
 * as `JSON.stringify` would, a bigint as a string of digits (which BigInt columns read).
 */
export interface LogRecord {
  /** A string is the key's text; anything else its JSON. Absent or null: no key. */
  readonly key?: unknown;
  /** null: a tombstone. Absent: a line without value, which readers count as a bad record. */
  readonly value?: unknown;
  /** ms since 1970; the time of appending where it is absent. */
  readonly timestamp?: number | undefined;
  readonly headers?: Readonly<Record<string, string | null>> | undefined;
  /** Default: chosen by the key as Kafka's clients do, records without a key in turn. */
  readonly partition?: number | undefined;
}

/** Where a record was written: what a query waits for with `@atLeast(offsets: …)`. */
export interface AppendedRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/**
 * Appends to a topic of an embedded log, creating it (as one file, or as a folder where a record names a partition above
 * 0) if needed. The records of a partition go into one write, whole lines only, so that several processes may append.
 * Answers in the order of `records`. Synchronous; the data is in the file system when it returns, not yet on disk.
 *
 * Throws SetupError for a topic or partition that cannot be, TypeError for a key or value that is no JSON (nothing is
 * written then), and what the file system says.
 */
export function appendToLog(
  directory: string,
  topic: string,
  records: readonly LogRecord[],
  now: () => number = Date.now,
): AppendedRecord[] {
  const lines = records.map((record) => formatLine(record, now));
  const layout = layoutOf(directory, topic, records);
  const byPartition = new Map<number, { readonly index: number; readonly line: Buffer }[]>();
  for (const [index, record] of records.entries()) {
    const partition = choosePartition(layout, record, index);
    const line = Buffer.from(`${lines[index] ?? ''}\n`);
    const group = byPartition.get(partition);
    if (group === undefined) byPartition.set(partition, [{ index, line }]);
    else group.push({ index, line });
  }
  const appended: AppendedRecord[] = [];
  for (const [partition, group] of byPartition) {
    const path = layout.kind === 'file' ? topicFile(directory, topic) : partitionFile(directory, topic, partition);
    let offset = appendBytes(path, Buffer.concat(group.map(({ line }) => line)));
    for (const { index, line } of group) {
      appended[index] = { topic, partition, offset };
      offset += line.length;
    }
  }
  return appended;
}

/** Creates a topic without records; one of several partitions must be created so. Does nothing to partitions that exist. */
export function createLogTopic(directory: string, topic: string, partitions = 1): void {
  if (!isTopicName(topic)) throw new SetupError([notATopic(topic)]);
  const paths =
    partitions === 1 && !existsSync(join(directory, topic))
      ? [topicFile(directory, topic)]
      : Array.from({ length: partitions }, (_, partition) => partitionFile(directory, topic, partition));
  for (const path of paths) {
    mkdirSync(dirname(path), { recursive: true });
    closeSync(openSync(path, 'a'));
  }
}

type Layout = { readonly kind: 'file' } | { readonly kind: 'folder'; readonly partitions: readonly number[] };

function layoutOf(directory: string, topic: string, records: readonly LogRecord[]): Layout {
  if (!isTopicName(topic)) throw new SetupError([notATopic(topic)]);
  const file = existsSync(topicFile(directory, topic));
  const folder = existsSync(join(directory, topic));
  if (file && folder) throw new SetupError([ambiguous(directory, topic)]);
  if (folder) {
    const partitions = readdirSync(join(directory, topic)).flatMap((name) => partitionOfFile(name) ?? []);
    return { kind: 'folder', partitions: partitions.toSorted((a, b) => a - b) };
  }
  const beyond = records.find(({ partition = 0 }) => partition > 0);
  if (beyond === undefined) return { kind: 'file' };
  if (!file) return { kind: 'folder', partitions: [0] };
  throw new SetupError([
    {
      message:
        `Topic ${topic} is one file, ${topicFile(directory, topic)}, and so has partition 0 alone; ` +
        `a record names partition ${beyond.partition}. Leave the partition out, or make the topic a folder ` +
        `with the file as ${partitionFile(directory, topic, 0)}.`,
    },
  ]);
}

function choosePartition(layout: Layout, record: LogRecord, index: number): number {
  if (record.partition !== undefined) {
    if (Number.isInteger(record.partition) && record.partition >= 0) return record.partition;
    throw new SetupError([{ message: `A partition is a whole number from 0, not ${record.partition}.` }]);
  }
  if (layout.kind === 'file') return 0;
  const { partitions } = layout;
  const { key } = record;
  if (partitions.length === 0) return 0;
  const chosen =
    key === undefined || key === null
      ? index % partitions.length
      : partitionOfKey(Buffer.from(typeof key === 'string' ? key : toJson(key, 'key')), partitions.length);
  return partitions[chosen] ?? 0;
}

function formatLine(record: LogRecord, now: () => number): string {
  const members: string[] = [];
  const { key, value, timestamp, headers } = record;
  if (key !== undefined && key !== null) members.push(`"key":${toJson(key, 'key')}`);
  if (value !== undefined) members.push(`"value":${toJson(value, 'value')}`);
  members.push(`"timestamp":${timestamp ?? now()}`);
  if (headers !== undefined) members.push(`"headers":${toJson(headers, 'headers')}`);
  return `{${members.join(',')}}`;
}

/** On one line. */
function toJson(value: unknown, what: string): string {
  if (value instanceof JsonText) {
    const bytes = Buffer.from(value.text);
    const end = skipJson(bytes, 0);
    if (end < 0 || skipSpace(bytes, end) !== bytes.length) {
      throw new TypeError(`the ${what} is not JSON: ${value.text.slice(0, 80)}`);
    }
    // Line breaks stand only between tokens; inside strings JSON escapes them.
    return value.text.replaceAll(/[\r\n]+/g, ' ').trim();
  }
  const text = JSON.stringify(value, (_name, part: unknown) => (typeof part === 'bigint' ? `${part}` : part)) as
    string | undefined;
  if (text === undefined) throw new TypeError(`the ${what} has no JSON: ${String(value)}`);
  return text;
}

/** Returns where the bytes begin in the file. */
function appendBytes(path: string, bytes: Buffer): number {
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(path, 'a+');
  try {
    const before = fstatSync(file).size;
    // A line that somebody left half-written must not swallow ours.
    const torn = before > 0 && readAt(file, before - 1, 1)[0] !== 0x0a;
    const block = torn ? Buffer.concat([Buffer.from('\n'), bytes]) : bytes;
    let written = 0;
    while (written < block.length) written += writeSync(file, block, written);
    const after = fstatSync(file).size;
    const start = torn ? before + 1 : before;
    if (after - before === block.length) return start;
    // Somebody else appended meanwhile: ours stands somewhere in between.
    const found = readAt(file, before, after - before).lastIndexOf(bytes);
    return found === -1 ? start : before + found;
  } finally {
    closeSync(file);
  }
}

function readAt(file: number, position: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const count = readSync(file, bytes, filled, length - filled, position + filled);
    if (count === 0) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}
