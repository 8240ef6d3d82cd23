import type { Table } from '../catalog/catalog.ts';
import type { Column } from '../catalog/column.ts';
import { jsonMembers, stringFromJson } from '../model/json-text.ts';
import type { Row } from '../model/row.ts';
import { valueFromJson, valueToJson } from '../model/value.ts';
import type { Value } from '../model/value.ts';
import type { OutgoingRecord } from '../source/topic-writer.ts';
import { decodeKey, encodeKey } from '../store/keys.ts';

/** The columns that a record's value has. */
export function visibleColumns(table: Table): readonly Column[] {
  return table.columns.filter(({ hidden }) => !hidden);
}

/**
 * The record's key. From the key's bytes, not from the row: of equal decimals that are written differently it is one text.
 */
export function keyTextOf(table: Table, key: Uint8Array): string {
  const values = decodeKey(table.key, key);
  const fragments = table.key.map((column, i) => valueToJson(column.type, values[i] ?? null));
  const [alone] = fragments;
  if (fragments.length === 1 && alone !== undefined && alone !== 'null') {
    return alone.startsWith('"') ? stringFromJson(alone) : alone;
  }
  return `{${table.key.map(({ name }, i) => `"${name}":${fragments[i]}`).join(',')}}`;
}

/** The row key that `keyTextOf` gives this text for; undefined where none does. */
export function keyOfText(table: Table, text: string): Uint8Array | undefined {
  try {
    const [column] = table.key;
    const members = text.startsWith('{') ? jsonMembers(text) : undefined;
    const values =
      column !== undefined && table.key.length === 1 && members?.get(column.name) !== 'null'
        ? [valueOfText(column, text)]
        : table.key.map(({ name, type }) => valueFromJson(type, members?.get(name) ?? 'null'));
    const key = encodeKey(table.key, values);
    return keyTextOf(table, key) === text ? key : undefined;
  } catch {
    // Anything may be in a topic; what cannot be read as a key is none.
    return undefined;
  }
}

/** Numbers and booleans stand in JSON as they are, all else in quotes. */
function valueOfText({ type }: Column, text: string): Value {
  const bare = type.kind === 'scalar' && (type.scalar === 'Int' || type.scalar === 'Boolean');
  return valueFromJson(type, bare ? text : JSON.stringify(text));
}

/** `row` is undefined where it was deleted. */
export function outgoingOf(
  table: Table,
  visible: readonly Column[],
  key: Uint8Array,
  row: Row | undefined,
  timestampMs: number,
): OutgoingRecord {
  const value = row && `{${visible.map((column) => `"${column.name}":${row.json(column)}`).join(',')}}`;
  return {
    key: keyTextOf(table, key),
    value: value ?? null,
    // A record before 1970 has no time in Kafka.
    timestampMs: Math.max(0, Math.trunc(timestampMs)),
  };
}

/** What a record takes, in characters. */
export function sizeOf({ key, value }: OutgoingRecord): number {
  return key.length + (value?.length ?? 0);
}
