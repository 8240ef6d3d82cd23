import type { Index, Table } from '../catalog/catalog.ts';
import type { TableCommit } from '../model/change.ts';
import type { Row } from '../model/row.ts';
import { compareKeys, encodeIndexKey, keyText } from '../store/keys.ts';
import type { IndexEntry, IndexRange, KeyRange, Reader, Snapshot } from '../store/store.ts';
import { assertFeedReaches, positionExpired } from './position-expired.ts';

/**
 * Tables as they were at earlier versions: the newest snapshot, with the rows that later commits replaced laid over it.
 * What was replaced comes from the change feed, which is read once however many versions are asked for.
 *
 *   at(v) = snapshot − rows changed in (v, now] + their images before the first change in (v, now]
 */
export class FeedHistory {
  readonly #maxRows: number;
  readonly #histories = new Map<Table, TableHistory>();

  /** `maxRows` bounds the images held, over all tables. */
  constructor(maxRows: number) {
    this.#maxRows = maxRows;
  }

  get rows(): number {
    let rows = 0;
    for (const history of this.#histories.values()) rows += history.size;
    return rows;
  }

  /**
   * Reads at `version`, which is not newer than the snapshot. Its methods throw POSITION_EXPIRED where the feed does not
   * reach back to it or more rows changed since than may be held; a table that nobody reads costs nothing.
   */
  at(version: number, snapshot: Snapshot): Reader {
    if (version === snapshot.version) return snapshot;
    return {
      get: (table, key) => {
        const image = this.#history(table, version, snapshot).image(key, version);
        return image === undefined ? snapshot.get(table, key) : image.before;
      },
      scan: (table, range) => this.#history(table, version, snapshot).scan(snapshot, range, version),
      scanIndex: (table, index, range) =>
        this.#history(table, version, snapshot).scanIndex(snapshot, index, range, version),
      count: (table) => this.#history(table, version, snapshot).count(snapshot, version),
    };
  }

  /** Nobody will ask for a version before this one any more. */
  forget(version: number): void {
    for (const history of this.#histories.values()) history.forget(version);
  }

  clear(): void {
    this.#histories.clear();
  }

  #history(table: Table, version: number, snapshot: Snapshot): TableHistory {
    const held = this.#histories.get(table);
    if (held !== undefined && held.from <= version && this.#extend(held, snapshot)) return held;
    // Too old to be extended, or so long that only what is asked for now can be held.
    assertFeedReaches(version, [table], snapshot);
    const history = new TableHistory(table, version);
    this.#histories.set(table, history);
    if (this.#extend(history, snapshot)) return history;
    this.#histories.delete(table);
    throw positionExpired('history', `More than ${this.#maxRows} rows have changed since (setting maxHistoryRows).`);
  }

  /** False where more rows would have to be held than may be. */
  #extend(history: TableHistory, snapshot: Snapshot): boolean {
    if (history.until === snapshot.version) return true;
    for (const commit of snapshot.feed(history.table, history.until, snapshot.version)) {
      history.append(commit);
      if (this.rows > this.#maxRows) return false;
    }
    history.until = snapshot.version;
    return true;
  }
}

/** A row as it was from version `since` on until commit `version` changed it. */
interface Image {
  readonly key: Uint8Array;
  readonly version: number;
  readonly since: number;
  /** Absent: there was no such row. */
  readonly before: Row | undefined;
}

/** An image in the order of an index. */
interface IndexedImage extends IndexEntry {
  /** Its whole key there, with the row key: bounds may stand among entries that have equal columns. */
  readonly place: Uint8Array;
  readonly image: Image;
}

class TableHistory {
  readonly table: Table;
  /** The oldest version that can be asked for. */
  from: number;
  /** The version up to which commits were appended. */
  until: number;
  /** By key, in order of version. */
  readonly #images = new Map<string, Image[]>();
  #size = 0;
  #growth: { readonly version: number; readonly rows: number }[] = [];
  /** Sorted copies, made when they are first asked for and dropped when images are added. */
  #sorted: Image[] | undefined;
  readonly #sortedByIndex = new Map<Index, IndexedImage[]>();

  constructor(table: Table, version: number) {
    this.table = table;
    this.from = version;
    this.until = version;
  }

  get size(): number {
    return this.#size;
  }

  append({ version, changes }: TableCommit): void {
    let rows = 0;
    for (const { kind, key, before } of changes) {
      const text = keyText(key);
      const images = this.#images.get(text) ?? [];
      images.push({ key, version, since: images.at(-1)?.version ?? -1, before });
      this.#images.set(text, images);
      this.#size += 1;
      if (kind !== 'update') rows += kind === 'insert' ? 1 : -1;
    }
    if (rows !== 0) this.#growth.push({ version, rows });
    this.#sorted = undefined;
    this.#sortedByIndex.clear();
  }

  forget(version: number): void {
    if (version <= this.from) return;
    this.from = Math.min(version, this.until);
    for (const [text, images] of this.#images) {
      const kept = images.filter((image) => image.version > this.from);
      this.#size -= images.length - kept.length;
      if (kept.length === 0) this.#images.delete(text);
      else this.#images.set(text, kept);
    }
    this.#growth = this.#growth.filter((growth) => growth.version > this.from);
    this.#sorted = undefined;
    this.#sortedByIndex.clear();
  }

  /** What replaces the row of the snapshot, if anything does. */
  image(key: Uint8Array, version: number): Image | undefined {
    return this.#images.get(keyText(key))?.find((image) => image.version > version);
  }

  count(snapshot: Snapshot, version: number): number {
    let count = snapshot.count(this.table);
    for (const growth of this.#growth) if (growth.version > version) count -= growth.rows;
    return count;
  }

  *scan(snapshot: Snapshot, range: KeyRange, version: number): Iterable<Row> {
    this.#sorted ??= [...this.#images.values()].flat().toSorted((a, b) => compareKeys(a.key, b.key));
    const images = within(
      this.#sorted,
      range,
      (image) => image.key,
      (image) => isValid(image, version),
    );
    const kept = filter(snapshot.scan(this.table, range), (row) => this.image(row.key, version) === undefined);
    const order = (row: Row, image: Image) => compareKeys(row.key, image.key);
    for (const item of merge(kept, images, order, range.reverse === true)) {
      const row = 'since' in item ? item.before : item;
      if (row !== undefined) yield row;
    }
  }

  *scanIndex(snapshot: Snapshot, index: Index, range: IndexRange, version: number): Iterable<IndexEntry> {
    const images = within(
      this.#byIndex(index),
      range,
      ({ place }) => place,
      ({ image }) => isValid(image, version),
    );
    const entries = snapshot.scanIndex(this.table, index, range);
    const kept = filter(entries, (entry) => this.image(entry.rowKey, version) === undefined);
    yield* merge(kept, images, compareEntries, range.reverse === true);
  }

  #byIndex(index: Index): IndexedImage[] {
    let sorted = this.#sortedByIndex.get(index);
    if (sorted === undefined) {
      sorted = [];
      for (const image of [...this.#images.values()].flat()) {
        const { before, key } = image;
        if (before === undefined) continue;
        const values = index.columns.map((column) => before.value(column));
        const { bytes, cut } = encodeIndexKey(index, values);
        sorted.push({ indexKey: bytes, rowKey: key, cut, place: Buffer.concat([bytes, key]), image });
      }
      sorted.sort(compareEntries);
      this.#sortedByIndex.set(index, sorted);
    }
    return sorted;
  }
}

function isValid(image: Image, version: number): boolean {
  return image.since <= version && version < image.version;
}

function compareEntries(a: IndexEntry, b: IndexEntry): number {
  return compareKeys(a.indexKey, b.indexKey) || compareKeys(a.rowKey, b.rowKey);
}

/** Of a sorted list, what lies in the range and is wanted, in the direction of the range. */
function* within<T>(
  sorted: readonly T[],
  { lower, upper, reverse }: KeyRange,
  bytes: (item: T) => Uint8Array,
  wanted: (item: T) => boolean,
): Generator<T> {
  const from = lower === undefined ? 0 : firstAtOrAbove(sorted, lower, bytes);
  const to = upper === undefined ? sorted.length : firstAtOrAbove(sorted, upper, bytes);
  for (let at = 0; at < to - from; at += 1) {
    const item = sorted[reverse === true ? to - 1 - at : from + at];
    if (item !== undefined && wanted(item)) yield item;
  }
}

function firstAtOrAbove<T>(sorted: readonly T[], bound: Uint8Array, bytes: (item: T) => Uint8Array): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = sorted[middle];
    if (item !== undefined && compareKeys(bytes(item), bound) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function* filter<T>(items: Iterable<T>, wanted: (item: T) => boolean): Generator<T> {
  for (const item of items) if (wanted(item)) yield item;
}

/** Two sorted sequences as one; lazy, and closes both where it is left early. */
function* merge<A, B>(
  left: Generator<A>,
  right: Generator<B>,
  compare: (a: A, b: B) => number,
  reverse: boolean,
): Generator<A | B> {
  try {
    let a = left.next();
    let b = right.next();
    while (a.done !== true || b.done !== true) {
      const order = a.done === true ? 1 : b.done === true ? -1 : compare(a.value, b.value) * (reverse ? -1 : 1);
      if (order <= 0 && a.done !== true) {
        yield a.value;
        a = left.next();
      } else if (b.done !== true) {
        yield b.value;
        b = right.next();
      }
    }
  } finally {
    left.return(undefined);
    right.return(undefined);
  }
}
