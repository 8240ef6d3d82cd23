import { isDeepStrictEqual } from 'node:util';
import { isTopicTable } from '../catalog/catalog.ts';
import type { Table } from '../catalog/catalog.ts';
import { assert } from '../common/errors.ts';
import type { Work } from '../common/work.ts';
import type { NewRow } from '../model/row.ts';
import type { RowChange } from './feed.ts';
import { packChange, packFeedHeader } from './feed.ts';
import { putEntry } from './index-entries.ts';
import type { IndexHandle } from './index-entries.ts';
import { compareKeys, encodeIndexEntry, keyText } from './keys.ts';
import { changeKey, headerKey, metaKeys, noBytes, offsetsKey, setSequence, timeKey } from './layout.ts';
import { noOffsets, packOffsets, unpackOffsets } from './offsets.ts';
import type { PartitionOffsets } from './offsets.ts';
import { RowImage } from './row-image.ts';
import type { RowReader } from './row-reader.ts';
import type { RowMove, TableState } from './store.ts';
import type { TableRecord } from './table-record.ts';
import { packJson } from './table-record.ts';
import { readRecord } from './tables.ts';
import type { SharedDatabases, TableHandle } from './tables.ts';

/** What the commit does to one key: `before` is as the commit found it, `after` as it leaves it. */
interface PendingRow extends RowChange {
  after: RowImage | undefined;
  timestampMs: number;
  /** As LMDB has it now: `before` until the first `flush`. */
  stored: RowImage | undefined;
  /** As of the last `drain`. */
  drained: RowImage | undefined;
}

/** One table's part of a commit: rows are buffered by key, and written once each when the commit ends or a scan must see them. */
export class TableWrites {
  readonly handle: TableHandle;
  readonly #shared: SharedDatabases;
  readonly #reader: RowReader;
  readonly #work: Work;
  readonly #foundRecord: TableRecord;
  readonly #foundOffsets: PartitionOffsets;
  readonly #pending = new Map<string, PendingRow>();
  /** Those whose `stored` may be behind their `after`. */
  #unwritten: PendingRow[] = [];
  /** Those whose `drained` may be behind their `after`. */
  #undrained: PendingRow[] = [];
  /** The row that was looked for last: what is looked at before it is written is read once. */
  #found: { readonly text: string; readonly row: RowImage | undefined } | undefined;
  /** Rows of a table that keeps none, each of a record of its own: nothing finds or collapses them. */
  readonly #passing: RowChange[] = [];
  #passingDrained = 0;
  #rowsAdded = 0;
  record: TableRecord;
  offsets: PartitionOffsets;

  constructor(handle: TableHandle, shared: SharedDatabases, reader: RowReader, work: Work) {
    this.handle = handle;
    this.#shared = shared;
    this.#reader = reader;
    this.#work = work;
    this.#foundRecord = readRecord(shared.meta.get(metaKeys.state(handle.id)), handle.table);
    this.record = this.#foundRecord;
    const offsets = isTopicTable(handle.table)
      ? shared.offsets.get(offsetsKey(handle.id, handle.table.topic))
      : undefined;
    this.#foundOffsets = offsets === undefined ? noOffsets : unpackOffsets(offsets);
    this.offsets = this.#foundOffsets;
  }

  get table(): Table {
    return this.handle.table;
  }

  /** Rows, with those of the commit. */
  get rows(): number {
    return this.record.rows + this.#rowsAdded;
  }

  get(key: Uint8Array): RowImage | undefined {
    const text = keyText(key);
    const pending = this.#pending.get(text);
    return pending === undefined ? this.#find(text, key) : pending.after;
  }

  upsert(row: NewRow, timestampMs = row.timestampMs): void {
    this.put(RowImage.ofNew(this.handle, row), timestampMs);
  }

  put(row: RowImage, timestampMs = row.timestampMs): void {
    const { key } = row;
    if (!this.table.kept) {
      this.#passing.push({ key, before: undefined, after: row, timestampMs });
      return;
    }
    const pending = this.#pendingOf(key);
    if (pending.after === undefined) {
      this.#rowsAdded += 1;
    } else if (pending.after.partition !== row.partition) {
      this.setState({ takenOver: this.record.state.takenOver + 1 });
    }
    this.#set(pending, row, timestampMs);
  }

