/** Wakes what waits for it. A `fire` while nobody waits is not lost: the next wait ends at once. */
export class Signal {
  #fired = false;
  #wake: (() => void) | undefined;

  fire(): void {
    this.#fired = true;
    this.#wake?.();
  }

  /** Until fired, or until `ms` have passed. One waiter at a time. */
  async wait(ms?: number): Promise<void> {
    if (!this.#fired) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        if (ms !== undefined) timer = setTimeout(resolve, ms);
      });
      clearTimeout(timer);
      this.#wake = undefined;
    }
    this.#fired = false;
  }
}
