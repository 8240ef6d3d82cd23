import { Worker } from 'node:worker_threads';
import { SetupError } from '../common/errors.ts';
import { createWork } from '../common/work.ts';
import type { Work } from '../common/work.ts';
import type { SourceProgress } from './bounds.ts';
import type { Log } from '../common/log.ts';
import { startDecoding } from './start-decoding.ts';
import type { WriterData, WriterMessage, WriterOptions } from './writer.ts';

/** The serving thread's end of the writer's thread. Called by `gateway.ts`. */
export interface WriterHandle {
  onCommitted: () => void;
  onProgress: (progress: SourceProgress) => void;
  /** Of the writer's thread, as of its last commit; absent where the writer is another process's. */
  readonly work: Readonly<Work> | undefined;
  /** Rejects with SetupError where the store cannot be opened or the source cannot be read. */
  readonly opened: Promise<void>;
  readonly failed: Promise<SetupError>;
  /** Resolves when the condition holds; asked after every commit. Rejects where `stopLooking` comes first. */
  filled(condition: () => boolean): Promise<void>;
  /** No condition is asked any more: what they look at is about to be closed. */
  stopLooking(): void;
  close(): Promise<void>;
}

/** Starts the thread, and the one that decodes for it; `opened` tells how that went. Log lines of the thread go to `log`. */
export function startWriter(options: WriterOptions, log: Log): WriterHandle {
  const decoding = startDecoding(options);
  const workerData: WriterData = { ...options, decoding: decoding.port };
  // The package runs from dist, so the thread's file has the same ending as this one.
  const worker = new Worker(new URL('./writer-thread.js', import.meta.url), {
    workerData,
    transferList: [decoding.port],
    // A commit's rows live as long as the commit: with node's default of 16 MB a fifth of a load's time went into moving them about.
    resourceLimits: { maxYoungGenerationSizeMb: 64 },
  });
  const waiting = new Map<() => void, (cause: Error) => void>();
  const work = createWork();
  let closing = false;
  let isOpen = false;
  let settleOpened: { resolve: () => void; reject: (cause: SetupError) => void };
  let settleFailed: (cause: SetupError) => void;
  const opened = new Promise<void>((resolve, reject) => (settleOpened = { resolve, reject }));
  const failed = new Promise<SetupError>((resolve) => (settleFailed = resolve));
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));

  function fail(cause: SetupError): void {
    if (isOpen) settleFailed(cause);
    else settleOpened.reject(cause);
  }

  const handle: WriterHandle = {
    onCommitted: () => {},
    onProgress: () => {},
    work,
    opened,
    failed,
    filled: (condition) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!condition()) return;
          waiting.delete(look);
          resolve();
        };
        waiting.set(look, reject);
        look();
      }),
    stopLooking() {
      for (const reject of waiting.values()) reject(new Error('the gateway was closed before its tables were filled'));
      waiting.clear();
    },
    async close() {
      closing = true;
      worker.postMessage('close');
      await Promise.all([exited, decoding.ended]);
    },
  };

  worker.on('message', (message: WriterMessage) => {
    switch (message.kind) {
      case 'opened':
        isOpen = true;
        settleOpened.resolve();
        return;
      case 'committed':
        Object.assign(work, message.work);
        handle.onCommitted();
        for (const look of waiting.keys()) look();
        return;
      case 'progress':
        handle.onProgress(message.progress);
        return;
      case 'failed':
        fail(new SetupError(message.mistakes));
        return;
      case 'log':
        log[message.level](message.message, message.facts);
        return;
      case 'closed':
        return;
    }
  });
  worker.on('error', (cause) => fail(new SetupError([{ message: `the writer's thread ended: ${String(cause)}` }])));
  worker.on('exit', () => {
    if (!closing) fail(new SetupError([{ message: `the writer's thread ended` }]));
  });
  void decoding.ended.then((reason) => {
    // Without a reason of its own it ended because the writer's thread did, and that one tells why.
    if (closing || reason === undefined) return;
    // Nobody will ask it to, where it is not open yet.
    if (!isOpen) worker.postMessage('close');
    fail(new SetupError([{ message: `the thread that reads and decodes records ended: ${reason}` }]));
  });
  return handle;
}
