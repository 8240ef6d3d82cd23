import { useEffect, useMemo, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useDark } from '../../../src/page/use-dark.ts';
import { useSize } from '../../../src/page/use-size.ts';
import type { Minute } from './documents.ts';
import { plotData, plotOptions } from './plot-options.ts';

export interface PricePlotProps {
  readonly asset: string;
  /** Newest first. */
  readonly minutes: readonly Minute[];
}

const height = 260;

/** Steps, one a minute: between averages there is nothing to draw a slope from. */
export function PricePlot({ asset, minutes }: PricePlotProps) {
  const [element, width] = useSize<HTMLDivElement>();
  const dark = useDark();
  const plot = useRef<uPlot>(null);
  const data = useMemo(() => plotData(minutes), [minutes]);
  const newest = useRef(data);
  newest.current = data;

  useEffect(() => {
    if (element.current === null || width === 0) return;
    plot.current = new uPlot(plotOptions({ width, height, dark }), newest.current, element.current);
    return () => {
      plot.current?.destroy();
      plot.current = null;
    };
  }, [element, width, dark]);
  useEffect(() => plot.current?.setData(data), [data]);

  return (
    <figure>
      <div
        ref={element}
        className="plot"
        style={{ height }}
        role="img"
        aria-label={`Average bid and ask of ${asset} over the last ${minutes.length} minutes with quotes`}
      />
      <figcaption>
        <span className="bid">average bid</span>
        <span className="ask">average ask</span>
        <span className="band">lowest bid to highest ask</span>
      </figcaption>
    </figure>
  );
}
