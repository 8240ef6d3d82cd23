import { Kafka } from 'kafkajs';
import { KafkaUnavailable } from '../support/kafka/distribution.ts';
import { startKafka } from '../support/kafka/start-kafka.ts';
import { BenchmarkUnavailable } from './harness.ts';

export async function startBroker(): ReturnType<typeof startKafka> {
  try {
    return await startKafka();
  } catch (error) {
    if (error instanceof KafkaUnavailable) throw new BenchmarkUnavailable(error.message);
    throw error;
  }
}

/** With one partition. */
export async function createTopic(brokers: readonly string[], topic: string): Promise<void> {
  const admin = new Kafka({ brokers: [...brokers], logLevel: 0 }).admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true });
  await admin.disconnect();
}
