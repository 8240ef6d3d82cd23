import type { RecordLine } from '../../../src/source/record-lines.ts';

/** A record as it comes from a file or a broker: a key that is a string goes as it is, anything else as JSON. */
export function recordLine(key: unknown, value: unknown, timestampMs?: number): RecordLine {
  return {
    key: key === undefined ? null : Buffer.from(typeof key === 'string' ? key : JSON.stringify(key)),
    value: value === null ? null : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
    timestampMs,
    headers: new Map(),
    partition: undefined,
  };
}
