import { isTopicTable } from '../catalog/catalog.ts';
import type { Index, Table } from '../catalog/catalog.ts';
import type { Column } from '../catalog/column.ts';
import { derivationText, expressionText } from '../catalog/fingerprint.ts';
import { unreachable } from '../common/errors.ts';
import { JsonText } from '../model/value.ts';
import type { ColumnType } from '../model/value.ts';

/** What the directory holds, as of its last writable opening. Tables that the schema no longer has stay: those of topics as they are. */
export interface StoredCatalog {
  readonly nextTable: number;
  readonly tables: readonly StoredTable[];
}

export interface StoredTable {
  readonly name: string;
  /** Never given to another table. */
  readonly id: number;
  /** Rises with every rebuild; part of the names of its databases. */
  readonly generation: number;
  /** Dropped ones included: rows still have their fragments. */
  readonly columns: readonly StoredColumn[];
  readonly nextColumn: number;
  readonly indexes: readonly StoredIndex[];
  readonly nextIndex: number;
  /** Whether there is a time index. */
  readonly timed: boolean;
  readonly key: readonly string[];
  /** What decides which records are the table's and what they mean, by setting. */
  readonly mapping: Readonly<Record<string, string>>;
  /** Of derived tables: what is older has been removed, and does not come back with its records. ms. */
  readonly retentionMs?: number | undefined;
  /**
   * A derived table that the schema no longer has: it does not follow its sources meanwhile, so its rows are dropped, and made anew if
   * it comes back.
   */
  readonly away?: true | undefined;
}

export interface StoredColumn {
  readonly name: string;
  readonly id: number;
  readonly type: string;
  /** All else that decides its value. */
  readonly source: string;
}

export interface StoredIndex {
  readonly name: string;
  readonly id: number;
  /** Its entries hold the rows. */
  readonly covering?: true | undefined;
}

export const emptyCatalog: StoredCatalog = { nextTable: 1, tables: [] };

export function describeTable(table: Table, id: number, generation: number): StoredTable {
  return {
    name: table.name,
    id,
    generation,
    columns: table.columns.map((column, i) => ({ name: column.name, id: i, ...describeColumn(column) })),
    nextColumn: table.columns.length,
    indexes: table.indexes.map(describeIndex),
    nextIndex: table.indexes.length,
    timed: table.timed,
    key: table.key.map(({ name }) => name),
    mapping: describeMapping(table),
    retentionMs: isTopicTable(table) ? undefined : table.retentionMs,
  };
}

export function isOfTopic({ mapping }: StoredTable): boolean {
  return 'topic' in mapping;
}

/** What changed so that the stored rows are no longer what the schema's table would be; empty where they are. */
export function misfits(table: Table, stored: StoredTable): string[] {
  const changes: string[] = [];
  const mapping = describeMapping(table);
  for (const [setting, now] of Object.entries(mapping)) {
    const before = stored.mapping[setting];
    if (before === now) continue;
    // What a filter and a definition are stored as means nothing to a person.
    const told = setting === 'accept' || setting === 'definition' || before === undefined;
    changes.push(told ? `${setting} changed` : `${setting} changed from ${before} to ${now}`);
  }
  if (stored.retentionMs !== undefined && stored.retentionMs < (table.retentionMs ?? Infinity)) {
    const now = table.retentionMs === undefined ? 'none' : `${table.retentionMs} ms`;
    changes.push(`retention changed from ${stored.retentionMs} ms to ${now}, and what it removed is missing`);
  }
  const key = table.key.map(({ name }) => name);
  if (key.join(' ') !== stored.key.join(' ')) {
    changes.push(`the key changed from "${stored.key.join(' ')}" to "${key.join(' ')}"`);
  }
  const columnsByName = new Map(stored.columns.map((column) => [column.name, column]));
  for (const column of table.columns) {
    const before = columnsByName.get(column.name);
    const now = describeColumn(column);
    if (before === undefined) changes.push(`column ${column.name} is new`);
    else if (before.type !== now.type) changes.push(`column ${column.name} changed from ${before.type} to ${now.type}`);
    else if (before.source !== now.source)
      changes.push(`column ${column.name} is read from elsewhere, computed otherwise or has another default`);
  }
  return changes;
}

/**
 * The stored table with the schema's indexes, retention and columns: what can change without reading the topic again.
 * A dropped column is forgotten (its id is not given out again): when it comes back, it is new.
 */
export function refit(table: Table, stored: StoredTable): StoredTable {
  const kept = new Set(table.columns.map(({ name }) => name));
  let nextIndex = stored.nextIndex;
  const indexes = table.indexes.map((index) => storedIndex(stored, index) ?? describeIndex(index, nextIndex++));
  return {
    ...stored,
    columns: stored.columns.filter(({ name }) => kept.has(name)),
    indexes,
    nextIndex,
    timed: table.timed,
    retentionMs: isTopicTable(table) ? undefined : table.retentionMs,
  };
}

/** The stored index that is this one: one whose entries hold the rows is another than one whose entries do not. */
export function storedIndex({ indexes }: StoredTable, { name, covering }: Index): StoredIndex | undefined {
  return indexes.find((stored) => stored.name === name && (stored.covering ?? false) === covering);
}

function describeIndex({ name, covering }: Index, id: number): StoredIndex {
  return covering ? { name, id, covering } : { name, id };
}

function describeMapping(table: Table): Record<string, string> {
  if (!isTopicTable(table))
    return table.derivation === undefined ? {} : { definition: derivationText(table.derivation) };
  return {
    mode: table.mode,
    topic: table.topic,
    cluster: table.cluster,
    keyFormat: table.keyFormat,
    accept: table.accept === undefined ? 'everything' : plain(table.accept),
  };
}

function describeColumn(column: Column): { type: string; source: string } {
  return {
    type: `${typeText(column.type)}${column.required ? '!' : ''}`,
    source:
      plain([column.source, column.default ?? null]) +
      (column.expression === undefined ? '' : expressionText(column.expression)),
  };
}

function typeText(type: ColumnType): string {
  switch (type.kind) {
    case 'scalar':
      return type.scalar;
    case 'enum':
      return `enum(${type.values.join(' ')})`;
    case 'list':
      return `[${typeText(type.element)}${type.elementRequired ? '!' : ''}]`;
    case 'object':
      return `{${type.fields.map((field) => `${field.name}: ${typeText(field.type)}${field.required ? '!' : ''}`).join(', ')}}`;
    default:
      return unreachable(type);
  }
}

/** Predicates, sources and values as text that is equal where they are; columns by name. */
function plain(value: unknown): string {
  return JSON.stringify(value, (name, member: unknown) => {
    if (typeof member === 'bigint') return `${member}n`;
    if (member instanceof JsonText) return { json: member.text };
    if (name === 'column' && isColumn(member)) return member.name;
    if (name === 'type') return undefined;
    return member;
  });
}

function isColumn(value: unknown): value is Column {
  return typeof value === 'object' && value !== null && 'ordinal' in value;
}
