import type { Memory } from '../store/store.ts';
import { memoryKeys } from './memory-keys.ts';

/** An event time that is further ahead of its record's timestamp says nothing about how far time is. ms. */
export const maxAheadMs = 86_400_000;

/**
 * How far the records of a table have come in event time: each partition for itself, because a record is late by its own
 * partition's time, whatever the others are doing. One per aggregation, kept in its memory.
 */
export class StreamTime {
  readonly #memory: Memory;
  readonly #partitions: Map<number, number>;
  #closedTo: number;
  #moved = false;

  constructor(memory: Memory) {
    this.#memory = memory;
    const bytes = memory.get(memoryKeys.streamTime);
    const stored =
      bytes === undefined
        ? undefined
        : (JSON.parse(bytes.toString()) as { partitions: [number, number][]; closedTo: number | null });
    this.#partitions = new Map(stored?.partitions);
    this.#closedTo = stored?.closedTo ?? -Infinity;
  }

  /** ms; -Infinity before a partition's first record. */
  of(partition: number): number {
    return this.#partitions.get(partition) ?? -Infinity;
  }

  /** The greatest of all partitions: what retention goes by. */
  get greatest(): number {
    return Math.max(-Infinity, ...this.#partitions.values());
  }

  /** Buckets that end here or before can get no record any more. */
  get closedTo(): number {
    return this.#closedTo;
  }

  advance(partition: number, eventMs: number, recordMs: number): void {
    if (eventMs > recordMs + maxAheadMs || eventMs <= this.of(partition)) return;
    this.#partitions.set(partition, eventMs);
    this.#moved = true;
  }

  /** `partitions`: all that the topic is known to have; one without a record holds every bucket open. */
  close(partitions: Iterable<number>, graceMs: number): void {
    const slowest = Math.min(Infinity, ...[...partitions].map((partition) => this.of(partition)));
    if (!Number.isFinite(slowest) || slowest - graceMs <= this.#closedTo) return;
    this.#closedTo = slowest - graceMs;
    this.#moved = true;
  }

  save(): void {
    if (!this.#moved) return;
    this.#moved = false;
    const closedTo = Number.isFinite(this.#closedTo) ? this.#closedTo : null;
    this.#memory.put(
      memoryKeys.streamTime,
      Buffer.from(JSON.stringify({ partitions: [...this.#partitions], closedTo })),
    );
  }
}
