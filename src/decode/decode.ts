import type { TopicTable } from '../catalog/catalog.ts';
import type { Column } from '../catalog/column.ts';
import { ExpressionError } from '../model/expression.ts';
import type { ColumnReader } from '../model/predicate.ts';
import type { Value } from '../model/value.ts';
import { equalValues } from '../model/value.ts';
import type { SourceRecord } from '../source/source.ts';
import { encodeBriefKey, KeyTooLong } from '../store/keys.ts';
import type { BadRecordCode } from '../store/store.ts';
import { compileAcceptance } from './accept.ts';
import { compileColumn } from './column-reader.ts';
import type { ColumnReading } from './column-reader.ts';
import { columnsReadBy, computeColumn, computedInOrder, isComputed } from './computed.ts';
import { defaultMaxValueBytes } from './decoder.ts';
import type { CreateDecoder, Decoded } from './decoder.ts';
import { isJsonObject } from './json.ts';
import { carriedByKey, compileKeyColumn } from './key-reader.ts';
import { kindOf, Problem } from './problem.ts';
import { RecordView } from './record-view.ts';

/**
 * What a decoder says depends on the record and the table alone, so that a topic read again
 * gives the same tables. Reasons name columns and kinds of things, never contents.
 */
export const createDecoder: CreateDecoder = (table, options = {}) => {
  const { maxValueBytes: maxBytes = defaultMaxValueBytes } = options;
  const problem = new Problem();
  const view = new RecordView();
  const carried = new Set(carriedByKey(table));
  const needsValue = (column: Column): boolean => {
    if (isComputed(column)) return columnsReadBy(column).some(needsValue);
    return column.source.kind === 'value' && !carried.has(column);
  };
  const readings = table.columns.map((column) => {
    if (isComputed(column)) return leaveOut;
    if (carried.has(column)) return compileCarried(table, column, problem);
    const read = compileColumn(table, column, problem);
    return table.key.includes(column) && fromRecordKey(column) ? refuseNullKey(read, problem) : read;
  });
  const columns = table.columns.map((column, i) => ({
    name: column.name,
    // What is computed is looked at when it has been.
    required: (column.required && !isComputed(column)) || table.key.includes(column),
    fallback: column.default ?? null,
    read: readings[i] as ColumnReading,
  }));
  const computed = computedInOrder(table.columns);
  const keyOrdinals = table.key.map((column) => column.ordinal);
  const readsValue = table.columns.some((column) => column.source.kind === 'value');
  const readsMembers = table.columns.some(({ source }) => source.kind === 'value' && source.path.length > 0);
  const acceptance = compileAcceptance(table, readings, needsValue, problem);

  function decode(record: SourceRecord): Decoded {
    if (record.unreadable !== undefined) return bad('UNREADABLE', record.unreadable);
    const { value } = record;
    if (value === undefined) return bad('VALUE_ABSENT', 'the record has no value (a tombstone has the value null)');
    if (record.key !== null && record.key.length > maxBytes)
      return bad('KEY_TOO_LONG', tooLong('key', record.key, maxBytes));
    view.load(record);
    if (acceptance !== undefined && !acceptance.mayBelong(view)) return foreign;
    if (value === null) return table.mode === 'UPSERT' ? decodeTombstone() : bad('TOMBSTONE_IN_APPEND', notDeleted);
    if (value.length > maxBytes) return bad('VALUE_TOO_LARGE', tooLong('value', value, maxBytes));
    if (readsValue) {
      if (!view.parseValue(value, problem)) return bad(problem.code, problem.reason);
      if (readsMembers && !isJsonObject(view.value)) {
        return bad('TYPE', `expected the value to be an object, got ${kindOf(view.value)}`);
      }
    }
    if (acceptance !== undefined) {
      const belongs = acceptance.belongs(view);
      if (belongs === undefined) return badColumn(problem.column);
      if (!belongs) return foreign;
    }
    return decodeRow(record);
  }

  function decodeRow(record: SourceRecord): Decoded {
    const values: Value[] = [];
    for (const { name, required, fallback, read } of columns) {
      const value = read(view);
      if (value === undefined) return badColumn(name);
      if (value !== null) {
        values.push(value);
      } else if (fallback === null && required) {
        return bad('REQUIRED_MISSING', `column \`${name}\`: a value is required, and the record has none`);
      } else {
        values.push(fallback);
      }
    }
    const mistake = computed.length === 0 ? undefined : compute(values);
    if (mistake !== undefined) return mistake;
    const key = keyOf(keyOrdinals.map((ordinal) => values[ordinal] as Value));
    if ('kind' in key) return key;
    const { partition, offset, timestampMs } = record;
    return { kind: 'row', row: { key, values, partition, offset, timestampMs } };
  }

  /** Fills in the computed columns. */
  function compute(values: Value[]): Bad | undefined {
    const row: ColumnReader = { value: ({ ordinal }) => values[ordinal] ?? null };
    for (const column of computed) {
      const value = computeColumn(column, row);
      if (value instanceof ExpressionError) return bad('EXPRESSION', `column \`${column.name}\`: ${value.message}`);
      if (value === null && column.required) {
        return bad('REQUIRED_MISSING', `column \`${column.name}\`: a value is required, and its expression is null`);
      }
      values[column.ordinal] = value;
    }
    return undefined;
  }

  function decodeTombstone(): Decoded {
    const values: Value[] = [];
    for (const column of table.key) {
      if (needsValue(column)) {
        return bad(
          'VALUE_ABSENT',
          `column \`${column.name}\`: the key is read from the value, and a tombstone has none`,
        );
      }
      const value = readings[column.ordinal]?.(view);
      if (value === undefined) return badColumn(column.name);
      if (value === null && column.default === undefined) {
        return bad('REQUIRED_MISSING', `column \`${column.name}\`: a value is required, and the record has none`);
      }
      values.push(value ?? column.default ?? null);
    }
    const key = keyOf(values);
    return 'kind' in key ? key : { kind: 'delete', key };
  }

  function keyOf(values: readonly Value[]): Uint8Array | Bad {
    try {
      return encodeBriefKey(table.key, values);
    } catch (error) {
      if (error instanceof KeyTooLong) return bad('KEY_TOO_LONG', error.message);
      throw error;
    }
  }

  function badColumn(name: string): Bad {
    return bad(problem.code, `column \`${name}\`${problem.place}: ${problem.reason}`);
  }

  return (record) => {
    try {
      return decode(record);
    } catch (error) {
      // Nothing above throws. If it does all the same, the record is passed over like any bad one: stopping here would
      // stop at the same record after every restart.
      const name = error instanceof Error ? error.name : typeof error;
      return bad(
        'UNREADABLE',
        `${name} while decoding: a bug in Headgate, please report it with this table's definition`,
      );
    }
  };
};

