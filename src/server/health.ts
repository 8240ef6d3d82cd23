import type { Catalog } from '../catalog/catalog.ts';
import { lagOf } from '../query/lag.ts';
import type { Progress } from '../query/query.ts';
import { servingState } from '../query/serving.ts';
import { isInternal } from '../query/visible.ts';
import type { Snapshot, TableState } from '../store/store.ts';

/** What /readyz says; its status is 200 where `ready`, else 503. */
export interface Readiness {
  /** Every table has been caught up once, and the process is not shutting down. */
  readonly ready: boolean;
  readonly draining?: true;
  /** The broker (or the log) cannot be read: what is served grows old. */
  readonly degraded?: string;
  readonly tables: Readonly<Record<string, TableReadiness>>;
}

/** What /readyz says where callers are told apart: how many rows there are, and what a broker is called, is not for everybody. */
export interface PublicReadiness {
  readonly status: 'ready' | 'filling' | 'degraded' | 'draining';
  readonly ready: boolean;
}

export function publicReadiness({ ready, draining, degraded }: Readiness): PublicReadiness {
  if (draining === true) return { status: 'draining', ready };
  if (!ready) return { status: 'filling', ready };
  return { status: degraded === undefined ? 'ready' : 'degraded', ready };
}

export interface TableReadiness {
  readonly phase: TableState['phase'];
  readonly reason?: string;
  readonly rows: number;
  /** Records known to be there and not yet applied, over all partitions. */
  readonly lag: number;
}

export function readiness(catalog: Catalog, snapshot: Snapshot, progress: Progress, draining: boolean): Readiness {
  const tables: Record<string, TableReadiness> = {};
  let filled = true;
  for (const table of catalog.tables) {
    if (isInternal(table)) continue;
    const { phase, reason } = servingState(table, snapshot);
    filled &&= phase !== 'filling';
    const lag = lagOf(table, snapshot, progress).reduce((sum, { records }) => sum + records, 0);
    tables[table.name] = { phase, ...(reason === undefined ? {} : { reason }), rows: snapshot.count(table), lag };
  }
  return {
    ready: filled && !draining,
    ...(draining ? { draining } : {}),
    ...(progress.connected ? {} : { degraded: progress.reason ?? 'The source cannot be read.' }),
    tables,
  };
}
