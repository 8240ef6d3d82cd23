import type { Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { must } from '../common/errors.ts';
import { readLine, unreadable } from './log-line.ts';
import { anchorBytes, makeAnchor, parseAnchor, printAnchor } from './log-anchor.ts';
import type { PartitionProgress, RecordBatch, SourceRecord } from './source.ts';

/** A longer line is unreadable; it is passed over without being held in memory. */
export const maxLineBytes = 16 * 1024 * 1024;
const batchBytes = 1024 * 1024;
const batchRecords = 10_000;
const searchBytes = 64 * 1024;

export interface LogPartitionOptions {
  readonly topic: string;
  readonly partition: number;
  readonly path: string;
  /** Where to begin; 0 for the start of the file. */
  readonly next: number;
  /** As `printAnchor` gave it for the bytes that were read before. */
  readonly anchor?: string | undefined;
}

export type Reading =
  /** `more`: complete lines may follow at once. `anchor` is that of `batch.next`. */
  | { readonly kind: 'batch'; readonly batch: RecordBatch; readonly anchor: string; readonly more: boolean }
  /** Nothing but, at most, a half-written line. */
  | { readonly kind: 'waiting' }
  | { readonly kind: 'missing' }
  | { readonly kind: 'recreated'; readonly reason: string };

/**
 * One file of an embedded log, read in bounded batches of complete lines. Opens the file for each read, so that it may
 * be removed or replaced at any time; the bytes before `next` are compared each time, so that a replacement is noticed.
 * One read at a time. Failures other than a missing file are thrown as Node gives them.
 */
export class LogPartition {
  readonly topic: string;
  readonly partition: number;
  path: string;
  #next: number;
  /** Still to be compared with the file: what was read in an earlier life. */
  #anchor: string | undefined;
  /** The first bytes of the file and the last before `#next`; undefined until they have been read from the file. */
  #seen: { readonly head: Uint8Array; readonly tail: Uint8Array } | undefined;
  /** A file renamed into this place is compared anew. */
  #inode: number | undefined;
  /** No newline stands between `#next` and here. */
  #searched: number;
  /** End of the last complete line, for a file of this size. */
  #end: { readonly size: number; readonly end: number } | undefined;

  constructor(options: LogPartitionOptions) {
    this.topic = options.topic;
    this.partition = options.partition;
    this.path = options.path;
    this.#next = options.next;
    this.#searched = options.next;
    this.#anchor = options.anchor;
  }

  /** Offset of the first line that has not been read. */
  get next(): number {
    return this.#next;
  }

  /** Goes on elsewhere, in whatever the file holds by then. */
  moveTo(next: number): void {
    this.#next = next;
    this.#searched = next;
    this.#anchor = undefined;
    this.#seen = undefined;
    this.#end = undefined;
  }

  /** The bounds as of now; undefined where there is no file. */
  async progress(): Promise<PartitionProgress | undefined> {
    return this.#withFile(async (file, { size }) => {
      const { topic, partition } = this;
      return { topic, partition, start: 0, end: await this.#findEnd(file, size) };
    });
  }

  async read(): Promise<Reading> {
    return (await this.#withFile((file, stats) => this.#read(file, stats))) ?? { kind: 'missing' };
  }

  async #withFile<T>(use: (file: FileHandle, stats: Stats) => Promise<T>): Promise<T | undefined> {
    let file: FileHandle;
    try {
      file = await open(this.path, 'r');
    } catch (cause) {
      if (isMissing(cause)) return undefined;
      throw cause;
    }
    try {
      return await use(file, await file.stat());
    } finally {
      await file.close();
    }
  }

  async #read(file: FileHandle, { size, ino }: Stats): Promise<Reading> {
    if (this.#inode !== ino && this.#seen !== undefined) {
      this.#anchor = printAnchor(makeAnchor(this.#next, this.#seen.head, this.#seen.tail));
      this.#seen = undefined;
    }
    this.#inode = ino;
    if (this.#seen === undefined) {
      const reason = await this.#recognize(file, size);
      if (reason !== undefined) return { kind: 'recreated', reason };
    }
    if (size < this.#next) {
      return this.#recreated(`the file is ${size} bytes long, and ${this.#next} bytes of it had been read`);
    }
    if (this.#searched > this.#next) {
      const newline = await findNewline(file, this.#searched, size);
      if (newline === undefined) {
        this.#searched = size;
        return { kind: 'waiting' };
      }
    }
    return this.#readLines(file, size);
  }

  /** Compares the file with what an earlier life read of it; the reason where it is another one. */
  async #recognize(file: FileHandle, size: number): Promise<string | undefined> {
    if (this.#anchor !== undefined) {
      const anchor = parseAnchor(this.#anchor);
      if (anchor === undefined) return 'what was read before was not an embedded log';
      if (size < anchor.offset) {
        return `the file is ${size} bytes long, and ${anchor.offset} bytes of it had been read`;
      }
      const { head, tail } = await readAround(file, anchor.offset);
      if (makeAnchor(anchor.offset, head, tail).hash !== anchor.hash) {
        return `the bytes before offset ${anchor.offset} are not those that had been read`;
      }
    }
    if (size < this.#next) return `the file is ${size} bytes long, and ${this.#next} bytes of it had been read`;
    const seen = await readAround(file, this.#next);
    if (this.#next > 0 && seen.tail.at(-1) !== newlineByte) return `no line starts at offset ${this.#next}`;
    this.#seen = seen;
    return undefined;
  }

  async #readLines(file: FileHandle, size: number): Promise<Reading> {
    const { tail } = must(this.#seen, unrecognized);
    const from = this.#next - tail.length;
    for (let want = batchBytes; ; want = Math.min(want * 2, maxLineBytes + 1)) {
      const buffer = await readUpTo(file, from, Math.min(tail.length + want, size - from));
      if (buffer.length < tail.length || buffer.compare(tail, 0, undefined, 0, tail.length) !== 0) {
        return this.#recreated(`the bytes before offset ${this.#next} have changed`);
      }
      const last = buffer.lastIndexOf(newlineByte);
      if (last >= tail.length) return this.#batch(file, size, buffer, last + 1);
      const known = from + buffer.length;
      this.#searched = known;
      if (known >= size) return { kind: 'waiting' };
      if (want <= maxLineBytes) continue;
      const newline = await findNewline(file, known, size);
      this.#searched = newline ?? size;
      return newline === undefined ? { kind: 'waiting' } : this.#passOver(file, newline, size);
    }
  }

  /** The complete lines of a buffer that begins with the tail of what has been read. */
  async #batch(file: FileHandle, size: number, buffer: Buffer, limit: number): Promise<Reading> {
    const { head, tail } = must(this.#seen, unrecognized);
    const { topic, partition } = this;
    const base = this.#next - tail.length;
    const records: SourceRecord[] = [];
    let at = tail.length;
    while (at < limit && records.length < batchRecords) {
      const newline = buffer.indexOf(newlineByte, at);
      const line = trimLine(buffer, at, newline, base + at === 0);
      if (line.length > 0) records.push(readLine(line, { topic, partition, offset: base + at }));
      at = newline + 1;
    }
    this.#seen = {
      head: head.length < anchorBytes ? concatFirst(head, buffer.subarray(tail.length, at)) : head,
      // A copy: a slice would keep the whole buffer alive.
      tail: Buffer.from(buffer.subarray(Math.max(0, at - anchorBytes), at)),
    };
    return this.#finish(file, size, base + at, records);
  }

  /** A line longer than `maxLineBytes`: unreadable, and only its ends are looked at. */
  async #passOver(file: FileHandle, newline: number, size: number): Promise<Reading> {
    const { topic, partition } = this;
    const length = newline - this.#next;
    const reason = `the line is ${length} bytes long; the embedded log reads lines of up to ${maxLineBytes} bytes`;
    const record = unreadable({ topic, partition, offset: this.#next }, reason);
    this.#seen = await readAround(file, newline + 1);
    return this.#finish(file, size, newline + 1, [record]);
  }

  async #finish(file: FileHandle, size: number, next: number, records: readonly SourceRecord[]): Promise<Reading> {
    const { topic, partition } = this;
    const { head, tail } = must(this.#seen, unrecognized);
    this.#next = next;
    this.#searched = next;
    const end = await this.#findEnd(file, size);
    return {
      kind: 'batch',
      batch: { topic, partition, records, next, end },
      anchor: printAnchor(makeAnchor(next, head, tail)),
      more: next < end,
    };
  }

  /** Where the last complete line ends. */
  async #findEnd(file: FileHandle, size: number): Promise<number> {
    if (this.#end?.size === size) return this.#end.end;
    const end = await lastLineEnd(file, Math.min(this.#next, size), size);
    this.#end = { size, end };
    return end;
  }

  #recreated(reason: string): Reading {
    return { kind: 'recreated', reason };
  }
}

export function isMissing(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR');
}

const newlineByte = 0x0a;
const unrecognized = 'a log file was read before it was recognized';

/** Without the \r of a \r\n, blanks around it, and the byte order mark that some editors put before the first line. */
function trimLine(buffer: Buffer, from: number, to: number, first: boolean): Buffer {
  let start = from;
  let end = to;
  if (first && buffer[start] === 0xef && buffer[start + 1] === 0xbb && buffer[start + 2] === 0xbf) start += 3;
  while (start < end && isBlank(buffer[end - 1])) end--;
  while (start < end && isBlank(buffer[start])) start++;
  return buffer.subarray(start, end);
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d;
}

function concatFirst(head: Uint8Array, following: Uint8Array): Uint8Array {
  return Buffer.concat([head, following.subarray(0, anchorBytes - head.length)]);
}

/** The bytes at the start of the file and right before `offset`, at most `anchorBytes` each. */
async function readAround(file: FileHandle, offset: number): Promise<{ head: Uint8Array; tail: Uint8Array }> {
  const length = Math.min(anchorBytes, offset);
  return { head: await readUpTo(file, 0, length), tail: await readUpTo(file, offset - length, length) };
}

/** Shorter than `length` only where the file ends. */
async function readUpTo(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(Math.max(0, length));
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

/** The first newline at or after `from`, before `size`. */
async function findNewline(file: FileHandle, from: number, size: number): Promise<number | undefined> {
  for (let at = from; at < size;) {
    const bytes = await readUpTo(file, at, Math.min(searchBytes, size - at));
    if (bytes.length === 0) return undefined;
    const found = bytes.indexOf(newlineByte);
    if (found !== -1) return at + found;
    at += bytes.length;
  }
  return undefined;
}

/** The place after the last newline between `from` and `size`; `from` where there is none. */
async function lastLineEnd(file: FileHandle, from: number, size: number): Promise<number> {
  for (let end = size; end > from;) {
    const start = Math.max(from, end - searchBytes);
    const found = (await readUpTo(file, start, end - start)).lastIndexOf(newlineByte);
    if (found !== -1) return start + found + 1;
    end = start;
  }
  return from;
}
