import type { Table } from '../catalog/catalog.ts';
import { GatewayError } from '../common/errors.ts';
import { assertFeedReaches, positionExpired, toldOf } from '../feed/position-expired.ts';
import type { Change } from '../model/change.ts';
import { decodePosition, type Position } from '../model/position.ts';
import type { Row } from '../model/row.ts';
import type { ChangeStreamArguments } from '../query/query.ts';
import { servingState } from '../query/serving.ts';
import type { Snapshot } from '../store/store.ts';
import type { Membership } from './membership.ts';

/** Where a change stream begins. */
export type StreamStart =
  /** A table has never been filled: to be asked again when that changes. */
  | { readonly kind: 'later' }
  | { readonly kind: 'now' }
  /** With the rows there are. `reset`: instead of what cannot be resumed. */
  | { readonly kind: 'rows'; readonly reset: boolean }
  | { readonly kind: 'resume'; readonly position: Position };

/** Throws BAD_USER_INPUT for what is no position and POSITION_EXPIRED for one that cannot be resumed. */
export function streamStart(stream: ChangeStreamArguments, { watched }: Membership, snapshot: Snapshot): StreamStart {
  const isFilling = (table: Table) => servingState(table, snapshot).phase === 'filling';
  const asked = stream.after === undefined ? undefined : decodePosition(stream.after);
  const expired = asked && whyExpired(asked, stream, snapshot);
  if (asked !== undefined && expired === undefined) return { kind: 'resume', position: asked };
  if (expired !== undefined && !stream.snapshot) throw expired;
  if (watched.some(isFilling)) return { kind: 'later' };
  return stream.snapshot ? { kind: 'rows', reset: asked !== undefined } : { kind: 'now' };
}

function whyExpired(position: Position, stream: ChangeStreamArguments, snapshot: Snapshot): GatewayError | undefined {
  const tables = [stream.table, ...stream.related];
  if (position.storeId !== snapshot.storeId) {
    return positionExpired('store', 'It is of another store (another replica, or one that has been rebuilt).');
  }
  for (const [table, grant] of stream.grants) {
    if ((position.grants?.get(table) ?? '') === grant) continue;
    return positionExpired('rules', 'Other rules, or other claims, said what could be read when it was given.', {
      table,
    });
  }
  if (position.version > snapshot.version) return positionExpired('future', 'This store has not come so far.');
  const filling = tables.find((table) => servingState(table, snapshot).phase === 'filling');
  if (filling !== undefined) {
    const { name, details } = toldOf(filling);
    return positionExpired('filling', `${name} is being filled.`, details);
  }
  try {
    assertFeedReaches(position.version, tables, snapshot);
    return undefined;
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
}

/** The rows of the set as inserts, in one cut. Throws SNAPSHOT_TOO_LARGE. */
export function snapshotRows(
  rows: Iterable<Row>,
  { table }: ChangeStreamArguments,
  membership: Membership,
  snapshot: Snapshot,
  limit: number,
): readonly Change[] {
  const changes: Change[] = [];
  for (const row of rows) {
    const image = membership.see(row, snapshot);
    if (image === undefined) continue;
    if (changes.length === limit) {
      throw new GatewayError(
        'SNAPSHOT_TOO_LARGE',
        `More than ${limit} rows of ${table.name} match (setting snapshotLimit). Filter with where, or read the rows by pages and subscribe with after: the position of the first page.`,
        { limit },
      );
    }
    changes.push({ kind: 'insert', key: row.key, after: image, timestampMs: row.timestampMs });
  }
  return changes;
}
