import { parentPort, workerData } from 'node:worker_threads';
import { mistakesOf, must } from '../common/errors.ts';
import { openWriter } from './writer.ts';
import type { Writer, WriterData, WriterMessage } from './writer.ts';

/** The writer's thread: `start-writer.ts` starts it with `WriterData`, and ends it with the message `close`. */
const port = must(parentPort, 'writer-thread runs as a worker');
const post = (message: WriterMessage): void => port.postMessage(message);
const log =
  (level: 'info' | 'warn' | 'error') =>
  (message: string, facts?: Readonly<Record<string, unknown>>): void =>
    post({ kind: 'log', level, message, facts });

// A thread that listens to nothing ends by itself, as one that could not open its store should.
try {
  const writer: Writer = openWriter(workerData as WriterData, {
    committed: (version) => post({ kind: 'committed', version, work: { ...writer.work } }),
    progress: (progress) => post({ kind: 'progress', progress }),
    failed: (mistakes) => post({ kind: 'failed', mistakes }),
    log: { info: log('info'), warn: log('warn'), error: log('error') },
  });
  port.on('message', () => {
    writer
      .close()
      .catch((cause: unknown) => log('error')('the writer did not close cleanly', { reason: String(cause) }))
      .finally(() => {
        post({ kind: 'closed' });
        port.close();
      });
  });
  post({ kind: 'opened' });
} catch (cause) {
  post({ kind: 'failed', mistakes: mistakesOf(cause) });
}
