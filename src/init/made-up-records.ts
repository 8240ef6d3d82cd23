import type { RecordLine } from '../source/record-lines.ts';
import { typeNameOf } from './names.ts';
import { words } from './scalar-type.ts';

/** Records for a topic that has none yet: enough to see a page with something on it. */
export function madeUpRecords(topic: string): readonly RecordLine[] {
  const thing = words(typeNameOf(topic));
  return ['first', 'second', 'third'].map((place, i) => ({
    key: Buffer.from(`${thing.replaceAll(' ', '-')}-${i + 1}`),
    value: Buffer.from(JSON.stringify({ name: `The ${place} ${thing}` })),
    timestampMs: undefined,
    headers: new Map(),
    partition: undefined,
  }));
}
