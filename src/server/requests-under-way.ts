import type { ServerResponse } from 'node:http';

/** Bytes of answers that clients have not read yet, all together: beyond, clients that do not read are cut off. */
const mostUnsentBytes = 268_435_456;

/**
 * HTTP requests that have not been answered to the end. So many are answered at once; one whose answer is under way to a client that
 * reads slowly is not among them, lest slow clients shut out others.
 */
export class RequestsUnderWay {
  readonly #responses = new Set<ServerResponse>();
  readonly #most: number;
  readonly #mostUnsentBytes: number;

  constructor(most: number, unsentBytes = mostUnsentBytes) {
    this.#most = most;
    this.#mostUnsentBytes = unsentBytes;
  }

  /** False where there are too many already; else `end` is called once the request is answered, or nobody waits for that any more. */
  begin(response: ServerResponse): boolean {
    if (this.#responses.size >= this.#most && this.#unanswered() >= this.#most) return false;
    this.#responses.add(response);
    return true;
  }

  end(response: ServerResponse): void {
    this.#responses.delete(response);
  }

  /** Every second or so. How many clients were cut off, those first who have had the longest time to read. */
  watch(): number {
    let unsentBytes = 0;
    for (const response of this.#responses) {
      // Nothing tells so of a connection that breaks under an answer that waits its turn, or for room.
      if (response.req.socket.destroyed) this.#responses.delete(response);
      else unsentBytes += response.writableLength;
    }
    let cut = 0;
    for (const response of this.#responses) {
      if (unsentBytes <= this.#mostUnsentBytes) break;
      if (response.writableLength === 0) continue;
      unsentBytes -= response.writableLength;
      this.#responses.delete(response);
      response.destroy();
      cut += 1;
    }
    return cut;
  }

  get size(): number {
    return this.#responses.size;
  }

  #unanswered(): number {
    let unanswered = 0;
    for (const response of this.#responses) if (!response.headersSent) unanswered += 1;
    return unanswered;
  }
}
