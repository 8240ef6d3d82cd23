import type { TopicTable } from '../catalog/catalog.ts';
import type { Column } from '../catalog/column.ts';
import { assert, unreachable } from '../common/errors.ts';
import { jsonMembers, minifyJson } from '../model/json-text.ts';
import type { Value } from '../model/value.ts';
import { compileCoercer, inexact } from './coercer.ts';
import type { ColumnReading } from './column-reader.ts';
import { isJsonObject, ownMember } from './json.ts';
import type { Problem } from './problem.ts';
import type { RecordView } from './record-view.ts';
import { compileTextCoercer } from './text-coercer.ts';

/**
 * The key columns that the record key carries: those with a place in the value, unless `keyFormat` is NONE. The place in
 * the value then is where the value may repeat them.
 */
export function carriedByKey(table: TopicTable): readonly Column[] {
  if (table.keyFormat === 'NONE') return [];
  return table.key.filter((column) => column.source.kind === 'value');
}

/** Reads such a column from the record key. The record must have a key. Never gives null. */
export function compileKeyColumn(table: TopicTable, column: Column, problem: Problem): ColumnReading {
  const alone = carriedByKey(table).length === 1;
  const read = compileFormat(table, column, alone, problem);
  return (view) => {
    const value = read(view);
    if (value !== undefined && value !== null) return value;
    if (value === null) return problem.fail('KEY_NULL', 'the record key has no value for it');
    // What is wrong with a type or a text is the key's format here; the rest says enough by itself.
    if (problem.code === 'TYPE' || problem.code === 'JSON') problem.code = 'KEY_FORMAT';
    return undefined;
  };
}

function compileFormat(table: TopicTable, column: Column, alone: boolean, problem: Problem): ColumnReading {
  switch (table.keyFormat) {
    case 'STRING':
    case 'LONG': {
      assert(alone, `${table.name}: a key of format ${table.keyFormat} has one column`);
      const coerce = compileTextCoercer(column.type, problem);
      const text = (view: RecordView): string | undefined =>
        table.keyFormat === 'LONG' ? view.keyLong(problem) : view.keyText(problem);
      return (view) => {
        const key = text(view);
        return key === undefined ? undefined : coerce(key);
      };
    }
    case 'JSON':
      return compileJson(column, alone, problem);
    case 'NONE':
      throw new Error('bug in Headgate: no column is carried by a key of format NONE');
    default:
      return unreachable(table.keyFormat);
  }
}

/**
 * A member called like the column, or like the place in the value that the column is read from; one column may also be the
 * whole key, where that is no object.
 */
function compileJson(column: Column, alone: boolean, problem: Problem): ColumnReading {
  const { fromJson, fromText } = compileCoercer(column.type, problem);
  const names = [column.name];
  const inValue = column.source.kind === 'value' ? column.source.path.at(-1) : undefined;
  if (inValue !== undefined && inValue !== column.name) names.push(inValue);

  return (view) => {
    const key = view.keyJson(problem);
    if (key === undefined) return undefined;
    if (!isJsonObject(key.value)) {
      if (key.value === null) return null;
      if (!alone) return problem.failType('a JSON object with a member for each key column', key.value);
      const value: Value | typeof inexact | undefined = fromJson(key.value);
      return value === inexact ? fromText(minifyJson(key.text)) : value;
    }
    for (const name of names) {
      const member = ownMember(key.value, name);
      if (member === undefined || member === null) continue;
      const value = fromJson(member);
      return value === inexact ? fromText(jsonMembers(key.text)?.get(name) ?? 'null') : value;
    }
    return null;
  };
}
