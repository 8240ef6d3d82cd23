import { reasonOf } from '../common/errors.ts';
import type { Anchor } from './kafka-anchor.ts';
import { makeAnchor, parseAnchor, printAnchor } from './kafka-anchor.ts';
import type { FetchedBytes } from './kafka-fetched.ts';
import type { KafkaLog } from './kafka-options.ts';
import type { FetchedPartition } from './kafka-requests.ts';
import { UnreadableBatch, nextOffset, readRecordSection } from './record-batch.ts';
import type { ReadRecords, RecordSectionReader } from './record-batch.ts';
import type { Incident, PartitionProgress, RecordSink } from './source.ts';

/** What the readers of all partitions share. */
export interface ReadingContext {
  readonly sink: RecordSink;
  readonly maxBatchBytes: number;
  readonly maxRecordsPerBatch: number;
  readonly maxBytesPerPartition: number;
  readonly fetched: FetchedBytes;
  readonly log: KafkaLog;
  readonly isClosed: () => boolean;
  /** Runs `deliver` soon, on a turn of the event loop of its own, so that decoding many partitions does not block it. */
  readonly schedule: (deliver: () => void) => void;
}

interface HeldSection {
  readonly from: number;
  readonly next: number;
  readonly end: number;
  readonly bytes: number;
  readonly reader: RecordSectionReader;
}

/**
 * One partition: where it is read from, what was fetched and not yet taken by the sink, and why it stopped.
 *
 *   waiting ──leader known──▶ starting ──offsets and anchor agree──▶ reading ──incident──▶ stopped ──resume──▶ starting
 *
 * At most two fetched sections are in memory: the one the sink is being given and one further. While both are, or all partitions
 * together have fetched enough, the partition is left out of fetch requests.
 */
export class PartitionReader {
  readonly topic: string;
  readonly partition: number;
  /** Broker to fetch from; undefined while nobody leads the partition, or until the metadata was read again. */
  leader: number | undefined;
  topicId: string | undefined;
  /** Next offset to fetch; undefined: the earliest. */
  position: number | undefined;
  anchor: Anchor | undefined;
  /** Grows while the broker sends nothing but the beginning of a batch. */
  maxBytes: number;
  /** How often in a row the position seemed to lie outside the log. */
  suspicions = 0;
  /** Rises with each restart: an answer to an earlier question is recognized by it. */
  incarnation = 0;
  /** When it was last left out of requests, by the clock of `performance`. */
  fullSinceMs = 0;
  /** When its bounds were last heard of, by the same clock. */
  boundsToldMs = 0;

  readonly #context: ReadingContext;
  #held: HeldSection[] = [];
  #state: 'starting' | 'reading' | 'stopped' = 'starting';
  #incident: Incident | undefined;
  #sinkBusy = false;
  #scheduled = false;
  #told: PartitionProgress | undefined;
  #wake: () => void = () => {};

  constructor(
    context: ReadingContext,
    topic: string,
    partition: number,
    start: { readonly next: number | undefined; readonly anchor: string | undefined },
  ) {
    this.#context = context;
    this.topic = topic;
    this.partition = partition;
    this.position = start.next;
    this.anchor = parseAnchor(start.anchor);
    this.maxBytes = context.maxBytesPerPartition;
  }

  get isStarting(): boolean {
    return this.#state === 'starting';
  }

  get isReading(): boolean {
    return this.#state === 'reading';
  }

  get isFetchable(): boolean {
    return this.#state === 'reading' && this.#held.length < 2 && !this.#context.fetched.isFull;
  }

  /** `wake` is called when the partition may be fetched, or started, again. */
  follow(leader: number | undefined, topicId: string | undefined, wake: () => void): void {
    this.leader = leader;
    this.topicId = topicId;
    this.#wake = wake;
  }

  /** The offsets and the anchor agree with the log: reading begins at `position`. */
  begin(position: number): void {
    this.position = position;
    this.#state = 'reading';
    const { topicId } = this;
    if (topicId === undefined || this.anchor?.topicId === topicId) return;
    this.#setAnchor(makeAnchor(topicId, undefined, -1), position);
  }

