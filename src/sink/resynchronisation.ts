import type { Table } from '../catalog/catalog.ts';
import type { Row } from '../model/row.ts';
import type { SourceRecord } from '../source/source.ts';
import { compareKeys } from '../store/keys.ts';
import type { Snapshot } from '../store/store.ts';
import { keyOfText } from './outgoing.ts';
import type { TopicSurvey } from './topic-survey.ts';

/** Somebody else may have written it elsewhere than the key's hash says. */
interface Vanished {
  readonly key: string;
  readonly partition: number;
}

/** Keys that are to be deleted from the topic, before they are sent; what bounds memory. */
const maxVanished = 10_000;

/**
 * Bringing a topic up to a table of which nobody knows what the topic has: every row is sent, in key order and in pieces, each read
 * at a version of its own. The feed is followed at the same time, for rows that were sent already; deletions always, since the
 * topic may have any key. Keys that the topic has, and the table has not, get a tombstone.
 */
export class Resynchronisation {
  readonly #table: Table;
  readonly #survey: TopicSurvey | undefined;
  /** Of the topic, absent from the table when they were read. A key that comes back is passed over when it is sent. */
  readonly #vanished = new Map<string, Vanished>();
  /** Rows up to here have been sent; undefined: none. */
  #last: Uint8Array | undefined;
  #scanned = false;
  rows = 0;
  tombstones = 0;

  /** Without a survey the topic is known to hold nothing. */
  constructor(table: Table, survey: TopicSurvey | undefined) {
    this.#table = table;
    this.#survey = survey;
  }

  get finished(): boolean {
    return this.#scanned && this.#vanished.size === 0 && (this.#survey?.finished ?? true);
  }

  /** Whether a change of the feed has to be sent. */
  concerns(key: Uint8Array, isDeletion: boolean): boolean {
    return isDeletion || this.#scanned || (this.#last !== undefined && compareKeys(key, this.#last) <= 0);
  }

  /** Sends rows on as long as `send` answers that there is room. The feed has been sent up to the snapshot. */
  sendRows(snapshot: Snapshot, send: (row: Row) => boolean): void {
    if (this.#scanned) return;
    const last = this.#last;
    for (const row of snapshot.scan(this.#table, { lower: last })) {
      if (last !== undefined && compareKeys(row.key, last) === 0) continue;
      this.#last = row.key;
      this.rows += 1;
      if (!send(row)) return;
    }
    this.#scanned = true;
  }

  /** Looks at what has been read of the topic, and sends tombstones as long as `send` answers that there is room. */
  sendTombstones(snapshot: Snapshot, send: (vanished: Vanished) => boolean): void {
    if (this.#survey === undefined) return;
    while (this.#vanished.size < maxVanished) {
      const records = this.#survey.take();
      if (records.length === 0 && this.#survey.finished) break;
      if (records.length === 0) return;
      for (const record of records) this.#look(record, snapshot);
    }
    for (const [place, vanished] of this.#vanished) {
      this.#vanished.delete(place);
      if (this.#isThere(snapshot, vanished.key)) continue;
      this.tombstones += 1;
      if (!send(vanished)) return;
    }
  }

  async close(): Promise<void> {
    await this.#survey?.close();
  }

  #look({ key: bytes, value, partition }: SourceRecord, snapshot: Snapshot): void {
    if (bytes === null) return;
    const key = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
    const place = `${partition} ${key}`;
    if (value === null) this.#vanished.delete(place);
    else if (!this.#isThere(snapshot, key)) this.#vanished.set(place, { key, partition });
  }

  #isThere(snapshot: Snapshot, text: string): boolean {
    const key = keyOfText(this.#table, text);
    return key !== undefined && snapshot.get(this.#table, key) !== undefined;
  }
}
