import type { TopicTable } from '../catalog/catalog.ts';
import type { Column, RecordMeta } from '../catalog/column.ts';
import { unreachable } from '../common/errors.ts';
import type { ColumnType, Value } from '../model/value.ts';
import { compileCoercer, inexact } from './coercer.ts';
import { decodeUtf8, memberAt, textAt } from './json.ts';
import type { Problem } from './problem.ts';
import { compileTextCoercer } from './text-coercer.ts';
import type { RecordView } from './record-view.ts';

/** Reads one column from the record at hand: null where it has none, undefined where `problem` says what is wrong. */
export type ColumnReading = (view: RecordView) => Value | undefined;

/** The column as its `source` says. For key columns that the record key carries see `key-reader.ts`. */
export function compileColumn(table: TopicTable, column: Column, problem: Problem): ColumnReading {
  const { source, type } = column;
  switch (source.kind) {
    case 'value':
      return compileValuePath(type, source.path, problem);
    case 'key':
      return compileKeyPath(table, type, source.path, problem);
    case 'header': {
      const coerce = compileTextCoercer(type, problem);
      return (view) => {
        const bytes = view.record.headers.get(source.name);
        if (bytes === undefined || bytes === null) return null;
        const text = decodeUtf8(bytes);
        return text === undefined ? problem.fail('UTF8', 'the header is not valid UTF-8') : coerce(text);
      };
    }
    case 'meta':
      return compileMeta(type, source.meta, problem);
    case 'computed':
    case 'derived':
      throw new Error(`column of kind ${source.kind} is not read from records`);
    default:
      return unreachable(source);
  }
}

function compileValuePath(type: ColumnType, path: readonly string[], problem: Problem): ColumnReading {
  const { fromJson, fromText } = compileCoercer(type, problem);
  const [name, ...rest] = path;
  if (name !== undefined && rest.length === 0 && !(name in Object.prototype)) {
    // Nearly all columns of nearly all tables.
    return (view) => {
      const member = view.members[name];
      if (member === undefined || member === null) return null;
      const value = fromJson(member);
      return value === inexact ? fromText(view.textAt(path)) : value;
    };
  }
  return (view) => {
    const member = memberAt(view.value, path, problem);
    if (member === undefined) return undefined;
    if (member === null) return null;
    const value = fromJson(member);
    return value === inexact ? fromText(view.textAt(path)) : value;
  };
}

function compileKeyPath(table: TopicTable, type: ColumnType, path: readonly string[], problem: Problem): ColumnReading {
  const coerceText = compileTextCoercer(type, problem);
  if (path.length === 0 && table.keyFormat !== 'JSON') {
    return (view) => {
      if (view.record.key === null) return null;
      const text = table.keyFormat === 'LONG' ? view.keyLong(problem) : view.keyText(problem);
      return text === undefined ? undefined : coerceText(text);
    };
  }
  const { fromJson, fromText } = compileCoercer(type, problem);
  return (view) => {
    if (view.record.key === null) return null;
    const key = view.keyJson(problem);
    if (key === undefined) return undefined;
    const member = memberAt(key.value, path, problem);
    if (member === undefined) return undefined;
    if (member === null) return null;
    const value = fromJson(member);
    return value === inexact ? fromText(textAt(key.text, path)) : value;
  };
}

function compileMeta(type: ColumnType, meta: RecordMeta, problem: Problem): ColumnReading {
  const coerce = compileTextCoercer(type, problem);
  switch (meta) {
    case 'KEY':
      return (view) => {
        if (view.record.key === null) return null;
        const text = view.keyText(problem);
        return text === undefined ? undefined : coerce(text);
      };
    case 'TIMESTAMP': {
      const coerceNumber = compileNumber(type, problem);
      return ({ record }) => coerceNumber(record.timestampMs);
    }
    case 'PARTITION': {
      const coerceNumber = compileNumber(type, problem);
      return ({ record }) => coerceNumber(record.partition);
    }
    case 'OFFSET': {
      const coerceNumber = compileNumber(type, problem);
      return ({ record }) => coerceNumber(record.offset);
    }
    case 'TOPIC':
      return ({ record }) => coerce(record.topic);
    case 'COORDINATES':
      // Padded, so that within a partition text order is the order of arrival.
      return ({ record }) => coerce(`${record.partition}-${String(record.offset).padStart(16, '0')}`);
    default:
      return unreachable(meta);
  }
}

/** For whole numbers below 2^53. */
function compileNumber(type: ColumnType, problem: Problem): (value: number) => Value | undefined {
  if (type.kind === 'scalar' && type.scalar !== 'String' && type.scalar !== 'Decimal' && type.scalar !== 'JSON') {
    const { fromJson } = compileCoercer(type, problem);
    return (value) => {
      const coerced = fromJson(value);
      return coerced === inexact ? problem.failType(type.scalar, value) : coerced;
    };
  }
  const coerce = compileTextCoercer(type, problem);
  return (value) => coerce(String(value));
}
