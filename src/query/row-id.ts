import type { Catalog, Table } from '../catalog/catalog.ts';
import type { Column } from '../catalog/column.ts';
import { CoercionError, coerceInput } from '../model/coerce.ts';
import { valueToJson } from '../model/value.ts';
import type { Value } from '../model/value.ts';
import { decodeKey } from '../store/keys.ts';

/**
 * The two names of a row in the API, both made of its key alone, so that a deleted row has them too:
 * `id`, unique within its type: the key itself, or the parts of a composite key joined by `:` (`%` and `:` escaped); where a
 * part may be null (a group of an aggregation), too, and a null is `%null`, which no escaped text is;
 * `nodeId`, unique in the whole API (Relay): base64url of `["Song","s1"]`, a null as it is in JSON.
 */
export function rowId(table: Table, key: Uint8Array): string {
  const parts = decodeKey(table.key, key).map((value, i) => idPart(table.key[i], value));
  const isPlain = parts.length === 1 && table.key[0]?.required === true;
  return isPlain ? parts.join('') : parts.map(escaped).join(':');
}

/** Undefined for a null. */
function idPart(column: Column | undefined, value: Value): string | undefined {
  if (column === undefined || value === null) return undefined;
  const json = valueToJson(column.type, value);
  return json.startsWith('"') ? (JSON.parse(json) as string) : json;
}

function escaped(part: string | undefined): string {
  return part === undefined ? '%null' : part.replaceAll('%', '%25').replaceAll(':', '%3A');
}

export function nodeId(table: Table, key: Uint8Array): string {
  return printNodeId(table, keyToJson(table, decodeKey(table.key, key)));
}

function printNodeId(table: Table, parts: readonly string[]): string {
  return Buffer.from(`[${[JSON.stringify(table.name), ...parts].join(',')}]`).toString('base64url');
}

/** The table and key values that a nodeId stands for; undefined for a string that is none of ours. */
export function decodeNodeId(catalog: Catalog, id: string): { table: Table; key: readonly Value[] } | undefined {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(id, 'base64url').toString());
  } catch {
    return undefined;
  }
  if (!Array.isArray(parts)) return undefined;
  const [name, ...given] = parts as [unknown, ...unknown[]];
  const table = typeof name === 'string' ? catalog.tablesByName.get(name) : undefined;
  if (table === undefined || table.key.length !== given.length) return undefined;
  const key: Value[] = [];
  for (const [i, column] of table.key.entries()) {
    const value = readKeyPart(column, given[i]);
    if (value === undefined) return undefined;
    key.push(value);
  }
  // base64url and JSON can be written in several ways, and are read with junk in them; a row has one nodeId.
  return printNodeId(table, keyToJson(table, key)) === id ? { table, key } : undefined;
}

/** Undefined where the column cannot have it; else maybe something else than was given. */
function readKeyPart(column: Column, given: unknown): Value | undefined {
  try {
    const value = coerceInput(column.type, given);
    return value === null && column.required ? undefined : value;
  } catch (error) {
    if (error instanceof CoercionError) return undefined;
    throw error;
  }
}

function keyToJson(table: Table, values: readonly Value[]): readonly string[] {
  return table.key.map((column, i) => valueToJson(column.type, values[i] ?? null));
}
