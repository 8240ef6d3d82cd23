import type { Position } from '../model/position.ts';
import type { Snapshot } from '../store/store.ts';
import type { Prepared } from './query.ts';

/** The position of an operation's answer: over its tables, for its caller. Default version: the snapshot's. */
export function positionOf(
  { tables, grants }: Pick<Prepared, 'tables' | 'grants'>,
  snapshot: Snapshot,
  version?: number,
): Position {
  return { ...snapshot.position(tables, version), grants };
}
