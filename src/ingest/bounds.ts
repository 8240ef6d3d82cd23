import type { Incident, PartitionProgress } from '../source/source.ts';

/** What the write wing knows of its topics beside what is stored; readers show it in `_meta`, readiness and metrics. */
export interface SourceProgress {
  readonly connected: boolean;
  readonly reason?: string | undefined;
  /** End offset by partition, by topic, as last seen. */
  readonly ends: ReadonlyMap<string, ReadonlyMap<number, number>>;
  readonly missingTopics: ReadonlySet<string>;
  /** Records read in this run, by partition, by topic. */
  readonly records: ReadonlyMap<string, ReadonlyMap<number, number>>;
}

/**
 * Decides "caught up": a table is, once it has applied every partition of its topic up to the end that the partition had
 * when it was first seen in this run. A topic that is not there has nothing to catch up with.
 */
export interface Bounds {
  /** True the first time that a partition is seen. */
  seen(partition: PartitionProgress): boolean;
  seenEnd(topic: string, partition: number, end: number): void;
  /** So many records have come. */
  received(topic: string, partition: number, records: number): void;
  partitions(topic: string, partitions: readonly number[]): void;
  incident(incident: Incident): void;
  /** True where it changed. */
  connected(connected: boolean, reason: string | undefined): boolean;
  /** The partition was read up to here in this run, whatever had been applied before. */
  readTo(topic: string, partition: number, next: number): void;
  /** Whether this run has read the partition from its start (or from where it was cut off) to its target. */
  readThrough(topic: string, partition: number): boolean;
  caughtUp(topic: string, offsets: ReadonlyMap<number, number>): boolean;
  /** Whether all that is known to be in the topic has been applied, and the source can be asked for more. */
  readToEnd(topic: string, offsets: ReadonlyMap<number, number>): boolean;
  progress(): SourceProgress;
  /** Whether `progress` says something else than when this was asked last. */
  changed(): boolean;
}

export function createBounds(topics: readonly string[]): Bounds {
  /** The end of each partition when it was first seen: what "caught up" means in this run. */
  const targets = new Map(topics.map((topic) => [topic, new Map<number, number>()]));
  const ends = new Map(topics.map((topic) => [topic, new Map<number, number>()]));
  /** How far each partition was read in this run. */
  const reads = new Map(topics.map((topic) => [topic, new Map<number, number>()]));
  const records = new Map(topics.map((topic) => [topic, new Map<number, number>()]));
  const known = new Map<string, readonly number[]>();
  const missing = new Set<string>();
  let connection: { connected: boolean; reason?: string | undefined } = { connected: true };

  let fresh = true;

  const set = (
    numbers: ReadonlyMap<string, Map<number, number>>,
    topic: string,
    partition: number,
    n: number,
  ): void => {
    const known = numbers.get(topic);
    if (known === undefined || known.get(partition) === n) return;
    known.set(partition, n);
    fresh = true;
  };

  const reached = (topic: string, partition: number, next: number): boolean => {
    const target = targets.get(topic)?.get(partition);
    return target !== undefined && next >= target;
  };

  return {
    seen({ topic, partition, start, end }) {
      set(ends, topic, partition, end);
      const first = targets.get(topic);
      if (first === undefined || first.has(partition)) return false;
      first.set(partition, end);
      // What is empty is read through before anything arrives.
      if (start >= end) reads.get(topic)?.set(partition, end);
      return true;
    },
    seenEnd(topic, partition, end) {
      set(ends, topic, partition, end);
    },
    received(topic, partition, count) {
      set(records, topic, partition, (records.get(topic)?.get(partition) ?? 0) + count);
    },
    partitions(topic, partitions) {
      known.set(topic, partitions);
      if (missing.delete(topic)) fresh = true;
    },
    incident(incident) {
      if (incident.kind === 'topic-missing' && !missing.has(incident.topic)) {
        missing.add(incident.topic);
        fresh = true;
      }
      if (incident.kind === 'truncated') {
        const { topic, partition, start } = incident;
        reads.get(topic)?.set(partition, start);
        targets.get(topic)?.set(partition, Math.max(start, ends.get(topic)?.get(partition) ?? 0));
      }
    },
    connected(connected, reason) {
      const changed = connection.connected !== connected;
      if (changed || connection.reason !== reason) fresh = true;
      connection = { connected, reason };
      return changed;
    },
    readTo(topic, partition, next) {
      reads.get(topic)?.set(partition, next);
    },
    readThrough: (topic, partition) => reached(topic, partition, reads.get(topic)?.get(partition) ?? -1),
    caughtUp(topic, offsets) {
      const partitions = known.get(topic);
      if (partitions === undefined) return missing.has(topic);
      return partitions.every((partition) => {
        const next = offsets.get(partition);
        return next !== undefined && reached(topic, partition, next);
      });
    },
    readToEnd(topic, offsets) {
      if (!connection.connected) return false;
      const partitions = known.get(topic) ?? [];
      return (
        partitions.length > 0 &&
        partitions.every((partition) => {
          const end = ends.get(topic)?.get(partition);
          return end !== undefined && (offsets.get(partition) ?? 0) >= end;
        })
      );
    },
    progress: () => ({
      ...connection,
      ends: copyOf(ends),
      missingTopics: new Set(missing),
      records: copyOf(records),
    }),
    changed() {
      const was = fresh;
      fresh = false;
      return was;
    },
  };
}

function copyOf(
  numbers: ReadonlyMap<string, ReadonlyMap<number, number>>,
): ReadonlyMap<string, ReadonlyMap<number, number>> {
  return new Map([...numbers].map(([topic, partitions]) => [topic, new Map(partitions)]));
}
