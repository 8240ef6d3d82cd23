import { inTenths, inWhole } from '../../../src/page/format.ts';
import type { Quake } from './documents.ts';
import { radius } from './scales.ts';
import { asFeedTime } from './feed-time.ts';

export interface QuakeLabelProps {
  readonly quake: Quake;
  /** On the map, px; null where it lies on the other side. */
  readonly at: readonly [number, number] | null;
  /** Of the map. */
  readonly width: number;
}

/** What the map says of one quake. */
export function QuakeLabel({ quake, at, width }: QuakeLabelProps) {
  if (at === null) return null;
  const [x, y] = at;
  const gap = radius(quake.magnitude, width) + 10;
  const side = x > width / 2 ? { right: width - x + gap } : { left: x + gap };
  return (
    <p className="label" style={{ top: y, ...side }}>
      <strong>{inTenths(quake.magnitude)}</strong> {quake.place}
      <span>
        {inWhole(quake.coordinates[2])} km deep · {asFeedTime(quake.time)}
      </span>
    </p>
  );
}
