/** So much a second, and more at once after a pause. Times are given by the caller, ms since 1970. */
export class TokenBucket {
  /** What one costs, ms of waiting. */
  readonly #costMs: number;
  readonly #mostMs: number;
  /** What has been waited and not been spent. */
  #savedMs: number;
  #at: number;

  /** Starts full: `burst` at once (one at least), then `perSecond`. */
  constructor(perSecond: number, burst: number, nowMs: number) {
    this.#costMs = 1_000 / perSecond;
    this.#mostMs = Math.max(1, burst) * this.#costMs;
    this.#savedMs = this.#mostMs;
    this.#at = nowMs;
  }

  /** Takes one: 0. Where there is none: the time until there is, ms. */
  take(nowMs: number): number {
    this.#save(nowMs);
    if (this.#savedMs < this.#costMs) return Math.ceil(this.#costMs - this.#savedMs);
    this.#savedMs -= this.#costMs;
    return 0;
  }

  /** It could as well be forgotten. */
  isFull(nowMs: number): boolean {
    this.#save(nowMs);
    return this.#savedMs >= this.#mostMs;
  }

  /** A clock that is set back adds nothing, and takes nothing away. */
  #save(nowMs: number): void {
    this.#savedMs = Math.min(this.#mostMs, this.#savedMs + Math.max(0, nowMs - this.#at));
    this.#at = nowMs;
  }
}
