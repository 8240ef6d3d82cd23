import type { DerivedTable } from '../catalog/catalog.ts';
import type { AggregationDefinition } from '../catalog/derivation.ts';
import { must } from '../common/errors.ts';
import { canonicalDecimal } from '../model/decimal.ts';
import { evaluate } from '../model/evaluate.ts';
import { ExpressionError } from '../model/expression.ts';
import type { Expression, RelatedOne } from '../model/expression.ts';
import type { Row } from '../model/row.ts';
import type { ColumnType, Value } from '../model/value.ts';
import { encodeBriefKey, KeyTooLong } from '../store/keys.ts';
import type { WriteTransaction } from '../store/store.ts';
import type { GroupInput } from '../aggregate/group.ts';
import { skipRow } from './operator.ts';
import type { OperatorContext } from './operator.ts';

/** What a source row brings to an aggregation, and to which group. */
export interface Contribution {
  /** In the order of `AggregationDefinition.dimensions`. */
  readonly dimensions: readonly Value[];
  /** The key of the group; those of its buckets, where there are buckets, are as long. */
  readonly groupKey: Uint8Array;
  readonly input: GroupInput;
}

export interface Contributions {
  /** Nothing where the filter does not match, there is no event time, or an expression fails; `report`: recorded then. */
  of(tx: WriteTransaction, row: Row, report: boolean): Contribution | undefined;
  /** Values for the key's columns, in the key's order: of dimensions, and of a bucket's columns as given. */
  key(dimensions: readonly Value[], interval: string | null, startUs: bigint): readonly Value[];
}

export function createContributions(
  context: OperatorContext,
  table: DerivedTable,
  definition: AggregationDefinition,
): Contributions {
  const { aggregates, eventTime, where, window } = definition;
  const dimensions = definition.dimensions.map((column) => ({
    type: column.type,
    expression: must(column.expression, `${table.name}.${column.name} has no expression`),
  }));

  function contributionOf(row: Row): Contribution | undefined {
    if (where !== undefined) {
      context.work.predicatesTested += 1;
      if (evaluate(where, row, () => []) !== true) return undefined;
    }
    const time = eventTime === undefined ? BigInt(row.timestampMs) * 1_000n : valueOf(eventTime, row);
    if (typeof time !== 'bigint') return undefined;
    const { partition, offset, key } = row;
    const values = dimensions.map(({ type, expression }) => canonical(type, valueOf(expression, row)));
    // Throws where it would be too long.
    const groupKey = encodeBriefKey(table.key, keyOf(values, window?.intervals[0]?.name ?? null, 0n));
    const args = aggregates.map(({ arg }) => (arg === undefined ? null : valueOf(arg, row)));
    const bys = aggregates.map(({ by }) => (by === undefined ? null : valueOf(by, row)));
    return { dimensions: values, groupKey, input: { args, bys, eventTime: time, partition, offset, key } };
  }

  const keyPlaces = table.key.map((column) => {
    if (column === window?.columns.interval) return 'interval';
    return column === window?.columns.timestamp ? 'start' : definition.dimensions.indexOf(column);
  });

  function keyOf(values: readonly Value[], interval: string | null, startUs: bigint): readonly Value[] {
    return keyPlaces.map((place) => {
      if (place === 'interval') return interval;
      return place === 'start' ? startUs : (values[place] ?? null);
    });
  }

  return {
    of(tx, row, report) {
      try {
        return contributionOf(row);
      } catch (error) {
        const code =
          error instanceof ExpressionError ? 'EXPRESSION' : error instanceof KeyTooLong ? 'KEY_TOO_LONG' : undefined;
        if (code === undefined) throw error;
        if (report) skipRow(context, tx, table, row, code, (error as Error).message);
        return undefined;
      }
    },
    key: keyOf,
  };
}

/** Over the source's own columns: what leads through relations is a column of the inputs by then. */
function valueOf(expression: Expression, row: Row): Value {
  return expression.evaluate(row, noRelated);
}

const noRelated: RelatedOne = () => undefined;

/** Equal Decimals are one group, however they are written. */
function canonical(type: ColumnType, value: Value): Value {
  return type.kind === 'scalar' && type.scalar === 'Decimal' && value !== null
    ? canonicalDecimal(value as string)
    : value;
}
