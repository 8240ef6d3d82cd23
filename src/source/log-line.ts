import { isUtf8 } from 'node:buffer';
import { maxJsonDepth, scanObject } from '../common/json-scan.ts';
import type { SourceRecord } from './source.ts';

/** Where a line stands. */
export interface LinePlace {
  readonly topic: string;
  readonly partition: number;
  /** Byte position of the line's first byte. */
  readonly offset: number;
}

type Slice = Uint8Array | undefined;

/**
 * Reads one line of an embedded log: `{"key":…,"value":…,"timestamp"?:ms,"headers"?:{…}}`, without its newline.
 *
 * - key: a JSON string is its UTF-8 bytes; any other JSON its text, digit for digit; null or absent: no key.
 * - value: its JSON text as it stands; null: a tombstone; absent: undefined, a bad record.
 * - timestamp: ms since 1970; absent: 0, because a replay must give the same record again and the file knows no time.
 * - headers: strings are their UTF-8 bytes, null is null, any other JSON its text.
 *
 * Other members are ignored; of a repeated member the last counts. What is none of this is `unreadable`, never a throw.
 */
export function readLine(bytes: Uint8Array, place: LinePlace): SourceRecord {
  let key: Slice;
  let value: Slice;
  let timestamp: Slice;
  let headers: Slice;
  const end = scanObject(bytes, (nameStart, nameEnd, start, stop) => {
    if (isName(bytes, nameStart, nameEnd, 'key')) key = bytes.subarray(start, stop);
    else if (isName(bytes, nameStart, nameEnd, 'value')) value = bytes.subarray(start, stop);
    else if (isName(bytes, nameStart, nameEnd, 'timestamp')) timestamp = bytes.subarray(start, stop);
    else if (isName(bytes, nameStart, nameEnd, 'headers')) headers = bytes.subarray(start, stop);
  });
  if (end < 0) return unreadable(place, notAnObject(bytes, ~end), bytes);
  try {
    return {
      topic: place.topic,
      partition: place.partition,
      offset: place.offset,
      timestampMs: timestampOf(timestamp),
      key: key === undefined ? null : bytesOf(key, 'key'),
      value: value === undefined ? undefined : isNull(value) ? null : value,
      headers: headersOf(headers),
    };
  } catch (error) {
    if (error instanceof LineError) return unreadable(place, error.message, bytes);
    throw error;
  }
}

/** A record for bytes that are none; it keeps its offset, so that the reason can be recorded with it. */
export function unreadable(place: LinePlace, reason: string, bytes?: Uint8Array): SourceRecord {
  const none = { timestampMs: 0, key: null, value: undefined, headers: noHeaders };
  return { ...place, ...none, unreadable: reason, unreadableBytes: bytes };
}

const noHeaders: ReadonlyMap<string, Uint8Array | null> = new Map();
const quote = 0x22;
const backslash = 0x5c;

/** Why a line that is JSON is no record. */
class LineError extends Error {}

function notAnObject(bytes: Uint8Array, at: number): string {
  const byte = bytes[at];
  if (byte === undefined) return `${notOfTheForm}: the line ends too early`;
  const shown =
    byte > 0x20 && byte < 0x7f ? `"${String.fromCharCode(byte)}"` : `the byte 0x${byte.toString(16).padStart(2, '0')}`;
  const isOpening = byte === 0x7b || byte === 0x5b;
  const deep = isOpening && at > 0 ? ` (JSON is nested at most ${maxJsonDepth} deep)` : '';
  return `${notOfTheForm}: ${shown} at byte ${at + 1} of the line cannot stand there${deep}`;
}

const notOfTheForm = 'not a line of the form {"key":…,"value":…}';

/** Whether the quoted name is this one, in whatever spelling; without building it where it is spelled plainly. */
function isName(bytes: Uint8Array, start: number, end: number, name: string): boolean {
  if (end - start === name.length + 2) {
    for (let index = 0; ; index++) {
      if (index === name.length) return true;
      if (bytes[start + 1 + index] !== name.charCodeAt(index)) return false;
    }
  }
  const quoted = bytes.subarray(start, end);
  return end - start > name.length + 2 && quoted.includes(backslash) && plainName(quoted) === name;
}

function plainName(quoted: Uint8Array): string {
  const text = Buffer.from(quoted.buffer, quoted.byteOffset, quoted.byteLength).toString();
  return quoted.includes(backslash) ? (JSON.parse(text) as string) : text.slice(1, -1);
}

function timestampOf(slice: Slice): number {
  if (slice === undefined || isNull(slice)) return 0;
  const ms = plainDigits(slice) ?? Number(Buffer.from(slice).toString());
  // The range of JavaScript's Date. A longer number is most likely µs or ns.
  if (!Number.isInteger(ms) || ms < 0 || ms > 8.64e15) {
    const text = Buffer.from(slice).toString().slice(0, 40);
    throw new LineError(`"timestamp" must be a whole number of milliseconds since 1970, not ${text}`);
  }
  return ms;
}

function plainDigits(slice: Uint8Array): number | undefined {
  if (slice.length > 15) return undefined;
  let number = 0;
  for (const byte of slice) {
    if (byte < 0x30 || byte > 0x39) return undefined;
    number = number * 10 + byte - 0x30;
  }
  return number;
}

function headersOf(slice: Slice): ReadonlyMap<string, Uint8Array | null> {
  if (slice === undefined || isNull(slice)) return noHeaders;
  const headers = new Map<string, Uint8Array | null>();
  const end = scanObject(slice, (nameStart, nameEnd, valueStart, valueEnd) => {
    const name = plainName(slice.subarray(nameStart, nameEnd));
    headers.set(name, bytesOf(slice.subarray(valueStart, valueEnd), `header ${JSON.stringify(name)}`));
  });
  if (end < 0) throw new LineError('"headers" must be an object of names and strings');
  return headers;
}

/** A JSON string as its UTF-8 bytes; null as null; other JSON as its text. */
function bytesOf(slice: Uint8Array, what: string): Uint8Array | null {
  if (slice[0] !== quote) return isNull(slice) ? null : slice;
  const inner = slice.subarray(1, -1);
  if (!inner.includes(backslash)) return inner;
  // Unescaping goes through a JavaScript string, which would silently merge what is no Unicode text into U+FFFD.
  if (!isUtf8(inner)) throw new LineError(`the ${what} is not UTF-8`);
  const text = JSON.parse(Buffer.from(slice).toString()) as string;
  if (!isWellFormed(text)) throw new LineError(`the ${what} has half of a surrogate pair (\\ud800 to \\udfff)`);
  return Buffer.from(text);
}

function isWellFormed(text: string): boolean {
  return !/[\ud800-\udfff]/u.test(text);
}

function isNull(slice: Uint8Array): boolean {
  return slice[0] === 0x6e;
}