  /** Looks at the log's bounds and at the anchor before anything more is fetched. */
  checkAgain(): void {
    if (this.#state !== 'reading') return;
    this.#state = 'starting';
    this.incarnation++;
  }

  /** After an incident. */
  restart(position: number): void {
    this.incarnation++;
    this.position = position;
    this.anchor = undefined;
    this.suspicions = 0;
    this.#forget();
    this.#incident = undefined;
    this.#state = 'starting';
    this.#wake();
  }

  /** Nothing more is fetched; the sink is told once it has taken what was fetched before. */
  stop(incident: Incident): void {
    if (this.#state === 'stopped') return;
    this.#state = 'stopped';
    this.incarnation++;
    this.#incident = incident;
    this.#schedule();
  }

  /** The bounds, where the sink does not know them yet. */
  progress(start: number, end: number): PartitionProgress | undefined {
    this.boundsToldMs = performance.now();
    if (this.#told?.start === start && this.#told.end === end) return undefined;
    this.#told = { topic: this.topic, partition: this.partition, start, end };
    return this.#told;
  }

  /** An answer to a fetch from `position`. `responseBytes` is what the section's memory would keep alive. */
  accept(fetched: FetchedPartition, responseBytes: number): void {
    const { records } = fetched;
    const from = this.position;
    if (records === null || records.length === 0 || from === undefined) return;
    const next = nextOffset(records);
    if (next === undefined) {
      this.maxBytes = Math.min(this.maxBytes * 2, 0x4000_0000);
      return;
    }
    this.maxBytes = this.#context.maxBytesPerPartition;
    const { fetched: all } = this.#context;
    // A section that waits for the sink must not keep a whole response of many partitions in memory.
    const waits = !all.isEmpty && responseBytes > records.length * 2;
    const reader = readRecordSection({
      topic: this.topic,
      partition: this.partition,
      section: waits ? Buffer.from(records) : records,
      from,
      aborted: fetched.aborted,
      maxBatchBytes: this.#context.maxBatchBytes,
    });
    this.#held.push({ from, next, end: fetched.lastStableOffset, bytes: records.length, reader });
    all.add(records.length);
    if (this.#held.length === 2) this.fullSinceMs = performance.now();
    this.position = Math.max(next, from);
    this.#schedule();
  }

  /** What was fetched and not taken. */
  #forget(): void {
    const forgotten = this.#held;
    this.#held = [];
    for (const { bytes } of forgotten) this.#context.fetched.remove(bytes);
  }

  #schedule(): void {
    if (this.#scheduled || this.#sinkBusy) return;
    this.#scheduled = true;
    this.#context.schedule(() => {
      this.#scheduled = false;
      if (!this.#context.isClosed() && !this.#sinkBusy) this.#deliver();
    });
  }

  #deliver(): void {
    const section = this.#held[0];
    if (section === undefined) {
      this.#tellIncident();
      return;
    }
    const read = this.#read(section);
    if (read === 'unreadable') return;
    if (read === undefined) {
      this.#held.shift();
      this.#context.fetched.remove(section.bytes);
      this.#wake();
      this.#schedule();
      return;
    }
    const { topic, partition } = this;
    const { records, next, leaderEpoch } = read;
    const last = records.at(-1);
    if (last !== undefined) this.#setAnchor(makeAnchor(this.topicId, last, leaderEpoch), last.offset);
    this.#give(this.#context.sink.batch({ topic, partition, records, next, end: Math.max(section.end, next) }));
  }

  #read(section: HeldSection): ReadRecords | undefined | 'unreadable' {
    try {
      const read = section.reader.read(this.#context.maxRecordsPerBatch);
      if (read !== undefined || section.next > section.from) return read;
      throw new UnreadableBatch(section.from, `the broker sent batches that end at offset ${section.next}, before it`);
    } catch (error) {
      const { topic, partition } = this;
      const offset = error instanceof UnreadableBatch ? error.offset : section.from;
      this.#forget();
      this.#state = 'reading';
      this.stop({ kind: 'unreadable', topic, partition, offset, reason: reasonOf(error) });
      return 'unreadable';
    }
  }

  #give(taken: Promise<void>): void {
    this.#sinkBusy = true;
    const done = (): void => {
      this.#sinkBusy = false;
      this.#schedule();
    };
    taken.then(done, (error: unknown) => {
      this.#context.log(
        'error',
        `bug in Headgate: the sink refused ${this.topic}/${this.partition}: ${reasonOf(error)}`,
      );
      this.#state = 'stopped';
      this.#forget();
      this.#sinkBusy = false;
    });
  }

  #tellIncident(): void {
    const incident = this.#incident;
    this.#incident = undefined;
    if (incident !== undefined) this.#context.sink.incident(incident);
  }

  #setAnchor(anchor: Anchor | undefined, offset: number): void {
    if (anchor === undefined) return;
    this.anchor = anchor;
    this.#context.sink.anchor(this.topic, this.partition, offset, printAnchor(anchor));
  }
}
