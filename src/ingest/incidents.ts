import type { Catalog, TopicTable } from '../catalog/catalog.ts';
import { unreachable } from '../common/errors.ts';
import type { Incident, Source, TopicPolicy } from '../source/source.ts';
import type { Store, WriteTransaction } from '../store/store.ts';
import type { Log } from '../common/log.ts';

/** What becomes of the tables of a topic after an incident. */
export interface Decision {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  readonly apply: (tx: WriteTransaction) => void;
  /** Where the source goes on reading the partition; absent: it does not. */
  readonly resumeAt?: number | undefined;
}

/** `policy` is asked for a truncation only; undefined where it cannot be had. */
export function decideIncident(
  incident: Incident,
  tables: readonly TopicTable[],
  policy: TopicPolicy | undefined,
): Decision {
  const names = tables.map((table) => table.name).join(', ');
  switch (incident.kind) {
    case 'topic-missing':
      return {
        level: 'warn',
        message: `topic ${incident.topic} does not exist yet; waiting for it: ${names}`,
        apply: () => {},
      };
    case 'topic-recreated': {
      const reason =
        `topic ${incident.topic} is not the one that was read before (${incident.reason}); ` +
        `start with --rebuild ${tables.map(({ name }) => name).join(',')} to read it from its start (through npm: npm run dev -- --rebuild …)`;
      return {
        level: 'error',
        message: `${names}: ${reason}`,
        apply: (tx) => {
          for (const table of tables) tx.setState(table, { phase: 'recreated', reason });
        },
      };
    }
    case 'truncated': {
      const { topic, partition, next, start } = incident;
      const lost = `records ${next} to ${start - 1} of ${topic}/${partition} were gone before they were read`;
      return {
        level: 'warn',
        message: policy?.compacted
          ? `${names}: ${lost}; reading the partition again and removing rows that it no longer holds`
          : `${names}: ${lost}; going on at ${start}, rows keep what was read before`,
        resumeAt: start,
        apply: (tx) => {
          for (const table of tables) {
            if ((tx.offsets(table).get(topic)?.get(partition) ?? 0) >= start) continue;
            tx.setState(table, { gaps: tx.state(table).gaps + 1 });
            tx.setNext(table, partition, start);
            // Tombstones may be among what is gone. A compacted topic holds every living row, so what it lacks is deleted.
            if (policy?.compacted && table.mode === 'UPSERT') tx.beginSweep(table, partition);
          }
        },
      };
    }
    case 'unreadable': {
      const { topic, partition, offset, reason } = incident;
      return {
        level: 'error',
        message: `${topic}/${partition} cannot be read at offset ${offset} (${reason}); ${names} stop there, other partitions go on`,
        apply: (tx) => {
          for (const table of tables) {
            tx.addDeadLetter(table, { topic, partition, offset, code: 'UNREADABLE', reason, timestampMs: 0 });
          }
        },
      };
    }
    default:
      return unreachable(incident);
  }
}

/** Partitions of a table to be read again, marking what is still there. */
export interface Sweep {
  readonly table: TopicTable;
  readonly partitions: readonly number[];
}

interface SweepQuestion {
  readonly catalog: Catalog;
  readonly store: Store;
  readonly source: Pick<Source, 'policy'>;
  readonly now: number;
  readonly log: Log;
}

/**
 * Tables that were away for longer than their compacted topic keeps tombstones: deletions may be gone from the log, so
 * the partitions are read again and rows that the topic no longer holds are removed (mark and sweep).
 */
export async function tablesToSweep({ catalog, store, source, now, log }: SweepQuestion): Promise<readonly Sweep[]> {
  const away: (Sweep & { awayMs: number })[] = [];
  const snapshot = store.snapshot();
  try {
    for (const table of catalog.topicTables) {
      const { caughtUpMs } = snapshot.state(table);
      const partitions = [...(snapshot.offsets(table).get(table.topic)?.keys() ?? [])];
      if (table.mode !== 'UPSERT' || caughtUpMs === 0 || partitions.length === 0) continue;
      away.push({ table, partitions, awayMs: now - caughtUpMs });
    }
  } finally {
    snapshot.release();
  }
  const sweeps: Sweep[] = [];
  for (const { table, partitions, awayMs } of away) {
    const policy = await source.policy(table.topic);
    if (!policy?.compacted || policy.tombstoneRetentionMs === undefined || awayMs <= policy.tombstoneRetentionMs) {
      continue;
    }
    log.warn(
      `table ${table.name} was away for ${Math.round(awayMs / 1000)} s, longer than topic ${table.topic} keeps deletions ` +
        `(delete.retention.ms = ${policy.tombstoneRetentionMs}); reading the topic again to find rows deleted meanwhile`,
    );
    sweeps.push({ table, partitions });
  }
  return sweeps;
}

/** For every start: which tables are still those of a topic that is another one now, and what helps. */
export function whyRecreated(catalog: Catalog, store: Store): readonly string[] {
  const tables = new Map<string, string[]>();
  const snapshot = store.snapshot();
  try {
    for (const table of catalog.topicTables) {
      const { phase, reason = 'its topic is another one now' } = snapshot.state(table);
      if (phase === 'recreated') tables.set(reason, [...(tables.get(reason) ?? []), table.name]);
    }
  } finally {
    snapshot.release();
  }
  return [...tables].map(([reason, names]) => `${names.join(', ')}: ${reason}`);
}
