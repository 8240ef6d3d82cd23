import {
  World,
  compareKeys,
  keyName,
  type LogRecord,
  type Meanings,
  type NaiveRow,
  type Offsets,
  type Tick,
} from '../naive.ts';
import type { NaiveValue } from '../values.ts';
import { holds } from '../where.ts';
import { aggregateRows, type Clock } from './aggregation.ts';
import { evaluate } from './expression.ts';
import { NoValue } from './functions.ts';
import {
  baseOf,
  baseColumn,
  isKept,
  tableNamed,
  type AnyTable,
  type BaseTable,
  type DerivedSchema,
  type DerivedTable,
} from './spec.ts';
import { bucketsAt, judge, sessionBucketAt, type Lateness, type Timed } from './windows.ts';

/**
 * All tables at one position, derived ones included, each worked out from the whole list of records: topic tables by the
 * fold, derived ones from their definitions over the rows that the others have.
 */
export class DerivedWorld extends World {
  override readonly schema: DerivedSchema;
  readonly #log: readonly LogRecord[];
  readonly #offsets: Offsets;
  readonly #meanings: Meanings;
  /** As if no table had retention: what aggregations go by. */
  readonly #unretained: World | undefined;
  readonly #shown = new Map<string, readonly NaiveRow[]>();
  readonly #counted = new Map<string, readonly NaiveRow[]>();

  constructor(schema: DerivedSchema, log: readonly LogRecord[], offsets: Offsets, meanings: Meanings) {
    const bases = schema.tables.filter((table) => table.derivation === undefined);
    super({ ...schema, tables: bases }, log, offsets, meanings);
    this.schema = schema;
    this.#log = log;
    this.#offsets = offsets;
    this.#meanings = meanings;
    // Under their own names and with nothing else changed, so that records mean the same.
    const endless = bases.map((table) => ({ ...table, retentionMs: undefined }));
    const differs = bases.some((table) => table.retentionMs !== undefined);
    this.#unretained = differs ? new World({ ...schema, tables: endless }, log, offsets, meanings) : undefined;
  }

  /** What a reader sees, in key order. Of what is not kept all rows there have been: its change streams tell of each that comes. */
  override rows(table: AnyTable): readonly NaiveRow[] {
    if (!isKept(this.schema, table)) return this.#countedRows(table);
    let rows = this.#shown.get(table.name);
    if (rows === undefined) {
      rows = table.derivation === undefined ? super.rows(table) : this.#derive(table, 'shown');
      this.#shown.set(table.name, rows);
    }
    return rows;
  }

  /** How many records came too late for a bucket of the aggregation. */
  lateRecords(table: DerivedTable): number {
    return this.#clock(tableNamed(this.schema, table.derivation.source), table).late;
  }

  /** The time before which nothing can come any more that the aggregation takes; -Infinity where no look at the clock said one. */
  readToMs({ name }: AnyTable): number {
    return this.#ticked('readTo', name) ?? -Infinity;
  }

