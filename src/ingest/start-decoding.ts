import { MessageChannel, Worker } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import type { DecodingData, DecodingOptions } from './decoding.ts';

export interface DecodingHandle {
  /** For the writer's thread, to be transferred: the other end is the thread's. It ends where this one is closed. */
  readonly port: MessagePort;
  /** With the reason where it failed. */
  readonly ended: Promise<string | undefined>;
}

/** Starts the thread that reads topics and decodes records. At the same time as the writer's, since either takes a while to load. */
export function startDecoding({ schema, source }: DecodingOptions): DecodingHandle {
  const { port1, port2 } = new MessageChannel();
  const workerData: DecodingData = { schema, source, port: port1 };
  // The package runs from dist, so the thread's file has the same ending as this one.
  const worker = new Worker(new URL('./decoding-thread.js', import.meta.url), {
    workerData,
    transferList: [port1],
    // The records of a batch live as long as it is decoded; with node's default they would be moved about meanwhile.
    resourceLimits: { maxYoungGenerationSizeMb: 32 },
  });
  const ended = new Promise<string | undefined>((resolve) => {
    worker.once('error', (cause) => resolve(String(cause)));
    worker.once('exit', () => resolve(undefined));
  });
  return { port: port2, ended };
}
