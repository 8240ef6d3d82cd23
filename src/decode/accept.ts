import type { TopicTable } from '../catalog/catalog.ts';
import type { Column } from '../catalog/column.ts';
import { unreachable } from '../common/errors.ts';
import { evaluate } from '../model/evaluate.ts';
import { ExpressionError } from '../model/expression.ts';
import type { ColumnReader, Predicate } from '../model/predicate.ts';
import type { Value } from '../model/value.ts';
import type { ColumnReading } from './column-reader.ts';
import { computeColumn, isComputed } from './computed.ts';
import type { Problem } from './problem.ts';
import type { RecordView } from './record-view.ts';

/**
 * Decides whether a record is one of the table's, from the columns that `accept` reads and nothing else: tables that share
 * a topic need not be able to read each other's records.
 */
export interface Acceptance {
  /** False where the parts of `accept` that need no value rule the record out; of a tombstone nothing more can be asked. */
  readonly mayBelong: (view: RecordView) => boolean;
  /** Undefined where it depends on a column that cannot be decoded: `problem` says which and why. */
  readonly belongs: (view: RecordView) => boolean | undefined;
}

/** `readings` by `Column.ordinal`; `needsValue` says which columns a tombstone does not have. */
export function compileAcceptance(
  table: TopicTable,
  readings: readonly ColumnReading[],
  needsValue: (column: Column) => boolean,
  problem: Problem,
): Acceptance | undefined {
  const { accept } = table;
  if (accept === undefined) return undefined;
  const withoutValue = conjuncts(accept).filter((part) => !columnsOf(part).some(needsValue));
  let view: RecordView | undefined;
  let unreadable = false;
  const reader: ColumnReader = {
    value(column): Value {
      if (isComputed(column)) return compute(column);
      const value = view === undefined ? null : readings[column.ordinal]?.(view);
      if (value === null) return column.default ?? null;
      if (value !== undefined) return value;
      // A name that the enum does not have differs from all that it has: enough to tell records of two tables apart.
      if (problem.unknownName !== undefined) return problem.unknownName;
      unreadable = true;
      problem.column = column.name;
      return null;
    },
  };
  /** Null also where a column that it reads is unreadable: whatever it makes of the null there says nothing. */
  const compute = (column: Column): Value => {
    const before = unreadable;
    unreadable = false;
    const value = computeColumn(column, reader);
    if (unreadable) return null;
    if (value instanceof ExpressionError) {
      problem.fail('EXPRESSION', value.message);
      problem.column = column.name;
      unreadable = true;
      return null;
    }
    unreadable = before;
    return value;
  };
  const answer = (part: Predicate, record: RecordView): true | false | null => {
    view = record;
    unreadable = false;
    return evaluate(part, reader, noRows);
  };
  return {
    mayBelong: (record) => withoutValue.every((part) => answer(part, record) ?? unreadable),
    belongs: (record) => answer(accept, record) ?? (unreadable ? undefined : false),
  };
}

const noRows = (): [] => [];

function conjuncts(predicate: Predicate): readonly Predicate[] {
  return predicate.kind === 'and' ? predicate.parts.flatMap(conjuncts) : [predicate];
}

function columnsOf(predicate: Predicate): readonly Column[] {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return predicate.parts.flatMap(columnsOf);
    case 'not':
      return columnsOf(predicate.part);
    case 'compare':
      return [predicate.column];
    // `accept` has no relations: the catalog refuses them.
    case 'related':
      return [];
    default:
      return unreachable(predicate);
  }
}
