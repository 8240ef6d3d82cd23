import type { ReactNode } from 'react';
import { inWhole } from '../page/format.ts';
import { pageSizes } from './row-view.ts';

export interface PagesProps {
  /** From 0. */
  readonly number: number;
  readonly limit: number;
  /** Rows on this one. */
  readonly count: number;
  onPage(number: number): void;
  onLimit(limit: number): void;
  readonly children: ReactNode;
}

export function Pages({ number, limit, count, onPage, onLimit, children }: PagesProps) {
  return (
    <div className="pages">
      <button type="button" disabled={number === 0} onClick={() => onPage(number - 1)}>
        Previous
      </button>
      <button type="button" disabled={count < limit} onClick={() => onPage(number + 1)}>
        Next
      </button>
      <span>
        {count === 0 ? 'no rows here' : `rows ${inWhole(number * limit + 1)} to ${inWhole(number * limit + count)}`}
      </span>
      {children}
      <label>
        Rows a page{' '}
        <select value={limit} onChange={({ target }) => onLimit(Number(target.value))}>
          {pageSizes.map((size) => (
            <option key={size}>{size}</option>
          ))}
        </select>
      </label>
    </div>
  );
}
