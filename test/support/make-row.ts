import type { Table } from '../../src/catalog/catalog.ts';
import type { NewRow } from '../../src/model/row.ts';
import type { Value } from '../../src/model/value.ts';
import { encodeKey } from '../../src/store/keys.ts';

/** A row of a table by column name; absent columns are null. */
export function makeRow(
  table: Table,
  values: Readonly<Record<string, Value>>,
  coordinates: Partial<Pick<NewRow, 'partition' | 'offset' | 'timestampMs'>> = {},
): NewRow {
  return {
    key: keyOf(table, values),
    values: table.columns.map(({ name }) => values[name] ?? null),
    partition: 0,
    offset: 0,
    timestampMs: 0,
    ...coordinates,
  };
}

export function keyOf(table: Table, values: Readonly<Record<string, Value>>): Uint8Array {
  return encodeKey(
    table.key,
    table.key.map(({ name }) => values[name] ?? null),
  );
}

/** A row as plain JSON values by column name. */
export function plainRow(
  table: Table,
  row: { json(column: Table['columns'][number]): string },
): Record<string, unknown> {
  return Object.fromEntries(table.columns.map((column) => [column.name, JSON.parse(row.json(column)) as unknown]));
}
