import type { Index, Table } from '../catalog/catalog.ts';
import type { Relation } from '../catalog/column.ts';
import { must } from '../common/errors.ts';
import type { GatewayError } from '../common/errors.ts';
import type { Work } from '../common/work.ts';
import type { Row } from '../model/row.ts';
import { rowOfEntry } from '../store/find-rows.ts';
import { compareKeys, keyText } from '../store/keys.ts';
import type { ByteText, RowCopier } from '../store/row-copier.ts';
import type { CopiedRange, IndexEntry, IndexRange } from '../store/store.ts';
import { Budget } from './budget.ts';
import type { KeepingReader, Kept } from './kept.ts';
import type { QueryLimits } from './query-limits.ts';
import type { RelationAccess } from './relation-access.ts';

/**
 * What it takes to follow a relation from a row, and to have the next of its rows, in comparisons: what was read once is there,
 * and has to be found again.
 */
const comparisonsPerRelation = 40;
const comparisonsPerRelatedRow = 20;

/** An entry of a range of row keys, or of an index. */
export interface Entry {
  /** The row key, or the index key. */
  readonly bytes: Uint8Array;
  readonly cut: boolean;
  row(): Row;
}

export interface ReadingOptions {
  readonly relations: ReadonlyMap<Relation, RelationAccess>;
  readonly limits: QueryLimits;
  readonly work: Work;
  /** How many rows a table has, for choosing a way: no answer depends on it, and no live query is asked again because of it. */
  readonly sizeOf: (table: Table) => number;
  /** ms, from any beginning. */
  readonly now: () => number;
}

/**
 * The reads of one execution: they use up its budget; and what is looked up by key or through a relation is read once, however
 * often it is asked for.
 */
export class Reading {
  readonly relations: ReadonlyMap<Relation, RelationAccess>;
  readonly limits: QueryLimits;
  readonly work: Work;
  readonly sizeOf: (table: Table) => number;
  readonly #reader: KeepingReader;
  /** What was got first; many operations get no more than one row. */
  #firstGot: { readonly table: Table; readonly key: Uint8Array; readonly row: Row | undefined } | undefined;
  #rowsByKey: Map<Table, Map<string, Row | undefined>> | undefined;
  #remembered: Map<unknown, Map<string, unknown>> | undefined;
  #open: Set<Iterator<Row>> | undefined;
  readonly #budget: Budget;

  constructor(reader: KeepingReader, { relations, limits, work, sizeOf, now }: ReadingOptions) {
    this.#reader = reader;
    this.relations = relations;
    this.limits = limits;
    this.work = work;
    this.sizeOf = sizeOf;
    this.#budget = new Budget(limits, now);
  }

  /** Rows counted so far. */
  get spent(): number {
    return this.#budget.spent;
  }

  /** Whether a limit is near: half of it is used up. */
  get halfUsed(): boolean {
    return this.#budget.halfUsed;
  }

  /** What a live query keeps. */
  get kept(): Kept | undefined {
    return this.#reader.kept;
  }

  /** Set once a limit was passed: the operation as a whole has failed then. */
  get exceeded(): GatewayError | undefined {
    return this.#budget.exceeded;
  }

  get(table: Table, key: Uint8Array): Row | undefined {
    const first = this.#firstGot;
    if (first === undefined) {
      const row = this.#read(table, key);
      this.#firstGot = { table, key, row };
      return row;
    }
    if (first.table === table && compareKeys(first.key, key) === 0) return first.row;
    this.#rowsByKey ??= new Map<Table, Map<string, Row | undefined>>();
    let rows = this.#rowsByKey.get(table);
    if (rows === undefined) this.#rowsByKey.set(table, (rows = new Map<string, Row | undefined>()));
    const id = keyText(key);
    if (rows.has(id)) return rows.get(id);
    const row = this.#read(table, key);
    rows.set(id, row);
    return row;
  }

