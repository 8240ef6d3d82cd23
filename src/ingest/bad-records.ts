import type { Table } from '../catalog/catalog.ts';
import type { Log } from '../common/log.ts';
import type { DeadLetter } from '../store/store.ts';

/** Between two lines about the bad records of one table, ms: a flood of them must not be one in the log. */
const quietMs = 5_000;

/**
 * Tells an operator about bad records that were passed over: the first at once, a flood in one line every few seconds.
 * Every one is in the dead letters all the same.
 */
export interface BadRecordReport {
  /** Within a commit, which may yet fail. */
  add(table: Table, letter: DeadLetter): void;
  /** The commit failed, and its records come again. */
  forget(): void;
  /** The commit is made; called now and then also without one. */
  tell(nowMs: number): void;
}

interface Untold {
  count: number;
  last: DeadLetter;
}

export function createBadRecordReport(log: Log): BadRecordReport {
  const pending: { table: Table; letter: DeadLetter }[] = [];
  const untold = new Map<Table, Untold>();
  const toldMs = new Map<Table, number>();
  return {
    add(table, letter) {
      pending.push({ table, letter });
    },
    forget() {
      pending.length = 0;
    },
    tell(nowMs) {
      for (const { table, letter } of pending.splice(0)) {
        const known = untold.get(table);
        untold.set(table, { count: (known?.count ?? 0) + 1, last: letter });
      }
      for (const [table, { count, last }] of untold) {
        if (nowMs - (toldMs.get(table) ?? -Infinity) < quietMs) continue;
        toldMs.set(table, nowMs);
        untold.delete(table);
        const { topic, partition, offset, code, reason } = last;
        const what = `${topic}/${partition} at offset ${offset}: ${code}, ${reason}`;
        const message =
          count === 1
            ? `table ${table.name} passed over a bad record, ${what}`
            : `table ${table.name} passed over ${count} bad records, the last ${what}`;
        log.warn(message, { table: table.name });
      }
    },
  };
}
