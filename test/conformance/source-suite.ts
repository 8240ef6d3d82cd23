import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { RecordSink, Source, SourceRecord, TopicStart } from '../../src/source/source.ts';
import type { RecordingSink } from '../support/recording-sink.ts';

/** A record to be produced. The value is JSON text, so that both sources can carry it byte for byte. */
export interface ProducedRecord {
  readonly key?: string | null | undefined;
  /** null: a tombstone. undefined: no value at all, where the source knows such records. */
  readonly value: string | null | undefined;
  readonly timestamp: number;
  readonly headers?: Readonly<Record<string, string | null>> | undefined;
}

/** What the suite needs of the thing that a source reads from. One per suite; each test has topics of its own. */
export interface SourceHarness {
  /** A new source on it; called several times, also while others are open. The suite closes them. */
  open(): Source;
  createTopic(topic: string, partitions: number): Promise<void>;
  deleteTopic(topic: string): Promise<void>;
  /** Answers the offsets, in order. */
  produce(topic: string, partition: number, records: readonly ProducedRecord[]): Promise<readonly number[]>;
  /** The topic has this many partitions from now on. */
  addPartitions(topic: string, total: number): Promise<void>;
  /** Deletes the partition's records before the offset. */
  truncate(topic: string, partition: number, before: number): Promise<void>;
  /** Takes what the source reads from away and brings it back, records kept. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export type Optional = 'truncate' | 'restart' | 'absentValues' | 'nullHeaders';

export interface ConformanceOptions {
  /** What this kind of source does not have, and why. */
  readonly unsupported?: Partial<Record<Optional, string>> | undefined;
}

/** What the tests of the suite share: one harness, topics that nobody else has, sources that get closed. */
export interface SourceSuite {
  readonly harness: () => SourceHarness;
  newTopic(): string;
  createTopic(partitions?: number): Promise<string>;
  /** A topic by its name is read from its start. */
  start(starts: readonly (TopicStart | string)[], sink: RecordSink): Promise<Source>;
  startAndRead(topic: string, sink: RecordingSink, count: number): Promise<Source>;
  stop(source: Source): Promise<void>;
  /** Why a test is skipped. */
  readonly unsupported: Partial<Record<Optional, string>>;
}

/** Called inside a `describe`. */
export function makeSuite(makeHarness: () => Promise<SourceHarness>, options: ConformanceOptions): SourceSuite {
  const run = randomBytes(4).toString('hex');
  const open = new Set<Source>();
  let harness: SourceHarness | undefined;
  let topics = 0;

  beforeAll(async () => {
    harness = await makeHarness();
  }, 120_000);
  afterEach(async () => {
    await Promise.all([...open].map((source) => source.close()));
    open.clear();
  });
  afterAll(async () => {
    await harness?.close();
  });

  const suite: SourceSuite = {
    unsupported: options.unsupported ?? {},
    harness() {
      if (harness === undefined) throw new Error('the harness is made before the first test');
      return harness;
    },
    newTopic() {
      topics += 1;
      return `conformance-${run}-${topics}`;
    },
    async createTopic(partitions = 1) {
      const topic = suite.newTopic();
      await suite.harness().createTopic(topic, partitions);
      return topic;
    },
    async start(starts, sink) {
      const source = suite.harness().open();
      open.add(source);
      const fresh = (topic: string): TopicStart => ({ topic, next: new Map(), anchors: new Map() });
      await source.start(
        starts.map((each) => (typeof each === 'string' ? fresh(each) : each)),
        sink,
      );
      return source;
    },
    async startAndRead(topic, sink, count) {
      const source = await suite.start([topic], sink);
      await sink.untilRecords(topic, count);
      return source;
    },
    async stop(source) {
      open.delete(source);
      await source.close();
    },
  };
  return suite;
}

/** A topic may have a retention time: records from long ago would not stay. */
export const recently = Date.now() - 60_000;

export function numbered(count: number, from = 0): ProducedRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    key: `k${(from + index) % 10}`,
    value: `{"n":${from + index}}`,
    timestamp: recently + from + index,
  }));
}

/** Bytes as text, for comparison and for reading a failure. */
export function show(record: SourceRecord) {
  const text = (bytes: Uint8Array | null | undefined) => (bytes ? Buffer.from(bytes).toString() : bytes);
  return {
    ...record,
    key: text(record.key),
    value: text(record.value),
    headers: Object.fromEntries([...record.headers].map(([name, bytes]) => [name, text(bytes)])),
  };
}