  /** The time goes on, and never back. */
  #ticked(which: keyof Tick, table: string): number | undefined {
    const times = this.#log.flatMap(({ tick }) => tick?.[which].get(table) ?? []);
    return times.length === 0 ? undefined : Math.max(...times);
  }

  /** What an aggregation counts: also rows of streams, and those that only retention has removed. */
  #countedRows(table: AnyTable): readonly NaiveRow[] {
    let rows = this.#counted.get(table.name);
    if (rows === undefined) {
      if (table.derivation !== undefined) rows = this.#derive(table, 'counted');
      else rows = this.#unretained?.rows(table) ?? super.rows(table);
      this.#counted.set(table.name, rows);
    }
    return rows;
  }

  #derive(table: DerivedTable, which: 'shown' | 'counted'): readonly NaiveRow[] {
    const source = tableNamed(this.schema, table.derivation.source);
    if (table.derivation.kind === 'aggregation') {
      const rows = this.#kept(source, table, this.#countedRows(source));
      return inKeyOrder(table, aggregateRows(this, source, table, rows, this.#clock(source, table)));
    }
    const rows = which === 'shown' ? this.rows(source) : this.#countedRows(source);
    return inKeyOrder(
      table,
      this.#kept(source, table, rows).flatMap((row) => this.#viewRow(source, table, row)),
    );
  }

  #kept(source: AnyTable, table: DerivedTable, rows: readonly NaiveRow[]): readonly NaiveRow[] {
    const { where } = table.derivation;
    return where === undefined ? rows : rows.filter((row) => holds(this, source, where, row) === true);
  }

  /** No row where an expression has no value. */
  #viewRow(source: AnyTable, table: DerivedTable, row: NaiveRow): readonly NaiveRow[] {
    if (table.derivation.kind !== 'view') throw new Error('not a view');
    const values = new Map<string, NaiveValue>();
    try {
      for (const [name, expr] of table.derivation.columns) values.set(name, evaluate(this, source, expr, row));
    } catch (error) {
      if (error instanceof NoValue) return [];
      throw error;
    }
    return [{ ...row, key: table.key.map((name) => values.get(name) ?? null), values }];
  }

  /** What the records of the topic table behind it say of time. */
  #clock(source: AnyTable, table: DerivedTable): Clock {
    const { derivation } = table;
    const base = baseOf(this.schema, source);
    if (derivation.kind !== 'aggregation' || derivation.window === undefined || base === undefined) return noClock;
    const { window, timestamp } = derivation;
    if (timestamp?.kind === 'path') return noClock;
    const column = timestamp === undefined ? undefined : baseColumn(this.schema, source, timestamp.name);
    const records = this.#timed(base, column, table);
    const lateness = judge(records, window.graceMs, (at) =>
      window.sessionGap === undefined ? bucketsAt(window, at) : [sessionBucketAt(window.sessionGap.ms, at)],
    );
    const known = [...this.#offsets.keys()].filter((id) => id.slice(0, id.lastIndexOf('/')) === base.topic);
    const partitions = known.map((id) => Number(id.slice(id.lastIndexOf('/') + 1)));
    const { late } = lateness;
    const { clock, name } = table;
    return {
      ...(clock === undefined
        ? times(lateness, partitions)
        : { greatest: inMicros(this.#ticked('clock', name)), least: inMicros(this.#ticked('readTo', name)) }),
      late,
      refused: (row) => lateness.refused.get(keyName(base, row.key)) ?? none,
    };
  }

  /** The base's records that do something to it, in order. */
  #timed(base: BaseTable, column: string | undefined, table: DerivedTable): readonly Timed[] {
    const found: Timed[] = [];
    const seen = new Set<string>();
    let readTo: bigint | undefined;
    for (const record of this.#log) {
      readTo = inMicros(record.tick?.readTo.get(table.name)) ?? readTo;
      if (record.topic !== base.topic) continue;
      if (record.offset >= (this.#offsets.get(`${record.topic}/${record.partition}`) ?? 0)) continue;
      const meaning = this.#meanings.of(base, record);
      if (meaning.kind === 'bad' || meaning.kind === 'foreign') continue;
      const key = keyName(base, meaning.kind === 'row' ? meaning.row.key : meaning.key);
      // In an APPEND table the first record of a key is the row, and the others are nothing.
      if (base.mode === 'APPEND' && seen.has(key)) continue;
      seen.add(key);
      const judgedBy = table.clock === undefined ? 'records' : readTo;
      if (meaning.kind === 'delete') found.push({ record, key, at: undefined, judgedBy });
      else found.push({ record, key, at: eventTime(meaning.row, column), judgedBy });
    }
    return found;
  }
}

function eventTime(row: NaiveRow, column: string | undefined): bigint | undefined {
  if (column === undefined) return BigInt(row.timestampMs) * 1000n;
  return (row.values.get(column) ?? undefined) as bigint | undefined;
}

const inMicros = (ms: number | undefined): bigint | undefined => (ms === undefined ? undefined : BigInt(ms) * 1000n);

const none: ReadonlySet<string> = new Set();
const noClock: Clock = { greatest: undefined, least: undefined, late: 0, refused: () => none };

function times({ streamTimes }: Lateness, partitions: readonly number[]): Pick<Clock, 'greatest' | 'least'> {
  const seen = partitions.map((partition) => streamTimes.get(partition));
  const known = seen.filter((time) => time !== undefined).toSorted((a, b) => Number(a - b));
  // A partition of which nothing is known may still bring anything.
  return { greatest: known.at(-1), least: known.length < seen.length ? undefined : known[0] };
}

function inKeyOrder(table: DerivedTable, rows: readonly NaiveRow[]): readonly NaiveRow[] {
  return rows.toSorted((a, b) => compareKeys(table, a.key, b.key));
}
