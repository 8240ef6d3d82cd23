import type { Catalog, Table } from '../catalog/catalog.ts';
import type { Column } from '../catalog/column.ts';
import { valueFromJson, valueToJson } from '../model/value.ts';
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
  return Buffer.from(`[${[JSON.stringify(table.name), ...keyParts(table, key)].join(',')}]`).toString('base64url');
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
    const value = readKeyPart(column, JSON.stringify(given[i]));
    if (value === undefined) return undefined;
    key.push(value);
  }
  return { table, key };
}

/** Undefined unless it is exactly what `nodeId` writes. */
function readKeyPart(column: Column, json: string): Value | undefined {
  try {
    const value = valueFromJson(column.type, json);
    return value !== null && valueToJson(column.type, value) === json ? value : undefined;
  } catch {
    return undefined;
  }
}

function keyParts(table: Table, key: Uint8Array): readonly string[] {
  const values = decodeKey(table.key, key);
  return table.key.map((column, i) => valueToJson(column.type, values[i] ?? null));
}
