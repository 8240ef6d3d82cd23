import { assert } from '../common/errors.ts';

/** Merges sorted iterables into one, reading each only as far as needed. */
export function* mergeSorted<T>(sources: readonly Iterable<T>[], compare: (a: T, b: T) => number): Generator<T> {
  /** Sources that have a next element, by that element, greatest first: the last is the next of all. */
  const heads: { value: T; readonly source: Iterator<T> }[] = [];
  const insert = (value: T, source: Iterator<T>): void => {
    let low = 0;
    let high = heads.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = heads[middle];
      assert(other !== undefined, 'a place between the heads');
      if (compare(other.value, value) > 0) low = middle + 1;
      else high = middle;
    }
    heads.splice(low, 0, { value, source });
  };
  try {
    for (const iterable of sources) {
      const source = iterable[Symbol.iterator]();
      const first = source.next();
      if (first.done !== true) insert(first.value, source);
    }
    for (let head = heads.pop(); head !== undefined; head = heads.pop()) {
      const { value, source } = head;
      const next = source.next();
      if (next.done !== true) insert(next.value, source);
      yield value;
    }
  } finally {
    for (const { source } of heads) source.return?.();
  }
}
