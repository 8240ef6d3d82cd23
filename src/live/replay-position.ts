import type { Table } from '../catalog/catalog.ts';
import { ownTopic, type Position } from '../model/position.ts';
import type { Snapshot } from '../store/store.ts';

/**
 * The position of a commit that the snapshot is already past. `base` is the position of an earlier message, and `looked` the
 * version up to which the feed has been looked at since. Where the feed does not say how far a table was, `base` stands:
 * offsets may be understated (who waits for them waits for less), the version is exact.
 */
export function positionAt(
  snapshot: Snapshot,
  tables: readonly Table[],
  base: Position,
  looked: number,
  version: number,
): Position {
  if (version === snapshot.version) return snapshot.position(tables);
  const latest = tables.map((table) => {
    let offsets: Position['offsets'] = new Map();
    for (const commit of snapshot.feedOffsets(table, looked, version)) offsets = commit.offsets;
    return { table, offsets };
  });
  const offsets = new Map([...base.offsets].map(([topic, partitions]) => [topic, new Map(partitions)]));
  const raise = (topic: string, partition: number, next: number) => {
    const partitions = offsets.get(topic) ?? new Map<number, number>();
    offsets.set(topic, partitions.set(partition, Math.max(next, partitions.get(partition) ?? 0)));
  };
  for (const found of latest) {
    for (const [topic, partitions] of found.offsets) {
      for (const [partition, next] of partitions) {
        // Several tables may read a topic: it has come as far as the last of them. Headgate's own numbers are not read
        // by tables; the greatest one seen has been given out.
        const others = topic === ownTopic ? [] : latest.filter(({ table }) => table.topic === found.table.topic);
        raise(
          topic,
          partition,
          others.reduce((least, other) => Math.min(least, other.offsets.get(topic)?.get(partition) ?? 0), next),
        );
      }
    }
  }
  return { storeId: snapshot.storeId, version, offsets };
}
