import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startGatewayProcess } from '../support/gateway-process.ts';
import { consumeWithJava } from '../support/kafka/console-consumer.ts';
import { brokers, createTopic, noKafka, producer } from '../support/kafka/lane.ts';
import { killRounds, partitionOf, partitions } from '../support/kill-rounds.ts';
import { derivedWorld } from '../support/kill-tables.ts';
import type { DerivedValue } from '../support/kill-tables.ts';
import { createRandom, seedFromEnvironment } from '../support/random.ts';

const rounds = Number(process.env['HEADGATE_KILL_ROUNDS'] ?? 20);

test.skipIf(noKafka)(
  `survives ${rounds} kill -9 while Kafka is written to`,
  { timeout: 60_000 + rounds * 30_000 },
  async () => {
    const directory = mkdtempSync(join(tmpdir(), 'headgate-kill-'));
    const random = createRandom(seedFromEnvironment());
    console.log(`seed ${random.seed}`);
    const topic = await createTopic(partitions);
    writeFileSync(join(directory, 'schema.graphql'), derivedWorld.schema.replaceAll('"songs"', `"${topic}"`));
    const data = join(directory, 'data');
    const args = ['serve', '--schema', 'schema.graphql', '--kafka', brokers.join(','), '--data', data];
    const writer = await producer({ idempotent: true, maxInFlightRequests: 1 });
    let written = 0;
    try {
      const { commits, changes } = await killRounds({
        world: derivedWorld,
        rounds,
        random,
        topic,
        start: () => startGatewayProcess(args, { cwd: directory }),
        async produce(records) {
          const metadata = await writer.send({
            topic,
            messages: records.map(({ key, value }) => ({
              key,
              partition: partitionOf(key),
              value: value === undefined ? 'not JSON' : value === null ? null : JSON.stringify(value),
            })),
          });
          written += records.length;
          // The broker acknowledges the first offset of what it wrote to each partition.
          return metadata.map(({ partition, baseOffset }) => ({
            partition,
            offset: Number(baseOffset) + records.filter(({ key }) => partitionOf(key) === partition).length - 1,
          }));
        },
        async readLog() {
          const records = await consumeWithJava(brokers, topic, written);
          return records.map(({ key, value }) => ({
            key: key ?? '',
            value: value === 'not JSON' ? undefined : (JSON.parse(value ?? 'null') as DerivedValue | null),
          }));
        },
      });
      expect(commits).toBeGreaterThan(0);
      console.log(`${rounds} rounds, ${written} records, ${commits} commits seen, ${changes} changes`);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  },
);
