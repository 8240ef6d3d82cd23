import type { Table } from '../catalog/catalog.ts';
import type { Snapshot } from '../store/store.ts';
import type { Progress } from './query.ts';

export interface PartitionLag {
  readonly topic: string;
  readonly partition: number;
  readonly records: number;
}

/** Records that are not applied yet, by partition of the topics that the table is built from, as far as is known. */
export function lagOf(table: Table, snapshot: Snapshot, { ends }: Pick<Progress, 'ends'>): readonly PartitionLag[] {
  const offsets = snapshot.offsets(table);
  return [...new Set(table.bases.map((base) => base.topic))].flatMap((topic) =>
    [...(ends.get(topic) ?? [])].map(([partition, end]) => {
      const next = offsets.get(topic)?.get(partition) ?? 0;
      return { topic, partition, records: Math.max(0, end - next) };
    }),
  );
}
