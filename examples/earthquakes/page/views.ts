import { geoAzimuthalEqualArea, geoEqualEarth } from 'd3-geo';
import type { GeoProjection } from 'd3-geo';

/** A part of the earth to look at. */
export interface View {
  readonly name: string;
  /** For a map of so many px. */
  projection(width: number, height: number): GeoProjection;
}

const marginPx = 8;

/** All of it, with the Pacific in the middle: most quakes happen around it. */
const world: View = {
  name: 'World',
  projection: (width, height) =>
    geoEqualEarth().rotate([160, 0]).fitExtent(frame(width, height), { type: 'Sphere' }).precision(0.3),
};

function region(name: string, [west, south, east, north]: readonly [number, number, number, number]): View {
  const middle = [(west + east) / 2, (south + north) / 2] as const;
  const corners = [west, middle[0], east].flatMap((lon) => [south, middle[1], north].map((lat) => [lon, lat]));
  return {
    name,
    projection: (width, height) =>
      geoAzimuthalEqualArea()
        .rotate([-middle[0], -middle[1]])
        .clipAngle(60)
        .fitExtent(frame(width, height), { type: 'MultiPoint', coordinates: corners }),
  };
}

export const views: readonly View[] = [
  world,
  region('Alaska', [-172, 52, -138, 69]),
  region('West Coast', [-125, 32, -110, 49]),
  region('Hawaii', [-160.5, 18.6, -154.5, 22.5]),
  region('Caribbean', [-72, 16, -61, 20.5]),
];

function frame(width: number, height: number): [[number, number], [number, number]] {
  return [
    [marginPx, marginPx],
    [width - marginPx, height - marginPx],
  ];
}
