import type { TopicTable } from '../catalog/catalog.ts';
import type { NewRow } from '../model/row.ts';
import type { SourceRecord } from '../source/source.ts';
import type { BadRecordCode } from '../store/store.ts';

/** What a record means for a table. Decoding depends on the record and the table alone, never on stored rows. */
export type Decoded =
  | { readonly kind: 'row'; readonly row: NewRow }
  /** A tombstone. */
  | { readonly kind: 'delete'; readonly key: Uint8Array }
  /** The table's `accept` does not match: not a record of this table. */
  | { readonly kind: 'foreign' }
  | { readonly kind: 'bad'; readonly code: BadRecordCode; readonly reason: string };

/** Compiled once per table; called by `ingest` for every record. Never throws. */
export type Decoder = (record: SourceRecord) => Decoded;

export type CreateDecoder = (table: TopicTable, options?: DecoderOptions) => Decoder;

export interface DecoderOptions {
  /** Records with more bytes of value (or of key) are bad. Default 1 MiB, about Kafka's own default limit of a message. */
  readonly maxValueBytes?: number | undefined;
}

export const defaultMaxValueBytes = 1_048_576;
