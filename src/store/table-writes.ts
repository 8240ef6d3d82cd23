import { isDeepStrictEqual } from 'node:util';
import { isTopicTable } from '../catalog/catalog.ts';
import type { Table } from '../catalog/catalog.ts';
import { assert } from '../common/errors.ts';
import type { Work } from '../common/work.ts';
import type { NewRow } from '../model/row.ts';
import type { RowChange } from './feed.ts';
import { packChange, packFeedHeader } from './feed.ts';
import { encodeIndexKey, keyText } from './keys.ts';
import { changeKey, headerKey, metaKeys, noBytes, offsetsKey, packEntry, timeKey } from './layout.ts';
import { noOffsets, packOffsets, unpackOffsets } from './offsets.ts';
import type { PartitionOffsets } from './offsets.ts';
import { packRow, StoredRow } from './row-codec.ts';
import type { RowReader } from './row-reader.ts';
import type { RowMove, TableState } from './store.ts';
import type { TableRecord } from './table-record.ts';
import { packJson } from './table-record.ts';
import { readRecord } from './tables.ts';
import type { IndexHandle, SharedDatabases, TableHandle } from './tables.ts';

/** What the commit does to one key. */
interface PendingRow {
  readonly key: Uint8Array;
  /** As the commit found it; the feed tells `before` and `current` apart. */
  readonly before: StoredRow | undefined;
  /** As LMDB has it now: `before` until the first `flush`. */
  stored: StoredRow | undefined;
  current: StoredRow | undefined;
  /** As of the last `drain`. */
  drained: StoredRow | undefined;
  timestampMs: number;
}

/** One table's part of a commit: rows are buffered by key, and written once each when the commit ends or a scan must see them. */
export class TableWrites {
  readonly handle: TableHandle;
  readonly #shared: SharedDatabases;
  readonly #reader: RowReader;
  readonly #work: Work;
  readonly #found: TableRecord;
  readonly #foundOffsets: PartitionOffsets;
  readonly #pending = new Map<string, PendingRow>();
  /** Those whose `stored` may be behind their `current`. */
  #unwritten: PendingRow[] = [];
  /** Those whose `drained` may be behind their `current`. */
  readonly #undrained = new Set<PendingRow>();
  /** Rows of a table that keeps none, each of a record of its own: nothing finds or collapses them. */
  readonly #passing: RowChange[] = [];
  #passingDrained = 0;
  record: TableRecord;
  offsets: PartitionOffsets;

  constructor(handle: TableHandle, shared: SharedDatabases, reader: RowReader, work: Work) {
    this.handle = handle;
    this.#shared = shared;
    this.#reader = reader;
    this.#work = work;
    this.#found = readRecord(shared.meta.get(metaKeys.state(handle.id)), handle.table);
    this.record = this.#found;
    const offsets = isTopicTable(handle.table)
      ? shared.offsets.get(offsetsKey(handle.id, handle.table.topic))
      : undefined;
    this.#foundOffsets = offsets === undefined ? noOffsets : unpackOffsets(offsets);
    this.offsets = this.#foundOffsets;
  }

  get table(): Table {
    return this.handle.table;
  }

  get(key: Uint8Array): StoredRow | undefined {
    const pending = this.#pending.get(keyText(key));
    return pending === undefined ? this.#reader.get(this.handle, key) : pending.current;
  }

  upsert(row: NewRow, timestampMs = row.timestampMs): void {
    const { layout } = this.handle;
    if (!this.table.kept) {
      const { key } = row;
      this.#passing.push({ key, before: undefined, after: new StoredRow(layout, key, row), timestampMs });
      return;
    }
    const pending = this.#pendingOf(row.key);
    if (pending.current === undefined) {
      this.#countRows(1);
    } else if (pending.current.partition !== row.partition) {
      this.setState({ takenOver: this.record.state.takenOver + 1 });
    }
    this.#set(pending, new StoredRow(layout, pending.key, row), timestampMs);
  }

  delete(key: Uint8Array, timestampMs: number): void {
    if (!this.table.kept) return;
    const pending = this.#pendingOf(key);
    if (pending.current === undefined) return;
    this.#countRows(-1);
    this.#set(pending, undefined, timestampMs);
  }

  setState(state: Partial<TableState>): void {
    this.record = { ...this.record, state: { ...this.record.state, ...state } };
  }

