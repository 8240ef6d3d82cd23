/** How `headgate status` writes what it tells. */
export const statusHeads = ['TABLE', 'PHASE', 'ROWS', 'TOPIC', 'NEXT OFFSETS', 'LAG', 'BAD RECORDS'] as const;

export function storeLine(id: string, version: number, bytes: number): string {
  return `store ${id}, version ${version}, ${(bytes / 1_048_576).toFixed(1)} MiB`;
}

export function offsetsText(next: ReadonlyMap<number, number>): string {
  return [...next].map(([partition, offset]) => `${partition}:${offset}`).join(' ') || '-';
}

export function gapsText(table: string, gaps: number): readonly string[] {
  return gaps === 0 ? [] : [`${table}: records were gone from the topic before they were read, ${gaps} times`];
}

/** A column is as wide as its widest cell. */
export function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** Below the table, what happened. */
export function statusLines(head: string, lines: readonly string[], notes: readonly string[]): string {
  return `${[head, '', ...lines, ...(notes.length === 0 ? [] : ['', ...notes])].join('\n')}\n`;
}
