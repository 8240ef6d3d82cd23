import { defineConfig } from 'vitest/config';

// The lane against a real Apache Kafka: KAFKA_BROKERS names one, else one is started (Java 17 and Maven needed).
export default defineConfig({
  test: {
    include: ['test/**/*.kafka.test.ts'],
    // The pages of the examples are looked at in a browser, too.
    globalSetup: ['test/support/kafka/global-setup.ts', 'test/support/browser/global-setup.ts'],
    pool: 'forks',
    // Tests share the broker and use topics of their own; those that start brokers need the machine's memory.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
