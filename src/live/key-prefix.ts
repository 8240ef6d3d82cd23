import type { Index, Table } from '../catalog/catalog.ts';
import type { Change } from '../model/change.ts';
import type { Row } from '../model/row.ts';
import type { Value } from '../model/value.ts';
import { afterPrefix, compareKeys, decodeKey, encodeBound, encodeIndexKey } from '../store/keys.ts';
import type { ReadRange } from './read-set.ts';

/** An order of rows: by the row key, or by an index. */
export interface KeyOrder {
  readonly table: Table;
  readonly index: Index | undefined;
}

/** A row's place in an order: all of its key, and its first 1, 2, … columns. */
export interface KeyWithPrefixes {
  readonly bytes: Uint8Array;
  readonly prefixes: readonly Uint8Array[];
}

/** Where the row stands in the order. */
export function keyInOrder(order: KeyOrder, change: Change, row: Row): KeyWithPrefixes {
  const values = columnsOf(order).map((column) => row.value(column));
  const prefixes = values.map((_, at) => encodeFirst(order, values.slice(0, at + 1)));
  return { bytes: order.index === undefined ? change.key : (prefixes.at(-1) ?? change.key), prefixes };
}

/** The whole columns that everything in a range has in common. */
export interface EqualityPrefix {
  readonly bytes: Uint8Array;
  /** The range is all there is with this prefix: nothing is left to compare. */
  readonly whole: boolean;
}

/**
 * The longest equality prefix of what a scan consumed, if it has one. A bound may stand between two values, or hold a
 * column that was cut; so whatever is read out of it counts only if encoding it again and comparing proves it.
 */
export function equalityPrefix(order: KeyOrder, { range, first, last }: ReadRange): EqualityPrefix | undefined {
  const from = first?.bytes ?? range.lower;
  if (from === undefined) return undefined;
  const columns = columnsOf(order);
  for (let length = columns.length; length > 0; length -= 1) {
    const bytes = readPrefix(order, from, length);
    if (bytes === undefined) continue;
    const above = afterPrefix(bytes);
    if (above === undefined) continue;
    const isBelow = (bound: Uint8Array | undefined, limit: number) =>
      bound !== undefined && compareKeys(bound, above) <= limit;
    if (last === undefined ? !isBelow(range.upper, 0) : !isBelow(last.bytes, -1)) continue;
    const whole =
      first === undefined &&
      last === undefined &&
      bytes.length === from.length &&
      range.upper !== undefined &&
      compareKeys(range.upper, above) === 0;
    return { bytes, whole };
  }
  return undefined;
}

function readPrefix(order: KeyOrder, bytes: Uint8Array, length: number): Uint8Array | undefined {
  let prefix: Uint8Array;
  try {
    prefix = encodeFirst(order, decodeKey(columnsOf(order).slice(0, length), bytes));
  } catch {
    // Not the encoding of so many columns.
    return undefined;
  }
  return compareKeys(prefix, bytes.subarray(0, prefix.length)) === 0 ? prefix : undefined;
}

function columnsOf({ table, index }: KeyOrder) {
  return index?.columns ?? table.key;
}

function encodeFirst({ table, index }: KeyOrder, values: readonly Value[]): Uint8Array {
  return index === undefined ? encodeBound(table.key, values) : encodeIndexKey(index, values).bytes;
}
