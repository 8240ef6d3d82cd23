/** A seeded source of choices: the same seed gives the same round, on every machine. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
    // Neighbouring seeds would begin alike without it.
    for (let i = 0; i < 8; i += 1) this.#next();
  }

  /** mulberry32 */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** 0 ≤ result < n */
  int(n: number): number {
    return this.#next() % n;
  }

  /** lo ≤ result ≤ hi */
  between(lo: number, hi: number): number {
    return lo + this.int(hi - lo + 1);
  }

  chance(p: number): boolean {
    return this.#next() < p * 2 ** 32;
  }

  pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new Error('nothing to pick from');
    return list[this.int(list.length)] as T;
  }

  shuffled<T>(list: readonly T[]): T[] {
    const copy = [...list];
    for (let i = copy.length - 1; i > 0; i -= 1) {
      const j = this.int(i + 1);
      [copy[i], copy[j]] = [copy[j] as T, copy[i] as T];
    }
    return copy;
  }

  /** Between `lo` and `hi` of the list's members, in the list's order. */
  some<T>(list: readonly T[], lo: number, hi: number): T[] {
    const count = Math.min(list.length, this.between(lo, hi));
    const chosen = new Set(this.shuffled(list.map((_, i) => i)).slice(0, count));
    return list.filter((_, i) => chosen.has(i));
  }

  /** A generator of its own, so that what one part draws does not move what another part gets. */
  fork(): Random {
    return new Random(this.#next());
  }
}
