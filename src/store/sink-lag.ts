import type { Table } from '../catalog/catalog.ts';
import type { Snapshot } from './store.ts';

/**
 * How many versions lie between the newest change of the table and what the topic of its sink has acknowledged; all of them where
 * the topic is still to be brought up to the table. For status and metrics; O(1).
 */
export function sinkLag(table: Table, snapshot: Snapshot): number {
  const state = snapshot.sinkState(table);
  const sent = state?.storeId === snapshot.storeId ? state.sent : undefined;
  if (sent === undefined || snapshot.changesHorizon(table) >= sent.version) return snapshot.version;
  return Math.max(0, snapshot.newestChange(table) - sent.version + 1);
}
