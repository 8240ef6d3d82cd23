import type { TopicTable } from '../../../src/catalog/catalog.ts';
import { createDecoder } from '../../../src/decode/decode.ts';
import type { Decoded } from '../../../src/decode/decoder.ts';
import { valueToJson } from '../../../src/model/value.ts';
import type { ColumnType } from '../../../src/model/value.ts';
import type { SourceRecord } from '../../../src/source/source.ts';
import { makeTable, scalar } from '../../support/make-table.ts';
import type { TableSpec } from '../../support/make-table.ts';
import { record } from './record.ts';

export const id = { name: 'id', type: scalar('ID') };

/** The row as JSON by column, or what else it was. */
export function told(table: TopicTable, decoded: Decoded): unknown {
  if (decoded.kind === 'bad') return `${decoded.code}: ${decoded.reason}`;
  if (decoded.kind !== 'row') return decoded.kind;
  return Object.fromEntries(
    table.columns.map((column) => [column.name, valueToJson(column.type, decoded.row.values[column.ordinal] ?? null)]),
  );
}

export function decode(spec: TableSpec, from: SourceRecord): unknown {
  const table = makeTable(spec);
  return told(table, createDecoder(table)(from));
}

/** One column `c` of the type, from this JSON text. */
export function decodeColumn(
  type: ColumnType,
  json: string,
  more: Partial<TableSpec['columns'][number]> = {},
): unknown {
  const told = decode({ columns: [id, { name: 'c', type, ...more }] }, record('k', `{"c":${json}}`));
  return typeof told === 'string' ? told : (told as { c: string }).c;
}
