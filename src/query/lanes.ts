import type { Table } from '../catalog/catalog.ts';
import type { Column } from '../catalog/column.ts';
import type { Value } from '../model/value.ts';
import {
  afterPrefix,
  compareKeys,
  encodeBound,
  encodeIndexKey,
  encodeIndexStartsWith,
  encodeKeyStartsWith,
  keyText,
  maxKeyBytes,
  prefixRange,
} from '../store/keys.ts';
import type { KeyRange } from '../store/store.ts';
import type { RangePath } from './access.ts';
import { compareByTerm } from './order.ts';
import type { OrderTerm } from './order.ts';
import type { Window } from './window.ts';

/** One contiguous range of keys of a path: one combination of its `in` values, nulls apart where they are split off. */
export interface Lane {
  /** Of the path's leading columns, the same in all rows of the lane. */
  readonly values: readonly Value[];
  readonly range: KeyRange;
  /** Of a lane beside one of nulls alone. */
  readonly notNull: boolean;
  /** Entries may have other values than `values`: they were too long for the index. */
  readonly cut: boolean;
}

/** The lanes of a path, each once. `fixed`: the values of the access's fixed columns. */
export function lanesOf(table: Table, path: RangePath, fixed: ReadonlyMap<Column, Value>): readonly Lane[] {
  let prefixes: (readonly Value[])[] = [[]];
  for (const [i, values] of path.equal.entries()) {
    const column = path.columns[i] as Column;
    const alternatives = values ?? [fixed.get(column) ?? null];
    prefixes = prefixes.flatMap((prefix) => alternatives.map((value) => [...prefix, value]));
  }
  const split = path.ordering.kind !== 'sort' && path.ordering.splitNulls;
  const lanes = prefixes.flatMap((values) =>
    split
      ? [makeLane(table, path, values, true), makeLane(table, path, [...values, null], false)]
      : [makeLane(table, path, values, false)],
  );
  const seen = new Set<string>();
  return lanes.filter(({ range: { lower } }) => {
    const id = lower === undefined ? '' : keyText(lower);
    return !seen.has(id) && seen.add(id);
  });
}

function makeLane(table: Table, path: RangePath, values: readonly Value[], notNull: boolean): Lane {
  const { bytes, cut } = encodePrefix(table, path, values);
  let range: KeyRange = values.length === 0 ? {} : prefixRange(bytes);
  const fact = values.length > path.equal.length ? undefined : path.range;
  if (fact !== undefined || notNull) {
    range = tighten(range, { upper: encodePrefix(table, path, [...values, null]).bytes });
  }
  if (fact?.lower !== undefined) {
    const bound = encodePrefix(table, path, [...values, fact.lower.value]);
    // Behind a cut value stand all that begin as it does: greater ones too.
    const lower = fact.lower.inclusive || bound.cut ? bound.bytes : afterPrefix(bound.bytes);
    range = tighten(range, { lower });
  }
  if (fact?.upper !== undefined) {
    const bound = encodePrefix(table, path, [...values, fact.upper.value]);
    const upper = fact.upper.inclusive || bound.cut ? afterPrefix(bound.bytes) : bound.bytes;
    range = tighten(range, { upper });
  }
  if (fact?.startsWith !== undefined) range = tighten(range, startsWithRange(table, path, values, fact.startsWith));
  const reverse = path.ordering.kind !== 'sort' && path.ordering.reverse;
  return { values, range: { ...storable(range), reverse }, notNull, cut };
}

/**
 * The lane without what lies outside the window, as far as its keys tell; undefined where nothing is left. Only a saving:
 * rows are compared with the window again.
 */
export function narrow(
  table: Table,
  path: RangePath,
  order: readonly OrderTerm[],
  lane: Lane,
  window: Window,
): Lane | undefined {
  const { ordering } = path;
  if (ordering.kind === 'sort') return lane;
  let { range } = lane;
  for (const side of ['after', 'before'] as const) {
    const place = window[side];
    if (place === undefined) continue;
    const bound = placeInLane(table, path, order, lane, place);
    if (bound === 'nowhere') continue;
    if (bound === 'lane first') {
      if (side === 'after') return undefined;
    } else if (bound === 'lane last') {
      if (side === 'before') return undefined;
    } else if ((side === 'after') === ordering.reverse) {
      range = tighten(range, { upper: afterPrefix(bound) });
    } else {
      range = tighten(range, { lower: bound });
    }
  }
  return { ...lane, range: storable(range) };
}

