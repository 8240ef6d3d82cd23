import { access, constants, stat } from 'node:fs/promises';
import { reasonOf, SetupError } from '../common/errors.ts';
import type { Mistake } from '../common/errors.ts';
import { ambiguous, isAmbiguous, isTopicName, notATopic } from './log-files.ts';
import { isMissing } from './log-partition.ts';
import { LogReader } from './log-reader.ts';
import type { Source, TopicStart } from './source.ts';

export interface LogSourceOptions {
  /** The folder of the topics' files. It may appear later. */
  readonly directory: string;
  /** How often the folder is looked at beside the file system's own notices, ms. Default 1,000. */
  readonly pollMs?: number | undefined;
}

/**
 * The embedded log: a folder of NDJSON files, `<topic>.ndjson` or `<topic>/<partition>.ndjson`, that anything can append
 * to and that is followed as it grows. For one machine; files are never rotated or cleaned up. A last line without its
 * newline waits until the newline comes. See `log-line.ts` for what a line is.
 *
 * `start` throws SetupError where the folder cannot be read. A started source keeps the process alive until it is closed.
 */
export function createLogSource(options: LogSourceOptions): Source {
  const { directory, pollMs = 1_000 } = options;
  let reader: LogReader | undefined;
  let closed = false;
  return {
    description: `embedded log in ${directory}`,
    async start(topics, sink) {
      const mistakes = await findMistakes(directory, topics);
      if (mistakes.length > 0) throw new SetupError(mistakes);
      if (closed) return;
      reader = new LogReader({ directory, pollMs, topics, sink });
      await reader.start();
    },
    resume(topic, partition, next) {
      reader?.resume(topic, partition, next);
    },
    // A log keeps every line, tombstones included.
    policy: () => Promise.resolve({ compacted: false }),
    async close() {
      closed = true;
      await reader?.close();
    },
  };
}

async function findMistakes(directory: string, topics: readonly TopicStart[]): Promise<readonly Mistake[]> {
  const mistakes: Mistake[] = [];
  const unreadable = await whyUnreadable(directory);
  if (unreadable !== undefined) mistakes.push(unreadable);
  for (const { topic } of topics) {
    if (!isTopicName(topic)) mistakes.push(notATopic(topic));
    else if (await isAmbiguous(directory, topic)) mistakes.push(ambiguous(directory, topic));
  }
  return mistakes;
}

async function whyUnreadable(directory: string): Promise<Mistake | undefined> {
  try {
    if (!(await stat(directory)).isDirectory()) {
      return {
        message: `The embedded log ${directory} is a file. Name the folder that holds the <topic>.ndjson files.`,
      };
    }
    await access(directory, constants.R_OK | constants.X_OK);
    return undefined;
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    const reason = reasonOf(cause);
    return {
      message: `The embedded log ${directory} cannot be read (${reason}). Give this user access to the folder.`,
    };
  }
}
