import type { Index, Table } from '../catalog/catalog.ts';
import type { Row } from '../model/row.ts';
import type { KeepingReader, Kept } from '../query/kept.ts';
import type { IndexEntry, IndexRange, KeyRange, Reader } from '../store/store.ts';

/** What an evaluation looked at: whatever a later change must touch for the answer to become another one. */
export interface ReadSet {
  /** Rows asked for by key, missing ones included. */
  readonly keys: readonly ReadKey[];
  readonly ranges: readonly ReadRange[];
  /** Tables whose number of rows was asked for. */
  readonly counted: ReadonlySet<Table>;
}

export interface ReadKey {
  readonly table: Table;
  readonly key: Uint8Array;
}

/** A place in a table's keys (`index` absent) or in an index, where two rows may have equal index keys. */
export interface ReadPlace {
  readonly bytes: Uint8Array;
  /** In an index: the row key that orders equal entries. */
  readonly rowKey?: Uint8Array | undefined;
}

/** The part of a scan that was consumed. */
export interface ReadRange {
  readonly table: Table;
  /** Absent: a scan of the table in key order. */
  readonly index?: Index | undefined;
  readonly range: KeyRange;
  /** Where a forward scan stopped, inclusive; it replaces `range.upper`. */
  readonly last?: ReadPlace | undefined;
  /** Where a reverse scan stopped, inclusive; it replaces `range.lower`. */
  readonly first?: ReadPlace | undefined;
}

/**
 * A reader that notes what is read through it. A row that an index entry has, or that is fetched through it (by the
 * very `rowKey` object that the entry carries), is not noted again: every change of it is a change within the scanned range.
 */
export class RecordingReader implements KeepingReader {
  kept: Kept | undefined;
  readonly #reader: Reader;
  readonly #keys: ReadKey[] = [];
  readonly #scans: Scan[] = [];
  readonly #counted = new Set<Table>();
  readonly #fromIndex = new WeakSet<Uint8Array>();

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  get(table: Table, key: Uint8Array): Row | undefined {
    if (!this.#fromIndex.has(key)) this.#keys.push({ table, key });
    return this.#reader.get(table, key);
  }

  *scan(table: Table, range: KeyRange): Iterable<Row> {
    const scan: Scan = { table, index: undefined, range, stoppedAt: undefined };
    this.#scans.push(scan);
    for (const row of this.#reader.scan(table, range)) {
      scan.stoppedAt = { bytes: row.key };
      yield row;
    }
    // Only a scan that ran to its end comes here: it has seen the whole range.
    scan.stoppedAt = undefined;
  }

  *scanIndex(table: Table, index: Index, range: IndexRange): Iterable<IndexEntry> {
    const scan: Scan = { table, index, range, stoppedAt: undefined };
    this.#scans.push(scan);
    for (const entry of this.#reader.scanIndex(table, index, range)) {
      scan.stoppedAt = { bytes: entry.indexKey, rowKey: entry.rowKey };
      this.#fromIndex.add(entry.rowKey);
      yield entry;
    }
    scan.stoppedAt = undefined;
  }

  count(table: Table): number {
    this.#counted.add(table);
    return this.#reader.count(table);
  }

  /** Where it stands: for `forget`. */
  mark(): ReadMark {
    return { keys: this.#keys.length, scans: this.#scans.length };
  }

  /** What was read since is kept by other means, and has ended. */
  forget({ keys, scans }: ReadMark): void {
    this.#keys.length = keys;
    this.#scans.length = scans;
  }

  /** To be asked once the evaluation has ended. */
  readSet(): ReadSet {
    const ranges = this.#scans.map(({ table, index, range, stoppedAt }): ReadRange => {
      if (stoppedAt === undefined) return { table, index, range };
      return range.reverse === true
        ? { table, index, range, first: stoppedAt }
        : { table, index, range, last: stoppedAt };
    });
    return { keys: this.#keys, ranges, counted: this.#counted };
  }
}

export interface ReadMark {
  readonly keys: number;
  readonly scans: number;
}

interface Scan {
  readonly table: Table;
  readonly index: Index | undefined;
  readonly range: KeyRange;
  /** The last place handed out; undefined once the scan has ended (or failed before its first). */
  stoppedAt: ReadPlace | undefined;
}
