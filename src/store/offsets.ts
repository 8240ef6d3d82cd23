import { ownTopic } from '../model/position.ts';
import type { TopicOffsets } from '../model/position.ts';

/** What a table has stored of one topic. A partition is known to the table once it has a next offset, 0 included. */
export interface PartitionOffsets {
  readonly next: ReadonlyMap<number, number>;
  readonly anchors: ReadonlyMap<number, string>;
}

export const noOffsets: PartitionOffsets = { next: new Map(), anchors: new Map() };

/** u16 partitions; each u32 partition, float64 next; then the anchors as JSON. The first part is also the feed's. */
export function packOffsets({ next, anchors }: PartitionOffsets): Uint8Array {
  const packed = packNext(next);
  return anchors.size === 0 ? packed : Buffer.concat([packed, Buffer.from(JSON.stringify([...anchors]))]);
}

export function packNext(next: ReadonlyMap<number, number>): Uint8Array {
  const bytes = Buffer.allocUnsafe(4 + next.size * 12);
  let at = bytes.writeUInt32LE(next.size, 0);
  for (const [partition, offset] of next) {
    at = bytes.writeUInt32LE(partition, at);
    at = bytes.writeDoubleLE(offset, at);
  }
  return bytes;
}

export function unpackNext(bytes: Buffer, start = 0): Map<number, number> {
  const next = new Map<number, number>();
  let at = start + 4;
  for (let rest = bytes.readUInt32LE(start); rest > 0; rest -= 1, at += 12) {
    next.set(bytes.readUInt32LE(at), bytes.readDoubleLE(at + 4));
  }
  return next;
}

export function unpackOffsets(bytes: Buffer): PartitionOffsets {
  const next = unpackNext(bytes);
  const text = bytes.toString('utf8', 4 + next.size * 12, bytes.length);
  return { next, anchors: new Map(text === '' ? [] : (JSON.parse(text) as [number, string][])) };
}

/**
 * The offsets of a position: of each partition the least next offset over the tables that read its topic. A partition that
 * one of them does not know yet has nothing consumed: 0.
 */
export function leastOffsets(
  tables: Iterable<{ readonly topic: string; readonly next: ReadonlyMap<number, number> }>,
  ticks: number,
): TopicOffsets {
  return new Map([...leastByTopic(tables), [ownTopic, new Map([[0, ticks]])]]);
}

/** The same of the topics alone. */
export function leastByTopic(
  tables: Iterable<{ readonly topic: string; readonly next: ReadonlyMap<number, number> }>,
): TopicOffsets {
  const byTopic = new Map<string, ReadonlyMap<number, number>>();
  for (const { topic, next } of tables) {
    const least = byTopic.get(topic);
    byTopic.set(topic, least === undefined ? next : leastOf(least, next));
  }
  return byTopic;
}

function leastOf(a: ReadonlyMap<number, number>, b: ReadonlyMap<number, number>): Map<number, number> {
  const partitions = new Set([...a.keys(), ...b.keys()]);
  return new Map(
    [...partitions].map((partition) => [partition, Math.min(a.get(partition) ?? 0, b.get(partition) ?? 0)]),
  );
}