/** The bytes at which a place of the order lies in the lane; whether the whole lane comes before it (first) or after it. */
function placeInLane(
  table: Table,
  { index, columns, ordering }: RangePath,
  order: readonly OrderTerm[],
  lane: Lane,
  place: readonly Value[],
): Uint8Array | 'lane first' | 'lane last' | 'nowhere' {
  if (ordering.kind === 'sort') return 'nowhere';
  const values = [...lane.values];
  const keyValues: Value[] = [];
  for (const [i, term] of order.entries()) {
    const value = place[i] ?? null;
    const leading = columns.indexOf(term.column);
    if (leading >= 0 && leading < lane.values.length) {
      const side = compareByTerm(term, lane.values[leading] ?? null, value);
      if (side === 0) continue;
      // What stands before it in the order has decided, or tells no more than so far.
      if (values.length + keyValues.length > lane.values.length) break;
      return side < 0 ? 'lane first' : 'lane last';
    }
    if (values.length < columns.length) {
      if (values.length >= ordering.columns || columns[values.length] !== term.column) break;
      // Where the index has its nulls at the other end than the order, the lane has none.
      if (value === null && term.nullsFirst !== term.descending) return term.nullsFirst ? 'lane last' : 'lane first';
      values.push(value);
      if (index !== undefined && encodeIndexKey(index, values).cut) break;
    } else {
      // Behind its columns, an index entry has the row key, with those columns again that the index has.
      if (ordering.kind !== 'exact' || index === undefined) break;
      for (const column of table.key.slice(keyValues.length)) {
        if (!columns.includes(column)) break;
        keyValues.push(values[columns.indexOf(column)] ?? null);
      }
      if (table.key[keyValues.length] !== term.column) break;
      keyValues.push(value);
    }
  }
  if (values.length === lane.values.length && keyValues.length === 0) return 'nowhere';
  const prefix = index === undefined ? encodeBound(table.key, values) : encodeIndexKey(index, values).bytes;
  return keyValues.length === 0 ? prefix : Buffer.concat([prefix, encodeBound(table.key, keyValues)]);
}

function encodePrefix(
  table: Table,
  { index }: RangePath,
  values: readonly Value[],
): { readonly bytes: Uint8Array; readonly cut: boolean } {
  return index === undefined ? { bytes: encodeBound(table.key, values), cut: false } : encodeIndexKey(index, values);
}

function startsWithRange(table: Table, { index }: RangePath, values: readonly Value[], text: string): KeyRange {
  return prefixRange(
    index === undefined
      ? encodeKeyStartsWith(table.key, values, text)
      : encodeIndexStartsWith(index, values, text).bytes,
  );
}

/** What both ranges hold. */
export function tighten(range: KeyRange, { lower, upper }: KeyRange): KeyRange {
  return {
    ...range,
    lower:
      lower !== undefined && (range.lower === undefined || compareKeys(lower, range.lower) > 0) ? lower : range.lower,
    upper:
      upper !== undefined && (range.upper === undefined || compareKeys(upper, range.upper) < 0) ? upper : range.upper,
  };
}

/** No key is longer than this, and LMDB refuses to look for one that is. */
const maxBoundBytes = maxKeyBytes;

function storable(range: KeyRange): KeyRange {
  const short = (bytes: Uint8Array): boolean => bytes.length <= maxBoundBytes;
  const { lower, upper } = range;
  return {
    ...range,
    lower: lower === undefined || short(lower) ? lower : lower.slice(0, maxBoundBytes),
    upper: upper === undefined || short(upper) ? upper : afterPrefix(upper.slice(0, maxBoundBytes)),
  };
}
