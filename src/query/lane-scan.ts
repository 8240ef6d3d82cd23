import type { Column } from '../catalog/column.ts';
import type { Row } from '../model/row.ts';
import type { Value } from '../model/value.ts';
import { encodeBound, encodeIndexKey, prefixRange } from '../store/keys.ts';
import type { KeyRange } from '../store/store.ts';
import type { Access, RangePath } from './access.ts';
import { tighten } from './lanes.ts';
import type { Lane } from './lanes.ts';
import { compareRows } from './order.ts';
import type { Entry, Reading } from './reading.ts';
import { isBehind, isWithin } from './window.ts';
import type { Window } from './window.ts';

/** Index entries with equal columns that are held before it pays to read them again from their other end. */
const maxHeldTies = 64;

/** Entries in a row whose order the keys do not tell, or tell the wrong way round. */
type Group =
  | { readonly kind: 'ordered'; readonly entries: readonly Entry[] }
  | { readonly kind: 'unordered'; readonly entries: readonly Entry[] }
  /** Too many to hold; they stand in the range of this prefix. The last of the groups. */
  | { readonly kind: 'many ties'; readonly prefix: Uint8Array };

/**
 * The rows of one lane in the order of the access. Where keys alone do not give it (see `Ordering`; and index entries whose
 * values were cut), entries that the keys do not tell apart are held together and sorted:
 *
 *   entries   a1 a2 | b1 | c1 c2 c3 | …      a group ends where its prefix of the key ends
 */
export function* scanLane(
  reading: Reading,
  access: Access,
  path: RangePath,
  lane: Lane,
  window: Window,
  see: (row: Row) => Row | undefined,
): Generator<Row> {
  const compare = compareRows(access.order);
  let range: KeyRange | undefined = lane.range;
  while (range !== undefined) {
    let rest: KeyRange | undefined;
    for (const group of groupsOf(reading, access, path, range)) {
      if (group.kind === 'unordered') {
        const rows: Row[] = [];
        for (const entry of group.entries) {
          const row = see(entry.row());
          if (row !== undefined && isWithin(access.order, row, window)) rows.push(row);
        }
        yield* rows.sort(compare);
        continue;
      }
      if (group.kind === 'many ties') rest = tighten(range, { upper: group.prefix });
      const entries =
        group.kind === 'ordered'
          ? group.entries
          : reading.entries(access.table, path.index, tiesRange(access, path, group.prefix, window));
      for (const entry of entries) {
        const row = see(entry.row());
        // Rows that do not match need not stand in the order: columns that are the same in all that do are left out of it.
        if (row === undefined) continue;
        if (isBehind(access.order, row, window)) return;
        if (isWithin(access.order, row, window)) yield row;
      }
    }
    range = rest;
  }
}

function* groupsOf(reading: Reading, { table }: Access, path: RangePath, range: KeyRange): Generator<Group> {
  const ties = path.ordering.kind === 'ties';
  let held: Entry[] = [];
  let prefix: Uint8Array | undefined;
  const group = (): Group => {
    // Ties come in the reverse of the key's order.
    if (ties && held[0]?.cut === false) return { kind: 'ordered', entries: held.toReversed() };
    return { kind: held.length === 1 ? 'ordered' : 'unordered', entries: held };
  };
  for (const entry of reading.entries(table, path.index, range)) {
    if (prefix !== undefined && startsWith(entry.bytes, prefix)) {
      held.push(entry);
      if (ties && !entry.cut && held.length > maxHeldTies) {
        yield { kind: 'many ties', prefix };
        return;
      }
      continue;
    }
    if (held.length > 0) yield group();
    prefix = groupPrefix(path, entry);
    held = [entry];
    if (prefix === undefined) {
      yield group();
      held = [];
    }
  }
  if (held.length > 0) yield group();
}

/** The bytes that entries of the same group begin with; undefined where the entry stands alone. */
function groupPrefix(path: RangePath, entry: Entry): Uint8Array | undefined {
  const { ordering, columns } = path;
  let size = ordering.kind === 'ties' || ordering.kind === 'grouped' ? ordering.columns : Infinity;
  if (entry.cut) size = Math.min(size, firstCutColumn(path, entry.row()) + 1);
  if (size === Infinity) return undefined;
  if (size >= columns.length) return entry.bytes;
  const row = entry.row();
  const values = columns.slice(0, size).map((column) => row.value(column));
  return path.index === undefined ? encodeBound(columns, values) : encodeIndexKey(path.index, values).bytes;
}

/** Among those behind the equal ones, whose values are the same in all rows that are kept; Infinity where there is none. */
function firstCutColumn({ index, columns, equal }: RangePath, row: Row): number {
  const values = columns.map((column) => row.value(column));
  for (let i = equal.length; i < columns.length; i += 1) {
    if (index !== undefined && encodeIndexKey(index, values.slice(0, i + 1)).cut) return i;
  }
  return Infinity;
}

/** The entries of a group of ties upwards, from the window's beginning where that lies among them. */
function tiesRange(
  { table, order }: Access,
  { index, columns }: RangePath,
  prefix: Uint8Array,
  { after }: Window,
): KeyRange {
  const range = prefixRange(prefix);
  if (after === undefined || index === undefined) return range;
  const place = new Map(order.map((term, i) => [term.column, after[i] ?? null]));
  const valuesOf = (of: readonly Column[]): readonly (Value | undefined)[] => of.map((column) => place.get(column));
  const values = valuesOf(columns);
  const keyValues = valuesOf(table.key);
  if (values.includes(undefined) || keyValues.includes(undefined)) return range;
  const { bytes } = encodeIndexKey(index, values as Value[]);
  if (Buffer.compare(bytes, prefix) !== 0) return range;
  return { ...range, lower: Buffer.concat([prefix, encodeBound(table.key, keyValues as Value[])]) };
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return bytes.length >= prefix.length && Buffer.compare(bytes.subarray(0, prefix.length), prefix) === 0;
}
