import type { KeyRange, Memory } from '../store/store.ts';
import { afterPrefix } from '../store/keys.ts';

/**
 * What an aggregation keeps beside its rows, by the first byte of the key:
 *
 *   00 00        stream time of each partition, and up to where buckets are closed
 *   00 01        the table has been built from its source's rows
 *   01 …         groups (`groups.ts` knows the rest)
 *   02 row key   buckets that the row came too late for
 *   03 …         rows of sessions (`sessions.ts` knows the rest)
 */
export const memoryKeys = {
  streamTime: Buffer.from([0, 0]),
  built: Buffer.from([0, 1]),
  refused: (rowKey: Uint8Array): Uint8Array => Buffer.concat([refusedPrefix, rowKey]),
} as const;

export const groupsPrefix = Buffer.from([1]);
const refusedPrefix = Buffer.from([2]);
export const sessionsPrefix = Buffer.from([3]);

/** The part of a memory under a prefix, with keys that do not show it. */
export function memoryUnder(memory: Memory, prefix: Uint8Array): Memory {
  const within = (key: Uint8Array) => Buffer.concat([prefix, key]);
  return {
    get: (key) => memory.get(within(key)),
    put: (key, value) => memory.put(within(key), value),
    remove: (key) => memory.remove(within(key)),
    *scan({ lower, upper, reverse }: KeyRange) {
      const range = {
        lower: lower === undefined ? prefix : within(lower),
        upper: upper === undefined ? afterPrefix(prefix) : within(upper),
        reverse,
      };
      for (const { key, value } of memory.scan(range)) yield { key: key.subarray(prefix.length), value };
    },
  };
}
