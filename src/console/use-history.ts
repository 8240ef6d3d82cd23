import { useState } from 'react';
import { History } from './history.ts';

/**
 * The numbers of the frames that were rendered. `at`: of this frame, by the gateway's clock, ms; `measure` reads its numbers. Those of
 * another `epoch` are forgotten: its counters begin anew.
 */
export function useHistory<Frame extends object>(
  frame: Frame | undefined,
  at: number,
  epoch: string,
  measure: (frame: Frame) => ReadonlyMap<string, number>,
): History {
  const [history] = useState(() => new History());
  const [seen, setSeen] = useState<{ readonly frame: Frame; readonly epoch: string }>();
  if (frame !== undefined && frame !== seen?.frame) {
    if (seen !== undefined && seen.epoch !== epoch) history.clear();
    history.add(at, measure(frame));
    setSeen({ frame, epoch });
  }
  return history;
}
