import { inWhole } from '../page/format.ts';
import { LiveNumber } from '../page/live-number.tsx';
import type { TableStatus, TopicStatus } from './documents.ts';
import { useGateway } from './gateway-status.tsx';
import { sum } from './sum.ts';
import { asOffsets, asPercent, asRate } from './units.ts';

const kinds: Readonly<Record<TableStatus['kind'], string>> = {
  TOPIC: 'table',
  VIEW: 'view',
  AGGREGATION: 'aggregation',
};

export function kindOf({ kind, mode }: TableStatus): string {
  if (mode === 'STREAM') return 'stream';
  return mode === 'APPEND' ? 'append table' : kinds[kind];
}

/** How many there are, live. */
export function Rows({ table: { mode, rows } }: { readonly table: TableStatus }) {
  if (rows === null) return <span className="none">hidden</span>;
  if (mode === 'STREAM') return <span className="none">not kept</span>;
  return <LiveNumber value={rows} format={inWhole} />;
}

/** Of all partitions together. */
export function Lag({ table, topics }: { readonly table: TableStatus; readonly topics: readonly TopicStatus[] }) {
  const { live } = useGateway();
  if (table.phase === 'RECREATED' || topics.some(({ missing }) => missing)) {
    return <span className="none">unknown</span>;
  }
  const lag = sum(topics.map((topic) => Number(topic.lag ?? 0))) ?? 0;
  if (lag === 0) return <span className="none">none</span>;
  return <span className="behind">{asOffsets(lag, live.data?.source.offsetUnit ?? 'RECORDS')}</span>;
}

/** How much of its topics a table has read, or that there is none to read. */
export function Filled({ topics }: { readonly topics: readonly TopicStatus[] }) {
  if (topics.some(({ missing }) => missing)) return <span className="none"> waits for its topic</span>;
  const done = sum(topics.map(({ next }) => Number(next ?? 0))) ?? 0;
  const end = sum(topics.map((topic) => Number(topic.end ?? 0))) ?? 0;
  return end === 0 ? null : <span className="none"> {asPercent(done, end)}</span>;
}

export function asGrowth(perSecond: number): string {
  return perSecond > 0 ? `+${asRate(perSecond)}` : asRate(perSecond);
}
