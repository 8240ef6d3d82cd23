/**
 * Items by key, several to a key. Most keys have one, of many thousands of keys: so it stands there by itself, and only the second
 * makes a set of them.
 */
export class MultiMap<T extends object> {
  readonly #items = new Map<string, T | Set<T>>();

  /** How many keys there are. */
  get size(): number {
    return this.#items.size;
  }

  add(key: string, item: T): void {
    const there = this.#items.get(key);
    if (there === undefined || there === item) this.#items.set(key, item);
    else if (there instanceof Set) there.add(item);
    else this.#items.set(key, new Set([there, item]));
  }

  delete(key: string, item: T): void {
    const there = this.#items.get(key);
    if (there instanceof Set) {
      there.delete(item);
      if (there.size === 0) this.#items.delete(key);
    } else if (there === item) this.#items.delete(key);
  }

  /** Items added and deleted meanwhile may be visited or not. */
  forEach(key: string, visit: (item: T) => void): void {
    const there = this.#items.get(key);
    if (there instanceof Set) there.forEach(visit);
    else if (there !== undefined) visit(there);
  }
}
