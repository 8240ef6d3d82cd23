import type { DerivedTable } from '../catalog/catalog.ts';
import type { Column, Relation } from '../catalog/column.ts';
import type { ViewDefinition } from '../catalog/derivation.ts';
import { must } from '../common/errors.ts';
import { evaluate } from '../model/evaluate.ts';
import { ExpressionError } from '../model/expression.ts';
import type { Expression } from '../model/expression.ts';
import type { ColumnReader } from '../model/predicate.ts';
import type { Row } from '../model/row.ts';
import type { Value } from '../model/value.ts';
import { valueToJson } from '../model/value.ts';
import { keyText } from '../store/keys.ts';
import type { WriteTransaction } from '../store/store.ts';
import { msOf } from './buckets.ts';
import type { Concerned } from './joins.ts';
import { createJoins, relationsOf } from './joins.ts';
import type { Moves } from './moves.ts';
import { skipRow, sourceOf } from './operator.ts';
import type { Operator, OperatorContext } from './operator.ts';

/** A column with how it is computed. */
interface Computed {
  readonly column: Column;
  readonly expression: Expression;
}

/**
 * One row per row of the source, under its key. A row is computed anew when it moves in the source and when a row moves that it
 * relates to; what a related row concerns is found by index, backwards along the relations.
 */
export function createView(context: OperatorContext, table: DerivedTable, definition: ViewDefinition): Operator {
  const { catalog, work } = context;
  const source = sourceOf(catalog, table);
  const columns = table.columns.map((column): Computed => ({
    column,
    expression: must(column.expression, `${table.name}.${column.name} has no expression`),
  }));
  const throughRelations = (expression: Expression) => expression.reads.some(({ relations }) => relations.length > 0);
  // The rows of an aggregation's inputs outlive the source's: what leads through relations is computed from themselves.
  const own = definition.inputs ? columns.filter(({ expression }) => !throughRelations(expression)) : columns;
  const joined = definition.inputs ? columns.filter(({ expression }) => throughRelations(expression)) : [];
  const joins = createJoins(catalog, definition.inputs ? table : source);
  for (const { expression } of columns) for (const { relations } of expression.reads) joins.add(relations);
  if (definition.where !== undefined) for (const relations of relationsOf(definition.where)) joins.add(relations);

  function valuesOf(tx: WriteTransaction, row: ColumnReader, fromItself: boolean): readonly Value[] {
    const one = (from: ColumnReader, relation: Relation) => joins.one(tx, from, relation);
    const values: Value[] = [];
    const compute = ({ column, expression }: Computed, from: ColumnReader) => {
      try {
        values[column.ordinal] = expression.evaluate(from, one);
      } catch (error) {
        if (!(error instanceof ExpressionError)) throw error;
        throw new ExpressionError(`column \`${column.name}\`: ${error.message}`);
      }
    };
    for (const each of own) {
      if (fromItself) values[each.column.ordinal] = row.value(each.column);
      else compute(each, row);
    }
    const made: ColumnReader = { value: (column) => values[column.ordinal] ?? null };
    for (const each of joined) compute(each, made);
    return values;
  }

  function keeps(tx: WriteTransaction, row: ColumnReader): boolean {
    if (definition.where === undefined) return true;
    work.predicatesTested += 1;
    const related = (from: ColumnReader, relation: Relation) => {
      const found = joins.one(tx, from, relation);
      return found === undefined ? [] : [found];
    };
    return evaluate(definition.where, row, related) === true;
  }

  /** What the row is timed by. */
  function timeOf(row: Row, fromItself: boolean): number {
    if (definition.timedBy === undefined || fromItself) return row.timestampMs;
    const time = definition.timedBy.evaluate(row, () => undefined);
    return typeof time === 'bigint' ? msOf(time) : row.timestampMs;
  }

  /** `row` is the source's; or the view's own, where the source's may have gone. `changedMs` is of the change that moved it. */
  function derive(tx: WriteTransaction, row: Row, changedMs: number, fromItself = false): void {
    work.rowsDerived += 1;
    const { key, partition, offset } = row;
    if (!keeps(tx, row)) {
      tx.delete(table, key, changedMs);
      return;
    }
    let values: readonly Value[];
    let timestampMs = row.timestampMs;
    try {
      values = valuesOf(tx, row, fromItself);
      timestampMs = timeOf(row, fromItself);
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      skipRow(context, tx, table, row, 'EXPRESSION', error.message);
      tx.delete(table, key, changedMs);
      return;
    }
    const before = table.kept ? tx.get(table, key) : undefined;
    const same =
      before?.offset === offset &&
      before.partition === partition &&
      before.timestampMs === timestampMs &&
      table.columns.every((column) => before.json(column) === valueToJson(column.type, values[column.ordinal] ?? null));
    if (!same) tx.upsert(table, { key, values, partition, offset, timestampMs }, changedMs);
  }

  return {
    table,
    follow(tx, moves: Moves, expired) {
      const done = new Set<string>();
      for (const move of moves.of(source)) {
        const { key, after } = move;
        if (move.expired && definition.inputs) continue;
        done.add(keyText(key));
        if (after !== undefined) {
          derive(tx, after, move.timestampMs);
          continue;
        }
        if (move.expired) expired.add(keyText(key));
        tx.delete(table, key, move.timestampMs);
      }
      const concerned = new Map<string, Concerned>();
      for (const { row, timestampMs } of joins.concerned(tx, moves)) {
        const text = keyText(row.key);
        if (done.has(text)) continue;
        concerned.set(text, { row, timestampMs: Math.max(timestampMs, concerned.get(text)?.timestampMs ?? 0) });
      }
      for (const { row, timestampMs } of concerned.values()) derive(tx, row, timestampMs, definition.inputs);
    },
    passTime() {
      // The source's time is the view's: its rows go with those of the source.
    },
  };
}
