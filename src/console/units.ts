import { inTenths, inWhole } from '../page/format.ts';

const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** `1.2 MB`, in thousands. */
export function asBytes(value: number | string): string {
  const bytes = Number(value);
  const power = bytes < 1_000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${power === 0 ? inWhole(bytes) : inTenths(bytes / 1_000 ** power)} ${units[power]}`;
}

export type OffsetUnit = 'RECORDS' | 'BYTES';

/** Offsets of the embedded log are bytes. */
export function asOffsets(value: number | string, unit: OffsetUnit): string {
  return unit === 'BYTES' ? asBytes(value) : inWhole(value);
}

/** Not 100% before it is. */
export function asPercent(done: number, end: number): string {
  return `${end === 0 ? 0 : Math.floor((100 * done) / end)}%`;
}

/** `12/s`, with a decimal where it is small. */
export function asRate(perSecond: number): string {
  const size = Math.abs(perSecond);
  return `${size > 0 && size < 10 ? inTenths(perSecond) : inWhole(perSecond)}/s`;
}
