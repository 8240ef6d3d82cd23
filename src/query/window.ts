import type { Row } from '../model/row.ts';
import type { Value } from '../model/value.ts';
import { compareRowWith } from './order.ts';
import type { OrderTerm } from './order.ts';

/** Rows between two places in an order; a place has one value per term. */
export interface Window {
  readonly after?: readonly Value[] | undefined;
  readonly before?: readonly Value[] | undefined;
  /** True: rows at the places themselves belong to it. Default: only what lies strictly between. */
  readonly inclusive?: boolean | undefined;
  /** No more than the first so many are asked for: where rows are sorted, no more are held. Default: all. */
  readonly most?: number | undefined;
}

export function isWithin(order: readonly OrderTerm[], row: Row, window: Window): boolean {
  const { after, inclusive } = window;
  if (after !== undefined && compareRowWith(order, row, after) < (inclusive === true ? 0 : 1)) return false;
  return !isBehind(order, row, window);
}

/** Neither this row nor any later one of the order belongs to the window. */
export function isBehind(order: readonly OrderTerm[], row: Row, { before, inclusive }: Window): boolean {
  return before !== undefined && compareRowWith(order, row, before) >= (inclusive === true ? 1 : 0);
}
