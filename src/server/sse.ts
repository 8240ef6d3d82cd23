import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GraphQLError } from 'graphql';
import type { GatewayError } from '../common/errors.ts';
import { errorFrame, frameText, toGraphQLError } from '../live/frame.ts';
import type { FrameSink, Hub, Subscription } from '../live/live.ts';
import type { Caller } from '../model/caller.ts';
import type { Prepared } from '../query/query.ts';
import type { CallerLimits } from './caller-limits.ts';
import type { Operations } from './operation.ts';
import { endingError, type Ending, type Session, type Sessions } from './sessions.ts';
import { SharedBytes } from './shared-bytes.ts';

/** A stream whose socket holds this many bytes unsent … */
const stalledBytes = 1_048_576;
/** … for so long is cut. ms */
const stalledMs = 10_000;
/** What a client whose session has ended has left to read what it was sent before, ms. */
const endingMs = 1_000;

export interface EventStreams {
  /**
   * Answers with events: `next` for every frame, `complete` at the end, comments with the position in between. Where the caller has
   * too many open, nothing is answered, and the error says so.
   */
  open(
    request: IncomingMessage,
    response: ServerResponse,
    prepared: Prepared | readonly GraphQLError[],
    caller: Caller,
  ): GatewayError | undefined;
  readonly size: number;
  /** Every `progressMs`: tells the positions, and cuts those that do not read. */
  progress(nowMs: number): void;
  /** Completes all. */
  complete(): void;
}

export interface EventStreamOptions {
  readonly hub: Hub;
  readonly operations: Operations;
  readonly sessions: Sessions;
  readonly callerLimits: CallerLimits;
}

/** GraphQL over SSE, distinct connections mode. Frames are shared texts; one is in flight at a time. */
export function createEventStreams({ hub, operations, sessions, callerLimits }: EventStreamOptions): EventStreams {
  const streams = new Set<EventStream>();
  // JSON has no line break of its own, so a payload is one line of data.
  const shared = new SharedBytes((payload) => Buffer.from(`event: next\ndata: ${payload}\n\n`));

  function admit(caller: Caller, subscribes: boolean): GatewayError | undefined {
    const refused = callerLimits.connection(caller);
    if (refused !== undefined || !subscribes) return refused;
    const tooMany = callerLimits.subscription(caller);
    if (tooMany !== undefined) callerLimits.disconnected(caller);
    return tooMany;
  }

  return {
    open(request, response, prepared, caller) {
      // The client went away while it was found out who it is: nothing will tell so again.
      if (response.destroyed) return undefined;
      const subscribes = 'kind' in prepared && prepared.kind !== 'query';
      const refused = admit(caller, subscribes);
      if (refused !== undefined) return refused;
      const stream = new EventStream(response, shared);
      const session = sessions.open(caller, (ending) => stream.finish(ending));
      stream.session = session;
      streams.add(stream);
      // Stalled streams are looked for here; one that is merely quiet is not to be cut.
      request.socket.setTimeout(0);
      response.once('close', () => {
        streams.delete(stream);
        session.close();
        stream.stop();
        callerLimits.disconnected(caller);
        if (subscribes) callerLimits.ended(caller);
      });
      if (!('kind' in prepared)) stream.end(errorFrame(...prepared));
      else if (prepared.kind !== 'query') stream.subscription = hub.subscribe(prepared, stream);
      else {
        void operations
          .answer(prepared, caller)
          .then((answer) => stream.end(typeof answer === 'string' ? answer : errorFrame(answer)));
      }
      return undefined;
    },
    get size() {
      return streams.size;
    },
    progress(nowMs) {
      for (const stream of streams) stream.progress(nowMs);
    },
    complete() {
      for (const stream of streams) stream.complete();
    },
  };
}

class EventStream implements FrameSink {
  readonly #response: ServerResponse;
  readonly #shared: SharedBytes;
  subscription: Subscription | undefined;
  session: Session | undefined;
  #stalledSince: number | undefined;
  #ended = false;

  constructor(response: ServerResponse, shared: SharedBytes) {
    this.#response = response;
    this.#shared = shared;
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      // nginx would hold events back until its buffer is full.
      'x-accel-buffering': 'no',
      connection: 'keep-alive',
    });
    // The client went away; `close` follows.
    response.on('error', () => {});
    response.flushHeaders();
  }

  send(payload: string, done: () => void): void {
    if (this.#ended) return;
    // No position: what has just been kept from the client, its operation takes for sent.
    if (this.session?.overdue === true) this.#end('expired', undefined);
    else this.#write(payload, done);
  }

  #write(payload: string, done: () => void): void {
    this.#response.write(this.#shared.of(payload), (error) => {
      if (error === undefined || error === null) done();
    });
  }

  complete(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#response.end('event: complete\ndata:\n\n');
  }

  end(payload: string): void {
    this.send(payload, () => {});
    this.complete();
  }

  progress(nowMs: number): void {
    if (this.#response.writableLength > stalledBytes) {
      this.#stalledSince ??= nowMs;
      if (nowMs - this.#stalledSince >= stalledMs) this.#response.destroy();
      return;
    }
    this.#stalledSince = undefined;
    if (!this.#ended && this.session?.overdue === true) return this.finish('expired');
    if (this.#ended || this.#response.writableLength > 0) return;
    const position = this.subscription?.position();
    this.#response.write(position === undefined ? ':\n\n' : `: {"position":"${position}"}\n\n`);
  }

  /** The caller's identity has ended: says so, and up to where the last frame is exact. */
  finish(ending: Ending): void {
    this.#end(ending, this.subscription?.position());
  }

  #end(ending: Ending, position: string | undefined): void {
    this.subscription?.stop();
    const errors = JSON.stringify([toGraphQLError(endingError(ending)).toJSON()]);
    if (!this.#ended) this.#write(frameText('null', errors, position), () => {});
    this.complete();
    // What a client that does not read has not been sent by now, it is not sent.
    const response = this.#response;
    setTimeout(() => response.destroy(), endingMs).unref();
  }

  stop(): void {
    this.#ended = true;
    this.subscription?.stop();
  }
}
