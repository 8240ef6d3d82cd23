import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { appendToLog, createLogTopic } from '../../src/source/log-writer.ts';

export interface ExampleRecord {
  readonly topic: string;
  readonly key: string;
  /** Written as JSON; null: a tombstone. */
  readonly value: unknown;
  readonly timestamp: number;
}

/** Where an example's records go: the embedded log or Kafka. */
export interface Publisher {
  publish(records: readonly ExampleRecord[]): Promise<void>;
  /** How many records the topic holds. */
  count(topic: string): Promise<number>;
  close(): Promise<void>;
}

export interface ExampleOptions {
  /** Brokers, `host:port` with commas; absent: the embedded log. */
  readonly kafka?: string | undefined;
  /** Folder for the log and the store. */
  readonly directory: string;
}

/** The topics by name with the number of partitions that they get in Kafka. */
export function openPublisher(options: ExampleOptions, topics: Readonly<Record<string, number>>): Promise<Publisher> {
  return options.kafka === undefined
    ? Promise.resolve(openLogPublisher(join(options.directory, 'log'), topics))
    : openKafkaPublisher(options.kafka.split(','), topics);
}

/** Each topic is one file of the folder. */
function openLogPublisher(directory: string, topics: Readonly<Record<string, number>>): Publisher {
  for (const topic of Object.keys(topics)) createLogTopic(directory, topic);
  return {
    async publish(records) {
      for (const [topic, group] of byTopic(records)) appendToLog(directory, topic, group);
    },
    async count(topic) {
      let lines = 0;
      for await (const chunk of createReadStream(join(directory, `${topic}.ndjson`))) {
        for (const byte of chunk as Buffer) if (byte === 0x0a) lines += 1;
      }
      return lines;
    },
    close: () => Promise.resolve(),
  };
}

/** Creates the topics that are missing. */
async function openKafkaPublisher(
  brokers: readonly string[],
  topics: Readonly<Record<string, number>>,
): Promise<Publisher> {
  const kafka = new Kafka({ brokers: [...brokers], clientId: 'headgate-example', logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  await admin.connect();
  await admin.createTopics({
    topics: Object.entries(topics).map(([topic, numPartitions]) => ({ topic, numPartitions })),
    waitForLeaders: true,
  });
  await producer.connect();
  return {
    async publish(records) {
      for (const [topic, group] of byTopic(records)) {
        await producer.send({
          topic,
          messages: group.map(({ key, value, timestamp }) => ({
            key,
            value: value === null ? null : JSON.stringify(value),
            timestamp: String(timestamp),
          })),
        });
      }
    },
    async count(topic) {
      const offsets = await whenElected(() => admin.fetchTopicOffsets(topic));
      return offsets.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0);
    },
    async close() {
      await producer.disconnect();
      await admin.disconnect();
    },
  };
}

/** A topic that was created a moment ago may not have its leaders yet, and kafkajs does not ask again by itself. */
async function whenElected<T>(ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask();
    } catch (cause) {
      const retriable = cause instanceof Error && 'retriable' in cause && cause.retriable === true;
      if (!retriable || attempt === 20) throw cause;
      await pause(250);
    }
  }
}

function byTopic(records: readonly ExampleRecord[]): Map<string, ExampleRecord[]> {
  const groups = new Map<string, ExampleRecord[]>();
  for (const record of records) {
    const group = groups.get(record.topic);
    if (group === undefined) groups.set(record.topic, [record]);
    else group.push(record);
  }
  return groups;
}
