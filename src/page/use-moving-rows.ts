import { useLayoutEffect, useRef } from 'react';
import type { RefObject } from 'react';
import { mayMove } from './motion.ts';

const moveMs = 450;

/**
 * Rows that glide to their new places when their order changes: the children of the list, told apart by `data-row`. Moves that
 * begin during others add up, so that a row never jumps.
 */
export function useMovingRows<List extends HTMLElement>(): RefObject<List | null> {
  const list = useRef<List>(null);
  const places = useRef<ReadonlyMap<string, number>>(new Map());

  useLayoutEffect(() => {
    const rows = [...(list.current?.children ?? [])] as HTMLElement[];
    const now = new Map(rows.map((row) => [row.dataset['row'] ?? '', row.offsetTop]));
    for (const row of rows) {
      const before = places.current.get(row.dataset['row'] ?? '');
      if (before === row.offsetTop || places.current.size === 0 || !mayMove()) continue;
      // What rises passes in front of what falls.
      const zIndex = before === undefined || before < row.offsetTop ? 0 : 1;
      const keyframes: Keyframe[] =
        before === undefined
          ? [{ transform: 'translateY(0.75rem)', zIndex }, { zIndex }]
          : [
              { transform: `translateY(${before - row.offsetTop}px)`, zIndex },
              { transform: 'translateY(0)', zIndex },
            ];
      row.animate(keyframes, { duration: moveMs, easing: 'cubic-bezier(0.2, 0.8, 0.2, 1)', composite: 'add' });
    }
    places.current = now;
  });

  return list;
}
