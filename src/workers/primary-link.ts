import { SetupError } from '../common/errors.ts';
import type { ServingProcess } from '../gateway.ts';
import type { WriterHandle } from '../ingest/start-writer.ts';
import type { Opening, ToPrimary, ToWorker } from './messages.ts';

/** This process's end of the messages with the primary. */
export class PrimaryLink {
  /** What came after the opening, and before there was anybody to be told. */
  readonly #waiting: ToWorker[] = [];
  #handle: (message: ToWorker) => void = (message) => void this.#waiting.push(message);

  send(message: ToPrimary): void {
    // Once the primary has gone, `disconnect` tells.
    if (process.connected) process.send?.(message, undefined, undefined, () => {});
  }

  /** It cannot serve, and ends. */
  fail(error: unknown): void {
    const mistakes = error instanceof SetupError ? error.mistakes : [{ message: String(error) }];
    this.send({ kind: 'failed', mistakes });
    this.leave();
  }

  /** Without the messages nothing keeps the process any more. */
  leave(): void {
    if (process.connected) process.disconnect();
  }

  opening(): Promise<Opening> {
    return new Promise((resolve) => {
      process.on('message', (message: ToWorker) => {
        if (message.kind === 'open') resolve(message);
        else this.#handle(message);
      });
      this.send({ kind: 'joined' });
    });
  }

  /** Whoever leaves without a word takes the connections along that are on their way to it. */
  parted(): Promise<void> {
    return new Promise((resolve) => {
      if (!process.connected) return resolve();
      process.on('message', ({ kind }: ToWorker) => {
        if (kind === 'bye') resolve();
      });
      process.once('disconnect', () => resolve());
      this.send({ kind: 'done' });
    });
  }

  /** Whether another one serves in its place. */
  toldToEnd(): Promise<boolean> {
    process.on('SIGINT', () => {});
    return new Promise((resolve) => {
      process.on('message', (message: ToWorker) => {
        if (message.kind === 'drain') resolve(message.relieved);
      });
      process.once('SIGTERM', () => this.send({ kind: 'leaving' }));
      process.once('disconnect', () => resolve(false));
    });
  }

  /** The write wing as it looks from here: commits are told of, and versions are read from the store. */
  writer(): WriterHandle {
    return {
      onCommitted: () => {},
      onProgress: () => {},
      work: undefined,
      opened: Promise.resolve(),
      failed: new Promise(() => {}),
      filled: () => Promise.reject(new Error('the primary process knows when its tables are filled')),
      stopLooking: () => {},
      close: () => Promise.resolve(),
    };
  }

  serve(serving: ServingProcess, writer: WriterHandle, { revocations, progress }: Opening): void {
    for (const { claim, value, atMs } of revocations) serving.revoke(claim, value, atMs);
    writer.onProgress(progress);
    this.#handle = (message) => {
      switch (message.kind) {
        case 'committed':
          return writer.onCommitted();
        case 'progress':
          return writer.onProgress(message.progress);
        case 'revoke': {
          const { claim, value, atMs } = message.revocation;
          return this.send({ kind: 'answer', ask: message.ask, value: serving.revoke(claim, value, atMs) });
        }
        case 'metrics':
          return void serving.metrics().then(
            (value) => this.send({ kind: 'answer', ask: message.ask, value }),
            () => this.send({ kind: 'answer', ask: message.ask, value: undefined }),
          );
        case 'open':
        case 'drain':
        case 'bye':
          return;
      }
    };
    for (const message of this.#waiting.splice(0)) this.#handle(message);
  }
}
