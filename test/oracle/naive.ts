import { evaluate } from './derived/expression.ts';
import { NoValue } from './derived/functions.ts';
import { parseJson, type Json } from './json.ts';
import { nameOf, relatedRows } from './related-rows.ts';
import { columnOf, type ColumnSpec, type RelationSpec, type SchemaSpec, type TableSpec } from './spec.ts';
import { compare, fromRecord, isBad, same, type NaiveValue } from './values.ts';
import { holds } from './where.ts';

/** A record as it was produced, with the coordinates that the gateway gave it. */
export interface LogRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: Uint8Array | null;
  /** null: a tombstone. undefined: no value at all. */
  readonly value: Uint8Array | null | undefined;
  readonly headers: ReadonlyMap<string, Uint8Array | null>;
  /** Of no topic: that the clock was looked at, between records. */
  readonly tick?: Tick | undefined;
}

/** What a look at the clock moved, by table, in ms. */
export interface Tick {
  /** The time that it is for retention. */
  readonly clock: ReadonlyMap<string, number>;
  /** The time before which nothing can come any more. */
  readonly readTo: ReadonlyMap<string, number>;
}

export function tickEntry(tick: Tick): LogRecord {
  const nowhere = { topic: '', partition: -1, offset: -1, timestampMs: 0, key: null, value: undefined };
  return { ...nowhere, headers: new Map(), tick };
}

export interface NaiveRow {
  readonly key: readonly NaiveValue[];
  readonly values: ReadonlyMap<string, NaiveValue>;
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
}

/** Next offset by `topic/partition`. */
export type Offsets = ReadonlyMap<string, number>;

/** What a record means for a table. */
export type Meaning =
  | { readonly kind: 'row'; readonly row: NaiveRow }
  | { readonly kind: 'delete'; readonly key: readonly NaiveValue[] }
  | { readonly kind: 'foreign' }
  | { readonly kind: 'bad'; readonly code: string };

/** All tables at one position, as somebody sees them. */
export interface Tables {
  readonly schema: SchemaSpec;
  /** In key order. */
  rows(table: TableSpec): readonly NaiveRow[];
  /** Where the row's relation leads, in key order. */
  related(table: TableSpec, relation: RelationSpec, row: NaiveRow): readonly NaiveRow[];
}

/** All of every table: the fold, record by record, with nothing remembered between worlds. */
export class World implements Tables {
  readonly schema: SchemaSpec;
  readonly #rows: ReadonlyMap<string, readonly NaiveRow[]>;

  constructor(schema: SchemaSpec, log: readonly LogRecord[], offsets: Offsets, meanings: Meanings) {
    this.schema = schema;
    this.#rows = new Map(schema.tables.map((table) => [table.name, foldTable(table, log, offsets, meanings)]));
  }

  rows(table: TableSpec): readonly NaiveRow[] {
    return this.#rows.get(table.name) ?? [];
  }

  related(_table: TableSpec, relation: RelationSpec, row: NaiveRow): readonly NaiveRow[] {
    return relatedRows(this, relation, row);
  }
}

/** Remembers what each record means, which depends on the record and the table alone. */
export class Meanings {
  readonly #schema: SchemaSpec;
  readonly #byTable = new Map<string, Map<LogRecord, Meaning>>();

  constructor(schema: SchemaSpec) {
    this.#schema = schema;
  }

