import { expect, onTestFinished, test } from 'vitest';
import { createKafkaTopicWriter } from '../../src/source/kafka-topic-writer.ts';
import { createKafkaSource } from '../../src/source/kafka.ts';
import { RecordsLost } from '../../src/source/topic-writer.ts';
import type { OutgoingRecord, TopicWriter, WriterResume } from '../../src/source/topic-writer.ts';
import { followTopic } from '../support/follow-topic.ts';
import { consumeWithJava } from '../support/kafka/console-consumer.ts';
import { admin, brokers, createTopic, createTopicAt, noKafka, producer, topicName } from '../support/kafka/lane.ts';

type Producer = WriterResume['producer'];

function open(topic: string, metadataMs?: number): TopicWriter {
  const writer = createKafkaTopicWriter({ brokers }, topic, metadataMs);
  onTestFinished(() => writer.close());
  return writer;
}

function resumeWith(producer: Producer, told: Producer[] = []): WriterResume {
  return { producer, remember: (next) => void told.push(next) };
}

const records = (count: number, size = 1, from = 0): OutgoingRecord[] =>
  Array.from({ length: count }, (_, i) => ({ key: `k${from + i}`, value: 'v'.repeat(size), timestampMs: 1_000 + i }));

/** As a sink does: the same array again while a topic that was created just now is not known to its leader. */
async function send(writer: TopicWriter, sent: readonly OutgoingRecord[]): Promise<void> {
  for (;;) {
    try {
      await writer.send(sent);
      return;
    } catch (cause) {
      if (!String(cause).includes('NOT_LEADER_OR_FOLLOWER')) throw cause;
    }
  }
}

async function rowsOf(topic: string): Promise<ReadonlyMap<string, string>> {
  const followed = followTopic(createKafkaSource({ brokers }), topic);
  await followed.caughtUp;
  await followed.close();
  return followed.rows;
}

test.skipIf(noKafka)('Java reads what was written, in the partitions that other producers choose', async () => {
  const topic = await createTopic(5);
  // Waits until the broker, which has only just started, gives ids to producers.
  const theirs = await producer();
  const writer = open(topic);
  await writer.open(resumeWith(undefined));
  const sent = [
    ...records(40),
    { key: 'schlüssel 😀', value: '"ü"', timestampMs: 0 },
    { key: 'k1', value: null, timestampMs: 5 },
  ];
  await send(writer, sent);
  await theirs.send({ topic, messages: sent.map(({ key }) => ({ key, value: 'theirs' })) });
  const read = await consumeWithJava(brokers, topic, 2 * sent.length);
  const placesOf = (mine: boolean) =>
    read
      .filter(({ value }) => (value !== 'theirs') === mine)
      .map(({ key, partition }) => `${key} ${partition}`)
      .toSorted();
  expect(placesOf(true)).toEqual(placesOf(false));
  expect(read.filter(({ key }) => key === 'k1').map(({ value }) => value)).toEqual(['v', null, 'theirs', 'theirs']);
});

test.skipIf(noKafka)(
  'what a killed process still has on its way is refused once the next one has written',
  async () => {
    const topic = await createTopic(1);
    const told: Producer[] = [];
    const killed = open(topic);
    await killed.open(resumeWith(undefined, told));
    await send(killed, [{ key: 'k', value: 'first', timestampMs: 0 }]);
    const next = open(topic);
    await next.open(resumeWith(told.at(-1), told));
    await send(next, [{ key: 'k', value: 'second', timestampMs: 0 }]);
    await expect(send(killed, [{ key: 'k', value: 'late', timestampMs: 0 }])).rejects.toThrow('INVALID_PRODUCER_EPOCH');
    expect(await rowsOf(topic)).toEqual(new Map([['k', 'second']]));
  },
);

test.skipIf(noKafka)('batches larger than the topic takes are sent in parts; a record that is, says so', async () => {
  const topic = await createTopic(1, { 'max.message.bytes': '2000' });
  const writer = open(topic);
  await writer.open(resumeWith(undefined));
  await send(writer, records(50, 300));
  expect((await rowsOf(topic)).size).toBe(50);
  await expect(send(writer, records(1, 5_000, 90))).rejects.toThrow(
    /a record of \d+ bytes is refused \(MESSAGE_TOO_LARGE/,
  );
});

test.skipIf(noKafka)('a topic that is missing is an error that says what to do', async () => {
  const topic = topicName();
  await expect(open(topic).open(resumeWith(undefined))).rejects.toThrow(
    `topic ${topic} does not exist and the brokers create none by themselves`,
  );
});

test.skipIf(noKafka)(
  'a topic that was deleted and created again is noticed, and written once it was opened',
  async () => {
    const topic = await createTopic(1);
    const writer = open(topic, 0);
    await writer.open(resumeWith(undefined));
    await send(writer, records(3));
    const api = await admin();
    await api.deleteTopics({ topics: [topic] });
    await createTopicAt(api, brokers, { topic, numPartitions: 1, replicationFactor: 1 });
    const more = records(2, 1, 10);
    await expect(send(writer, more)).rejects.toThrow(RecordsLost);
    await writer.open(resumeWith(undefined));
    await send(writer, more);
    expect([...(await rowsOf(topic)).keys()]).toEqual(['k10', 'k11']);
  },
);
