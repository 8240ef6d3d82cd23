import type { TableState } from '../../src/store/store.ts';
import { keyName, type LogRecord, type Meanings } from './naive.ts';
import type { TableSpec } from './spec.ts';

/** What a table says of its records beside its rows. */
interface RecordCounts {
  /** They could not become rows. */
  readonly bad: number;
  /** Of an APPEND table: their key had a row. */
  readonly repeats: number;
  /** They replaced a row that another partition had written. */
  readonly takenOver: number;
}

/** Of a table without retention. */
function countRecords(table: TableSpec, log: readonly LogRecord[], meanings: Meanings): RecordCounts {
  const counts = { bad: 0, repeats: 0, takenOver: 0 };
  const partitions = new Map<string, number>();
  for (const record of log) {
    if (record.topic !== table.topic) continue;
    const meaning = meanings.of(table, record);
    if (meaning.kind === 'bad') counts.bad += 1;
    if (meaning.kind === 'bad' || meaning.kind === 'foreign') continue;
    const key = keyName(table, meaning.kind === 'row' ? meaning.row.key : meaning.key);
    const partition = partitions.get(key);
    if (meaning.kind === 'delete') partitions.delete(key);
    else if (partition === undefined || table.mode === 'UPSERT') partitions.set(key, record.partition);
    if (meaning.kind === 'delete' || partition === undefined) continue;
    if (table.mode === 'APPEND') counts.repeats += 1;
    else if (partition !== record.partition) counts.takenOver += 1;
  }
  return counts;
}

/** What is wrong with what a table has counted; undefined where nothing is. */
export function miscounted(
  table: TableSpec,
  { bad, repeats, takenOver }: Pick<TableState, 'bad' | 'repeats' | 'takenOver'>,
  log: readonly LogRecord[],
  meanings: Meanings,
): string | undefined {
  const got = { bad: Object.values(bad).reduce((sum, each) => sum + each, 0), repeats, takenOver };
  const expected = countRecords(table, log, meanings);
  // What retention removed, and so is neither repeated nor taken over, depends on what came between.
  const compared = table.retentionMs === undefined ? (['bad', 'repeats', 'takenOver'] as const) : (['bad'] as const);
  const wrong = compared.find((name) => got[name] !== expected[name]);
  return wrong && `${table.name} counts ${got[wrong]} as ${wrong}, and should count ${expected[wrong]}`;
}
