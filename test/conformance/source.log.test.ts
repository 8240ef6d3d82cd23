import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogSource } from '../../src/source/log.ts';
import { appendToLog, createLogTopic } from '../../src/source/log-writer.ts';
import { JsonText } from '../../src/model/value.ts';
import { sourceConformance } from './source.ts';

sourceConformance(
  'embedded log',
  async () => {
    const directory = await mkdtemp(join(tmpdir(), 'headgate-log-'));
    return {
      open: () => createLogSource({ directory, pollMs: 100 }),
      createTopic: async (topic, partitions) => createLogTopic(directory, topic, partitions),
      async deleteTopic(topic) {
        await rm(join(directory, topic), { recursive: true, force: true });
        await rm(join(directory, `${topic}.ndjson`), { force: true });
      },
      produce: async (topic, partition, records) =>
        appendToLog(
          directory,
          topic,
          records.map(({ value, ...record }) => ({
            ...record,
            partition,
            value: typeof value === 'string' ? new JsonText(value) : value,
          })),
        ).map(({ offset }) => offset),
      async addPartitions(topic, total) {
        const file = join(directory, `${topic}.ndjson`);
        const folder = join(directory, topic);
        if (!existsSync(folder)) {
          await mkdir(folder);
          await rename(file, join(folder, '0.ndjson'));
        }
        createLogTopic(directory, topic, total);
      },
      truncate: () => Promise.reject(new Error('an embedded log keeps every line')),
      restart: () => Promise.reject(new Error('an embedded log has no server')),
      close: () => rm(directory, { recursive: true }),
    };
  },
  {
    unsupported: {
      truncate: 'an embedded log keeps every line',
      restart: 'an embedded log has no server',
    },
  },
);
