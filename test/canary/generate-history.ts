import type { Random } from '../support/random.ts';
import { wordsOf } from './generate-rules.ts';
import { isKept, type ColumnSpec, type SchemaSpec, type TableSpec } from './spec.ts';
import type { Commit, RecordSpec } from './state.ts';
import type { Mint, SecretType } from './tokens.ts';

/** The keys that rows of a table may have, so few that they are used again; now and then a table has many. */
export type Keys = ReadonlyMap<string, readonly (readonly unknown[])[]>;

export function generateKeys(random: Random, { tables }: SchemaSpec, mint: Mint): Keys {
  const topics = tables.filter((table) => table.origin.kind === 'topic' && isKept(table));
  return new Map(
    topics.map(({ key, name }) => {
      const count = random.int(10) === 0 ? many : 4 + random.int(4);
      const keys = Array.from({ length: count }, () => mint.text());
      return [name, keys.map((first) => (key.length === 1 ? [first] : [first, random.pick(wordsOf('no'))]))];
    }),
  );
}

/** So many that the gateway does not read the table as a whole. */
const many = 120;

/** Rows come, change hands, lose what refers to them, go and come again; what decides about a row changes with it or alone. */
export class HistoryGenerator {
  readonly #random: Random;
  readonly #schema: SchemaSpec;
  readonly #mint: Mint;
  readonly #keys: Keys;
  /** What was last written, by table and key. */
  readonly #last = new Map<string, Readonly<Record<string, unknown>>>();

  constructor(random: Random, schema: SchemaSpec, mint: Mint, keys: Keys) {
    this.#random = random;
    this.#schema = schema;
    this.#mint = mint;
    this.#keys = keys;
  }

  /** Some rows of every table, and all of those that have many. */
  first(): Commit {
    const full = this.#schema.tables.flatMap((table) => {
      const keys = this.#keys.get(table.name) ?? [];
      return keys.length < many ? [] : keys.map((key) => this.#record(table, key));
    });
    return [...full, ...this.commit(16)];
  }

  commit(size: number): Commit {
    const tables = this.#schema.tables.filter(({ origin }) => origin.kind === 'topic');
    return Array.from({ length: size }, () => {
      const table = this.#random.pick(tables);
      return this.#record(table, this.#random.pick(this.#keys.get(table.name) ?? [[]]));
    });
  }

  #record(table: TableSpec, key: readonly unknown[]): RecordSpec {
    const random = this.#random;
    const id = `${table.name} ${JSON.stringify(key)}`;
    if (isKept(table) && random.int(6) === 0) {
      this.#last.delete(id);
      return { table: table.name, key, value: null };
    }
    const value = this.value(table, this.#last.get(id));
    if (random.int(25) === 0)
      return { table: table.name, key, value: { ...value, tenant: [this.#mint.text()] }, bad: true };
    this.#last.set(id, value);
    return { table: table.name, key, value };
  }

  /** Of a record that inserts a row, or updates one: that keeps a few columns as they were, or most of them. */
  value(table: TableSpec, before?: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    const keep = before === undefined ? 0 : this.#random.pick([0.2, 0.9]);
    const written = table.columns.filter(({ name, role }) => !table.key.includes(name) && role !== 'derived');
    return Object.fromEntries(
      written.map((column) => [column.name, this.#random.next() < keep ? before?.[column.name] : this.cell(column)]),
    );
  }

  /** Something that the column may have. */
  cell(column: ColumnSpec): unknown {
    const random = this.#random;
    if (!column.required && random.int(7) === 0) return null;
    switch (column.role) {
      case 'reference':
        return random.pick(this.#keys.get(column.of ?? '') ?? [['nowhere']])[0];
      case 'secret':
        return this.#mint.secret(column.type as SecretType);
      default:
        return column.name === 'tags'
          ? wordsOf('tags').filter(() => random.int(2) === 0)
          : random.pick(wordsOf(column.name));
    }
  }
}
