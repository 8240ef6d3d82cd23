import type { Writable } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Line } from '../common/line.ts';
import type { ServerLimits } from '../config/limits.ts';
import { closeCodes, type Shown } from './callers.ts';
import type { Holding, Outbox } from './outbox.ts';
import { endingError, type Ending, type Session } from './sessions.ts';
import { type Message, writeMessages } from './socket-frames.ts';
import type { SocketOperation } from './socket-operation.ts';
import type { TokenBucket } from './token-bucket.ts';

/** A socket that holds this many bytes unsent … */
const stalledBytes = 1_048_576;
/** … for so long is closed. ms */
const stalledMs = 10_000;
/** What a client that is dismissed has left to read why, and what it was sent before; ms. */
const dismissalMs = 1_000;
/** Bytes that a frame of the protocol has left for the reason of a close. */
const maxReasonBytes = 123;

/** What an open WebSocket is made of. */
export interface Connection {
  readonly socket: WebSocket;
  /** What the socket writes to. Nothing of it is under way between two calls: it has no extensions. */
  readonly stream: Writable;
  /** What its upgrade showed of who it is. */
  readonly shown: Shown;
  /** Of its messages. */
  readonly messages: TokenBucket;
  readonly outbox: Outbox;
}

/**
 * An open WebSocket: what is known of it beside what graphql-ws knows. Messages of operations are held until the end of the turn,
 * so that they leave together; whatever else is written goes behind them.
 */
export class SocketClient implements Holding {
  readonly socket: WebSocket;
  /** What its upgrade showed of who it is. */
  readonly shown: Shown;
  readonly operations = new Map<string, SocketOperation>();
  /** Of its messages. */
  readonly messages: TokenBucket;
  /** Once it has said who it is. */
  session: Session | undefined;
  line: Line<Holding> | undefined;
  before: Holding | undefined;
  behind: Holding | undefined;
  readonly #limits: Pick<ServerLimits, 'pingMs' | 'maxMessageBytes'>;
  readonly #stream: Writable;
  readonly #outbox: Outbox;
  #firstHeld: Message | undefined;
  #lastHeld: Message | undefined;
  /** When the ping was sent that has not been answered. */
  #pingedMs: number | undefined;
  #nextPingMs = 0;
  #stalledSince: number | undefined;

  constructor(
    { socket, stream, shown, messages, outbox }: Connection,
    limits: Pick<ServerLimits, 'pingMs' | 'maxMessageBytes'>,
  ) {
    this.socket = socket;
    this.shown = shown;
    this.messages = messages;
    this.#stream = stream;
    this.#outbox = outbox;
    this.#limits = limits;
    socket.on('pong', () => (this.#pingedMs = undefined));
  }

  get isOpen(): boolean {
    return this.socket.readyState === this.socket.OPEN;
  }

  /** `done` once it has left; `failed` where it never will. */
  write(text: string, done: () => void, failed: () => void): void {
    if (!this.#takesMore()) return failed();
    this.flush();
    this.socket.send(text, (error) => (error === undefined || error === null ? done() : failed()));
  }

  /** A message of an operation. False where it will never leave. */
  hold(message: Message): boolean {
    if (!this.#takesMore()) return false;
    if (this.#lastHeld === undefined) {
      this.#firstHeld = message;
      this.#outbox.add(this);
    } else this.#lastHeld.following = message;
    this.#lastHeld = message;
    return true;
  }

  flush(): void {
    const first = this.#firstHeld;
    if (first === undefined) return;
    this.#firstHeld = undefined;
    this.#lastHeld = undefined;
    if (this.isOpen) writeMessages(this.#stream, first);
  }

  /** Closes it by a handshake; what it was sent before leaves first. */
  close(code: number, reason: string): void {
    this.flush();
    this.socket.close(code, shortened(reason));
  }

  #takesMore(): boolean {
    if (this.isOpen && this.session?.overdue === true) this.#end('expired');
    return this.isOpen;
  }

  /** Nothing is computed or sent for it from now on. It has a moment to go by itself. */
  dismiss(code: number, reason: string): void {
    // Closed first: the client is not to hear that its operations are complete, or it would not ask again when it is back.
    this.close(code, reason);
    for (const operation of this.operations.values()) operation.complete();
    // Else what is buffered for a client that does not read would go out whenever it does.
    setTimeout(() => this.socket.terminate(), dismissalMs).unref();
  }

  /** The identity that it is served under has ended. It learns up to where its frames are exact, to go on from there. */
  finish(ending: Ending): void {
    this.tellPositions();
    this.#end(ending);
  }

  /** Tells no positions: what has just been kept from it, its operation takes for sent. */
  #end(ending: Ending): void {
    this.dismiss(closeCodes.newCredentials, endingError(ending).message);
  }

  /** Every second or so: pings, and cuts off a client that is gone or does not read. */
  watch(nowMs: number): void {
    const { socket } = this;
    if (this.isOpen && this.session?.overdue === true) this.finish('expired');
    if (socket.bufferedAmount > stalledBytes) {
      this.#stalledSince ??= nowMs;
      if (nowMs - this.#stalledSince >= stalledMs) {
        // It does not read, so it would not read a reason either; to a client this is a lost connection: it comes back.
        socket.terminate();
        return;
      }
    } else this.#stalledSince = undefined;
    const { pingMs } = this.#limits;
    if (this.#pingedMs !== undefined) {
      if (nowMs - this.#pingedMs >= pingMs) socket.terminate();
      return;
    }
    if (this.#nextPingMs === 0) this.#nextPingMs = nowMs + pingMs;
    if (nowMs < this.#nextPingMs || !this.isOpen) return;
    this.#pingedMs = nowMs;
    this.#nextPingMs = nowMs + pingMs;
    socket.ping();
  }

  /** In `ping` messages, which every client answers and none shows to its user; what it answers with is its own payload back. */
  tellPositions(): void {
    if (this.operations.size === 0 || !this.isOpen) return;
    this.flush();
    const tell = (positions: readonly string[]) =>
      this.socket.send(`{"type":"ping","payload":{"positions":{${positions.join(',')}}}}`);
    let positions: string[] = [];
    let length = 0;
    for (const [id, operation] of this.operations) {
      const position = operation.position();
      if (position === undefined) continue;
      const entry = `${JSON.stringify(id)}:"${position}"`;
      if (length + entry.length > this.#limits.maxMessageBytes / 2) {
        tell(positions);
        positions = [];
        length = 0;
      }
      positions.push(entry);
      length += entry.length;
    }
    if (positions.length > 0) tell(positions);
  }
}

/** No character of it is cut in two: clients check that. */
function shortened(reason: string): string {
  return new TextDecoder().decode(Buffer.from(reason).subarray(0, maxReasonBytes), { stream: true });
}
