import uPlot from 'uplot';
import type { Minute } from './documents.ts';

const minuteS = 60;

/**
 * Oldest first, as numbers: a plot is read to a pixel, not to the digit. Every minute is a step of its own width; one without
 * quotes is a gap.
 */
export function plotData(minutes: readonly Minute[]): uPlot.AlignedData {
  const times: number[] = [];
  const prices = { bid: [], ask: [], low: [], high: [] } as Record<'bid' | 'ask' | 'low' | 'high', (number | null)[]>;
  const add = (time: number, minute: Minute | undefined): void => {
    times.push(time);
    for (const name of ['bid', 'ask', 'low', 'high'] as const) {
      prices[name].push(minute === undefined ? null : Number(minute[name]));
    }
  };
  const oldestFirst = minutes.toReversed();
  for (const [index, minute] of oldestFirst.entries()) {
    const time = Date.parse(minute.timestamp) / 1_000;
    const next = Date.parse(oldestFirst[index + 1]?.timestamp ?? '') / 1_000;
    add(time, minute);
    if (next === time + minuteS) continue;
    add(time + minuteS, minute);
    if (next > time) add(time + minuteS + 1, undefined);
  }
  return [times, prices.bid, prices.ask, prices.low, prices.high];
}

export interface PlotLook {
  /** px. */
  readonly width: number;
  readonly height: number;
  readonly dark: boolean;
}

export function priceColours(dark: boolean): { readonly bid: string; readonly ask: string } {
  return dark ? { bid: '#6aa8ff', ask: '#f2b261' } : { bid: '#1f5fbf', ask: '#a85a00' };
}

export function plotOptions({ width, height, dark }: PlotLook): uPlot.Options {
  const { bid, ask } = priceColours(dark);
  const paths = uPlot.paths.stepped?.({ align: 1 });
  const line = (stroke: string): uPlot.Series => ({
    stroke,
    width: 1.75,
    ...(paths && { paths }),
    points: { show: false },
  });
  const edge: uPlot.Series = { ...line('transparent'), width: 0 };
  const axis: uPlot.Axis = {
    stroke: dark ? '#9b9c98' : '#64655f',
    font: "12px 'Inter Variable'",
    grid: { stroke: dark ? '#23262b' : '#ebe9e2', width: 1 },
    ticks: { show: false },
  };
  return {
    width,
    height,
    legend: { show: false },
    cursor: { show: false },
    series: [{}, line(bid), line(ask), edge, edge],
    bands: [{ series: [4, 3], fill: dark ? '#ffffff12' : '#1b1c1e10' }],
    axes: [
      { ...axis, values: (_, times) => times.map((time) => clock.format(time * 1_000)), space: 70 },
      { ...axis, size: 62, values: (_, prices) => prices.map((price) => price.toFixed(2)) },
    ],
    scales: { x: { time: true }, y: { range: (_, low, high) => padded(low, high) } },
  };
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });

function padded(low: number, high: number): [number, number] {
  const margin = Math.max((high - low) * 0.08, 0.01);
  return [low - margin, high + margin];
}
