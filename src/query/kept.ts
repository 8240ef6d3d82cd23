import type { Work } from '../common/work.ts';
import type { Change } from '../model/change.ts';
import { evaluate } from '../model/evaluate.ts';
import type { Predicate } from '../model/predicate.ts';
import type { Row } from '../model/row.ts';
import type { Reader } from '../store/store.ts';
import type { Access, RangePath } from './access.ts';
import { isPointLookup } from './access.ts';
import { compareRows } from './order.ts';
import type { Reading } from './reading.ts';

/**
 * What a live query keeps between its evaluations, so that changes move it instead of it being read again. Undefined where nothing
 * is kept for this access: it is to be read.
 */
export interface Kept {
  /** The first `size` rows in the order of the access. */
  rows(reading: Reading, access: Access, size: number): readonly Row[] | undefined;
  /** How many rows the access leads to; `read` counts them. */
  count(reading: Reading, access: Access, read: () => number): number;
}

/** What an operation is executed through: a live query's remembers. */
export interface KeepingReader extends Reader {
  readonly kept?: Kept | undefined;
}

/** A list or a count that changes of its table move. */
export interface KeptAnswer {
  /** True where the answer may be another one. */
  apply(change: Change): boolean;
  /** It is to be read anew: not everything that happened was told. */
  lose(): void;
  /** Rows that it holds. */
  readonly held: number;
}

/** Rows beyond those shown, so that some may go before it has to be read again. */
export function spareOf(size: number): number {
  return Math.max(8, Math.ceil(size / 4));
}

/** Whether a change tells all that it does to the rows of the access: which these are depends on the row itself alone. */
export function isKeepable({ masks, path, predicate }: Access): boolean {
  if (masks.size > 0 || (predicate !== undefined && crosses(predicate))) return false;
  const parts = path.kind === 'union' ? path.parts : [path];
  // Rows that are got by their keys are found by these, and cost nothing to get.
  return parts.every((part): part is RangePath => part.kind === 'range' && !isPointLookup(part));
}

function crosses(predicate: Predicate): boolean {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return predicate.parts.some(crosses);
    case 'not':
      return crosses(predicate.part);
    case 'related':
      return true;
    case 'compare':
      return predicate.mask !== undefined && crosses(predicate.mask);
  }
}

/**
 * The first rows of an access and some more. What stands behind the last of them is not known, unless they are all.
 *
 *   rows  1 2 3 … size | spare … | unknown
 */
export class KeptList implements KeptAnswer {
  readonly #size: number;
  readonly #holds: (row: Row) => boolean;
  readonly #compare: (a: Row, b: Row) => number;
  #rows: Row[] | undefined;
  #complete = false;

  constructor(access: Access, size: number, work: Work) {
    this.#size = size;
    this.#holds = holding(access, work);
    this.#compare = compareRows(access.order);
  }

  get held(): number {
    return this.#rows?.length ?? 0;
  }

  /** Undefined: it is to be read anew. */
  get shown(): readonly Row[] | undefined {
    return this.#rows?.slice(0, this.#size);
  }

  /** In order; `complete`: there are no others. */
  fill(rows: readonly Row[], complete: boolean): void {
    this.#rows = [...rows];
    this.#complete = complete;
  }

  lose(): void {
    this.#rows = undefined;
  }

  apply({ before, after }: Change): boolean {
    const rows = this.#rows;
    if (rows === undefined) return true;
    const left = before !== undefined && this.#holds(before) && this.#remove(rows, before);
    const came = after !== undefined && this.#holds(after) && this.#insert(rows, after);
    if (rows.length >= this.#size || this.#complete) return left || came;
    this.lose();
    return true;
  }

  /** Both tell whether it was among those shown. */
  #remove(rows: Row[], row: Row): boolean {
    const at = this.#placeOf(rows, row);
    const found = rows[at];
    if (found === undefined || this.#compare(found, row) !== 0) return false;
    rows.splice(at, 1);
    return at < this.#size;
  }

  #insert(rows: Row[], row: Row): boolean {
    const at = this.#placeOf(rows, row);
    if (at === rows.length && !this.#complete) return false;
    rows.splice(at, 0, row);
    if (rows.length > this.#size + spareOf(this.#size)) {
      rows.pop();
      this.#complete = false;
    }
    return at < this.#size;
  }

  /** Where the row stands, or would. */
  #placeOf(rows: readonly Row[], row: Row): number {
    let low = 0;
    let high = rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#compare(rows[middle] as Row, row) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** How many rows an access leads to. */
export class KeptCount implements KeptAnswer {
  readonly held = 0;
  readonly #holds: (row: Row) => boolean;
  #count: number | undefined;

  constructor(access: Access, work: Work) {
    this.#holds = holding(access, work);
  }

  /** Undefined: they are to be counted anew. */
  get count(): number | undefined {
    return this.#count;
  }

  fill(count: number): void {
    this.#count = count;
  }

  lose(): void {
    this.#count = undefined;
  }

  apply({ before, after }: Change): boolean {
    if (this.#count === undefined) return true;
    const was = before !== undefined && this.#holds(before);
    const is = after !== undefined && this.#holds(after);
    this.#count += Number(is) - Number(was);
    return was !== is;
  }
}

function holding({ predicate }: Access, work: Work): (row: Row) => boolean {
  if (predicate === undefined) return () => true;
  return (row) => {
    work.predicatesTested += 1;
    return evaluate(predicate, row, () => []) === true;
  };
}
