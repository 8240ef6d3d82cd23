import type { Table } from '../catalog/catalog.ts';
import { GatewayError } from '../common/errors.ts';
import type { Snapshot } from '../store/store.ts';

/**
 * Why changes after a position cannot be told. store: it is of another store. future: this store has not come so far.
 * filling: a table has no rows to tell of yet. rebuilt: a table was filled after it. retention: the feed was trimmed past
 * it. history: more rows have changed since than may be held. rules: it was given to a caller who was granted something else.
 */
export type ExpiryReason = 'store' | 'future' | 'filling' | 'rebuilt' | 'retention' | 'history' | 'rules';

export function positionExpired(
  reason: ExpiryReason,
  why: string,
  details: Readonly<Record<string, unknown>> = {},
): GatewayError {
  return new GatewayError(
    'POSITION_EXPIRED',
    `Changes cannot be resumed after this position. ${why} Start over: subscribe without after, and with snapshot: true for the rows there are.`,
    { reason, ...details },
  );
}

/** Throws POSITION_EXPIRED unless the feed of these tables still tells everything that came after this version. */
export function assertFeedReaches(version: number, tables: readonly Table[], snapshot: Snapshot): void {
  for (const table of tables) {
    if (snapshot.feedHorizon(table) <= version) continue;
    const details = { table: table.name };
    const isAnew = (each: Table) => snapshot.state(each).phase === 'filling' || snapshot.filledVersion(each) > version;
    if ([table, ...table.bases].some(isAnew)) {
      const why = `${table.name} has been read from its topic anew since (it was rebuilt, or was still being filled).`;
      throw positionExpired('rebuilt', why, details);
    }
    throw positionExpired('retention', `The change feed of ${table.name} no longer reaches back to it.`, details);
  }
}
