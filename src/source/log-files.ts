import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Mistake } from '../common/errors.ts';

/**
 * Names of the embedded log's files: `<topic>.ndjson` is a topic of one partition, `<topic>/<n>.ndjson` partition n of
 * a topic of several.
 */
export const logFileSuffix = '.ndjson';

/** Kafka's rule; it also keeps a topic's name from leaving the directory. */
export function isTopicName(topic: string): boolean {
  return /^[A-Za-z0-9._-]{1,249}$/.test(topic) && topic !== '.' && topic !== '..';
}

export function topicFile(directory: string, topic: string): string {
  return join(directory, topic + logFileSuffix);
}

export function partitionFile(directory: string, topic: string, partition: number): string {
  return join(directory, topic, partition + logFileSuffix);
}

/** The partition that a file in a topic's folder is; undefined for other files. */
export function partitionOfFile(name: string): number | undefined {
  const match = /^(0|[1-9]\d{0,8})\.ndjson$/.exec(name);
  return match === null ? undefined : Number(match[1]);
}

/** True where a topic is both a file and a folder, so that nobody can say which is meant. */
export async function isAmbiguous(directory: string, topic: string): Promise<boolean> {
  const found = await Promise.allSettled([stat(topicFile(directory, topic)), stat(join(directory, topic))]);
  return found.every((each) => each.status === 'fulfilled');
}

export function ambiguous(directory: string, topic: string): Mistake {
  return {
    message:
      `Topic ${topic} is both a file, ${topicFile(directory, topic)}, and a folder, ${join(directory, topic)}. ` +
      `Keep one: the file for one partition, the folder for several.`,
  };
}

export function notATopic(topic: string): Mistake {
  return {
    message: `"${topic}" is no topic of the embedded log. A topic's name is up to 249 letters, digits, ".", "_" and "-".`,
  };
}