  delete(key: Uint8Array, timestampMs: number): void {
    if (!this.table.kept) return;
    const pending = this.#pendingOf(key);
    if (pending.after === undefined) return;
    this.#rowsAdded -= 1;
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
    this.#found = undefined;
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
      const { key, drained, after, timestampMs } = pending;
      if (drained === after) continue;
      moves.push({ key, before: drained, after, timestampMs });
      pending.drained = after;
    }
    this.#undrained = [];
    return moves;
  }

  /** Brings rows, indexes and the time index in LMDB up to what the commit has done so far. */
  flush(): void {
    const unwritten = this.#unwritten;
    this.#unwritten = [];
    for (const pending of unwritten) {
      const { key, stored, after } = pending;
      if (stored === after) continue;
      if (after === undefined) this.handle.rows.remove(key);
      else this.handle.rows.putSlice(key, after.bytes);
      this.#work.rowsWritten += 1;
      for (const index of this.handle.indexes.values()) this.#writeIndex(index, key, stored, after);
      this.#writeTime(key, stored, after);
      pending.stored = after;
    }
  }

  /** Whether LMDB is behind what the commit has done to the rows. */
  get buffers(): boolean {
    return this.#unwritten.length > 0;
  }

  /** Ends the commit for the table: rows, feed, offsets, record. Tells what it wrote. */
  finish(version: number, committedMs: number): { readonly changes: number; readonly wrote: boolean } {
    this.flush();
    if (this.#rowsAdded !== 0) this.record = { ...this.record, rows: this.rows };
    const changes = this.#changes();
    let rowsMoved = this.#passing.length > 0;
    for (const { before, after } of this.#pending.values()) rowsMoved ||= before !== after;
    this.#leaveFilling(version);
    if (this.offsets !== this.#foundOffsets && isTopicTable(this.table)) {
      this.#shared.offsets.put(offsetsKey(this.handle.id, this.table.topic), packOffsets(this.offsets));
    }
    const moved = changes.length > 0 || this.offsets.next !== this.#foundOffsets.next;
    if (moved && this.#foundRecord.state.phase !== 'filling' && this.record.feedHorizon !== undefined) {
      this.#writeFeed(changes, version, committedMs);
    }
    const recordMoved = this.record !== this.#foundRecord && !isDeepStrictEqual(this.record, this.#foundRecord);
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
    for (const pending of this.#pending.values()) {
      const { before, after } = pending;
      if (before === after || (before !== undefined && after?.sameColumns(before) === true)) continue;
      changes.push(pending);
    }
    return changes;
  }

  #writeFeed(changes: readonly RowChange[], version: number, committedMs: number): void {
    const { feed } = this.#shared;
    const { id } = this.handle;
    let changeBytes = 0;
    let sequence = 0;
    const key = changeKey(id, version, sequence);
    for (const change of changes) {
      const packed = packChange(change);
      changeBytes += packed.end - packed.start;
      setSequence(key, (sequence += 1));
      feed.putSlice(key, packed);
    }
    const nextBefore = this.#foundOffsets.next;
    const header = packFeedHeader({ committedMs, changeBytes, changes: changes.length, nextBefore });
    feed.put(headerKey(id, version), header);
    this.record = { ...this.record, feedBytes: this.record.feedBytes + changeBytes + header.length };
  }

  #writeIndex(handle: IndexHandle, key: Uint8Array, stored: RowImage | undefined, current: RowImage | undefined): void {
    const { index, entries } = handle;
    const same = stored !== undefined && current?.sameIn(index.columns, stored) === true;
    if (same && !index.covering) return;
    const after = current && encodeIndexEntry(index, current, key);
    const before = same ? after : stored && encodeIndexEntry(index, stored, key);
    // Values that differ may have the same bytes: decimals, and what was cut.
    const stays = before !== undefined && after !== undefined && compareKeys(before.bytes, after.bytes) === 0;
    if (before !== undefined && !stays) {
      entries.remove(before.bytes);
      this.#work.indexEntriesWritten += 1;
    }
    // An entry that stays where it is has the row's bytes, where the index covers.
    if (current !== undefined && after !== undefined && (!stays || index.covering)) {
      putEntry(handle, after, current.bytes);
      this.#work.indexEntriesWritten += 1;
    }
  }

  #writeTime(key: Uint8Array, stored: RowImage | undefined, current: RowImage | undefined): void {
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
      const before = this.#find(text, key);
      pending = { key, before, after: before, timestampMs: 0, stored: before, drained: before };
      this.#pending.set(text, pending);
    }
    return pending;
  }

  #set(pending: PendingRow, after: RowImage | undefined, timestampMs: number): void {
    if (pending.stored === pending.after) this.#unwritten.push(pending);
    if (pending.drained === pending.after) this.#undrained.push(pending);
    pending.after = after;
    pending.timestampMs = timestampMs;
  }

  /** As LMDB has it. Of a key that the commit has not written. */
  #find(text: string, key: Uint8Array): RowImage | undefined {
    if (this.#found?.text !== text) this.#found = { text, row: this.#reader.getImage(this.handle, key) };
    return this.#found.row;
  }
}
