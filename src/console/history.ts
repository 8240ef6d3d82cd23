/** What a gateway said at one moment. */
interface Sample {
  /** By the gateway's clock, ms. */
  readonly at: number;
  readonly values: ReadonlyMap<string, number>;
}

/** How far plots go back, ms. */
export const spanMs = 5 * 60_000;
/** Rates are over so long, ms: what came in the last ten seconds, divided by ten. */
export const rateMs = 10_000;

/**
 * Numbers of the frames of the last minutes, from which rates are differences. Between frames nothing has changed, as long as the
 * connection is live: the last one is still true. What begins anew (a restart's counters) begins a new history.
 */
export class History {
  #samples: Sample[] = [];

  /** `at` rises; a sample of a moment that is known replaces it. */
  add(at: number, values: ReadonlyMap<string, number>): void {
    while (this.#samples.length > 0 && (this.#samples.at(-1)?.at ?? 0) >= at) this.#samples.pop();
    this.#samples.push({ at, values });
    // The last that is older stays: it is what was true when the span began.
    while ((this.#samples[1]?.at ?? Infinity) <= at - spanMs - rateMs) this.#samples.shift();
  }

  clear(): void {
    this.#samples = [];
  }

  /** What was true then; undefined before the first sample, and where it had no such number. */
  value(key: string, at: number): number | undefined {
    return this.#before(at)?.values.get(key);
  }

  /** How much it grew a second in `overMs` up to then; less where less is known, undefined where that is less than a second. */
  rate(key: string, at: number, overMs: number = rateMs): number | undefined {
    const now = this.value(key, at);
    const from = this.#samples.find((sample) => sample.values.has(key));
    if (now === undefined || from === undefined) return undefined;
    const since = Math.max(at - overMs, from.at);
    const then = this.value(key, since);
    return then === undefined || at - since < 1_000 ? undefined : ((now - then) * 1_000) / (at - since);
  }

  /** `count` values, evenly over the span up to `at`, oldest first. */
  series(count: number, at: number, read: (at: number) => number | undefined): readonly (number | undefined)[] {
    return Array.from({ length: count }, (_, index) => read(at - (spanMs * (count - 1 - index)) / (count - 1)));
  }

  #before(at: number): Sample | undefined {
    let [low, high] = [0, this.#samples.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#samples[middle]?.at ?? Infinity) <= at) low = middle + 1;
      else high = middle;
    }
    return this.#samples[low - 1];
  }
}
