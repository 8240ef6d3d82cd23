import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, Partitioners } from 'kafkajs';
import type { IHeaders, Message, Producer } from 'kafkajs';
import { reasonOf } from '../common/errors.ts';
import { KafkaCluster } from './kafka-cluster.ts';
import { kafkaError, kafkaErrorName } from './kafka-errors.ts';
import type { KafkaConnectionOptions } from './kafka-options.ts';
import { KafkaError } from './kafka-options.ts';

/** A record to be written. */
export interface ProducedRecord {
  readonly key: Uint8Array | string | null;
  /** null: a tombstone. */
  readonly value: Uint8Array | string | null;
  /** ms since 1970; default: now. */
  readonly timestampMs?: number | undefined;
  readonly headers?: Readonly<Record<string, Uint8Array | string | null>> | undefined;
  /** Default: by the hash of the key as the Java client does it, or any where there is no key. */
  readonly partition?: number | undefined;
}

/** Where a record was written. */
export interface ProducedOffset {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** One request's worth: the broker refuses batches of more than 1 MB unless it is configured otherwise. */
const maxRequestBytes = 500_000;
const maxRequestRecords = 5_000;

/**
 * Writes records into a topic that exists, in order, each acknowledged by all in-sync replicas; resolves with their offsets
 * in the order of the records. For `headgate produce` and tests. Throws KafkaError; records before the failing request are
 * written then.
 */
export async function produceToKafka(
  options: KafkaConnectionOptions,
  topic: string,
  records: Iterable<ProducedRecord> | AsyncIterable<ProducedRecord>,
): Promise<ProducedOffset[]> {
  const partitionsByMessage = new Map<Message, number>();
  const kafka = new Kafka({
    brokers: [...options.brokers],
    clientId: options.clientId ?? 'headgate',
    ...(options.ssl === undefined ? {} : { ssl: options.ssl }),
    ...(options.sasl === undefined ? {} : { sasl: options.sasl }),
    connectionTimeout: options.connectionTimeoutMs ?? 3_000,
    retry: { retries: 3, initialRetryTime: 100 },
    logCreator:
      () =>
      ({ log }) =>
        options.log?.('debug', `kafkajs: ${log.message}`),
  });
  const producer = kafka.producer({
    allowAutoTopicCreation: false,
    // A request that is sent again after an answer got lost must not write its records twice.
    idempotent: true,
    maxInFlightRequests: 1,
    // About half a minute: a partition whose leader died has another by then.
    retry: { retries: 20, initialRetryTime: 100, multiplier: 2, maxRetryTime: 2_000 },
    createPartitioner: () => {
      const choose = Partitioners.DefaultPartitioner();
      return (question) => {
        // Asked again when a request is tried again: another answer then would lose the record, or write it twice.
        const partition = partitionsByMessage.get(question.message) ?? choose(question);
        partitionsByMessage.set(question.message, partition);
        return partition;
      };
    },
  });
  const written: ProducedOffset[] = [];
  let messages: Message[] = [];
  let bytes = 0;

  const flush = async (): Promise<void> => {
    if (messages.length === 0) return;
    const answers = await producer.send({ topic, messages, acks: -1 });
    const nextByPartition = new Map(answers.map((answer) => [answer.partition, Number(answer.baseOffset)]));
    for (const message of messages) {
      const partition = partitionsByMessage.get(message) ?? -1;
      const offset = nextByPartition.get(partition);
      if (offset === undefined) throw new KafkaError(`partition ${partition} of ${topic} was not acknowledged`);
      nextByPartition.set(partition, offset + 1);
      written.push({ topic, partition, offset });
    }
    partitionsByMessage.clear();
    messages = [];
    bytes = 0;
  };

  try {
    await assertTopic(options, topic);
    await connect(producer);
    for await (const record of records) {
      messages.push(messageOf(record));
      bytes += 100 + (record.key?.length ?? 0) + (record.value?.length ?? 0);
      if (bytes >= maxRequestBytes || messages.length >= maxRequestRecords) await flush();
    }
    await flush();
  } catch (error) {
    if (error instanceof KafkaError) throw error;
    throw new KafkaError(
      `cannot write to topic ${topic} at ${options.brokers.join(',')}: ${reasonOf(error)} (${written.length} records were written)`,
      { cause: error },
    );
  } finally {
    await producer.disconnect();
  }
  return written;
}

/** kafkajs would look for a topic that is missing for as long as for a leader. */
async function assertTopic(options: KafkaConnectionOptions, topic: string): Promise<void> {
  const cluster = new KafkaCluster(options);
  try {
    // One that was created just now may not be known to every broker.
    for (let look = 0; ; look++) {
      const [found] = (await cluster.metadata([topic])).topics;
      if (found?.errorCode === kafkaError.none) return;
      const reason = kafkaErrorName(found?.errorCode ?? -1);
      if (look === 4) {
        throw new KafkaError(
          found?.errorCode === kafkaError.unknownTopicOrPartition
            ? `topic ${topic} does not exist at ${options.brokers.join(',')}: create it first`
            : `cannot write to topic ${topic}: ${reason}`,
        );
      }
      await sleep(200);
    }
  } finally {
    cluster.close();
  }
}

/** Asks for a producer id, which kafkajs does not try again where the broker it asks has only just died. */
async function connect(producer: Producer): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await producer.connect();
      return;
    } catch (error) {
      if (attempt === 10) throw error;
      await sleep(500);
    }
  }
}

function messageOf(record: ProducedRecord): Message {
  const { key, value, timestampMs, headers, partition } = record;
  return {
    key: bytesOf(key),
    value: bytesOf(value),
    ...(timestampMs === undefined ? {} : { timestamp: String(timestampMs) }),
    ...(headers === undefined ? {} : { headers: headersOf(headers) }),
    ...(partition === undefined ? {} : { partition }),
  };
}

function headersOf(headers: NonNullable<ProducedRecord['headers']>): IHeaders {
  const result: IHeaders = {};
  for (const [name, each] of Object.entries(headers)) {
    const bytes = bytesOf(each);
    if (bytes === null) throw new KafkaError(`header ${name} is null, which the Kafka client cannot write: use ""`);
    Object.defineProperty(result, name, { value: bytes, enumerable: true });
  }
  return result;
}

function bytesOf(data: Uint8Array | string | null): Buffer | null {
  if (data === null) return null;
  return typeof data === 'string' ? Buffer.from(data) : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}
