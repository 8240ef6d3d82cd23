import type { Selection } from './plan.ts';
import { hasSyntheticId, type TableSpec } from './spec.ts';

/** Every column that the API shows, whole, and the names that the API gives the row. */
export function everything(table: TableSpec): readonly Selection[] {
  const shown = table.columns.filter(({ hidden }) => hidden !== true);
  const columns = shown.map((column): Selection => {
    const fields = allFields(column.type);
    return { kind: 'column', name: column.name, ...(fields === undefined ? {} : { fields }) };
  });
  return [...(hasSyntheticId(table) ? [{ kind: 'id' as const }] : []), { kind: 'nodeId' }, ...columns];
}

function allFields(type: TableSpec['columns'][number]['type']): Extract<Selection, { kind: 'column' }>['fields'] {
  if (type.kind !== 'object') return undefined;
  return type.fields.map((field) => ({ name: field.name, fields: allFields(field.type) }));
}
