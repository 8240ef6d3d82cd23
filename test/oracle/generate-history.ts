import { parseJson } from './json.ts';
import { decode, keyName } from './naive.ts';
import type { Random } from './random.ts';
import { longTexts, respaced, sampleText, wrongText } from './samples.ts';
import { columnOf, tableOf, type ColumnSpec, type SchemaSpec, type TableSpec, type TypeSpec } from './spec.ts';
import { fromRecord, isBad, toJson, type NaiveValue } from './values.ts';

/** A record to be produced; offsets come from the gateway. */
export interface ProducedRecord {
  readonly topic: string;
  readonly partition: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null | undefined;
  readonly timestamp: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** The members of a record before they are printed: JSON text by column. */
type Texts = ReadonlyMap<string, string | undefined>;

interface Written {
  readonly table: TableSpec;
  readonly key: readonly string[];
  readonly texts: Texts;
  readonly headers: Readonly<Record<string, string>>;
}

const badKinds = [
  'invalidJson',
  'wrongType',
  'missingRequired',
  'nullRequired',
  'keyMismatch',
  'nullKey',
  'badUtf8',
  'badUtf8Key',
  'notObject',
  'noValue',
  'keyTooLong',
  'keyGarbage',
  'tombstoneWithoutKey',
  'truncated',
  'loneSurrogate',
] as const;

const utf8 = (text: string): Uint8Array => Buffer.from(text, 'utf8');

export const historyBeginsMs = 1_767_225_600_000;

/** Draws records: new rows, changes, rows as they were, tombstones, rows that come back, and every kind of bad record. */
export class History {
  readonly #random: Random;
  readonly #schema: SchemaSpec;
  readonly #keys = new Map<string, readonly (readonly string[])[]>();
  readonly #last = new Map<string, Written>();
  readonly #firstTimes = new Map<string, number>();
  readonly #wide: boolean;
  readonly #long: boolean;
  /** Of records with one key in several partitions, the one that arrives last counts. */
  readonly #wanders: boolean;
  #clock = historyBeginsMs;

