/**
 * Keeps something from being done too often: at once after a rest, and what becomes due during the rest together at its end. There is
 * a timer only while it rests, and it keeps no process alive.
 */
export class Pace {
  readonly #restMs: number;
  readonly #run: () => void;
  #resting: NodeJS.Timeout | undefined;
  #due = false;

  /** 0 ms: always at once. */
  constructor(restMs: number, run: () => void) {
    this.#restMs = restMs;
    this.#run = run;
  }

  due(): void {
    if (this.#resting !== undefined) {
      this.#due = true;
      return;
    }
    if (this.#restMs > 0) {
      this.#resting = setTimeout(() => this.#rested(), this.#restMs);
      this.#resting.unref();
    }
    this.#run();
  }

  stop(): void {
    clearTimeout(this.#resting);
    this.#resting = undefined;
    this.#due = false;
  }

  #rested(): void {
    this.#resting = undefined;
    if (!this.#due) return;
    this.#due = false;
    this.due();
  }
}
