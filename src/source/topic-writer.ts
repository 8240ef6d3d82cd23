import type { ProducerIdentity } from './kafka-produce-requests.ts';

/**
 * Writes records with keys into a topic in order, each batch acknowledged before the next. Two implementations:
 * `kafka-topic-writer.ts` and `log-topic-writer.ts`. Called by `sink`.
 *
 *   open(resume) ──▶ send ▸ send ▸ send … ──▶ close
 */
export interface TopicWriter {
  /** Where it writes, for messages: `Kafka at 127.0.0.1:29092`. */
  readonly description: string;
  /**
   * Before the first `send`, and again after a `send` threw `RecordsLost`. Has the topic created by a broker that does so.
   * Throws KafkaError, or what the file system says; the caller asks again.
   */
  open(resume: WriterResume): Promise<OpenedTopic>;
  /**
   * Writes the records in their order, those of a key all into one partition (as Kafka's clients choose it by the key's hash).
   * Resolves once all are acknowledged (Kafka: by all in-sync replicas). Where it throws, some may be written: it is called again
   * *with the same array*, as often as needed. Into Kafka it then writes what is missing, and nothing twice; into a log all of it.
   *
   * Throws RecordsLost, KafkaError, or what the file system says.
   */
  send(records: readonly OutgoingRecord[]): Promise<void>;
  /** Ends what is under way. */
  close(): void;
}

export interface OutgoingRecord {
  readonly key: string;
  /** null: a tombstone. */
  readonly value: string | null;
  /** ms since 1970; a whole number from 0. */
  readonly timestampMs: number;
  /** Default: by the key's hash. */
  readonly partition?: number | undefined;
}

/** What an earlier process of the same writer leaves to the next one. */
export interface WriterResume {
  readonly incarnation?: string | undefined;
  /** Keys stay in the partitions where they are, also where partitions have been added since. */
  readonly partitions?: number | undefined;
  /** Of a process that may not have ended in good order: what it sent last and may yet arrive will be refused. */
  readonly producer?: ProducerIdentity | undefined;
  /** Stores who writes from now on. Called before anything is written so; what it throws, `open` and `send` throw. */
  remember(producer: ProducerIdentity): void;
}

export interface OpenedTopic {
  /** Another one than before: the topic was deleted and created again. Empty where that cannot be told. */
  readonly incarnation: string;
  readonly partitions: number;
  /** False: the topic is not there yet, and comes with the first record. */
  readonly exists: boolean;
}

/** Records that were acknowledged are not in the topic any more: it was deleted, or its log was cut. */
export class RecordsLost extends Error {
  override readonly name = 'RecordsLost';
}
