import { reasonOf } from '../common/errors.ts';
import type { Log } from '../common/log.ts';

/** Between log lines of what fails for the same reason again and again, ms. */
const tellAgainMs = 60_000;

/** Tells an operator that a sink cannot write, and that it can again; not every try. */
export class Trouble {
  readonly #log: Log;
  readonly #what: string;
  #told: { readonly reason: string; readonly atMs: number } | undefined;

  constructor(log: Log, what: string) {
    this.#log = log;
    this.#what = what;
  }

  tell(cause: unknown): void {
    const reason = reasonOf(cause);
    const atMs = performance.now();
    if (this.#told?.reason === reason && atMs - this.#told.atMs < tellAgainMs) return;
    this.#log.warn(`${this.#what} cannot write and tries again; changes wait in the feed`, { reason });
    this.#told = { reason, atMs };
  }

  over(): void {
    if (this.#told !== undefined) this.#log.info(`${this.#what} writes again`);
    this.#told = undefined;
  }
}
