import type { Table } from '../catalog/catalog.ts';
import type { Column } from '../catalog/column.ts';
import type { OutgoingRecord } from '../source/topic-writer.ts';
import type { FeedPlace, Snapshot } from '../store/store.ts';
import { outgoingOf, sizeOf, visibleColumns } from './outgoing.ts';
import type { Resynchronisation } from './resynchronisation.ts';

/** What goes to the topic at once. The last record may lie beyond it. */
const maxCharacters = 400_000;

export interface Batch {
  readonly records: readonly OutgoingRecord[];
  /** Of the feed, behind what the batch has. */
  readonly place: FeedPlace;
  /** There is more at the same snapshot. */
  readonly full: boolean;
}

/** Makes batches of one table's changes, and of its rows where the topic has to be brought up to them. */
export class BatchMaker {
  readonly #table: Table;
  readonly #visible: readonly Column[];
  readonly #maxRecords: number;
  /** The greatest timestamp sent: tombstones for keys of which no change is known must not make a reader's time run ahead. */
  #latestMs = 0;

  constructor(table: Table, maxRecords = 2_000) {
    this.#table = table;
    this.#maxRecords = maxRecords;
    this.#visible = visibleColumns(table);
  }

  /** All that is to be sent as of the snapshot, from the place on, as far as it fits. */
  make(snapshot: Snapshot, from: FeedPlace, resynchronisation: Resynchronisation | undefined): Batch {
    const records: OutgoingRecord[] = [];
    let characters = 0;
    const send = (record: OutgoingRecord): boolean => {
      records.push(record);
      characters += sizeOf(record);
      this.#latestMs = Math.max(this.#latestMs, record.timestampMs);
      return records.length < this.#maxRecords && characters < maxCharacters;
    };

    for (const { change, place } of snapshot.changesFrom(this.#table, from)) {
      const { key, after, timestampMs } = change;
      if (resynchronisation?.concerns(key, after === undefined) === false) continue;
      if (!send(this.#record(key, after, timestampMs))) return { records, place, full: true };
    }
    resynchronisation?.sendRows(snapshot, (row) => send(this.#record(row.key, row, row.timestampMs)));
    const hasRoom = (): boolean => records.length < this.#maxRecords && characters < maxCharacters;
    if (hasRoom()) {
      resynchronisation?.sendTombstones(snapshot, (vanished) =>
        send({ ...vanished, value: null, timestampMs: this.#latestMs }),
      );
    }
    return { records, place: { version: snapshot.version + 1, sequence: 0 }, full: !hasRoom() };
  }

  #record(...[key, row, timestampMs]: Tail<Parameters<typeof outgoingOf>>): OutgoingRecord {
    return outgoingOf(this.#table, this.#visible, key, row, timestampMs);
  }
}

type Tail<T extends readonly unknown[]> = T extends [unknown, unknown, ...infer Rest] ? Rest : never;
