import type { GeoProjection } from 'd3-geo';
import { mayMove } from '../../../src/page/motion.ts';
import type { Quake } from './documents.ts';
import { depthClass, depthColours, radius } from './scales.ts';

export interface Drawing {
  readonly quakes: readonly Quake[];
  /** When each came, on the clock of `now`. */
  readonly arrivals: ReadonlyMap<string, number>;
  readonly projection: GeoProjection;
  /** Of the map, px. */
  readonly width: number;
  readonly dark: boolean;
  readonly marked: Quake | undefined;
  /** ms. */
  readonly now: number;
}

/** How long the ring around a new one spreads. */
const pulseMs = 2_200;
const pulsePx = 26;
/** In the time of the feed: after so long a quake has faded as far as it does. */
const fadeMs = 3 * 24 * 3_600_000;
const faintest = 0.3;

/** Oldest first, so that new ones are above. True while a ring spreads, and it has to be drawn again. */
export function drawQuakes(
  context: CanvasRenderingContext2D,
  { quakes, arrivals, projection, width, dark, marked, now }: Drawing,
): boolean {
  const colours = depthColours(dark);
  const newest = quakes.reduce((latest, { time }) => Math.max(latest, Date.parse(time)), 0);
  const motion = mayMove();
  let moving = false;
  for (const quake of quakes) {
    const [longitude, latitude, depth] = quake.coordinates;
    const place = projection([longitude, latitude]);
    if (place === null) continue;
    const [x, y] = place;
    const age = Math.min(1, (newest - Date.parse(quake.time)) / fadeMs);
    const colour = colours[depthClass(depth)] ?? '';
    const size = radius(quake.magnitude, width);
    context.globalAlpha = 0.9 - (0.9 - faintest) * age;
    context.fillStyle = colour;
    circle(context, x, y, size);
    context.fill();
    if (quake === marked) {
      context.globalAlpha = 1;
      context.strokeStyle = dark ? '#fff' : '#000';
      context.lineWidth = 1.5;
      circle(context, x, y, size + 4);
      context.stroke();
    }
    const spread = (now - (arrivals.get(quake.id) ?? -Infinity)) / pulseMs;
    if (!motion || spread >= 1) continue;
    moving = true;
    context.globalAlpha = 1 - spread;
    context.strokeStyle = colour;
    context.lineWidth = 1.5;
    circle(context, x, y, size + pulsePx * Math.sqrt(spread));
    context.stroke();
  }
  context.globalAlpha = 1;
  return moving;
}

function circle(context: CanvasRenderingContext2D, x: number, y: number, size: number): void {
  context.beginPath();
  context.arc(x, y, size, 0, 2 * Math.PI);
}
