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

/** What a message may call a table, and the details that go with it: one that the API does not show is named nowhere. */
export function toldOf({ hidden, name }: Table): { readonly name: string; readonly details: { table?: string } } {
  return hidden ? { name: 'A table that this stream goes by', details: {} } : { name, details: { table: name } };
}

/** Throws POSITION_EXPIRED unless the feed of these tables still tells everything that came after this version. */
export function assertFeedReaches(version: number, tables: readonly Table[], snapshot: Snapshot): void {
  for (const table of tables) {
    if (snapshot.feedHorizon(table) <= version) continue;
    const { name, details } = toldOf(table);
    const isAnew = (each: Table) => snapshot.state(each).phase === 'filling' || snapshot.filledVersion(each) > version;
    if ([table, ...table.bases].some(isAnew)) {
      const why = `${name} has been read from its topic anew since (it was rebuilt, or was still being filled).`;
      throw positionExpired('rebuilt', why, details);
    }
    throw positionExpired('retention', `${name} has a change feed that no longer reaches back to it.`, details);
  }
}
