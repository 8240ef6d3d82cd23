import { must } from '../common/errors.ts';
import type { ProducerIdentity } from './kafka-produce-requests.ts';
import { writeRecordBatch } from './record-batch-writer.ts';
import type { OutgoingRecord } from './topic-writer.ts';

/** Below what brokers take by default (1 MB). */
const maxBatchBytes = 500_000;

interface Batch {
  records: OutgoingRecord[];
  bytes: number;
}

/**
 * What is to be written to one partition, in batches, one of them on its way. The batch that is sent again is the same, byte for
 * byte, as long as the identity is: by that the broker knows it.
 */
export class PartitionQueue {
  #batches: Batch[] = [];
  /** Of the identity's: the sequence of the first record that is not acknowledged. */
  #producer: ProducerIdentity | undefined;
  #sequence = 0;
  #head: Uint8Array | undefined;

  /** Something was acknowledged to the identity of the last `head`. */
  get hasAcknowledged(): boolean {
    return this.#sequence > 0;
  }

  add(record: OutgoingRecord): void {
    const bytes = record.key.length + (record.value?.length ?? 0);
    const last = this.#batches.at(-1);
    if (last === undefined || last.bytes + bytes > maxBatchBytes) this.#batches.push({ records: [record], bytes });
    else {
      last.records.push(record);
      last.bytes += bytes;
    }
  }

  clear(): void {
    this.#batches = [];
    this.#head = undefined;
  }

  /** The batch to be sent now; undefined where nothing is left. */
  head(producer: ProducerIdentity): Uint8Array | undefined {
    const batch = this.#batches[0];
    if (batch === undefined) return undefined;
    if (this.#producer !== producer) {
      this.#producer = producer;
      this.#sequence = 0;
      this.#head = undefined;
    }
    this.#head ??= writeRecordBatch(batch.records, producer, this.#sequence);
    return this.#head;
  }

  acknowledged(): void {
    const batch = must(this.#batches.shift(), 'an answer to nothing');
    // As the broker counts: after 2^31 - 1 comes 0.
    this.#sequence = (this.#sequence + batch.records.length) % 0x8000_0000;
    this.#head = undefined;
  }

  /** After a refusal of its size: halves the batch. False where it is one record. */
  split(): boolean {
    const batch = this.#batches[0];
    if (batch === undefined || batch.records.length < 2) return false;
    const half = batch.records.length >> 1;
    const parts = [batch.records.slice(0, half), batch.records.slice(half)];
    this.#batches.splice(0, 1, ...parts.map((records) => ({ records, bytes: batch.bytes / 2 })));
    this.#head = undefined;
    return true;
  }
}
