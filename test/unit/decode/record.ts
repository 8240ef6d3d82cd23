import type { SourceRecord } from '../../../src/source/source.ts';

/** A record with a JSON value; text stays as it is. */
export function record(
  key: string | Uint8Array | null,
  value: unknown,
  more: Partial<SourceRecord> = {},
): SourceRecord {
  return {
    topic: 'things',
    partition: 3,
    offset: 42,
    timestampMs: 1_700_000_000_123,
    key: typeof key === 'string' ? Buffer.from(key) : key,
    value: bytesOf(value),
    headers: new Map(),
    ...more,
  };
}

export function headers(entries: Readonly<Record<string, string | Uint8Array | null>>): Pick<SourceRecord, 'headers'> {
  return {
    headers: new Map(
      Object.entries(entries).map(([name, value]) => [name, typeof value === 'string' ? Buffer.from(value) : value]),
    ),
  };
}

function bytesOf(value: unknown): Uint8Array | null | undefined {
  if (value === null || value === undefined) return value;
  if (value instanceof Uint8Array) return value;
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
}
