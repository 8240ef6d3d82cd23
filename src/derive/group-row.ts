import type { DerivedTable } from '../catalog/catalog.ts';
import type { AggregationDefinition } from '../catalog/derivation.ts';
import { must } from '../common/errors.ts';
import { ExpressionError } from '../model/expression.ts';
import { valueToJson } from '../model/value.ts';
import type { Value } from '../model/value.ts';
import type { WriteTransaction } from '../store/store.ts';
import type { Group } from '../aggregate/group.ts';
import type { OperatorContext } from './operator.ts';

/** The row of one group, as it is to be written. */
export interface GroupRow {
  readonly key: Uint8Array;
  /** In the key's order. */
  readonly keyValues: readonly Value[];
  readonly group: Group;
  /** Values of columns that are neither key nor aggregates, by ordinal. */
  readonly others: readonly (readonly [ordinal: number, value: Value])[];
  /** What the table is timed by. */
  readonly rowTimeMs: number;
  /** Of the newest record that moved the group. */
  readonly timestampMs: number;
}

/** Writes a group's row, or deletes it: where no source row is left, or an aggregate has no value, which is recorded. */
export function writeGroupRow(
  context: OperatorContext,
  tx: WriteTransaction,
  { table, definition }: { table: DerivedTable; definition: AggregationDefinition },
  row: GroupRow,
): void {
  const { key, keyValues, group, others, rowTimeMs, timestampMs } = row;
  if (group.rows === 0) {
    tx.delete(table, key, timestampMs);
    return;
  }
  const values: Value[] = [];
  for (const [i, column] of table.key.entries()) values[column.ordinal] = keyValues[i] ?? null;
  for (const [ordinal, value] of others) values[ordinal] = value;
  try {
    for (const [i, value] of group.values().entries()) {
      values[must(definition.aggregates[i], 'a value per aggregate').column.ordinal] = value;
    }
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    const columns = table.key.map((column, i) => `"${column.name}":${valueToJson(column.type, keyValues[i] ?? null)}`);
    // No record is wrong: what has no value stands in the table itself.
    const letter = {
      topic: table.name,
      partition: 0,
      offset: 0,
      timestampMs,
      code: 'EXPRESSION',
      reason: `there is no row {${columns.join(',')}}: ${error.message}`,
    } as const;
    tx.addDeadLetter(table, letter);
    context.skipped(table, letter);
    tx.delete(table, key, timestampMs);
    return;
  }
  tx.upsert(table, { key, values, partition: 0, offset: 0, timestampMs: rowTimeMs }, timestampMs);
}
