import type {
  Incident,
  PartitionProgress,
  RecordBatch,
  RecordSink,
  SourceRecord,
  TopicStart,
} from '../../src/source/source.ts';

interface Waiter {
  readonly satisfied: () => boolean;
  readonly resolve: () => void;
}

/**
 * A sink that keeps what it is told and stores offsets and anchors as ingest would: `startOf` is what a reopened source
 * is given. Waiting is for a call that makes a condition true, never for time.
 */
export class RecordingSink implements RecordSink {
  /** Every call in order, for assertions about order and silence. */
  readonly calls: string[] = [];
  readonly batches: RecordBatch[] = [];
  readonly incidents: Incident[] = [];
  readonly connections: { readonly connected: boolean; readonly reason: string | undefined }[] = [];
  /** The last told partitions and bounds. */
  readonly partitionsByTopic = new Map<string, readonly number[]>();
  readonly progressByPartition = new Map<string, PartitionProgress>();
  readonly #next = new Map<string, number>();
  readonly #given = new Map<string, { readonly offset: number; readonly anchor: string }[]>();
  readonly #anchors = new Map<string, string>();
  readonly #held = new Map<string, (() => void)[]>();
  readonly #waiters = new Set<Waiter>();

  batch(batch: RecordBatch): Promise<void> {
    const id = idOf(batch.topic, batch.partition);
    this.batches.push(batch);
    this.#next.set(id, batch.next);
    for (const { offset, anchor } of this.#given.get(id) ?? []) {
      if (offset <= batch.next) this.#anchors.set(id, anchor);
    }
    this.#called(`batch ${id}`);
    const held = this.#held.get(id);
    return held === undefined ? Promise.resolve() : new Promise((resolve) => held.push(resolve));
  }

  progress(partitions: readonly PartitionProgress[]): void {
    for (const each of partitions) {
      const id = idOf(each.topic, each.partition);
      this.progressByPartition.set(id, each);
      this.#called(`progress ${id}`);
    }
  }

  partitions(topic: string, partitions: readonly number[]): void {
    this.partitionsByTopic.set(topic, partitions);
    this.#called(`partitions ${topic}`);
  }

  anchor(topic: string, partition: number, offset: number, anchor: string): void {
    const id = idOf(topic, partition);
    const given = this.#given.get(id) ?? [];
    given.push({ offset, anchor });
    this.#given.set(id, given);
    if (offset <= (this.#next.get(id) ?? 0)) this.#anchors.set(id, anchor);
    this.#called(`anchor ${id}`);
  }

  incident(incident: Incident): void {
    this.incidents.push(incident);
    this.#called(`incident ${incident.kind} ${incident.topic}`);
  }

  connected(connected: boolean, reason?: string): void {
    this.connections.push({ connected, reason });
    this.#called(`connected ${connected}`);
  }

  /** From now on the partition's batches are not taken, until `release`. */
  hold(topic: string, partition: number): void {
    this.#held.set(idOf(topic, partition), []);
  }

  release(topic: string, partition: number): void {
    const id = idOf(topic, partition);
    const held = this.#held.get(id) ?? [];
    this.#held.delete(id);
    for (const take of held) take();
  }

  records(topic: string, partition?: number): readonly SourceRecord[] {
    return this.batches
      .filter((batch) => batch.topic === topic && (partition === undefined || batch.partition === partition))
      .flatMap((batch) => batch.records);
  }

  offsets(topic: string, partition: number): readonly number[] {
    return this.records(topic, partition).map(({ offset }) => offset);
  }

  batchCount(topic: string, partition: number): number {
    return this.batches.filter((batch) => batch.topic === topic && batch.partition === partition).length;
  }

  /** What ingest would have stored: the start of a source that goes on where this sink is. */
  startOf(topic: string): TopicStart {
    const next = new Map<number, number>();
    const anchors = new Map<number, string>();
    for (const [id, offset] of this.#next) if (topicOf(id) === topic) next.set(partitionOf(id), offset);
    for (const [id, anchor] of this.#anchors) if (topicOf(id) === topic) anchors.set(partitionOf(id), anchor);
    return { topic, next, anchors };
  }

  /** Resolves once the condition holds; rejects with what was heard where it does not within the time. */
  async until(what: string, satisfied: () => boolean, timeoutMs = 20_000): Promise<void> {
    if (satisfied()) return;
    let timer: NodeJS.Timeout | undefined;
    const waiting = new Promise<void>((resolve, reject) => {
      const waiter = { satisfied, resolve };
      this.#waiters.add(waiter);
      timer = setTimeout(() => {
        this.#waiters.delete(waiter);
        reject(new Error(`waited ${timeoutMs} ms for ${what}; heard: ${this.calls.slice(-40).join(', ')}`));
      }, timeoutMs);
    });
    await waiting.finally(() => clearTimeout(timer));
  }

  untilRecords(topic: string, count: number): Promise<void> {
    return this.until(`${count} records of ${topic}`, () => this.records(topic).length >= count);
  }

  untilIncident(kind: Incident['kind'], topic: string): Promise<void> {
    return this.until(`${kind} of ${topic}`, () =>
      this.incidents.some((incident) => incident.kind === kind && incident.topic === topic),
    );
  }

  #called(call: string): void {
    this.calls.push(call);
    for (const waiter of this.#waiters) {
      if (!waiter.satisfied()) continue;
      this.#waiters.delete(waiter);
      waiter.resolve();
    }
  }
}

function idOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}

function topicOf(id: string): string {
  return id.slice(0, id.lastIndexOf('/'));
}

function partitionOf(id: string): number {
  return Number(id.slice(id.lastIndexOf('/') + 1));
}
