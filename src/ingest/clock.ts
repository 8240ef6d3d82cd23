import type { Catalog, TopicTable } from '../catalog/catalog.ts';
import type { Tick } from '../derive/derive.ts';
import type { WriteTransaction } from '../store/store.ts';
import type { Bounds } from './bounds.ts';

/** How often the clock is looked at, ms. */
export const lookEveryMs = 1_000;

/** The clock as ingest looks at it, for tables with `clock: WALL`. */
export interface Clock {
  /** False where no table goes by the clock: nobody need look. */
  readonly needed: boolean;
  /** In a commit, behind its records. */
  look(tx: WriteTransaction): Tick;
}

export interface ClockOptions {
  readonly catalog: Catalog;
  readonly bounds: Bounds;
  readonly now: () => number;
}

/**
 * Buckets close by the time of the look before at which all had been read, and only where all has been read now: what was on its way
 * at that time has come in since, and a source that has just come back has told how far its topics really go.
 */
export function createClock({ catalog, bounds, now }: ClockOptions): Clock {
  /** When it last looked and all of the table's topic had been read. */
  const lastRead = new Map<TopicTable, number>();

  return {
    needed:
      catalog.topicTables.some(({ clock }) => clock === 'WALL') ||
      catalog.derivedTables.some(
        ({ derivation }) => derivation.kind === 'aggregation' && derivation.window?.clock === 'WALL',
      ),
    look(tx) {
      const nowMs = now();
      const readTo = new Map<TopicTable, number>();
      for (const table of catalog.topicTables) {
        const offsets = tx.offsets(table).get(table.topic) ?? new Map<number, number>();
        if (tx.state(table).phase !== 'live' || !bounds.readToEnd(table.topic, offsets)) continue;
        const last = lastRead.get(table);
        if (last !== undefined) readTo.set(table, last);
        lastRead.set(table, nowMs);
      }
      return { nowMs, readToMs: (table) => readTo.get(table) };
    },
  };
}
