import { Line, type Link } from '../common/line.ts';

/** Something that holds messages back for a moment, so that they leave together. */
export interface Holding extends Link<Holding> {
  /** Asked once for each time that it was added; it may have nothing left by then. */
  flush(): void;
}

/** How long flushing may keep the thread before it yields, ms. */
const sliceMs = 8;
/** Sockets flushed between two looks at the clock. */
const atOnce = 32;

/**
 * What is written within a turn or two of the event loop leaves at their end, all of a socket's in one go. Whoever is asked to flush has
 * its turn; who comes later waits behind those that wait already.
 */
export class Outbox {
  readonly #waiting = new Line<Holding>();
  #scheduled = false;

  /** Who waits already keeps its place. */
  add(holding: Holding): void {
    if (holding.line !== undefined) return;
    this.#waiting.add(holding);
    if (this.#scheduled) return;
    this.#scheduled = true;
    // A turn that the hub has cut short goes on in the meantime, so that what it has to say leaves with this.
    setImmediate(() => setImmediate(this.#flush));
  }

  readonly #flush = (): void => {
    const sliceEnds = performance.now() + sliceMs;
    let flushed = 0;
    for (let holding = this.#waiting.first; holding !== undefined; holding = this.#waiting.first) {
      this.#waiting.remove(holding);
      holding.flush();
      flushed += 1;
      if (flushed % atOnce === 0 && performance.now() >= sliceEnds) break;
    }
    this.#scheduled = this.#waiting.size > 0;
    if (this.#scheduled) setImmediate(this.#flush);
  };
}
