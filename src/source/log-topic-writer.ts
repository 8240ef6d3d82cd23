import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { JsonText } from '../model/value.ts';
import { topicFile } from './log-files.ts';
import { appendToLog } from './log-writer.ts';
import { RecordsLost } from './topic-writer.ts';
import type { TopicWriter } from './topic-writer.ts';

/** Into a topic of an embedded log. What `send` has written is in the file system when it resolves. */
export function createLogTopicWriter(directory: string, topic: string): TopicWriter {
  const isThere = (): boolean => existsSync(topicFile(directory, topic)) || existsSync(join(directory, topic));
  let written = false;
  return {
    description: `embedded log in ${directory}`,
    open() {
      const exists = isThere();
      written = exists;
      return Promise.resolve({ incarnation: '', partitions: 1, exists });
    },
    async send(records) {
      if (written && !isThere()) throw new RecordsLost('the topic was deleted');
      appendToLog(
        directory,
        topic,
        records.map(({ key, value, timestampMs, partition }) => ({
          key,
          value: value === null ? null : new JsonText(value),
          timestamp: timestampMs,
          partition,
        })),
      );
      written = true;
    },
    close: () => {},
  };
}
