import type { Catalog, Table } from '../catalog/catalog.ts';
import type { Column } from '../catalog/column.ts';
import { CoercionError, coerceInput } from '../model/coerce.ts';
import { valueToJson } from '../model/value.ts';
import type { Value } from '../model/value.ts';
import { decodeKey } from '../store/keys.ts';

/**
 * The two names of a row in the API, both made of its key alone, so that a deleted row has them too:
 * `id`, unique within its type: the key itself, or the parts of a composite key joined by `:` (`%` and `:` escaped);
 * `nodeId`, unique in the whole API (Relay): base64url of `["Song","s1"]`.
 */
export function rowId(table: Table, key: Uint8Array): string {
  const parts = keyParts(table, key).map((json) => (json.startsWith('"') ? (JSON.parse(json) as string) : json));
  if (parts.length === 1) return parts.join('');
  return parts.map((part) => part.replaceAll('%', '%25').replaceAll(':', '%3A')).join(':');
}

export function nodeId(table: Table, key: Uint8Array): string {
  return printNodeId(table, keyParts(table, key));
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

/** Undefined where it is no value of the column; else maybe something else than was given. */
function readKeyPart(column: Column, given: unknown): Value | undefined {
  try {
    return coerceInput(column.type, given) ?? undefined;
  } catch (error) {
    if (error instanceof CoercionError) return undefined;
    throw error;
  }
}

function keyParts(table: Table, key: Uint8Array): readonly string[] {
  return keyToJson(table, decodeKey(table.key, key));
}

function keyToJson(table: Table, values: readonly Value[]): readonly string[] {
  return table.key.map((column, i) => valueToJson(column.type, values[i] ?? null));
}
