/**
 * A source delivers the records of topics, in offset order within each partition, from where each was left.
 * Two implementations pass `test/conformance/source.ts`: `kafka.ts` and `log.ts`. Called by `ingest`, and for a few records at a time by whoever looks into a topic.
 *
 *   open ──▶ Source ──start(topics, sink)──▶ sink.batch / sink.progress / sink.incident … ──close──▶
 *
 * The write wing puts decoding between a source and its sink: there, what a batch is made of is something else (`Batch`).
 */
export interface SourceRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** ms since 1970; the log's time of appending where the producer gave none (0 where a line of an embedded log has none). */
  readonly timestampMs: number;
  readonly key: Uint8Array | null;
  /** null: a tombstone. undefined: the line of an embedded log has no value, or cannot be read: a bad record. */
  readonly value: Uint8Array | null | undefined;
  /** The last header of a name wins. */
  readonly headers: ReadonlyMap<string, Uint8Array | null>;
  /** Why the bytes at this offset are no record at all (embedded log: not JSON; Kafka: never). */
  readonly unreadable?: string | undefined;
  /** These bytes, where they are few enough to be held. */
  readonly unreadableBytes?: Uint8Array | undefined;
}

/**
 * Consecutive records of one partition. `next` may lie beyond the last record's offset + 1 (transaction markers,
 * aborted records, compacted gaps); a batch may have no record and still move `next`.
 */
export interface RecordBatch {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly SourceRecord[];
  /** Offset of the first record that may follow; what a consumer stores. */
  readonly next: number;
  /** The offset up to which the partition could be read when this was fetched (Kafka: last stable offset). */
  readonly end: number;
}

/** A topic to read. */
export interface TopicStart {
  readonly topic: string;
  /** Next offset by partition. A partition that is not named starts at its earliest offset. */
  readonly next: ReadonlyMap<number, number>;
  /**
   * What identifies the incarnation of the topic that `next` belongs to, by partition, as `RecordSink.anchor` gave it.
   * Absent for a partition never read.
   */
  readonly anchors: ReadonlyMap<number, string>;
}

export interface PartitionProgress {
  readonly topic: string;
  readonly partition: number;
  /** Earliest offset that the topic still holds. */
  readonly start: number;
  /** Offset up to which it can be read now. */
  readonly end: number;
}

/** What happened to a topic that the reader must decide on; the source has stopped reading that partition (or topic). */
export type Incident =
  /** The topic is not there (yet). The source keeps looking and starts it when it appears. */
  | { readonly kind: 'topic-missing'; readonly topic: string }
  /** Same name, other records: deleted and created again, a file that got shorter or was rewritten. */
  | { readonly kind: 'topic-recreated'; readonly topic: string; readonly partition: number; readonly reason: string }
  /** The records from `next` to `start` are gone (retention, deleteRecords). Reading goes on from `start` only after `resume`. */
  | {
      readonly kind: 'truncated';
      readonly topic: string;
      readonly partition: number;
      readonly next: number;
      readonly start: number;
    }
  /** A batch that cannot be read (CRC, unknown codec or format). Reading this partition has stopped at `offset`. */
  | {
      readonly kind: 'unreadable';
      readonly topic: string;
      readonly partition: number;
      readonly offset: number;
      readonly reason: string;
    };

export interface RecordSink<Batch = RecordBatch> {
  /**
   * Takes a batch. The promise resolves once the sink can take the next one *of that partition*; until then the source
   * holds at most one further fetched batch of it, so that memory is bounded. Never rejects.
   */
  batch(batch: Batch): Promise<void>;
  /** Called at the start for every partition before its first batch, and whenever the source learns newer bounds. */
  progress(partitions: readonly PartitionProgress[]): void;
  /** The partitions of a topic are now these (at the start, and when partitions were added). */
  partitions(topic: string, partitions: readonly number[]): void;
  /** A new anchor for a partition, to be stored in the commit that stores a `next` at or beyond `offset`. */
  anchor(topic: string, partition: number, offset: number, anchor: string): void;
  incident(incident: Incident): void;
  /** The connection as a whole: false with the reason while the broker cannot be reached. The source keeps trying. */
  connected(connected: boolean, reason?: string): void;
}

/** Settings of a topic that decide what may have been missed while nobody read it. */
export interface TopicPolicy {
  readonly compacted: boolean;
  /** How long tombstones are kept; undefined where they are kept for ever (embedded log) or the broker does not say. */
  readonly tombstoneRetentionMs?: number | undefined;
}

export interface Source<Batch = RecordBatch> {
  /** What the source reads from, for messages: `Kafka at 127.0.0.1:29092`, `embedded log in ./log`. */
  readonly description: string;
  /** Starts reading. Resolves at once, also while the broker is away: what happens is told to the sink. */
  start(topics: readonly TopicStart[], sink: RecordSink<Batch>): Promise<void>;
  /** Continues a partition after an incident, from this offset. */
  resume(topic: string, partition: number, next: number): void;
  /**
   * undefined where the topic does not exist or its settings may not be read. Rejects while the broker cannot be reached:
   * the question decides what has to be read again, so the caller asks until it has an answer.
   */
  policy(topic: string): Promise<TopicPolicy | undefined>;
  /** Stops reading; no call of the sink is made after it resolves. */
  close(): Promise<void>;
}
