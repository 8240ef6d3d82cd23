import type { GatewayStatus, TableStatus, TopicStatus } from './documents.ts';

/** The names under which numbers of a frame are kept in the history. */
export const rowsOf = (table: string): string => `rows ${table}`;
export const badOf = (table: string): string => `bad ${table}`;
export const recordsOf = (topic: TopicStatus): string => `records ${nameOf(topic)}`;
export const nextOf = (topic: TopicStatus): string => `next ${nameOf(topic)}`;
export const lagOf = (topic: TopicStatus): string => `lag ${nameOf(topic)}`;

function nameOf({ topic, partition }: TopicStatus): string {
  return `${topic}/${partition ?? ''}`;
}

/** The numbers of a frame of which rates and plots are made. They are for looking at: beyond 2^53 they are not exact. */
export function measured({ tables, topics }: GatewayStatus): ReadonlyMap<string, number> {
  const values = new Map<string, number>();
  const keep = (key: string, value: string | number | null | undefined): void => {
    if (value !== null && value !== undefined) values.set(key, Number(value));
  };
  for (const table of tables) {
    keep(rowsOf(table.name), table.rows);
    keep(badOf(table.name), totalBad(table));
  }
  for (const topic of topics) {
    keep(recordsOf(topic), topic.records);
    keep(nextOf(topic), topic.next);
    keep(lagOf(topic), topic.lag);
  }
  return values;
}

/** Of all of these tables together, but for those that hide theirs. */
export interface BadTotal {
  readonly count: number;
  /** How many tables are left out. */
  readonly hidden: number;
}

export function totalBadOf(tables: readonly TableStatus[]): BadTotal {
  const counts = tables.map(totalBad).filter((count) => count !== undefined);
  return { count: counts.reduce((total, count) => total + count, 0), hidden: tables.length - counts.length };
}

/** Undefined where they are hidden from this caller, as rows are: the gateway tells of none then. */
export function totalBad({ rows, bad }: TableStatus): number | undefined {
  return rows === null ? undefined : bad.reduce((total, { count }) => total + Number(count), 0);
}
