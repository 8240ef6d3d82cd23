import { Slab } from '../store/slab.ts';
import type { Slice } from '../store/slab.ts';
import type { BadRecordCode } from '../store/store.ts';

/**
 * A batch of records, decoded: what each of them means for every table that reads the topic, rows as the bytes that are stored.
 * Plain data with one piece of memory per table, so that it crosses from the thread that decodes to the one that writes without
 * being copied. `batch-decoder.ts` makes it; the fold (`apply.ts`) reads it, and no value is parsed on the way.
 */
export interface DecodedBatch {
  readonly topic: string;
  readonly partition: number;
  /** How many records, bad and foreign ones too. */
  readonly count: number;
  /** As of the `RecordBatch`. */
  readonly next: number;
  readonly end: number;
  /** One for each table that reads the topic, in the order of `Catalog.topicTables`. */
  readonly tables: readonly DecodedRecords[];
}

/**
 * The records of a batch as one table has them. The memory, for n of them:
 *
 *   offsets float64 × n | timestamps, ms, float64 × n | key ends uint32 × n | row ends uint32 × n | kinds byte × n | keys | rows
 *
 * Ends count from the start of the memory. What has no key, or no row, ends where the one before it does.
 */
export interface DecodedRecords {
  readonly memory: ArrayBuffer;
  readonly bad: readonly BadRecord[];
}

export interface BadRecord {
  /** Which record of the batch, from 0. */
  readonly record: number;
  readonly code: BadRecordCode;
  readonly reason: string;
}

export const recordKinds = ['foreign', 'row', 'delete', 'bad'] as const;
export type RecordKind = (typeof recordKinds)[number];

/** Bytes before the keys, for each record. */
export const bytesBeforeKeys = 25;

/** The parts of the memory that the number of records decides the length of. */
export function columnsOf(memory: ArrayBuffer, count: number): RecordColumns {
  return {
    offsets: new Float64Array(memory, 0, count),
    timestampsMs: new Float64Array(memory, 8 * count, count),
    keyEnds: new Uint32Array(memory, 16 * count, count),
    rowEnds: new Uint32Array(memory, 20 * count, count),
    kinds: new Uint8Array(memory, 24 * count, count),
  };
}

export interface RecordColumns {
  readonly offsets: Float64Array;
  readonly timestampsMs: Float64Array;
  readonly keyEnds: Uint32Array;
  readonly rowEnds: Uint32Array;
  readonly kinds: Uint8Array;
}

/** One table's records of a batch, by their number in it. Keys and rows are views: they keep the memory as long as they live. */
export class DecodedReader {
  readonly #memory: ArrayBuffer;
  readonly #columns: RecordColumns;
  readonly #slab: Slab;
  readonly #keysStart: number;
  readonly #rowsStart: number;
  readonly #bad: ReadonlyMap<number, BadRecord>;

  constructor(count: number, { memory, bad }: DecodedRecords) {
    this.#memory = memory;
    this.#columns = columnsOf(memory, count);
    this.#slab = new Slab(memory);
    this.#keysStart = bytesBeforeKeys * count;
    this.#rowsStart = this.#columns.keyEnds[count - 1] ?? this.#keysStart;
    this.#bad = new Map(bad.map((each) => [each.record, each]));
  }

  kind(record: number): RecordKind {
    return recordKinds[this.#columns.kinds[record] ?? 0] ?? 'foreign';
  }

  offset(record: number): number {
    return this.#columns.offsets[record] ?? 0;
  }

  timestampMs(record: number): number {
    return this.#columns.timestampsMs[record] ?? 0;
  }

  /** Of a row or a delete. */
  key(record: number): Uint8Array {
    const start = this.#columns.keyEnds[record - 1] ?? this.#keysStart;
    return new Uint8Array(this.#memory, start, (this.#columns.keyEnds[record] ?? start) - start);
  }

  row(record: number): Slice {
    const start = this.#columns.rowEnds[record - 1] ?? this.#rowsStart;
    return { slab: this.#slab, start, end: this.#columns.rowEnds[record] ?? start };
  }

  bad(record: number): BadRecord | undefined {
    return this.#bad.get(record);
  }
}
