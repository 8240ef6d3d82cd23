import { assert, GatewayError, unreachable } from '../common/errors.ts';
import { assertFeedReaches } from '../feed/position-expired.ts';
import { encodePosition } from '../model/position.ts';
import { checkServing } from '../query/serving.ts';
import { MessageFailed } from './change-shape.ts';
import type { ChangeShape, StreamBatch, StreamPoint } from './change-shape.ts';
import { errorFrame, maskError } from './frame.ts';
import type { FrameSink } from './live.ts';
import { streamStart } from './stream-start.ts';
import type { Job, Turn } from './turns.ts';

/** What a change stream needs from the hub. */
export interface ChangeStreamHost {
  readonly snapshotLimit: number;
  due(stream: ChangeStream): void;
  /** A message has been sent. */
  sent(): void;
  onFailure?: ((error: unknown) => void) | undefined;
  /** It has ended by itself. */
  ended(stream: ChangeStream): void;
}

/**
 * One listener of a change stream. It reads the feed on disk at its own pace, with one message in flight, and holds nothing
 * but where it is (and the commit it is in the middle of).
 *
 *   waiting to be filled ──▶ first message ──▶ behind ──commit──▶ in flight ──done──▶ behind … ──▶ caught up ──touch──▶ behind
 *                                                └──error──▶ error frame, complete
 */
export class ChangeStream implements Job {
  readonly shape: ChangeShape;
  readonly #sink: FrameSink;
  readonly #host: ChangeStreamHost;
  /** undefined before the first message is known. */
  #point: StreamPoint | undefined;
  #caughtUp = false;
  /** Whether a message with `live: true` has been sent. */
  #told = false;
  /** What is being sent, from this part on. */
  #sending: { readonly batch: StreamBatch; readonly part: number } | undefined;
  #inFlight = false;
  #ended = false;
  #sent: string | undefined;

  constructor(shape: ChangeShape, sink: FrameSink, host: ChangeStreamHost) {
    this.shape = shape;
    this.#sink = sink;
    this.#host = host;
  }

  /** The version below which this stream reads nothing any more; undefined while it reads nothing. */
  get reading(): number | undefined {
    return this.#caughtUp || this.#ended ? undefined : this.#point?.version;
  }

  /** Everything that happened has been sent. */
  get caughtUp(): boolean {
    return this.#caughtUp;
  }

  /** Of the last message; of the last whole one while a large commit is being sent. */
  get position(): string | undefined {
    return this.#sent;
  }

  /** A commit after version `since` may concern it. */
  touch(since: number): void {
    if (this.#caughtUp && this.#point !== undefined) {
      // While it was caught up, every commit that concerned it would have touched it: those before can be passed over.
      this.#point = { ...this.#point, version: Math.max(this.#point.version, since) };
      this.#caughtUp = false;
    }
    if (!this.#inFlight) this.#host.due(this);
  }

  run(turn: Turn): boolean {
    while (!this.#inFlight && !this.#ended) {
      try {
        if (this.#sending !== undefined) this.#sendPart(turn);
        else if (this.#point === undefined) {
          if (!this.#begin(turn)) return false;
        } else if (this.#advance(this.#point, turn)) return false;
      } catch (error) {
        this.fail(error);
        return false;
      }
      if (turn.over()) return !this.#inFlight && !this.#ended;
    }
    return false;
  }

  /** Ends the stream with an error frame. */
  fail(error: unknown): void {
    if (this.#ended) return;
    const told = error instanceof MessageFailed;
    if (!(error instanceof GatewayError) && !told) this.#host.onFailure?.(error);
    this.stop();
    this.shape.tally.sent();
    this.#host.sent();
    this.#sink.send(told ? error.message : errorFrame(maskError(error)), () => {});
    this.#sink.complete();
    this.#host.ended(this);
  }

  complete(): void {
    if (this.#ended) return;
    this.stop();
    this.#sink.complete();
  }

  stop(): void {
    this.#ended = true;
    this.#sending = undefined;
  }

  /** False where a table has never been filled: the next touch asks again. */
  #begin({ snapshot }: Turn): boolean {
    const { shape } = this;
    checkServing(shape.membership.watched, snapshot);
    const start = streamStart(shape.stream, shape.membership, snapshot);
    if (start.kind === 'later') return false;
    if (start.kind === 'resume') {
      const { position } = start;
      this.#point = { version: position.version, position, live: false };
      return true;
    }
    const changes = start.kind === 'rows' ? shape.rows(snapshot, this.#host.snapshotLimit) : [];
    this.#send(shape.message(changes, start.kind === 'rows' && start.reset, snapshot));
    this.#told = true;
    return true;
  }

  /** True once there is nothing to do but wait. */
  #advance(point: StreamPoint, turn: Turn): boolean {
    const { snapshot } = turn;
    checkServing(this.shape.membership.watched, snapshot);
    assertFeedReaches(point.version, this.shape.membership.watched, snapshot);
    const step = this.shape.next(point, turn);
    switch (step.kind) {
      case 'batch':
        this.#send(step.batch);
        return false;
      case 'paused':
        this.#point = { ...point, version: step.version };
        return false;
      case 'caught-up':
        this.#point = { ...point, version: snapshot.version, live: true };
        if (!this.#told) {
          this.#told = true;
          this.#send(this.shape.message([], false, snapshot));
          return false;
        }
        this.#caughtUp = true;
        return true;
      default:
        return unreachable(step);
    }
  }

  #send(batch: StreamBatch): void {
    this.#sending = { batch, part: 0 };
  }

  #sendPart({ snapshot }: Turn): void {
    assert(this.#sending !== undefined, 'there is a message to send');
    const { batch, part } = this.#sending;
    const text = batch.text(part, snapshot);
    const last = part === batch.parts - 1;
    this.#sending = last ? undefined : { batch, part: part + 1 };
    if (last) {
      this.#point = { version: batch.version, position: batch.position, live: this.#told };
      this.#sent = encodePosition(batch.position);
    }
    this.#inFlight = true;
    this.shape.tally.sent();
    this.#host.sent();
    let done = false;
    this.#sink.send(text, () => {
      if (done || this.#ended) return;
      done = true;
      this.#inFlight = false;
      if (!this.#caughtUp) this.#host.due(this);
    });
  }
}
