import type { Clock } from '../catalog/derivation.ts';
import type { Memory } from '../store/store.ts';
import { memoryKeys } from './memory-keys.ts';

/** An event time that is further ahead of its record's timestamp says nothing about how far time is. ms. */
export const maxAheadMs = 86_400_000;

interface Stored {
  readonly partitions: [number, number][];
  readonly closedTo: number | null;
  readonly clock?: number | undefined;
  readonly readTo?: number | undefined;
}

/**
 * What time it is for an aggregation; kept in its memory. With `clock: STREAM` how far the records of its table have come in event
 * time: each partition for itself, because a record is late by its own partition's time, whatever the others are doing. With WALL
 * what ticks have recorded of the clock, and records move nothing: they may tell what they want.
 */
export class StreamTime {
  readonly #memory: Memory;
  readonly #wall: boolean;
  readonly #partitions: Map<number, number>;
  #closedTo: number;
  #clock: number;
  #readTo: number;
  #moved = false;

  constructor(memory: Memory, clock: Clock) {
    this.#memory = memory;
    this.#wall = clock === 'WALL';
    const bytes = memory.get(memoryKeys.streamTime);
    const stored = bytes && (JSON.parse(bytes.toString()) as Stored);
    this.#partitions = new Map(stored?.partitions);
    this.#closedTo = stored?.closedTo ?? -Infinity;
    this.#clock = stored?.clock ?? -Infinity;
    this.#readTo = stored?.readTo ?? -Infinity;
  }

  /** What a record of the partition is late by. ms; -Infinity before its first record, or the first tick. */
  of(partition: number): number {
    return this.#wall ? this.#readTo : (this.#partitions.get(partition) ?? -Infinity);
  }

  /** What retention goes by: the greatest of all partitions, or the clock. */
  get greatest(): number {
    return this.#wall ? this.#clock : Math.max(-Infinity, ...this.#partitions.values());
  }

  /** Buckets that end here or before can get no record any more. */
  get closedTo(): number {
    return this.#closedTo;
  }

  advance(partition: number, eventMs: number, recordMs: number): void {
    if (this.#wall || eventMs > recordMs + maxAheadMs || eventMs <= this.of(partition)) return;
    this.#partitions.set(partition, eventMs);
    this.#moved = true;
  }

  /** `partitions`: all that the topic is known to have; one without a record holds every bucket open. */
  close(partitions: Iterable<number>, graceMs: number): void {
    const slowest = this.#wall
      ? this.#readTo
      : Math.min(Infinity, ...[...partitions].map((partition) => this.of(partition)));
    if (!Number.isFinite(slowest) || slowest - graceMs <= this.#closedTo) return;
    this.#closedTo = slowest - graceMs;
    this.#moved = true;
  }

  /** A tick: the clock is here. A clock that goes back waits. */
  setClock(ms: number): void {
    if (ms <= this.#clock) return;
    this.#clock = ms;
    this.#moved = true;
  }

  /** A tick: what was sent before this has been read. */
  setReadTo(ms: number): void {
    if (ms <= this.#readTo) return;
    this.#readTo = ms;
    this.#moved = true;
  }

  save(): void {
    if (!this.#moved) return;
    this.#moved = false;
    const finite = (ms: number) => (Number.isFinite(ms) ? ms : undefined);
    const stored: Stored = {
      partitions: [...this.#partitions],
      closedTo: finite(this.#closedTo) ?? null,
      clock: finite(this.#clock),
      readTo: finite(this.#readTo),
    };
    this.#memory.put(memoryKeys.streamTime, Buffer.from(JSON.stringify(stored)));
  }
}
