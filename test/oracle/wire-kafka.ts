import kafkajs from 'kafkajs';
import type { IHeaders, Message, Producer, RecordMetadata, Transaction } from 'kafkajs';
import type { ProducedRecord } from './generate-history.ts';
import type { LogRecord } from './naive.ts';
import type { Random } from './random.ts';
import type { WireTopics } from './wire-round.ts';

export interface KafkaProducers {
  readonly plain: Producer;
  /** Of transactions that are committed, and of those that are not. */
  readonly committing: Producer;
  readonly aborting: Producer;
}

export interface KafkaCounts {
  records: number;
  aborted: number;
  transactions: number;
}

const { CompressionTypes } = kafkajs;
const codecs = [
  CompressionTypes.None,
  CompressionTypes.None,
  CompressionTypes.GZIP,
  CompressionTypes.Snappy,
  CompressionTypes.LZ4,
  CompressionTypes.ZSTD,
];

/**
 * Writes to Kafka as several programs would: outside of transactions, in transactions that are committed sooner or later,
 * and between them records of transactions that are aborted, which nobody may ever see.
 */
export class WireKafka implements WireTopics {
  readonly records: LogRecord[] = [];
  readonly acknowledged = new Map<string, number>();
  readonly counts: KafkaCounts = { records: 0, aborted: 0, transactions: 0 };
  readonly #producers: KafkaProducers;
  readonly #random: Random;
  readonly #decoys: readonly ProducedRecord[];
  #committing: Transaction | undefined;
  #aborting: Transaction | undefined;

  /** `decoys`: what the aborted transactions draw their records from. */
  constructor(producers: KafkaProducers, random: Random, decoys: readonly ProducedRecord[]) {
    this.#producers = producers;
    this.#random = random;
    this.#decoys = decoys;
  }

  async write(records: readonly ProducedRecord[]): Promise<void> {
    const random = this.#random;
    for (let at = 0; at < records.length;) {
      const count = random.chance(0.6) ? records.length - at : random.between(1, records.length - at);
      if (random.chance(0.3)) await this.#decoy();
      await this.#send(random.chance(0.3), records.slice(at, at + count));
      if (random.chance(0.2)) await this.#decoy();
      if (random.chance(0.4)) await this.#abort();
      if (random.chance(0.4)) await this.#commit();
      at += count;
    }
  }

  /** An open transaction holds back whatever is behind it. */
  async settle(): Promise<void> {
    if (this.#random.chance(0.5)) await this.#abort();
    await this.#commit();
    await this.#abort();
  }

  async #send(inTransaction: boolean, produced: readonly ProducedRecord[]): Promise<void> {
    if (inTransaction) this.#committing ??= await this.#producers.committing.transaction();
    const records = produced.map((record): LogRecord => {
      const { topic, partition, key, timestamp } = record;
      const headers = new Map<string, Uint8Array | null>(
        Object.entries(record.headers).map(([name, text]) => [name, this.#headerBytes(text)]),
      );
      // Kafka knows no absent value.
      return { topic, partition, offset: -1, timestampMs: timestamp, key, value: record.value ?? null, headers };
    });
    const offsets = await this.#produce(inTransaction ? this.#committing : this.#producers.plain, records);
    this.records.push(...records.map((record, i) => ({ ...record, offset: offsets[i] ?? -1 })));
    this.counts.records += records.length;
  }

  /** Of several headers of one name the last counts. */
  #headers(headers: LogRecord['headers']): IHeaders {
    const entries = [...headers].map(([name, bytes]) => {
      const last = Buffer.from(bytes ?? []);
      return [name, this.#random.chance(0.1) ? [Buffer.from('earlier'), last] : last] as const;
    });
    return Object.fromEntries(entries);
  }

  #headerBytes(text: string): Uint8Array {
    return this.#random.chance(0.1) ? Buffer.from([0xc3, 0x28]) : Buffer.from(text);
  }

  async #decoy(): Promise<void> {
    if (this.#decoys.length === 0) return;
    this.#aborting ??= await this.#producers.aborting.transaction();
    const records = Array.from({ length: this.#random.between(1, 4) }, (): LogRecord => {
      const { topic, partition, key, value, timestamp } = this.#random.pick(this.#decoys);
      const cleared = value === undefined || this.#random.chance(0.3);
      return {
        topic,
        partition,
        offset: -1,
        timestampMs: timestamp + this.#random.pick([0, 0, 100_000]),
        key,
        value: cleared ? null : value,
        headers: new Map(),
      };
    });
    await this.#produce(this.#aborting, records);
    this.counts.aborted += records.length;
  }

  /** The offset of each record. */
  async #produce(via: Producer | Transaction | undefined, records: readonly LogRecord[]): Promise<readonly number[]> {
    if (via === undefined) throw new Error('no transaction');
    const byTopic = new Map<string, Message[]>();
    for (const { topic, partition, timestampMs, key, value, headers } of records) {
      const messages = byTopic.get(topic) ?? [];
      byTopic.set(topic, messages);
      messages.push({
        partition,
        key: key === null ? null : Buffer.from(key),
        value: value === null || value === undefined ? null : Buffer.from(value),
        timestamp: String(timestampMs),
        headers: this.#headers(headers),
      });
    }
    const metadata = await via.sendBatch({
      compression: this.#random.pick(codecs),
      topicMessages: [...byTopic].map(([topic, messages]) => ({ topic, messages })),
    });
    // The broker acknowledges the first offset of what it wrote to each partition.
    const next = new Map(metadata.map((told) => [`${told.topicName}/${told.partition}`, firstOffset(told)]));
    return records.map(({ topic, partition }) => {
      const id = `${topic}/${partition}`;
      const offset = next.get(id);
      if (offset === undefined || offset <= (this.acknowledged.get(id) ?? -1))
        throw new Error(`${id} was acknowledged at ${offset} after ${this.acknowledged.get(id)}`);
      next.set(id, offset + 1);
      this.acknowledged.set(id, offset);
      return offset;
    });
  }

  async #commit(): Promise<void> {
    const transaction = this.#committing;
    this.#committing = undefined;
    if (transaction === undefined) return;
    await transaction.commit();
    this.counts.transactions += 1;
  }

  async #abort(): Promise<void> {
    const transaction = this.#aborting;
    this.#aborting = undefined;
    if (transaction === undefined) return;
    await transaction.abort();
    this.counts.transactions += 1;
  }
}

function firstOffset({ baseOffset }: RecordMetadata): number {
  if (baseOffset === undefined) throw new Error('an acknowledgement without offset');
  return Number(baseOffset);
}
