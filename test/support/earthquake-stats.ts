import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/**
 * What `NetworkStats` of the earthquakes must hold at the end, computed plainly from the file: nothing of Headgate, and nothing
 * of the example, is used.
 */
export interface PlainStats {
  readonly interval: string;
  readonly timestamp: string;
  readonly networkId: string;
  readonly earthquakes: number;
  readonly strongest: number;
  readonly average: number;
  readonly felt: string | null;
}

interface Feature {
  readonly properties: { net: string; type: string; time: number; mag: number; felt: number | null };
}

export function plainEarthquakeStats(): readonly PlainStats[] {
  const file = createRequire(import.meta.url)
    .resolve('vega-datasets')
    .replace(/build\/[^]*/, 'data/earthquakes.json');
  const { features } = JSON.parse(readFileSync(file, 'utf8')) as { features: readonly Feature[] };
  const buckets = new Map<string, Feature['properties'][]>();
  for (const { properties } of features) {
    if (properties.type !== 'earthquake') continue;
    const iso = new Date(properties.time).toISOString();
    for (const bucket of [`H1 ${iso.slice(0, 13)}:00:00.000Z`, `D1 ${iso.slice(0, 10)}T00:00:00.000Z`]) {
      const key = `${bucket} ${properties.net}`;
      buckets.set(key, [...(buckets.get(key) ?? []), properties]);
    }
  }
  return [...buckets].map(([key, quakes]) => {
    const [interval = '', timestamp = '', networkId = ''] = key.split(' ');
    const magnitudes = quakes.map(({ mag }) => mag);
    const felt = quakes.flatMap((quake) => quake.felt ?? []);
    return {
      interval,
      timestamp,
      networkId,
      earthquakes: quakes.length,
      strongest: Math.max(...magnitudes),
      average: exactMean(magnitudes),
      felt: felt.length === 0 ? null : String(felt.reduce((sum, each) => sum + each, 0)),
    };
  });
}

/** The double that is nearest to the exact mean of these doubles: a sum of rounded sums would be another. */
function exactMean(values: readonly number[]): number {
  // In units of 2^-100 every magnitude is a whole number; and BigInts become Numbers rounded once, halves to even.
  const sum = values.reduce((total, value) => total + BigInt(value * 2 ** 100), 0n) << 20n;
  const count = BigInt(values.length);
  // The last bit says whether anything is left below: enough to tell a half from a little more.
  const rest = sum % count === 0n ? 0n : sum < 0n ? -1n : 1n;
  return Number((sum / count) * 2n + rest) / 2 ** 121;
}
