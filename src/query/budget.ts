import { GatewayError } from '../common/errors.ts';
import { JsonText } from '../model/value.ts';
import type { QueryLimits } from './query-limits.ts';

/** Bounds the time that filters take, as `maxRowsRead` bounds that of reading. */
const comparisonsPerRow = 250;

/** Rows are held while their fields are resolved, and most have more columns than are asked for. */
const rowBytesPerByte = 32;

/** Rows, entries, comparisons and values between two looks at the clock: some 0.1 ms, of which a look is a thousandth. */
const unitsPerLook = 256;

/** What one execution may use: rows, comparisons, bytes of values, and time. The first that runs out ends the execution. */
export class Budget {
  readonly #limits: QueryLimits;
  readonly #now: () => number;
  readonly #deadline: number;
  #rows = 0;
  #comparisons = 0;
  #rowBytes = 0;
  #bytes = 0;
  #units = 0;
  #lookAt = unitsPerLook;
  #exceeded: Exceeded | undefined;

  /** `now`: ms, from any beginning. Time counts from here on. */
  constructor(limits: QueryLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
    this.#deadline = now() + limits.queryTimeoutMs;
  }

  get spent(): number {
    return this.#rows;
  }

  /** Whether any of it, but time, is half used up. */
  get halfUsed(): boolean {
    const { maxRowsRead, maxResponseBytes } = this.#limits;
    return (
      2 * this.#rows > maxRowsRead ||
      2 * this.#comparisons > maxRowsRead * comparisonsPerRow ||
      2 * this.#rowBytes > maxResponseBytes * rowBytesPerByte
    );
  }

  /** Set once something ran out: the operation as a whole has failed then. */
  get exceeded(): GatewayError | undefined {
    return this.#exceeded;
  }

  /** Rows that are read, or delivered once more out of memory: so a response is bounded as reading is. */
  rows(count: number): void {
    this.#rows += count;
    const { maxRowsRead } = this.#limits;
    if (this.#rows > maxRowsRead) {
      this.#exceed(
        'maxRowsRead',
        `reads more than ${maxRowsRead} rows (setting maxRowsRead). Narrow it with where or limit, or add an index that has its order.`,
      );
    }
    this.work(count);
  }

  /** The size of a row that is read. */
  rowBytes(size: number): void {
    this.#rowBytes += size;
    const limit = this.#limits.maxResponseBytes * rowBytesPerByte;
    if (this.#rowBytes <= limit) return;
    this.#exceed(
      'maxResponseBytes',
      `reads rows of more than ${limit} bytes in all (${rowBytesPerByte} for each byte of the setting maxResponseBytes). Narrow it with where or limit.`,
    );
  }

  /** Comparisons of a value with an operand: a filter may be as long as the request that brings it. */
  comparisons(count: number): void {
    this.#comparisons += count;
    const limit = this.#limits.maxRowsRead * comparisonsPerRow;
    if (this.#comparisons > limit) {
      this.#exceed(
        'maxRowsRead',
        `makes more than ${limit} comparisons (${comparisonsPerRow} for each row of the setting maxRowsRead). Shorten its filters, or filter by an indexed column.`,
      );
    }
    this.work(count);
  }

  /**
   * A value that a field resolved to. The bytes that it will have at least are counted, so that an answer which is too long is
   * not held as values either.
   */
  value(value: unknown): void {
    this.#bytes += leastBytes(value);
    if (this.#bytes > this.#limits.maxResponseBytes) this.responseTooLong();
    this.work(1);
  }

  /** The same of one that is copied as text: a UTF-16 unit has at least one byte. */
  text(units: number): void {
    this.#bytes += units;
    if (this.#bytes > this.#limits.maxResponseBytes) this.responseTooLong();
    this.work(1);
  }

  /** The answer has more than `maxResponseBytes`. */
  responseTooLong(): never {
    const { maxResponseBytes } = this.#limits;
    return this.#exceed(
      'maxResponseBytes',
      `has an answer of more than ${maxResponseBytes} bytes (setting maxResponseBytes). Ask for fewer rows with limit, or for fewer fields.`,
    );
  }

  /** Work of any kind, such as an index entry passed over: looks at the clock every now and then. */
  work(units: number): void {
    this.#units += units;
    if (this.#units >= this.#lookAt) this.#look();
  }

  #look(): void {
    if (this.#exceeded !== undefined) throw this.#exceeded;
    this.#lookAt = this.#units + unitsPerLook;
    if (this.#now() <= this.#deadline) return;
    const { queryTimeoutMs } = this.#limits;
    this.#exceed(
      'queryTimeoutMs',
      `ran for more than ${queryTimeoutMs} ms and was stopped (setting queryTimeoutMs). Narrow it with where or limit, or filter and order by indexed columns.`,
      'TIMEOUT',
    );
  }

  #exceed(setting: keyof QueryLimits, what: string, code: 'LIMIT_EXCEEDED' | 'TIMEOUT' = 'LIMIT_EXCEEDED'): never {
    this.#exceeded ??= new Exceeded(code, `The operation ${what}`, { setting, limit: this.#limits[setting] });
    // Whatever asks from now on is told so at once.
    this.#lookAt = 0;
    throw this.#exceeded;
  }
}

/**
 * graphql turns what a resolver throws into an error at its field, and goes on with the next; of a hundred thousand fields each
 * would fail by itself. Before that it asks for the `path` of what was thrown. Not getting it, it gives up the operation.
 */
class Exceeded extends GatewayError {
  get path(): never {
    throw this;
  }
}

/** JSON escapes and UTF-8 only ever add to the length of a string. Structure is what `writeJson` counts. */
function leastBytes(value: unknown): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return 1;
  if (value instanceof JsonText) return value.text.length;
  return Array.isArray(value) ? value.reduce((sum: number, element) => sum + leastBytes(element), 1) : 1;
}
