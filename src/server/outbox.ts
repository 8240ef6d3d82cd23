/** Something that holds messages back for a moment, so that they leave together. */
export interface Holding {
  flush(): void;
}

/** How long flushing may keep the thread before it yields, ms. */
const sliceMs = 8;
/** Sockets flushed before what their writes leave behind is done with: else all of it would be held at once, and outlive its time. */
const atOnce = 32;

/**
 * What is written within a turn or two of the event loop leaves at their end, all of a socket's in one go. Whoever is asked to flush has
 * its turn; who comes later waits behind those that wait already.
 */
export class Outbox {
  readonly #waiting = new Set<Holding>();
  #scheduled = false;
  #sliceEnds = 0;

  add(holding: Holding): void {
    this.#waiting.add(holding);
    if (this.#scheduled) return;
    this.#scheduled = true;
    // A turn that the hub has cut short goes on in the meantime, so that what it has to say leaves with this.
    setImmediate(() => setImmediate(this.#begin));
  }

  /** It has flushed by itself, or has nothing to flush any more. */
  remove(holding: Holding): void {
    this.#waiting.delete(holding);
  }

  readonly #begin = (): void => {
    this.#sliceEnds = performance.now() + sliceMs;
    this.#flush();
  };

  readonly #flush = (): void => {
    let left = atOnce;
    for (const holding of this.#waiting) {
      this.#waiting.delete(holding);
      holding.flush();
      left -= 1;
      if (left === 0) break;
    }
    this.#scheduled = this.#waiting.size > 0;
    if (!this.#scheduled) return;
    // Node runs what a write leaves behind as a tick, in order: this one comes after it.
    if (performance.now() < this.#sliceEnds) process.nextTick(this.#flush);
    else setImmediate(this.#begin);
  };
}
