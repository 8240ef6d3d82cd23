import { compareKeys } from '../store/keys.ts';

/** Keys from `lower` (inclusive) to `upper` (exclusive); absent: unbounded. */
export interface Interval {
  readonly lower: Uint8Array | undefined;
  readonly upper: Uint8Array | undefined;
}

interface Node<T> {
  readonly interval: Interval;
  readonly item: T;
  readonly priority: number;
  /** Orders those that begin alike. */
  readonly sequence: number;
  left: Node<T> | undefined;
  right: Node<T> | undefined;
  /** The node below (or at) this one whose interval ends last. */
  last: Interval;
}

/**
 * Finds the intervals that hold a key in O(log n + found): a treap by lower bound, in which every node knows how far the
 * intervals below it reach.
 */
export class IntervalIndex<T> {
  #root: Node<T> | undefined;
  #size = 0;
  /** Priorities need no secret, only disorder: a sequence of its own makes every run alike. */
  #random = 1;
  #sequence = 0;

  get size(): number {
    return this.#size;
  }

  /** The result takes it out again. */
  add(interval: Interval, item: T): () => void {
    this.#random = (Math.imul(this.#random, 1_664_525) + 1_013_904_223) | 0;
    this.#sequence += 1;
    const node: Node<T> = {
      interval,
      item,
      priority: this.#random,
      sequence: this.#sequence,
      left: undefined,
      right: undefined,
      last: interval,
    };
    this.#root = insert(this.#root, node);
    this.#size += 1;
    return () => {
      this.#root = remove(this.#root, node);
      this.#size -= 1;
    };
  }

  *holding(key: Uint8Array): Generator<T> {
    yield* holding(this.#root, key);
  }
}

function* holding<T>(node: Node<T> | undefined, key: Uint8Array): Generator<T> {
  if (node === undefined || endsBefore(node.last, key)) return;
  yield* holding(node.left, key);
  // Whatever stands to the right begins later still.
  if (node.interval.lower !== undefined && compareKeys(node.interval.lower, key) > 0) return;
  if (!endsBefore(node.interval, key)) yield node.item;
  yield* holding(node.right, key);
}

function endsBefore({ upper }: Interval, key: Uint8Array): boolean {
  return upper !== undefined && compareKeys(upper, key) <= 0;
}

function insert<T>(root: Node<T> | undefined, node: Node<T>): Node<T> {
  if (root === undefined) return node;
  if (node.priority > root.priority) {
    [node.left, node.right] = split(root, node);
    return reach(node);
  }
  if (compareNodes(node, root) < 0) root.left = insert(root.left, node);
  else root.right = insert(root.right, node);
  return reach(root);
}

/** What stands before the node, and the rest. */
function split<T>(root: Node<T> | undefined, by: Node<T>): [Node<T> | undefined, Node<T> | undefined] {
  if (root === undefined) return [undefined, undefined];
  if (compareNodes(by, root) < 0) {
    const [before, rest] = split(root.left, by);
    root.left = rest;
    return [before, reach(root)];
  }
  const [before, rest] = split(root.right, by);
  root.right = before;
  return [reach(root), rest];
}

function remove<T>(root: Node<T> | undefined, node: Node<T>): Node<T> | undefined {
  if (root === undefined) return undefined;
  if (root === node) return join(root.left, root.right);
  if (compareNodes(node, root) < 0) root.left = remove(root.left, node);
  else root.right = remove(root.right, node);
  return reach(root);
}

function join<T>(left: Node<T> | undefined, right: Node<T> | undefined): Node<T> | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  if (left.priority > right.priority) {
    left.right = join(left.right, right);
    return reach(left);
  }
  right.left = join(left, right.left);
  return reach(right);
}

function reach<T>(node: Node<T>): Node<T> {
  node.last = node.interval;
  for (const child of [node.left, node.right]) {
    if (child !== undefined && endsLater(child.last, node.last)) node.last = child.last;
  }
  return node;
}

function endsLater(a: Interval, b: Interval): boolean {
  if (b.upper === undefined) return false;
  return a.upper === undefined || compareKeys(a.upper, b.upper) > 0;
}

function compareNodes<T>(a: Node<T>, b: Node<T>): number {
  return compareLower(a.interval, b.interval) || a.sequence - b.sequence;
}

function compareLower(a: Interval, b: Interval): number {
  if (a.lower === undefined || b.lower === undefined) {
    return Number(a.lower !== undefined) - Number(b.lower !== undefined);
  }
  return compareKeys(a.lower, b.lower);
}
