import { GatewayError } from '../common/errors.ts';

/** The name under which Headgate's own commits (no record caused them) count in a position. */
export const ownTopic = '_headgate';

/** Next offset to consume, by partition, by topic. */
export type TopicOffsets = ReadonlyMap<string, ReadonlyMap<number, number>>;

/**
 * What the data is, as of which offsets. Opaque to clients (`encodePosition`).
 * *Waiting* for it compares offsets and works on any replica; *resuming* after it needs the same store and the version.
 *
 * Offsets are numbers: 2^53 records in one partition would take 285 years at a million a second.
 */
export interface Position {
  readonly storeId: string;
  /** Counts the commits of the store. */
  readonly version: number;
  /** Of the topics that feed the tables named in the operation, and Headgate's own. */
  readonly offsets: TopicOffsets;
  /**
   * What the caller was granted of tables, hashed, by the tables' names; without those of which everything. Who is granted something
   * else cannot resume after the position: rows that it does not know may be its own now, and the reverse.
   */
  readonly grants?: ReadonlyMap<string, string> | undefined;
}

export function encodePosition(position: Position): string {
  const offsets: Record<string, Record<string, number>> = Object.create(null) as Record<string, Record<string, number>>;
  for (const [topic, partitions] of position.offsets) {
    offsets[topic] = Object.fromEntries([...partitions].toSorted(([a], [b]) => a - b));
  }
  const { grants = new Map<string, string>() } = position;
  const parts: unknown[] = [position.storeId, position.version, offsets];
  if (grants.size > 0) parts.push([...grants].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** Throws BAD_USER_INPUT for a token that no Headgate wrote. */
export function decodePosition(token: string): Position {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    if (!Array.isArray(parsed) || parsed.length < 3 || parsed.length > 4) throw new Error('not a position');
    const [storeId, version, offsets, grants] = parsed as readonly unknown[];
    if (typeof storeId !== 'string' || !isCount(version) || typeof offsets !== 'object' || offsets === null) {
      throw new Error('not a position');
    }
    const topics = new Map<string, ReadonlyMap<number, number>>();
    for (const [topic, partitions] of Object.entries(offsets)) {
      const byPartition = new Map<number, number>();
      for (const [partition, next] of Object.entries(partitions as Record<string, unknown>)) {
        if (!/^\d{1,9}$/.test(partition) || !isCount(next)) throw new Error('not a position');
        byPartition.set(Number(partition), next);
      }
      topics.set(topic, byPartition);
    }
    return { storeId, version, offsets: topics, ...(grants === undefined ? {} : { grants: readGrants(grants) }) };
  } catch (cause) {
    throw new GatewayError(
      'BAD_USER_INPUT',
      'This is not a position. Pass the string from `extensions.position` (or a `position` field) unchanged.',
      {},
      cause,
    );
  }
}

function readGrants(given: unknown): ReadonlyMap<string, string> {
  const isPair = (each: unknown): each is readonly [string, string] =>
    Array.isArray(each) && each.length === 2 && each.every((part) => typeof part === 'string');
  if (Array.isArray(given) && given.length > 0 && given.every(isPair)) return new Map(given);
  throw new Error('not a position');
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