  of(table: TableSpec, record: LogRecord): Meaning {
    let meanings = this.#byTable.get(table.name);
    if (meanings === undefined) this.#byTable.set(table.name, (meanings = new Map()));
    let meaning = meanings.get(record);
    if (meaning === undefined) meanings.set(record, (meaning = decode(this.#schema, table, record)));
    return meaning;
  }
}

function foldTable(
  table: TableSpec,
  log: readonly LogRecord[],
  offsets: Offsets,
  meanings: Meanings,
): readonly NaiveRow[] {
  const rows = new Map<string, NaiveRow>();
  let streamTime = 0;
  for (const record of log) {
    streamTime = record.tick?.clock.get(table.name) ?? streamTime;
    if (record.topic !== table.topic) continue;
    if (record.offset >= (offsets.get(`${record.topic}/${record.partition}`) ?? 0)) continue;
    const meaning = meanings.of(table, record);
    if (meaning.kind === 'foreign' || meaning.kind === 'bad') continue;
    if (table.clock === undefined) streamTime = Math.max(streamTime, record.timestampMs);
    if (meaning.kind === 'delete') rows.delete(keyName(table, meaning.key));
    else if (table.mode === 'UPSERT' || !rows.has(keyName(table, meaning.row.key))) {
      rows.set(keyName(table, meaning.row.key), meaning.row);
    }
  }
  const kept = [...rows.values()].filter(
    (row) => table.retentionMs === undefined || row.timestampMs >= streamTime - table.retentionMs,
  );
  return kept.sort((a, b) => compareKeys(table, a.key, b.key));
}

/** Nulls, which only the keys of derived tables have, are last. */
export function compareKeys(table: TableSpec, a: readonly NaiveValue[], b: readonly NaiveValue[]): number {
  for (const [i, name] of table.key.entries()) {
    const left = a[i] ?? null;
    const right = b[i] ?? null;
    const difference =
      left === null || right === null
        ? Number(left === null) - Number(right === null)
        : compare(columnOf(table, name).type, left, right);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Equal for keys that are equal by value. */
export function keyName(table: TableSpec, key: readonly NaiveValue[]): string {
  return nameOf(table, table.key, key);
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

class Bad extends Error {}

/** Nothing but the record and the table decides. */
export function decode(schema: SchemaSpec, table: TableSpec, record: LogRecord): Meaning {
  try {
    const tombstone = record.value === null;
    if (tombstone && table.mode === 'APPEND') throw new Bad('TOMBSTONE_IN_APPEND');
    if (tombstone) {
      const deleted = decodeKey(table, record);
      if (deleted === undefined) throw new Bad('KEY_NULL');
      return { kind: 'delete', key: table.key.map((name) => deleted.get(name) ?? null) };
    }
    if (record.value === undefined || record.value === null) throw new Bad('VALUE_ABSENT');
    const text = textOf(record.value);
    if (text === undefined) throw new Bad('UTF8');
    let json: Json;
    try {
      json = parseJson(text);
    } catch {
      throw new Bad('JSON');
    }
    if (json.t !== 'obj') throw new Bad('TYPE');
    if (!isAccepted(schema, table, record, json)) return { kind: 'foreign' };
    const keyParts = decodeKey(table, record);
    const values = new Map<string, NaiveValue>();
    const read = table.columns.filter(({ computed }) => computed === undefined);
    for (const column of read) values.set(column.name, columnValue(table, column, record, json, keyParts));
    const row = rowOf(table, record, withComputed(schema, table, rowOf(table, record, values)));
    if (row.key.some((part) => typeof part === 'string' && part.length > 1900)) throw new Bad('KEY_TOO_LONG');
    return { kind: 'row', row };
  } catch (error) {
    if (error instanceof Bad) return { kind: 'bad', code: error.message };
    throw error;
  }
}

function rowOf({ key }: TableSpec, record: LogRecord, values: ReadonlyMap<string, NaiveValue>): NaiveRow {
  const { partition, offset, timestampMs } = record;
  return { key: key.map((name) => values.get(name) ?? null), values, partition, offset, timestampMs };
}

/**
 * `accept` looks at columns of this table alone, so a world without rows does; and before anything else of the record can be wrong,
 * which may be another table's. A name that an enum does not have is unlike all that it has.
 */
function isAccepted(schema: SchemaSpec, table: TableSpec, record: LogRecord, json: Json): boolean {
  if (table.accept === undefined) return true;
  const values = new Map<string, NaiveValue>();
  for (const member of table.accept.members) {
    if (member.kind !== 'column') throw new Error('only conditions on columns are drawn');
    const column = columnOf(table, member.column);
    try {
      values.set(column.name, written(column, record, json) ?? fallbackOf(column));
    } catch (error) {
      const isName = follow(json, [column.name]).t === 'str';
      if (!(error instanceof Bad) || column.type.kind !== 'enum' || !isName) throw error;
      return false;
    }
  }
  return holds(lonelyWorld(schema), table, table.accept, rowOf(table, record, values)) === true;
}

function lonelyWorld(schema: SchemaSpec): World {
  return new World({ ...schema, tables: [] }, [], new Map(), new Meanings(schema));
}

/** In the order of declaration; none of them reads another. */
function withComputed(schema: SchemaSpec, table: TableSpec, row: NaiveRow): ReadonlyMap<string, NaiveValue> {
  const values = table.columns.map(({ name, required, computed }): readonly [string, NaiveValue] => {
    if (computed === undefined) return [name, row.values.get(name) ?? null];
    try {
      const value = evaluate(lonelyWorld(schema), table, computed, row);
      if (value === null && required) throw new Bad('REQUIRED_MISSING');
      return [name, value];
    } catch (error) {
      throw error instanceof NoValue ? new Bad('EXPRESSION') : error;
    }
  });
  return new Map(values);
}

function fallbackOf({ type, fallback }: ColumnSpec): NaiveValue {
  return fallback === undefined ? null : must(fromRecord(type, parseJson(fallback)));
}

function must(value: NaiveValue | { readonly bad: string }): NaiveValue {
  if (isBad(value)) throw new Bad(value.bad);
  return value;
}

/** The key columns that the record's key gives; undefined where it gives none. */
function decodeKey(table: TableSpec, record: LogRecord): ReadonlyMap<string, NaiveValue> | undefined {
  if (table.keyFormat === 'NONE') return undefined;
  if (record.key === null) throw new Bad('KEY_NULL');
  const columns = table.key.map((name) => columnOf(table, name));
  const first = columns[0];
  if (first === undefined) throw new Error('a table without key');
  if (table.keyFormat === 'LONG') {
    if (record.key.length !== 8) throw new Bad('KEY_FORMAT');
    const long = new DataView(record.key.buffer, record.key.byteOffset, 8).getBigInt64(0);
    return new Map([[first.name, must(fromRecord(first.type, { t: 'num', text: String(long) }))]]);
  }
  const text = textOf(record.key);
  if (text === undefined) throw new Bad('UTF8');
  if (table.keyFormat === 'STRING') return new Map([[first.name, fromText(first, text)]]);
  let json: Json;
  try {
    json = parseJson(text);
  } catch {
    throw new Bad('KEY_FORMAT');
  }
  if (columns.length === 1 && json.t !== 'obj') {
    const value = must(fromRecord(first.type, json));
    if (value === null) throw new Bad('KEY_NULL');
    return new Map([[first.name, value]]);
  }
  if (json.t !== 'obj') throw new Bad('KEY_FORMAT');
  const parts = new Map<string, NaiveValue>();
  for (const column of columns) {
    const found = json.entries.findLast(([name]) => name === column.name)?.[1];
    const value = found === undefined ? null : must(fromRecord(column.type, found));
    if (value === null) throw new Bad('KEY_FORMAT');
    parts.set(column.name, value);
  }
  return parts;
}

/** A value from bare text: a key in the STRING format, a header. */
function fromText(column: ColumnSpec, text: string): NaiveValue {
  const { type } = column;
  if (type.kind === 'enum') return must(fromRecord(type, { t: 'str', value: text }));
  if (type.kind !== 'scalar') throw new Error('no text form');
  switch (type.scalar) {
    case 'Int':
    case 'Float':
      return /^-?\d+(\.\d+)?$/.test(text) ? must(fromRecord(type, { t: 'num', text })) : must({ bad: 'TYPE' });
    case 'Boolean':
      return text === 'true' ? true : text === 'false' ? false : must({ bad: 'TYPE' });
    default:
      return must(fromRecord(type, { t: 'str', value: text }));
  }
}

function columnValue(
  table: TableSpec,
  column: ColumnSpec,
  record: LogRecord,
  json: Json,
  keyParts: ReadonlyMap<string, NaiveValue> | undefined,
): NaiveValue {
  let value = written(column, record, json);
  const inKey = table.key.includes(column.name) ? keyParts?.get(column.name) : undefined;
  if (inKey !== undefined) {
    if (value !== null && !same(column.type, value, inKey)) throw new Bad('KEY_MISMATCH');
    value = inKey;
  }
  value ??= fallbackOf(column);
  if (value === null && column.required) throw new Bad('REQUIRED_MISSING');
  return value;
}

function written(column: ColumnSpec, record: LogRecord, json: Json): NaiveValue {
  const { from } = column;
  const path = from === undefined ? [column.name] : 'path' in from ? from.path : undefined;
  if (path !== undefined) return must(fromRecord(column.type, follow(json, path)));
  if (from === undefined) throw new Error('unreachable');
  if ('header' in from) {
    const bytes = record.headers.get(from.header) ?? null;
    if (bytes === null) return null;
    const text = textOf(bytes);
    if (text === undefined) throw new Bad('UTF8');
    return fromText(column, text);
  }
  if ('key' in from) {
    if (record.key === null) return null;
    const text = textOf(record.key);
    if (text === undefined) throw new Bad('UTF8');
    return from.key.length === 0
      ? fromText(column, text)
      : must(fromRecord(column.type, follow(parseJson(text), from.key)));
  }
  if (!('meta' in from)) throw new Error('unreachable');
  switch (from.meta) {
    case 'KEY':
      return record.key === null ? null : (textOf(record.key) ?? must({ bad: 'UTF8' }));
    case 'TIMESTAMP':
      return BigInt(record.timestampMs) * 1000n;
    case 'PARTITION':
      return record.partition;
    case 'OFFSET':
      return BigInt(record.offset);
    case 'TOPIC':
      return record.topic;
    case 'COORDINATES':
      return `${record.partition}-${String(record.offset).padStart(16, '0')}`;
  }
}

function follow(json: Json, path: readonly string[]): Json {
  let at = json;
  for (const step of path) {
    if (at.t !== 'obj') return { t: 'null' };
    at = at.entries.findLast(([name]) => name === step)?.[1] ?? { t: 'null' };
  }
  return at;
}
