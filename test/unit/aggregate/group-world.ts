import type { Column } from '../../../src/catalog/column.ts';
import type { Aggregate, AggregateFunction, AggregationDefinition } from '../../../src/catalog/derivation.ts';
import type { Expression } from '../../../src/model/expression.ts';
import type { ColumnType, Value } from '../../../src/model/value.ts';
import type { GroupInput, OpenGroup } from '../../../src/aggregate/group.ts';
import { createGroups } from '../../../src/aggregate/groups.ts';
import { listOf, scalar } from '../../support/make-table.ts';

/** Aggregations without a schema: arguments are given by the test, so expressions have a text and a type alone. */
export interface AggregateSpec {
  readonly fn: AggregateFunction;
  /** Of the argument. Absent: none. */
  readonly type?: ColumnType | undefined;
  /** Of the result; default: what the function gives for the argument. */
  readonly to?: ColumnType | undefined;
  readonly by?: ColumnType | undefined;
  readonly n?: number | undefined;
  /** Aggregates of one argument have one text; default `x`. */
  readonly text?: string | undefined;
}

export function makeAggregation(specs: readonly AggregateSpec[]): AggregationDefinition {
  const aggregates = specs.map(({ fn, type, to, by, n, text = 'x' }, i): Aggregate => ({
    column: columnOf(`${fn.toLowerCase()}${i}`, i, to ?? resultType(fn, type)),
    fn,
    arg: type && expressionOf(text, type),
    by: by && expressionOf('by', by),
    n,
  }));
  return { kind: 'aggregation', source: 'Source', dimensions: [], aggregates };
}

const numeric: readonly AggregateFunction[] = ['SUM', 'AVG', 'VARIANCE', 'STDDEV'];

/** Each, with and without what it can do without; the numeric ones where the argument is a number. */
export function everyFunction(type: ColumnType, by: ColumnType): readonly AggregateSpec[] {
  const isNumber = type.kind === 'scalar' && ['Int', 'Float', 'BigInt', 'Decimal'].includes(type.scalar);
  const decimal = scalar('Decimal');
  return [
    { fn: 'COUNT' },
    { fn: 'COUNT', type },
    ...(['COUNT_DISTINCT', 'MIN', 'MAX', 'FIRST', 'LAST', 'TOP_K', 'COLLECT_LIST', 'COLLECT_SET'] as const).map(
      (fn) => ({ fn, type }),
    ),
    { fn: 'TOP_K', type, n: 2 },
    { fn: 'TOP_K', type, by },
    { fn: 'TOP_K', type, by, n: 3 },
    { fn: 'COLLECT_LIST', type, n: 3 },
    { fn: 'COLLECT_SET', type, n: 2 },
    ...(isNumber
      ? numeric.flatMap((fn) => [
          { fn, type },
          { fn, type, to: fn === 'SUM' ? undefined : decimal },
        ])
      : []),
  ];
}

export function openGroups(...specs: readonly AggregateSpec[]): OpenGroup {
  return createGroups(makeAggregation(specs));
}

/** The same value for every aggregate; rows are told apart by their offset. */
export function rowOf(
  aggregates: number,
  offset: number,
  arg: Value,
  more: Partial<GroupInput> & { by?: Value } = {},
): GroupInput {
  const { by = null, ...order } = more;
  return {
    args: Array.from({ length: aggregates }, () => arg),
    bys: Array.from({ length: aggregates }, () => by),
    eventTime: 0n,
    partition: 0,
    offset,
    key: Buffer.from(`row ${offset}\0`),
    ...order,
  };
}

function resultType(fn: AggregateFunction, type: ColumnType | undefined): ColumnType {
  switch (fn) {
    case 'COUNT':
    case 'COUNT_DISTINCT':
      return scalar('Int');
    case 'SUM':
      return type?.kind === 'scalar' && type.scalar === 'Int' ? scalar('BigInt') : (type ?? scalar('BigInt'));
    case 'AVG':
    case 'STDDEV':
    case 'VARIANCE':
      return type?.kind === 'scalar' && (type.scalar === 'Decimal' || type.scalar === 'BigInt')
        ? scalar('Decimal')
        : scalar('Float');
    case 'TOP_K':
    case 'COLLECT_LIST':
    case 'COLLECT_SET':
      return listOf(type ?? scalar('String'), true);
    default:
      return type ?? scalar('String');
  }
}

function columnOf(name: string, ordinal: number, type: ColumnType): Column {
  return { name, ordinal, type, required: false, hidden: false, source: { kind: 'derived' } };
}

function expressionOf(text: string, type: ColumnType): Expression {
  return {
    text,
    type,
    nullable: true,
    reads: [],
    evaluate() {
      throw new Error('groups are given their inputs');
    },
  };
}
