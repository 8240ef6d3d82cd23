/** What can stand in a line is a link of it: so moving it from one line to another allocates nothing. */
export interface Link<T extends Link<T>> {
  /** Where it stands; in one line at most. */
  line: Line<T> | undefined;
  before: T | undefined;
  behind: T | undefined;
}

/**
 * Items in the order in which they came. A `Set` would do but for its tables: where thousands of items move between sets with every
 * commit, tables that have been outgrown make more garbage than anything that is sent.
 */
export class Line<T extends Link<T>> {
  #first: T | undefined;
  #last: T | undefined;
  #size = 0;

  get first(): T | undefined {
    return this.#first;
  }

  get size(): number {
    return this.#size;
  }

  /** To its end, from wherever the item stands. */
  add(item: T): void {
    item.line?.remove(item);
    item.line = this;
    item.before = this.#last;
    if (this.#last === undefined) this.#first = item;
    else this.#last.behind = item;
    this.#last = item;
    this.#size += 1;
  }

  /** Nothing happens to an item that does not stand here. */
  remove(item: T): void {
    if (item.line !== this) return;
    const { before, behind } = item;
    if (before === undefined) this.#first = behind;
    else before.behind = behind;
    if (behind === undefined) this.#last = before;
    else behind.before = before;
    item.line = undefined;
    item.before = undefined;
    item.behind = undefined;
    this.#size -= 1;
  }
}
