import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { ExampleRecord } from '../support/publisher.ts';

export const earthquakeTopics = { networks: 1, earthquakes: 3 } as const;

/** A feature of the feed; all that the replay itself needs to know of it. */
interface Feature {
  readonly id: string;
  readonly properties: { readonly time: number };
}

/** The week of earthquakes that the npm package vega-datasets carries, in the order in which they happened. */
export function readFeed(): readonly ExampleRecord[] {
  const entry = createRequire(import.meta.url).resolve('vega-datasets');
  const file = join(dirname(entry), '..', 'data', 'earthquakes.json');
  const { features } = JSON.parse(readFileSync(file, 'utf8')) as { features: readonly Feature[] };
  return features
    .toSorted((a, b) => a.properties.time - b.properties.time)
    .map((feature) => ({ topic: 'earthquakes', key: feature.id, value: feature, timestamp: feature.properties.time }));
}

/** The contributing networks of that week, by the codes of the feed. */
export function networkRecords(timestamp: number): readonly ExampleRecord[] {
  return Object.entries(networks).map(([id, name]) => ({ topic: 'networks', key: id, value: { id, name }, timestamp }));
}

const networks = {
  ak: 'Alaska Earthquake Center',
  ci: 'Southern California Seismic Network',
  hv: 'Hawaiian Volcano Observatory',
  mb: 'Montana Regional Seismic Network',
  nc: 'Northern California Seismic Network',
  nm: 'Cooperative New Madrid Seismic Network',
  nn: 'Nevada Seismic Network',
  pr: 'Puerto Rico Seismic Network',
  se: 'Southeastern Appalachian Cooperative Seismic Network',
  us: 'USGS National Earthquake Information Center',
  uu: 'University of Utah Seismograph Stations',
  uw: 'Pacific Northwest Seismic Network',
};