/** A key column from the record key, checked against the value where that repeats it. */
function compileCarried(table: TopicTable, column: Column, problem: Problem): ColumnReading {
  const fromKey = compileKeyColumn(table, column, problem);
  const fromValue = compileColumn(table, column, problem);
  return refuseNullKey((view) => {
    const value = fromKey(view);
    if (value === undefined) return undefined;
    const repeated = fromValue(view);
    if (repeated === undefined) return undefined;
    if (repeated === null || equalValues(column.type, value, repeated)) return value;
    return problem.fail('KEY_MISMATCH', 'the value says something else than the record key');
  }, problem);
}

function fromRecordKey({ source }: Column): boolean {
  return source.kind === 'key' || (source.kind === 'meta' && source.meta === 'KEY');
}

function refuseNullKey(read: ColumnReading, problem: Problem): ColumnReading {
  return (view) =>
    view.record.key === null
      ? problem.fail('KEY_NULL', 'it is read from the record key, and the record has none')
      : read(view);
}

/** Of a computed column, whose value follows from the others. */
const leaveOut: ColumnReading = () => null;

type Bad = Extract<Decoded, { kind: 'bad' }>;

const foreign: Decoded = { kind: 'foreign' };
const notDeleted = 'a tombstone, but records of a table of mode APPEND or STREAM delete nothing';

function bad(code: BadRecordCode, reason: string): Bad {
  return { kind: 'bad', code, reason };
}

function tooLong(part: string, bytes: Uint8Array, most: number): string {
  return `the ${part} has ${bytes.length} bytes, more than the ${most} that are read`;
}
