import { createHash } from 'node:crypto';
import { assert } from '../common/errors.ts';
import type { Value } from '../model/value.ts';
import { createByteReader, createByteWriter } from '../store/key-bytes.ts';
import { maxKeyBytes, prefixRange } from '../store/keys.ts';
import type { Memory } from '../store/store.ts';
import { PartPlan } from './part.ts';
import type { Part } from './part.ts';
import { planReadout } from './readouts.ts';
import type { Readout } from './readouts.ts';
import { SortedEntries } from './sorted-entries.ts';
import { readCount, writeCount } from './state-bytes.ts';
import type { CreateGroups, Group, GroupInput } from './group.ts';

/**
 * Groups in `Memory`:
 *
 *   counters  length of the group key (2), group key                            value  stamp, rows, every part's counters
 *   entries   length of the group key (2), group key, part (2), sort bytes      value  payload
 *
 * The length in front keeps groups apart whatever their keys are; a group is one range, its counters first.
 */
export const createGroups: CreateGroups = ({ aggregates }) => {
  const plan = new PartPlan();
  const readouts = aggregates.map((aggregate, place) => planReadout(aggregate, place, plan));
  const stamp = createHash('sha256').update(JSON.stringify(plan.names)).digest().subarray(0, stampBytes);
  return (memory, groupKey) => new StoredGroup({ plan, readouts, stamp }, memory, groupKey);
};

interface Aggregation {
  readonly plan: PartPlan;
  readonly readouts: readonly Readout[];
  /** Tells state of other parts. */
  readonly stamp: Buffer;
}

const stampBytes = 4;
/** How many entries `drop` removes between two scans: it holds that many keys at a time. */
const dropBatch = 1_000;
const writer = createByteWriter();

class StoredGroup implements Group {
  readonly #aggregation: Aggregation;
  readonly #memory: Memory;
  readonly #key: Uint8Array;
  /** The counters as they are in memory. */
  #stored: Buffer | undefined;
  #rows = 0;
  #parts: readonly Part[];

  constructor(aggregation: Aggregation, memory: Memory, groupKey: Uint8Array) {
    assert(groupKey.length <= maxKeyBytes, 'the key of a group is too long');
    this.#aggregation = aggregation;
    this.#memory = memory;
    this.#key = Buffer.concat([Buffer.from([groupKey.length >> 8, groupKey.length & 0xff]), groupKey]);
    this.#stored = memory.get(this.#key);
    this.#parts = this.#open(this.#stored);
  }

  get rows(): number {
    return this.#rows;
  }

  add(input: GroupInput): void {
    this.#rows += 1;
    for (const part of this.#parts) part.add(input);
  }

  retract(input: GroupInput): void {
    assert(this.#rows > 0, 'a row is taken out of a group that has none');
    this.#rows -= 1;
    for (const part of this.#parts) part.retract(input);
  }

  values(): readonly Value[] {
    assert(this.#rows > 0, 'a group without rows has no values');
    for (const part of this.#parts) part.flush();
    return this.#aggregation.readouts.map((readout) => readout(this.#parts, this.#rows));
  }

  save(): void {
    for (const part of this.#parts) part.flush();
    const state = this.#rows === 0 ? undefined : this.#write();
    if (state === undefined) {
      if (this.#stored !== undefined) this.#memory.remove(this.#key);
    } else if (this.#stored?.equals(state) !== true) {
      this.#memory.put(this.#key, state);
    }
    this.#stored = state;
  }

  drop(): void {
    const range = prefixRange(this.#key);
    for (;;) {
      const keys: Uint8Array[] = [];
      for (const cursor of this.#memory.scan(range)) {
        keys.push(cursor.key);
        if (keys.length === dropBatch) break;
      }
      for (const key of keys) this.#memory.remove(key);
      if (keys.length < dropBatch) break;
    }
    this.#stored = undefined;
    this.#rows = 0;
    this.#parts = this.#open(undefined);
  }

  #open(state: Buffer | undefined): readonly Part[] {
    const { plan, stamp } = this.#aggregation;
    const reader = state === undefined ? undefined : createByteReader(state);
    if (reader !== undefined) {
      assert(stamp.equals(reader.take(stampBytes)), 'the state of a group was written for other aggregates');
      this.#rows = readCount(reader);
    }
    return plan.openers.map((open, part) => {
      const prefix = () => Buffer.concat([this.#key, Buffer.from([part >> 8, part & 0xff])]);
      return open(() => new SortedEntries(this.#memory, prefix()), reader);
    });
  }

  #write(): Buffer {
    const { stamp } = this.#aggregation;
    writer.reset();
    writer.bytes(stamp);
    writeCount(writer, this.#rows);
    for (const part of this.#parts) part.write(writer);
    const bytes = writer.take();
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }
}
