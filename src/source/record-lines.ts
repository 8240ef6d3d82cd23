import type { Mistake } from '../common/errors.ts';
import { readLine } from './log-line.ts';
import type { SourceRecord } from './source.ts';

/** A line of input that is a record to be written. */
export interface RecordLine {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  /** Undefined: the time of writing. */
  readonly timestampMs: number | undefined;
  readonly headers: SourceRecord['headers'];
  readonly partition: number | undefined;
}

/** A line of a file that is not blank, without its newline. */
export interface TextLine {
  /** From 1. */
  readonly line: number;
  readonly bytes: Uint8Array;
}

/** What stands behind it on its line is for people. */
const remark = 0x23;

/**
 * The lines of an input as records but for remarks (`# …`), a list for each piece that arrives, so that a following reader sees them as they come.
 * Stops before the first line that is no record; `onMistake` is told of it.
 */
export async function* readRecordLines(
  input: AsyncIterable<Uint8Array | string>,
  file: string,
  onMistake: (mistake: Mistake) => void,
): AsyncGenerator<readonly RecordLine[]> {
  for await (const lines of splitLines(input)) {
    const records: RecordLine[] = [];
    let failed = false;
    for (const { line, bytes } of lines) {
      if (bytes[0] === remark) continue;
      const read = readRecord(bytes);
      if (typeof read !== 'string') {
        records.push(read);
        continue;
      }
      failed = true;
      onMistake({ file, line, message: read });
      break;
    }
    if (records.length > 0) yield records;
    if (failed) return;
  }
}

const byteOrderMark = Buffer.from('\uFEFF');

/** The lines of an input that are not blank, a list for each piece that arrives. A byte order mark at its start is no part of them. */
export async function* splitLines(input: AsyncIterable<Uint8Array | string>): AsyncGenerator<readonly TextLine[]> {
  /** Of a line whose end has not come: put together once, however many pieces a long one comes in. */
  let begun: Uint8Array[] = [];
  let line = 0;
  const take = (end: Buffer): TextLine[] => {
    const whole = begun.length === 0 ? end : Buffer.concat([...begun, end]);
    begun = [];
    line += 1;
    const isMarked = line === 1 && byteOrderMark.equals(whole.subarray(0, byteOrderMark.length));
    const bytes = isMarked ? whole.subarray(byteOrderMark.length) : whole;
    return bytes.toString('latin1').trim() === '' ? [] : [{ line, bytes }];
  };
  for await (const chunk of input) {
    const piece =
      typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const lines: TextLine[] = [];
    let start = 0;
    for (let end = piece.indexOf(0x0a); end !== -1; end = piece.indexOf(0x0a, start)) {
      lines.push(...take(piece.subarray(start, end)));
      start = end + 1;
    }
    if (lines.length > 0) yield lines;
    if (start < piece.length) begun.push(piece.subarray(start));
  }
  const last = begun.length === 0 ? [] : take(Buffer.alloc(0));
  if (last.length > 0) yield last;
}

/** The record that a line is; the reason, where it is none. */
export function readRecord(bytes: Uint8Array): RecordLine | string {
  const read = readLine(bytes, { topic: '', partition: 0, offset: 0 });
  if (read.unreadable !== undefined) return `This is no record: ${read.unreadable}.`;
  if (read.value === undefined) return 'The record has no "value". Write "value": null to delete the row of its key.';
  // `readLine` has seen that this is an object; what it does not read are members of the line alone.
  const line = JSON.parse(Buffer.from(bytes).toString()) as Readonly<Record<string, unknown>>;
  const { partition, timestamp } = line;
  if (partition !== undefined && !(Number.isSafeInteger(partition) && (partition as number) >= 0)) {
    return `"partition" is a whole number from 0, not ${JSON.stringify(partition)}.`;
  }
  for (const member of Object.keys(line)) {
    if (!recordMembers.has(member))
      return `A record has no "${member}"; its fields are members of "value". It has ${[...recordMembers].join(', ')}.`;
  }
  return {
    key: read.key,
    value: read.value,
    timestampMs: timestamp === undefined ? undefined : read.timestampMs,
    headers: read.headers,
    partition: partition as number | undefined,
  };
}

/** What a line that is a record may have. */
export const recordMembers: ReadonlySet<string> = new Set(['key', 'value', 'timestamp', 'headers', 'partition']);
