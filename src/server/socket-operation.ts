import type { FrameSink, Subscription } from '../live/live.ts';

/**
 * The iterator that graphql-ws is given for an operation whose frames are written past it: it yields nothing, and ends
 * when the operation ends or the client (or its socket) gives it up.
 */
export class SocketOperation implements FrameSink, AsyncGenerator<never, void, void> {
  readonly id: string;
  readonly #write: (text: string, done: () => void) => void;
  readonly #onEnd: (operation: SocketOperation) => void;
  readonly #prefix: string;
  #subscription: Subscription | undefined;
  #stopped = false;
  #ended = false;
  #end: (() => void) | undefined;

  /**
   * `write` puts a message on the socket and calls `done` once it has left; not where the socket is closed. `onEnd` is called once,
   * when nothing more is computed or sent.
   */
  constructor(
    id: string,
    write: (text: string, done: () => void) => void,
    onEnd: (operation: SocketOperation) => void,
  ) {
    this.id = id;
    this.#write = write;
    this.#onEnd = onEnd;
    this.#prefix = `{"id":${JSON.stringify(id)},"type":"next","payload":`;
  }

  follow(subscription: Subscription): void {
    this.#subscription = subscription;
    if (this.#stopped) subscription.stop();
  }

  /** The socket has been given up before the operation was begun. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** The position up to which the last frame is exact. */
  position(): string | undefined {
    return this.#subscription?.position();
  }

  send(payload: string, done: () => void): void {
    if (!this.#stopped) this.#write(`${this.#prefix}${payload}}`, done);
  }

  /**
   * Nothing more is computed or sent, and the client is not told that the operation is complete: it is not, its socket is about
   * to be closed.
   */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#subscription?.stop();
    this.#onEnd(this);
  }

  /** Ends the iteration, upon which graphql-ws tells the client. */
  complete(): void {
    this.stop();
    this.#ended = true;
    this.#end?.();
  }

  next(): Promise<IteratorResult<never, void>> {
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => {
      this.#end = () => resolve({ done: true, value: undefined });
    });
  }

  return(): Promise<IteratorResult<never, void>> {
    this.complete();
    return Promise.resolve({ done: true, value: undefined });
  }

  throw(): Promise<IteratorResult<never, void>> {
    return this.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