  clear(): void {
    assert(this.#pending.size === 0, 'a table is cleared before the commit touches it');
    const { rows, indexes, time, memory } = this.handle;
    rows.clear();
    for (const { entries } of indexes.values()) entries.clear();
    time?.clear();
    memory?.clear();
    this.record = { ...this.record, rows: 0 };
  }

  drain(): readonly RowMove[] {
    if (!this.table.kept) {
      const passed = this.#passing.slice(this.#passingDrained);
      this.#passingDrained = this.#passing.length;
      return passed;
    }
    const moves: RowMove[] = [];
    for (const pending of this.#undrained) {
      const { key, drained, current, timestampMs } = pending;
      if (drained === current) continue;
      moves.push({ key, before: drained, after: current, timestampMs });
      pending.drained = current;
    }
    this.#undrained.clear();
    return moves;
  }

  /** Brings rows, indexes and the time index in LMDB up to what the commit has done so far. */
  flush(): void {
    const unwritten = this.#unwritten;
    this.#unwritten = [];
    for (const pending of unwritten) {
      const { key, stored, current } = pending;
      if (stored === current) continue;
      if (current === undefined) this.handle.rows.remove(key);
      else this.handle.rows.put(key, packRow(current.parts));
      this.#work.rowsWritten += 1;
      for (const index of this.handle.indexes.values()) this.#writeIndex(index, key, stored, current);
      this.#writeTime(key, stored, current);
      pending.stored = current;
    }
  }

  /** Ends the commit for the table: rows, feed, offsets, record. Tells what it wrote. */
  finish(version: number, committedMs: number): { readonly changes: number; readonly wrote: boolean } {
    this.flush();
    const changes = this.#changes();
    let rowsMoved = this.#passing.length > 0;
    for (const { before, current } of this.#pending.values()) rowsMoved ||= before !== current;
    this.#leaveFilling(version);
    if (this.offsets !== this.#foundOffsets && isTopicTable(this.table)) {
      this.#shared.offsets.put(offsetsKey(this.handle.id, this.table.topic), packOffsets(this.offsets));
    }
    const moved = changes.length > 0 || this.offsets.next !== this.#foundOffsets.next;
    if (moved && this.#found.state.phase !== 'filling' && this.record.feedHorizon !== undefined) {
      this.#writeFeed(changes, version, committedMs);
    }
    const recordMoved = this.record !== this.#found && !isDeepStrictEqual(this.record, this.#found);
    if (recordMoved) this.#shared.meta.put(metaKeys.state(this.handle.id), packJson(this.record));
    return { changes: changes.length, wrote: rowsMoved || recordMoved || this.offsets !== this.#foundOffsets };
  }

  /** From its first moment outside `filling` the table has a feed; back there, it has none. */
  #leaveFilling(version: number): void {
    const filling = this.record.state.phase === 'filling';
    if (filling && this.record.feedHorizon !== undefined) this.record = { ...this.record, feedHorizon: undefined };
    if (!filling && this.record.feedHorizon === undefined) {
      this.record = { ...this.record, feedHorizon: version, filledVersion: version };
    }
  }

  #changes(): readonly RowChange[] {
    if (!this.table.kept) return this.#passing;
    const changes: RowChange[] = [];
    for (const { key, before, current, timestampMs } of this.#pending.values()) {
      if (before === current || (before !== undefined && current?.sameColumns(before) === true)) continue;
      changes.push({ key, before, after: current, timestampMs });
    }
    return changes;
  }

  #writeFeed(changes: readonly RowChange[], version: number, committedMs: number): void {
    const { feed } = this.#shared;
    const { id } = this.handle;
    let changeBytes = 0;
    let sequence = 0;
    for (const change of changes) {
      const packed = packChange(change);
      changeBytes += packed.length;
      feed.put(changeKey(id, version, (sequence += 1)), packed);
    }
    const nextBefore = this.#foundOffsets.next;
    const header = packFeedHeader({ committedMs, changeBytes, changes: changes.length, nextBefore });
    feed.put(headerKey(id, version), header);
    this.record = { ...this.record, feedBytes: this.record.feedBytes + changeBytes + header.length };
  }

  #writeIndex(
    { index, entries }: IndexHandle,
    key: Uint8Array,
    stored: StoredRow | undefined,
    current: StoredRow | undefined,
  ): void {
    if (stored !== undefined && current !== undefined) {
      if (index.columns.every((column) => stored.json(column) === current.json(column))) return;
    }
    const before =
      stored &&
      encodeIndexKey(
        index,
        index.columns.map((column) => stored.value(column)),
      );
    const after =
      current &&
      encodeIndexKey(
        index,
        index.columns.map((column) => current.value(column)),
      );
    if (before !== undefined && after !== undefined && Buffer.compare(before.bytes, after.bytes) === 0) return;
    if (before !== undefined) {
      entries.remove(Buffer.concat([before.bytes, key]));
      this.#work.indexEntriesWritten += 1;
    }
    if (after !== undefined) {
      entries.put(Buffer.concat([after.bytes, key]), packEntry(after.bytes.length, after.cut));
      this.#work.indexEntriesWritten += 1;
    }
  }

  #writeTime(key: Uint8Array, stored: StoredRow | undefined, current: StoredRow | undefined): void {
    const { time } = this.handle;
    if (time === undefined || stored?.timestampMs === current?.timestampMs) return;
    if (stored !== undefined) {
      time.remove(timeKey(stored.timestampMs, key));
      this.#work.indexEntriesWritten += 1;
    }
    if (current !== undefined) {
      time.put(timeKey(current.timestampMs, key), noBytes);
      this.#work.indexEntriesWritten += 1;
    }
  }

  #pendingOf(key: Uint8Array): PendingRow {
    const text = keyText(key);
    let pending = this.#pending.get(text);
    if (pending === undefined) {
      const before = this.#reader.get(this.handle, key);
      pending = { key, before, stored: before, current: before, drained: before, timestampMs: 0 };
      this.#pending.set(text, pending);
    }
    return pending;
  }

  #set(pending: PendingRow, current: StoredRow | undefined, timestampMs: number): void {
    if (pending.stored === pending.current) this.#unwritten.push(pending);
    pending.current = current;
    pending.timestampMs = timestampMs;
    this.#undrained.add(pending);
  }

  #countRows(difference: number): void {
    this.record = { ...this.record, rows: this.record.rows + difference };
  }
}
