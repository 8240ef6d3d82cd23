/** The first so many of what is added, by an order; no more are held. */
export class TopRows<T> {
  readonly #compare: (a: T, b: T) => number;
  readonly #most: number;
  /** A heap once it is full: no element comes behind the one at half its place, and the last of all is the first. */
  readonly #held: T[] = [];

  constructor(compare: (a: T, b: T) => number, most: number) {
    this.#compare = compare;
    this.#most = most;
  }

  get size(): number {
    return this.#held.length;
  }

  add(element: T): void {
    const held = this.#held;
    if (held.length < this.#most) {
      held.push(element);
      if (held.length === this.#most) for (let i = held.length >> 1; i >= 0; i -= 1) this.#sink(i);
    } else if (this.#most > 0 && this.#compare(element, held[0] as T) < 0) {
      held[0] = element;
      this.#sink(0);
    }
  }

  sorted(): T[] {
    return this.#held.sort(this.#compare);
  }

  #sink(from: number): void {
    const held = this.#held;
    const element = held[from] as T;
    let at = from;
    for (let child = 2 * at + 1; child < held.length; child = 2 * at + 1) {
      const right = child + 1;
      if (right < held.length && this.#compare(held[right] as T, held[child] as T) > 0) child = right;
      if (this.#compare(held[child] as T, element) <= 0) break;
      held[at] = held[child] as T;
      at = child;
    }
    held[at] = element;
  }
}
