/** The first wait, ms; each is up to twice as long. */
const firstWaitMs = 500;

/**
 * Waits between attempts, at random between nothing and a limit that doubles (full jitter), so that a thousand clients do not return
 * in one instant.
 */
export class Retries {
  readonly #maxWaitMs: number;
  readonly #onWait: (until: number, reason: string | undefined) => void;
  readonly #waiting = new Set<() => void>();

  /** `onWait` is told until when (ms since 1970), and why. */
  constructor(maxWaitMs: number, onWait: (until: number, reason: string | undefined) => void) {
    this.#maxWaitMs = maxWaitMs;
    this.#onWait = onWait;
  }

  /** After so many failures in a row. */
  wait(failures: number, reason?: string): Promise<void> {
    const waitMs = retryWaitMs(failures, this.#maxWaitMs);
    this.#onWait(Date.now() + waitMs, reason);
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, waitMs);
      this.#waiting.add(done);
    });
  }

  /** Ends all waits. */
  now(): void {
    for (const done of this.#waiting) done();
  }
}

export function retryWaitMs(failures: number, maxWaitMs: number): number {
  return Math.random() * Math.min(maxWaitMs, firstWaitMs * 2 ** failures);
}
