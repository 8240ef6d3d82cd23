import { asDuration } from '../page/format.ts';
import { asBytes, asPercent, asRate } from './units.ts';
import type { OffsetUnit } from './units.ts';

export interface ProgressProps {
  /** Offsets: what is read, and what there is. */
  readonly done: number;
  readonly end: number;
  /** How fast it is read; undefined where too little is known. */
  readonly perSecond: number | undefined;
  readonly unit: OffsetUnit;
}

/** How far reading is, how fast it goes, and when it is done at that rate. */
export function Progress({ done, end, perSecond, unit }: ProgressProps) {
  const rate = perSecond === undefined ? undefined : unit === 'BYTES' ? `${asBytes(perSecond)}/s` : asRate(perSecond);
  const left = perSecond === undefined || perSecond <= 0 ? undefined : asDuration(((end - done) * 1_000) / perSecond);
  const words = [asPercent(done, end), rate, left === undefined ? undefined : `${left} left`]
    .filter(Boolean)
    .join(' · ');
  return (
    <span className="progress">
      <progress max={end} value={done} aria-label="Read so far" />
      <span>{words}</span>
    </span>
  );
}
