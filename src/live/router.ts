import type { Index, Table } from '../catalog/catalog.ts';
import type { Work } from '../common/work.ts';
import type { Change } from '../model/change.ts';
import { compareKeys, keyText } from '../store/keys.ts';
import { type Interval, IntervalIndex } from './interval-index.ts';
import { equalityPrefix, keyInOrder, type KeyOrder, type KeyWithPrefixes } from './key-prefix.ts';
import { MultiMap } from './multi-map.ts';
import type { ReadPlace, ReadRange, ReadSet } from './read-set.ts';

/** What the router keeps; a shape that is dirty already need not be tested. */
export interface Routed {
  readonly dirty: boolean;
}

/**
 * Finds the shapes whose answer a change may alter, at a cost that depends on the matches and not on how many shapes
 * there are:
 *
 *   rows read by key                    hash of the key
 *   ranges under an equality prefix     hash of the prefix, then the rest of the range
 *   other ranges                        a tree of intervals
 *   row counts                          every insert and delete of the table
 *
 * A change is tested with both its images: a row that enters, leaves, moves within or changes in place is found.
 */
export class Router<S extends Routed> {
  readonly #work: Work;
  readonly #routesByTable = new Map<Table, TableRoutes<S>>();
  readonly #undoByShape = new Map<S, (() => void)[]>();

  constructor(work: Work) {
    this.#work = work;
  }

  /** Replaces what the shape is registered for. */
  set(shape: S, readSet: ReadSet): void {
    this.remove(shape);
    // Together, and not one by one into an array that grows: it would keep room for many more.
    const undo = [
      ...readSet.keys.map(({ table, key }) => addTo(this.#routes(table).keys, keyText(key), shape)),
      ...Array.from(readSet.counted, (table) => this.#addCounted(table, shape)),
      ...readSet.ranges.map((range) => this.#addRange(shape, range)),
    ];
    this.#undoByShape.set(shape, undo);
  }

  remove(shape: S): void {
    for (const undo of this.#undoByShape.get(shape) ?? []) undo();
    this.#undoByShape.delete(shape);
  }

  /** Calls `mark` for every shape that the change may touch, some perhaps more than once. */
  touch(table: Table, change: Change, mark: (shape: S) => void): void {
    const routes = this.#routesByTable.get(table);
    if (routes === undefined) return;
    routes.keys.forEach(keyText(change.key), mark);
    if (change.kind !== 'update') for (const shape of routes.counted) mark(shape);
    for (const access of routes.accesses.values()) {
      if (access.byPrefix.size + access.others.size === 0) continue;
      const before = change.before && keyInOrder(access.order, change, change.before);
      const after = change.after && keyInOrder(access.order, change, change.after);
      if (before !== undefined) this.#touchAccess(access, before, change.key, mark);
      if (after !== undefined && (before === undefined || compareKeys(before.bytes, after.bytes) !== 0)) {
        this.#touchAccess(access, after, change.key, mark);
      }
    }
  }

  #touchAccess(
    { order, byPrefix, others }: Access<S>,
    key: KeyWithPrefixes,
    rowKey: Uint8Array,
    mark: (shape: S) => void,
  ) {
    const { bytes } = key;
    const place = { bytes, rowKey, all: order.index === undefined ? bytes : Buffer.concat([bytes, rowKey]) };
    if (byPrefix.size > 0) {
      for (const prefix of key.prefixes) {
        byPrefix.forEach(keyText(prefix), (watch) => this.#touchWatch(watch, place, mark));
      }
    }
    if (others.size === 0) return;
    for (const shape of others.holding(place.all)) {
      this.#work.rangesTested += 1;
      if (!shape.dirty) mark(shape);
    }
  }

  #touchWatch({ shape, read, wholePrefix }: Watch<S>, place: RowPlace, mark: (shape: S) => void): void {
    if (shape.dirty) return;
    if (!wholePrefix) {
      this.#work.rangesTested += 1;
      if (!holds(read, place)) return;
    }
    mark(shape);
  }

  #addCounted(table: Table, shape: S): () => void {
    const { counted } = this.#routes(table);
    counted.add(shape);
    return () => void counted.delete(shape);
  }

  #addRange(shape: S, read: ReadRange): () => void {
    const access = this.#access(read.table, read.index);
    const prefix = equalityPrefix(access.order, read);
    if (prefix === undefined) {
      return access.others.add(intervalOf(read), shape);
    }
    return addTo(access.byPrefix, keyText(prefix.bytes), { shape, read, wholePrefix: prefix.whole });
  }

  #routes(table: Table): TableRoutes<S> {
    let routes = this.#routesByTable.get(table);
    if (routes === undefined) {
      routes = { keys: new MultiMap(), counted: new Set(), accesses: new Map() };
      this.#routesByTable.set(table, routes);
    }
    return routes;
  }

  #access(table: Table, index: Index | undefined): Access<S> {
    const { accesses } = this.#routes(table);
    let access = accesses.get(index);
    if (access === undefined) {
      access = { order: { table, index }, byPrefix: new MultiMap(), others: new IntervalIndex() };
      accesses.set(index, access);
    }
    return access;
  }
}

interface TableRoutes<S extends object> {
  readonly keys: MultiMap<S>;
  readonly counted: Set<S>;
  readonly accesses: Map<Index | undefined, Access<S>>;
}

interface Access<S extends object> {
  readonly order: KeyOrder;
  readonly byPrefix: MultiMap<Watch<S>>;
  readonly others: IntervalIndex<S>;
}

interface Watch<S> {
  readonly shape: S;
  readonly read: ReadRange;
  /** The range is all that has the prefix: nothing is left to compare. */
  readonly wholePrefix: boolean;
}

/** Where a row stands in an order. */
interface RowPlace {
  readonly bytes: Uint8Array;
  readonly rowKey: Uint8Array;
  /** In an index, both: what it has as its key. */
  readonly all: Uint8Array;
}

/** What was read, as keys of the table, or of the index: its columns and the row key behind them. */
function intervalOf({ range, first, last }: ReadRange): Interval {
  return {
    lower: first === undefined ? range.lower : placeBytes(first),
    // The place itself was read.
    upper: last === undefined ? range.upper : Buffer.concat([placeBytes(last), Buffer.from([0])]),
  };
}

function placeBytes({ bytes, rowKey }: ReadPlace): Uint8Array {
  return rowKey === undefined ? bytes : Buffer.concat([bytes, rowKey]);
}

/** Bounds of a range may stand among the entries of an index that have equal columns: behind these they have a row key. */
function holds({ range, first, last }: ReadRange, { bytes, rowKey, all }: RowPlace): boolean {
  if (first !== undefined) {
    if (comparePlaces(bytes, rowKey, first) < 0) return false;
  } else if (range.lower !== undefined && compareKeys(all, range.lower) < 0) return false;
  if (last !== undefined) return comparePlaces(bytes, rowKey, last) <= 0;
  return range.upper === undefined || compareKeys(all, range.upper) < 0;
}

function comparePlaces(bytes: Uint8Array, rowKey: Uint8Array, place: ReadPlace): number {
  const order = compareKeys(bytes, place.bytes);
  return order !== 0 || place.rowKey === undefined ? order : compareKeys(rowKey, place.rowKey);
}

/** The result takes it out again. */
function addTo<T extends object>(items: MultiMap<T>, key: string, item: T): () => void {
  items.add(key, item);
  return () => items.delete(key, item);
}
