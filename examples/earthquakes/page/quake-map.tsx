import { geoGraticule10, geoPath } from 'd3-geo';
import type { GeoPermissibleObjects, GeoProjection } from 'd3-geo';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { PointerEvent } from 'react';
import { feature } from 'topojson-client';
import type { Topology } from 'topojson-specification';
import atlas from 'world-atlas/land-50m.json?url';
import { useDark } from '../../../src/page/use-dark.ts';
import { useSize } from '../../../src/page/use-size.ts';
import type { Quake } from './documents.ts';
import { drawQuakes } from './draw-quakes.ts';
import { QuakeLabel } from './quake-label.tsx';
import { radius } from './scales.ts';
import type { View } from './views.ts';

export interface QuakeMapProps {
  readonly quakes: readonly Quake[];
  readonly view: View;
  /** Marked, and named. */
  readonly selected: Quake | undefined;
}

/** The land below, and the quakes above it: two canvases, of which only the upper one is drawn again as quakes come. */
export function QuakeMap({ quakes, view, selected }: QuakeMapProps) {
  const [element, width, height] = useSize<HTMLDivElement>();
  const projection = useMemo(() => view.projection(width, height), [view, width, height]);
  const [hovered, setHovered] = useState<Quake>();
  const named = hovered ?? selected;

  function look({ nativeEvent: { offsetX, offsetY } }: PointerEvent): void {
    setHovered(nearest(quakes, projection, width, [offsetX, offsetY]));
  }

  return (
    <div
      ref={element}
      className="map"
      role="img"
      aria-label={`Map, ${view.name}: ${quakes.length} earthquakes. The newest that could be felt are listed beside it.`}
      onPointerMove={look}
      onPointerLeave={() => setHovered(undefined)}
    >
      {width > 0 && (
        <>
          <Land projection={projection} width={width} height={height} />
          <Quakes quakes={quakes} projection={projection} width={width} height={height} marked={named} />
        </>
      )}
      {named !== undefined && (
        <QuakeLabel quake={named} at={projection([named.coordinates[0], named.coordinates[1]])} width={width} />
      )}
    </div>
  );
}

interface LayerProps {
  readonly projection: GeoProjection;
  readonly width: number;
  readonly height: number;
}

function Land({ projection, width, height }: LayerProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const land = useLand();
  const dark = useDark();
  useEffect(() => {
    const context = contextOf(canvas.current, width, height);
    if (context === undefined) return;
    const draw = geoPath(projection, context);
    const fill = (shape: GeoPermissibleObjects, colour: string): void => {
      context.beginPath();
      draw(shape);
      context.fillStyle = colour;
      context.fill();
    };
    fill({ type: 'Sphere' }, dark ? '#161a20' : '#eef1f2');
    context.beginPath();
    draw(geoGraticule10());
    context.strokeStyle = dark ? '#1f242c' : '#e2e7e9';
    context.stroke();
    if (land !== undefined) fill(land, dark ? '#2d333b' : '#d5d3cb');
  }, [projection, width, height, land, dark]);
  return <canvas ref={canvas} />;
}

function Quakes({
  quakes,
  marked,
  projection,
  width,
  height,
}: LayerProps & { readonly quakes: readonly Quake[]; readonly marked: Quake | undefined }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const dark = useDark();
  /** When each was first seen here, ms; those that were there before anybody looked have no time. */
  const arrivals = useRef(new Map<string, number>());
  useEffect(() => {
    const seen = arrivals.current;
    const first = seen.size === 0;
    for (const { id } of quakes) if (!seen.has(id)) seen.set(id, first ? -Infinity : performance.now());
    const context = contextOf(canvas.current, width, height);
    if (context === undefined) return;
    let frame = 0;
    const draw = (): void => {
      context.clearRect(0, 0, width, height);
      const moving = drawQuakes(context, {
        quakes,
        arrivals: seen,
        projection,
        width,
        dark,
        marked,
        now: performance.now(),
      });
      // Where nothing pulses, nothing is drawn until the next quake comes.
      if (moving) frame = requestAnimationFrame(draw);
    };
    draw();
    return () => cancelAnimationFrame(frame);
  }, [quakes, marked, projection, width, height, dark]);
  return <canvas ref={canvas} />;
}

/** The coast lines, once they are there. */
function useLand(): GeoPermissibleObjects | undefined {
  const [land, setLand] = useState<GeoPermissibleObjects>();
  useEffect(() => {
    const abort = new AbortController();
    fetch(atlas, abort)
      .then((response) => response.json())
      .then((topology: Topology) => setLand(feature(topology, topology.objects['land']!)))
      // Without its coasts the map still shows the quakes.
      .catch(() => {});
    return () => abort.abort();
  }, []);
  return land;
}

/** Sharp on every screen. */
function contextOf(
  canvas: HTMLCanvasElement | null,
  width: number,
  height: number,
): CanvasRenderingContext2D | undefined {
  const context = canvas?.getContext('2d');
  if (!canvas || !context) return undefined;
  const [wide, high] = [width * devicePixelRatio, height * devicePixelRatio];
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide;
    canvas.height = high;
  }
  context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
  return context;
}

const reachPx = 6;

/** The strongest under the pointer. */
function nearest(
  quakes: readonly Quake[],
  projection: GeoProjection,
  width: number,
  [x, y]: readonly [number, number],
): Quake | undefined {
  let found: Quake | undefined;
  for (const quake of quakes) {
    if (found !== undefined && found.magnitude >= quake.magnitude) continue;
    const [quakeX, quakeY] = projection([quake.coordinates[0], quake.coordinates[1]]) ?? [Infinity, Infinity];
    if (Math.hypot(quakeX - x, quakeY - y) < radius(quake.magnitude, width) + reachPx) found = quake;
  }
  return found;
}