  *entries(table: Table, index: Index | undefined, range: IndexRange): Generator<Entry> {
    if (index === undefined) {
      for (const row of this.#reader.scan(table, range)) {
        this.spend(1);
        this.#budget.rowBytes(row.size);
        yield { bytes: row.key, cut: false, row: () => row };
      }
      return;
    }
    // A range without entries takes its time, too, and a filter may have many of them.
    this.#budget.work(1);
    for (const entry of this.#reader.scanIndex(table, index, range)) {
      this.#budget.work(1);
      let row: Row | undefined;
      yield { bytes: entry.indexKey, cut: entry.cut, row: () => (row ??= this.#fetch(table, entry)) };
    }
  }

  /**
   * Writes the rows of a range of an index, as far as the reader can, and tells how many: undefined where it cannot, false where it takes
   * rows to tell.
   * `comparisons`: what it would take to test a row.
   */
  copyRows(
    { table, index }: { readonly table: Table; readonly index: Index },
    range: CopiedRange,
    { copier, to, comparisons }: { readonly copier: RowCopier; readonly to: ByteText; readonly comparisons: number },
  ): number | false | undefined {
    if (this.#reader.copyRows === undefined) return undefined;
    let rows = 0;
    const budget = this.#budget;
    const { maxResponseBytes } = this.limits;
    // A range without entries takes its time, too.
    budget.work(1);
    const copied = this.#reader.copyRows(table, index, range, {
      copier,
      to,
      meter: {
        entry() {
          budget.work(1);
          budget.rows(1);
          if (comparisons > 0) budget.comparisons(comparisons);
        },
        row(size) {
          rows += 1;
          budget.rowBytes(size);
          if (to.length > maxResponseBytes) budget.responseTooLong();
        },
      },
    });
    return copied && rows;
  }

  /** Whether rows can be copied at all. */
  get copies(): boolean {
    return this.#reader.copyRows !== undefined;
  }

  count(table: Table): number {
    return this.#reader.count(table);
  }

  /** What `make` gives, made once per execution for the owner (by identity) and the id. */
  remember<T>(owner: unknown, id: string, make: () => T): T {
    this.compare(comparisonsPerRelation);
    this.#remembered ??= new Map<unknown, Map<string, unknown>>();
    let known = this.#remembered.get(owner);
    if (known === undefined) this.#remembered.set(owner, (known = new Map<string, unknown>()));
    if (!known.has(id)) known.set(id, make());
    return known.get(id) as T;
  }

  /** Counts rows that are read, or delivered once more out of memory: so a response is bounded as reading is. */
  spend(rows: number): void {
    this.#budget.rows(rows);
  }

  /** Counts comparisons of a value with an operand: a filter may be as long as the request that brings it. */
  compare(operands: number): void {
    this.#budget.comparisons(operands);
  }

  /** The value that a field resolved to, counted. */
  deliver(value: unknown): unknown {
    this.#budget.value(value);
    return value;
  }

  /** The same of a value that was copied as text into the answer. */
  deliverText(text: string): void {
    this.#budget.text(text.length);
  }

  /** Ends the execution: its answer is too long. */
  responseTooLong(): never {
    return this.#budget.responseTooLong();
  }

  /** The same rows as often as they are iterated, read once and only as far as somebody came. */
  lazily(rows: Iterable<Row>): Iterable<Row> {
    const source = rows[Symbol.iterator]();
    const open = (this.#open ??= new Set<Iterator<Row>>());
    const read: Row[] = [];
    const count = (): void => this.compare(comparisonsPerRelatedRow);
    open.add(source);
    return {
      *[Symbol.iterator]() {
        for (let i = 0; ; i += 1) {
          if (i === read.length) {
            if (!open.has(source)) return;
            const next = source.next();
            if (next.done === true) open.delete(source);
            else read.push(next.value);
          }
          const row = read[i];
          if (row === undefined) return;
          count();
          yield row;
        }
      },
    };
  }

  /** Ends what was read in part. Nothing may be read afterwards. */
  close(): void {
    if (this.#open === undefined) return;
    for (const source of this.#open) source.return?.();
    this.#open.clear();
  }

  #read(table: Table, key: Uint8Array): Row | undefined {
    this.spend(1);
    const row = this.#reader.get(table, key);
    if (row !== undefined) this.#budget.rowBytes(row.size);
    return row;
  }

  #fetch(table: Table, entry: IndexEntry): Row {
    this.spend(1);
    const row = must(rowOfEntry(this.#reader, table, entry), `an index of ${table.name} has an entry without a row`);
    this.#budget.rowBytes(row.size);
    return row;
  }
}
