import { assert } from '../common/errors.ts';
import type { FrameSink, Subscription } from '../live/live.ts';
import { LastingBytes } from './lasting-bytes.ts';
import type { Message } from './socket-frames.ts';

/**
 * The iterator that graphql-ws is given for an operation whose frames are written past it: it yields nothing, and ends
 * when the operation ends or the client (or its socket) gives it up.
 */
export class SocketOperation implements FrameSink, Message, AsyncGenerator<never, void, void> {
  readonly id: string;
  /** What its messages begin with. */
  readonly own: Buffer;
  /** What the message goes on with that is on its way; it is the only one. */
  shared: Buffer = nothing;
  following: Message | undefined;
  readonly #write: (operation: SocketOperation, payload: string) => boolean;
  readonly #onEnd: (operation: SocketOperation) => void;
  #done: (() => void) | undefined;
  #subscription: Subscription | undefined;
  #ended = false;
  #end: (() => void) | undefined;

  /**
   * `write` puts a message on the socket that goes on with the payload; false where the socket is closed. `onEnd` is called once,
   * when nothing more is computed or sent.
   */
  constructor(
    id: string,
    write: (operation: SocketOperation, payload: string) => boolean,
    onEnd: (operation: SocketOperation) => void,
  ) {
    this.id = id;
    this.#write = write;
    this.#onEnd = onEnd;
    this.own = ownBytes.of(`{"id":${JSON.stringify(id)},"type":"next","payload":`);
  }

  follow(subscription: Subscription): void {
    this.#subscription = subscription;
    if (this.#ended) subscription.stop();
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** The position up to which the last frame is exact. */
  position(): string | undefined {
    return this.#subscription?.position();
  }

  send(payload: string, done: () => void): void {
    if (this.#ended) return;
    assert(this.#done === undefined, 'an operation has one message on its way');
    if (this.#write(this, payload)) this.#done = done;
  }

  left(): void {
    const done = this.#done;
    this.#done = undefined;
    this.shared = nothing;
    done?.();
  }

  /** Ends the iteration, upon which graphql-ws tells the client. */
  complete(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#subscription?.stop();
    this.#onEnd(this);
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

const nothing = Buffer.alloc(0);
const ownBytes = new LastingBytes();
