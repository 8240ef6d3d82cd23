import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { SetupError } from '../common/errors.ts';
import { maxJsonDepth } from '../common/json-scan.ts';
import { isJsonObject } from '../decode/json.ts';
import { isDeeperThan } from '../model/json-text.ts';
import { readRecord, recordMembers, splitLines } from '../source/record-lines.ts';
import type { RecordLine, TextLine } from '../source/record-lines.ts';

/** What the lines of a file are: records as `headgate produce` takes them, or the values of records without keys. */
export type LineForm = 'record' | 'value';

export interface FileSamples {
  readonly form: LineForm;
  readonly records: readonly RecordLine[];
  /** How much of the file was read for them. */
  readonly bytesRead: number;
}

export interface NumberedRecord {
  readonly line: number;
  readonly record: RecordLine;
}

/** As many of the first and of the last lines are looked at, in so many bytes at most. */
export const maxLines = 1_000;
const maxHeadBytes = 16_777_216;
const maxTailBytes = 1_048_576;

/**
 * Records from a file's start and end: what a large file holds in between is read when it is written into a log. Throws SetupError
 * for a first line that is no JSON object, for others that are not what the first is, and for a file without any.
 */
export async function sampleFile(path: string, file: string): Promise<FileSamples> {
  const lines: TextLine[] = [];
  let headBytes = 0;
  const head = createReadStream(path, { end: maxHeadBytes - 1 });
  for await (const piece of splitLines(head)) {
    lines.push(...piece.slice(0, maxLines - lines.length));
    headBytes = head.bytesRead;
    if (lines.length === maxLines) break;
  }
  head.destroy();
  const [first] = lines;
  if (first === undefined) {
    throw new SetupError([
      { file, message: 'This file has no records: write at least one, as a JSON object on a line.' },
    ]);
  }
  const { size } = await stat(path);
  // The piece that was cut off by the limit of bytes is no line.
  const whole = headBytes >= size;
  if (!whole && lines.length === 1) {
    const message = `This line has more than ${maxHeadBytes} bytes, and no record has: each is a JSON object on a line of its own.`;
    throw new SetupError([{ file, line: first.line, message }]);
  }
  const form = formOf(first, file);
  const complete = whole || lines.length === maxLines ? lines : lines.slice(0, -1);
  const records = complete.map((line) => readAs(form, line, file));
  const tail = whole ? [] : await lastLines(path, Math.max(size - maxTailBytes, headBytes), size);
  for (const bytes of tail) {
    // Where it stands is not known here: whoever reads the whole file says what is wrong with it.
    const read = recordOf(form, bytes);
    if (typeof read !== 'string') records.push(read);
  }
  return { form, records, bytesRead: headBytes + (whole ? 0 : Math.min(maxTailBytes, size - headBytes)) };
}

/** Every record of a file, a list for each piece that is read. Throws SetupError at the first line that is none. */
export async function* readFileRecords(
  path: string,
  file: string,
  form: LineForm,
): AsyncGenerator<readonly NumberedRecord[]> {
  for await (const lines of splitLines(createReadStream(path))) {
    yield lines.map((line) => ({ line: line.line, record: readAs(form, line, file) }));
  }
}

async function lastLines(path: string, from: number, size: number): Promise<readonly Uint8Array[]> {
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - from), 0, size - from, from);
    const lines: Uint8Array[] = [];
    for await (const piece of splitLines(oneChunk(buffer.subarray(0, bytesRead)))) {
      lines.push(...piece.map(({ bytes }) => bytes));
    }
    // The first one begins anywhere.
    return lines.slice(1).slice(-maxLines);
  } finally {
    await handle.close();
  }
}

async function* oneChunk(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

/** The first line decides. What has `value`, and nothing that a record does not have, is a record. */
function formOf({ line, bytes }: TextLine, file: string): LineForm {
  const parsed = parseObject(bytes);
  if (typeof parsed === 'string') throw new SetupError([{ file, line, message: parsed }]);
  const { value } = parsed;
  const isRecord = Object.keys(parsed).every((member) => recordMembers.has(member));
  return isRecord && (isJsonObject(value) || value === null) ? 'record' : 'value';
}

function readAs(form: LineForm, { line, bytes }: TextLine, file: string): RecordLine {
  const read = recordOf(form, bytes);
  if (typeof read === 'string') throw new SetupError([{ file, line, message: read }]);
  return read;
}

function recordOf(form: LineForm, bytes: Uint8Array): RecordLine | string {
  // What is no text would be written into the log as another one.
  if (!isUtf8(bytes))
    return 'This is not UTF-8, and records are. To make it so: iconv -f LATIN1 -t UTF-8 FILE > FILE.ndjson';
  if (form === 'record') return readRecord(bytes);
  const parsed = parseObject(bytes);
  if (typeof parsed === 'string') return parsed;
  return { key: null, value: bytes, timestampMs: undefined, headers: new Map(), partition: undefined };
}

/** The reason, where it is none. */
function parseObject(bytes: Uint8Array): Readonly<Record<string, unknown>> | string {
  const text = Buffer.from(bytes).toString().trim();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return `This is no JSON. ${wanted} ${hintOf(text)}`.trim();
  }
  if (isDeeperThan(text, maxJsonDepth)) return `This is nested more than ${maxJsonDepth} deep, and no record is.`;
  if (isJsonObject(value)) return value;
  return `This is JSON, but no object. ${wanted} ${hintOf(text)}`.trim();
}

const wanted =
  'Each line is a record, {"key": "s1", "value": {"title": "Blue"}}, or its value alone, {"id": "s1", "title": "Blue"}.';

function hintOf(text: string): string {
  if (text.startsWith('[')) return "For a file that is one JSON list: jq -c '.[]' FILE > FILE.ndjson";
  if (/^[{}\]]/.test(text)) return 'For JSON over several lines: jq -c . FILE > FILE.ndjson';
  if (/[,;\t]/.test(text) && !text.includes('{'))
    return 'For a table of commas (CSV): npx csvtojson FILE | jq -c ".[]"';
  return '';
}