  /** How likely it is that there are many keys, and that producers do not agree on partitions. */
  constructor(random: Random, schema: SchemaSpec, { wide = 0.12, wander = 0 } = {}) {
    this.#random = random;
    this.#schema = schema;
    // Few keys, so that much happens to each; now and then many, for what only shows in long lists.
    this.#wide = random.chance(wide);
    this.#long = random.chance(0.2);
    this.#wanders = random.chance(wander);
    const size = this.#wide ? 150 : random.between(3, 7);
    for (const table of schema.tables) {
      const shared = schema.tables.find((t) => t.topic === table.topic) ?? table;
      const known = this.#keys.get(shared.name);
      const keys = (): readonly string[][] =>
        Array.from({ length: size }, (_, n) => [...keyTexts(random, table, this.#wide ? n : -1)]);
      this.#keys.set(table.name, known ?? keys());
    }
  }

  /** The records of one commit. */
  commit(): ProducedRecord[] {
    const count = this.#wide ? this.#random.pick([1, 3, 60, 120]) : this.#random.pick([1, 1, 1, 2, 2, 3, 5, 9]);
    return Array.from({ length: count }, () => this.record());
  }

  /** A key has one partition, mostly; a record that was to be bad may turn out to have another key. */
  record(): ProducedRecord {
    const record = this.#next();
    const log = { ...record, offset: 0, timestampMs: record.timestamp, headers: new Map<string, Uint8Array>() };
    for (const table of this.#schema.tables.filter((t) => t.topic === record.topic && !isCoordinates(t))) {
      const meaning = decode(this.#schema, table, log);
      const key = meaning.kind === 'row' ? meaning.row.key : meaning.kind === 'delete' ? meaning.key : undefined;
      if (key === undefined) continue;
      const elsewhere = this.#wanders && this.#random.chance(0.4);
      return {
        ...record,
        partition: elsewhere ? this.#random.int(table.partitions) : partitionOf(table, key),
        timestamp: this.#timestamp(table, key, record.timestamp),
      };
    }
    return record;
  }

  #next(): ProducedRecord {
    const random = this.#random;
    this.#clock += random.pick([0, 1, 1000, 5000, 10_000]);
    const timestamp = this.#clock - random.pick([0, 0, 0, 0, 3000, 15_000, 70_000]);
    const table = random.pick(this.#schema.tables);
    const key = random.pick(this.#keys.get(table.name) ?? []);
    const last = this.#last.get(`${table.name} ${key.join()}`);
    const draw = random.int(100);
    if (draw < 12) return this.#bad(table, key, timestamp);
    if (draw < 27 && last !== undefined) return { ...this.#print(last, timestamp), value: null };
    if (draw < 37 && last !== undefined) {
      return this.#print(last, timestamp);
    }
    if (draw < 62 && last !== undefined) return this.#write(this.#tweak(last), timestamp);
    return this.#write(this.#draw(table, key), timestamp);
  }

  /** About the time of the newest record. ms */
  get nowMs(): number {
    return this.#clock;
  }

  keyValues(table: TableSpec): readonly NaiveValue[] {
    return valuesOf(table, this.#random.pick(this.#keys.get(table.name) ?? []));
  }

  /**
   * What a record may have in this column, as JSON text: of key columns one of the few keys there are. Undefined: nothing, or it is
   * no column of a record.
   */
  sample(table: string, name: string): string | undefined {
    const known = this.#schema.tables.find((each) => each.name === table);
    const column = known?.columns.find((each) => each.name === name);
    if (known === undefined || column === undefined) return undefined;
    const part = known.key.indexOf(name);
    return part === -1 ? this.#text(known, column) : this.#random.pick(this.#keys.get(table) ?? [])[part];
  }

  #write(written: Written, timestamp: number): ProducedRecord {
    this.#last.set(`${written.table.name} ${written.key.join()}`, written);
    return this.#print(written, timestamp);
  }

  #draw(table: TableSpec, key: readonly string[]): Written {
    const random = this.#random;
    const texts = new Map<string, string | undefined>();
    const headers: Record<string, string> = {};
    for (const column of table.columns) {
      if (table.key.includes(column.name) || column.computed !== undefined) continue;
      if (column.from !== undefined && 'header' in column.from) {
        if (random.chance(0.7)) headers[column.from.header] = random.pick(['web', 'app', '', 'é']);
      } else texts.set(column.name, this.#text(table, column));
    }
    return { table, key, texts, headers };
  }

  #text(table: TableSpec, column: ColumnSpec): string | undefined {
    const random = this.#random;
    const mayLack = !column.required || column.fallback !== undefined;
    if (mayLack && random.chance(0.3)) return random.chance(0.5) ? undefined : 'null';
    if (column.name === 'kind' && random.chance(0.75))
      return random.pick(['"SECOND"', '"FIRST"', '"THIRD"', '"FIRST"']);
    if (column.name === 'holder') return random.pick(['"a"', '"b"', '"A"']);
    const isString = column.type.kind === 'scalar' && column.type.scalar === 'String';
    if (this.#long && isString && random.chance(0.6)) return random.pick(longTexts);
    const relation = table.relations.find((r) => r.columns.includes(column.name));
    const reference = relation?.references[relation.columns.indexOf(column.name)] ?? '';
    const part = tableOf(this.#schema, relation?.target ?? table.name).key.indexOf(reference);
    if (relation === undefined || part === -1 || random.chance(0.1))
      return sampleText(random, column.type, random.chance(0.6) ? 'few' : 'any');
    const pool = this.#keys.get(relation.target) ?? [];
    return random.pick(this.#wide ? pool.slice(0, 3) : pool)[part];
  }

  /** One member changed. */
  #tweak(last: Written): Written {
    const random = this.#random;
    const columns = last.table.columns.filter((c) => last.texts.has(c.name));
    if (columns.length === 0) return last;
    const column = random.pick(columns);
    const texts = new Map(last.texts).set(column.name, this.#text(last.table, column));
    return { ...last, texts };
  }

  #print(written: Written, timestamp: number): ProducedRecord {
    const { table, key, texts } = written;
    const value = utf8(respaced(this.#random, this.#object(table, key, texts)));
    return {
      ...this.#place(table, key),
      value,
      timestamp: this.#timestamp(table, key, timestamp),
      headers: written.headers,
    };
  }

  /**
   * The first record of a key wins in an APPEND table. With retention a repeat must be as old as the first, as a retry is:
   * what a younger one means depends on when the first was removed, and design does not say.
   */
  #timestamp(table: TableSpec, key: readonly NaiveValue[], timestamp: number): number {
    if (table.mode !== 'APPEND' || table.retentionMs === undefined) return timestamp;
    const name = `${table.topic} ${keyName(table, key)}`;
    const first = this.#firstTimes.get(name) ?? timestamp;
    this.#firstTimes.set(name, first);
    return first;
  }

  #object(table: TableSpec, key: readonly string[], texts: Texts): string {
    const random = this.#random;
    const members: string[] = [];
    const inner: string[] = [];
    for (const [name, text] of texts) {
      if (text === undefined) continue;
      const { from } = columnOf(table, name);
      if (from === undefined) members.push(`${JSON.stringify(name)}:${text}`);
      else if ('path' in from) inner.push(`${JSON.stringify(from.path.at(-1))}:${text}`);
    }
    if (inner.length > 0) members.push(`"payload":{${inner.join(',')}}`);
    const repeats = table.keyFormat === 'NONE' ? !isCoordinates(table) : random.chance(0.4) && !hasKeySource(table);
    if (repeats) members.push(...table.key.map((name, i) => `${JSON.stringify(name)}:${key[i] ?? 'null'}`));
    if (random.chance(0.2)) members.push('"unknown":{"nested":[1,2,{"x":null}]}');
    return `{${random.shuffled(members).join(',')}}`;
  }

  #place(table: TableSpec, key: readonly string[]): Pick<ProducedRecord, 'topic' | 'partition' | 'key'> {
    const values = valuesOf(table, key);
    const partition = isCoordinates(table) ? this.#random.int(table.partitions) : partitionOf(table, values);
    return { topic: table.topic, partition, key: keyBytes(table, key, values) };
  }

  #bad(table: TableSpec, key: readonly string[], timestamp: number): ProducedRecord {
    const random = this.#random;
    const drawn = this.#draw(table, key);
    const good = this.#print(drawn, timestamp);
    const text = this.#object(table, key, drawn.texts);
    const own = table.columns.filter((c) => drawn.texts.has(c.name) && (c.from === undefined || 'path' in c.from));
    switch (random.pick(badKinds)) {
      case 'invalidJson':
        return {
          ...good,
          value: utf8(
            random.pick(['{', '{"a":}', '', 'nope', "{'a':1}", '{"a":1,}', '[1', '{"a":01}', '{} {}', 'NaN']),
          ),
        };
      case 'truncated':
        return { ...good, value: utf8(text.slice(0, -1)) };
      case 'notObject':
        return { ...good, value: utf8(random.pick(['5', '"text"', '[]', 'true', 'null', '[{}]'])) };
      case 'wrongType': {
        const column = random.pick(own);
        return {
          ...good,
          value: utf8(this.#object(table, key, new Map(drawn.texts).set(column.name, wrongText(random, column.type)))),
        };
      }
      case 'missingRequired':
      case 'nullRequired': {
        const required = own.filter((c) => c.required && c.fallback === undefined);
        if (required.length === 0) return { ...good, value: utf8('[]') };
        const texts = new Map(drawn.texts).set(random.pick(required).name, random.chance(0.5) ? undefined : 'null');
        return { ...good, value: utf8(this.#object(table, key, texts)) };
      }
      case 'keyMismatch': {
        const other = keyTexts(random, table);
        const member = `${JSON.stringify(table.key[0])}:${other[0] ?? 'null'}`;
        return { ...good, value: utf8(`{${member}${text === '{}' ? '' : ','}${text.slice(1)}`) };
      }
      case 'nullKey':
        return { ...good, key: null };
      case 'tombstoneWithoutKey':
        return { ...good, key: null, value: null };
      case 'badUtf8':
        return {
          ...good,
          value: Buffer.concat([utf8(text.slice(0, -1)), utf8(',"x":"'), Buffer.from([0xc3, 0x28]), utf8('"}')]),
        };
      case 'badUtf8Key':
        return { ...good, key: Buffer.from([0xff, 0xfe, 0x41]) };
      case 'noValue':
        return { ...good, value: undefined };
      case 'keyTooLong':
        return { ...good, key: utf8('k'.repeat(5000)) };
      case 'keyGarbage':
        return { ...good, key: utf8(random.pick(['{"no":"member"}', '{', 'not a number', '[1,2]', ''])) };
      case 'loneSurrogate': {
        const column = own.find((c) => c.type.kind === 'scalar' && c.type.scalar === 'String');
        if (column === undefined) return { ...good, value: utf8('[]') };
        return {
          ...good,
          value: utf8(this.#object(table, key, new Map(drawn.texts).set(column.name, '"half \\ud83d"'))),
        };
      }
    }
  }
}

function partitionOf(table: TableSpec, key: readonly NaiveValue[]): number {
  let hash = 7;
  for (const char of keyName(table, key)) hash = (hash * 31 + char.charCodeAt(0)) % 1_000_003;
  return hash % table.partitions;
}

function isCoordinates(table: TableSpec): boolean {
  return table.columns.some((c) => table.key.includes(c.name) && c.from !== undefined && 'meta' in c.from);
}

/** The key column says itself where it is read from: the value does not repeat it. */
function hasKeySource(table: TableSpec): boolean {
  return table.columns.some((c) => table.key.includes(c.name) && c.from !== undefined);
}

/** `n`: a number that makes the key one of many; -1 for any key. */
function keyTexts(random: Random, table: TableSpec, n = -1): readonly string[] {
  return table.key.map((name) => {
    const { type } = columnOf(table, name);
    const scalar = type.kind === 'scalar' && n >= 0 ? type.scalar : undefined;
    if (scalar === 'ID' || scalar === 'String') return JSON.stringify(`k${n}`);
    if (scalar === 'Int' || scalar === 'BigInt' || scalar === 'Decimal') return String(n - 20);
    for (;;) {
      const text = sampleText(random, type);
      if (!(table.keyFormat === 'STRING' && !hasTextForm(type, text))) return text;
    }
  });
}

/** What the STRING format can say. */
function hasTextForm(type: TypeSpec, text: string): boolean {
  return !(type.kind === 'scalar' && type.scalar === 'DateTime' && !text.startsWith('"'));
}

function valuesOf(table: TableSpec, key: readonly string[]): readonly NaiveValue[] {
  return table.key.map((name, i) => {
    const value = fromRecord(columnOf(table, name).type, parseJson(key[i] ?? 'null'));
    if (isBad(value)) throw new Error('a key that is no value');
    return value;
  });
}

function keyBytes(table: TableSpec, key: readonly string[], values: readonly NaiveValue[]): Uint8Array | null {
  const first = key[0] ?? 'null';
  const type = columnOf(table, table.key[0] ?? '').type;
  switch (table.keyFormat) {
    case 'NONE':
      return null;
    case 'STRING': {
      const json = parseJson(first);
      if (json.t === 'str') return utf8(json.value);
      const shown = toJson(type, values[0] ?? null);
      return utf8(
        json.t === 'num' && type.kind === 'scalar' && type.scalar === 'Decimal'
          ? json.text
          : shown.t === 'str'
            ? shown.value
            : first,
      );
    }
    case 'LONG': {
      const bytes = Buffer.alloc(8);
      bytes.writeBigInt64BE(BigInt(values[0] as number | bigint));
      return bytes;
    }
    case 'JSON':
      if (table.key.length === 1) return utf8(first);
      return utf8(`{${table.key.map((name, i) => `${JSON.stringify(name)}:${key[i] ?? 'null'}`).join(', ')}}`);
  }
}
