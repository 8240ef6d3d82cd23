import type { TestProject } from 'vitest/node';
import { KafkaUnavailable } from './distribution.ts';
import { startKafka } from './start-kafka.ts';
import type { Kafka } from './start-kafka.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    readonly kafka: {
      readonly brokers: readonly string[];
      /** Why there is no broker; the lane's tests are skipped then. */
      readonly unavailable: string | undefined;
      /** Whether brokers of a test's own can be started: not where KAFKA_BROKERS names one. */
      readonly canStart: boolean;
    };
  }
}

let kafka: Kafka | undefined;

/** One broker for all files of the lane. Without one the lane is skipped and says why; under CI=true that is a failure. */
export async function setup(project: TestProject): Promise<void> {
  const named = process.env['KAFKA_BROKERS'];
  if (named !== undefined && named !== '') {
    project.provide('kafka', { brokers: named.split(','), unavailable: undefined, canStart: false });
    return;
  }
  try {
    kafka = await startKafka({ report: (line) => process.stderr.write(`${line}\n`) });
    project.provide('kafka', { brokers: kafka.brokers, unavailable: undefined, canStart: true });
  } catch (error) {
    if (!(error instanceof KafkaUnavailable) || process.env['CI'] === 'true') throw error;
    process.stderr.write(
      `The Kafka lane is skipped: ${error.message}. (KAFKA_BROKERS=host:port names a broker that runs.)\n`,
    );
    project.provide('kafka', { brokers: [], unavailable: error.message, canStart: false });
  }
}

export async function teardown(): Promise<void> {
  await kafka?.stop();
}
