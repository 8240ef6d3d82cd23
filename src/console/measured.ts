import type { GatewayStatus, TopicStatus } from './documents.ts';

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
  const keep = (key: string, value: string | number | null): void => {
    if (value !== null) values.set(key, Number(value));
  };
  for (const { name, rows, bad } of tables) {
    keep(rowsOf(name), rows);
    keep(badOf(name), totalBad(bad));
  }
  for (const topic of topics) {
    keep(recordsOf(topic), topic.records);
    keep(nextOf(topic), topic.next);
    keep(lagOf(topic), topic.lag);
  }
  return values;
}

/** Of all of these tables together. */
export function totalBadOf(tables: GatewayStatus['tables']): number {
  return tables.reduce((total, { bad }) => total + totalBad(bad), 0);
}

export function totalBad(bad: readonly { readonly count: string }[]): number {
  return bad.reduce((total, { count }) => total + Number(count), 0);
}
