import type { ReportedTable, StoredReport } from '../store/stored-report.ts';
import type { Lag } from './ask-lag.ts';
import { columns, gapsText, offsetsText, statusHeads, statusLines, storeLine } from './status-lines.ts';

/** What can be told of a store without a schema that fits it: no dead letters, no sinks, nothing that follows from relations. */
export function storedStatusText({ storeId, version, bytes, tables }: StoredReport, lag: Lag): string {
  // Those that nobody declared are part of their aggregation: `SongStats$inputs`.
  const shown = tables.filter(({ name }) => !name.includes('$'));
  const rows = shown.map((table) => {
    const parts = tables.filter(({ name }) => name === table.name || name.startsWith(`${table.name}$`));
    const bad = parts.flatMap(({ state }) => Object.values(state.bad)).reduce((sum, count) => sum + count, 0);
    return [
      table.name,
      phaseText(table),
      String(table.rows ?? '-'),
      table.topic ?? 'derived',
      offsetsText(table.next),
      lag.kind === 'tables' ? String(lag.lags.get(table.name) ?? '-') : '-',
      String(bad),
    ];
  });
  const notes = shown.flatMap(({ name, state: { reason, gaps } }) => [
    ...(reason === undefined ? [] : [`${name}: ${reason}`]),
    ...gapsText(name, gaps),
  ]);
  return statusLines(storeLine(storeId, version, bytes), columns([statusHeads, ...rows]), notes);
}

/** A derived table is no further than what it is built from, which the schema says. */
function phaseText({ topic, state: { phase } }: ReportedTable): string {
  return topic === undefined && phase === 'live' ? '-' : phase;
}
