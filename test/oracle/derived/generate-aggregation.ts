import type { Random } from '../random.ts';
import type { ColumnSpec, RelationSpec, TypeSpec } from '../spec.ts';
import type { Where } from '../where.ts';
import { calculation, isNumber, referencesOf, scalar, scalarOf } from './generate-expr.ts';
import { conditions, indexesOf, type Name } from './generate-view.ts';
import { bucketColumns, drawOrder, drawWindow, type Drawn } from './generate-window.ts';
import {
  baseOf,
  functions,
  isKept,
  tableNamed,
  type AggregateSpec,
  type AnyTable,
  type DerivedSchema,
  type DerivedTable,
  type Expr,
  type FunctionName,
} from './spec.ts';

/** False where the source loses rows that stay counted and cannot be told from later ones: a mistake in a schema. */
export function canAggregate(schema: DerivedSchema, source: AnyTable): boolean {
  const base = baseOf(schema, source);
  if (base === undefined) return source.retentionMs === undefined && !losesBuckets(schema, source);
  const coordinates = base.columns.some((c) => c.name === base.key[0] && c.from !== undefined && 'meta' in c.from);
  return base.retentionMs === undefined || (coordinates && !readsOthers(schema, source));
}

/** Whether a view on the way to the topic's table has columns or a filter through relations. */
function readsOthers(schema: DerivedSchema, table: AnyTable): boolean {
  const { derivation } = table;
  if (derivation === undefined || derivation.kind === 'aggregation') return false;
  const exprs = [...derivation.columns.values()];
  return (
    exprs.some((expr) => leadsAway(expr)) ||
    (derivation.where !== undefined && isJoined(derivation.where)) ||
    readsOthers(schema, tableNamed(schema, derivation.source))
  );
}

function leadsAway(expr: Expr): boolean {
  if (expr.kind === 'binary') return leadsAway(expr.left) || leadsAway(expr.right);
  return expr.kind === 'coalesce' ? expr.of.some(leadsAway) : expr.kind === 'path';
}

function isJoined({ members }: Where): boolean {
  return members.some((member) => {
    if (member.kind === 'related') return true;
    if (member.kind === 'column') return false;
    return member.kind === 'not' ? isJoined(member.of) : member.of.some(isJoined);
  });
}

/** Whether it is a view of an aggregation whose buckets are removed. */
function losesBuckets(schema: DerivedSchema, table: AnyTable): boolean {
  if (table.retentionMs !== undefined) return true;
  if (table.derivation === undefined) return false;
  const source = schema.tables.find(({ name }) => name === table.derivation?.source);
  return source !== undefined && table.derivation.kind === 'view' && losesBuckets(schema, source);
}

export function generateAggregation(
  random: Random,
  schema: DerivedSchema,
  name: Name,
  source: AnyTable,
  wished: readonly FunctionName[],
): DerivedTable {
  const kept = isKept(schema, source);
  const references = referencesOf(schema, source, kept);
  const drawn = random.chance(0.7) ? drawWindow(random, schema, source, name.name) : drawOrder(random, source);
  const dimensions =
    drawn?.window !== undefined && random.chance(0.5)
      ? drawFewGroups(random, references)
      : drawDimensions(random, references, drawn?.window === undefined ? 1 : 0);
  const aggregates = drawAggregates(random, name.name, references, wished, orderMatters(schema, source, drawn));
  const buckets = drawn?.window === undefined ? [] : bucketColumns(drawn.window);
  const columns: ColumnSpec[] = [
    ...buckets.filter((c) => c.name === 'interval'),
    ...buckets.filter((c) => c.name === 'timestamp'),
    ...[...dimensions].map(([column, expr]) => ({ name: column, type: expr.type, required: !expr.nullable })),
    ...aggregates.map(({ column }) => column),
    ...buckets.filter((c) => c.name === 'end' || c.name === 'closed'),
  ];
  const declared = [
    ...buckets.filter((c) => c.name === 'interval' || c.name === 'timestamp').map((c) => c.name),
    ...dimensions.keys(),
  ];
  const keyWritten = random.chance(0.2) && declared.length > 1;
  const key = keyWritten ? random.shuffled(declared) : declared;
  return {
    ...name,
    topic: '',
    partitions: 0,
    mode: 'UPSERT',
    keyFormat: 'NONE',
    keyFormatWritten: false,
    keyWritten,
    key,
    columns,
    relations: relationsOf(random, source, dimensions),
    indexes: indexesOf(random, columns, key),
    retentionMs: drawn?.retentionMs,
    clock: drawn?.clock,
    limit: { default: 50, max: 1000 },
    derivation: {
      kind: 'aggregation',
      source: source.name,
      where: random.chance(0.25) ? conditions(random, schema, source, kept) : undefined,
      dimensions,
      aggregates: aggregates.map(({ spec }) => spec),
      timestamp: drawn?.timestamp,
      window: drawn?.window,
    },
  };
}

function mayBeDimension(type: TypeSpec): boolean {
  if (type.kind === 'enum') return true;
  return type.kind === 'scalar' && !['Float', 'JSON', 'Bytes', 'Duration'].includes(type.scalar);
}

function drawDimensions(random: Random, references: readonly Expr[], atLeast: number): ReadonlyMap<string, Expr> {
  const possible = references.filter(({ type }) => mayBeDimension(type));
  const paths = possible.filter(({ kind }) => kind === 'path');
  const count = random.pick([atLeast, 1, 1, 1, 2, 2, 3]);
  const dimensions = new Map<string, Expr>();
  for (let n = 0; n < count; n += 1) {
    const expr = paths.length > 0 && random.chance(0.4) ? random.pick(paths) : random.pick(possible);
    dimensions.set(
      expr.kind === 'column' && expr.name !== 'id' && !reserved.has(expr.name) ? expr.name : `dim${n}`,
      expr,
    );
  }
  return dimensions;
}

/** None, or one of which there are few values: so buckets hold many rows, and sessions meet. */
function drawFewGroups(random: Random, references: readonly Expr[]): ReadonlyMap<string, Expr> {
  const few = references.filter(
    ({ type }) => type.kind === 'enum' || (type.kind === 'scalar' && type.scalar === 'Boolean'),
  );
  return few.length === 0 || random.chance(0.5) ? new Map() : new Map([['dim0', random.pick(few)]]);
}

/** What the API adds to an aggregation, or would be taken for it. */
const reserved = new Set(['interval', 'timestamp', 'end', 'closed', 'nodeId']);

/** Rows of a table that follows from an aggregation have no records that order them. */
function orderMatters(schema: DerivedSchema, source: AnyTable, drawn: Drawn | undefined): boolean {
  return baseOf(schema, source) !== undefined || drawn?.timestamp !== undefined;
}

interface Aggregated {
  readonly column: ColumnSpec;
  readonly spec: AggregateSpec;
}

function drawAggregates(
  random: Random,
  table: string,
  references: readonly Expr[],
  wished: readonly FunctionName[],
  ordered: boolean,
): readonly Aggregated[] {
  const possible = functions.filter((fn) => ordered || !['FIRST', 'LAST', 'COLLECT_LIST'].includes(fn));
  const chosen = [
    ...wished.filter((fn) => possible.includes(fn)).slice(0, 2),
    ...random.shuffled(possible).slice(0, random.between(1, 3)),
  ];
  return chosen.flatMap((fn, n) => {
    const found = drawAggregate(random, references, fn, `${fn.toLowerCase()}${n}${table}`);
    return found === undefined ? [] : [found];
  });
}

function drawAggregate(
  random: Random,
  references: readonly Expr[],
  fn: FunctionName,
  name: string,
): Aggregated | undefined {
  const argument = (fits: (type: TypeSpec) => boolean): Expr | undefined => {
    const made = random.chance(0.2) ? calculation(random, references) : undefined;
    if (made !== undefined && fits(made.type)) return made;
    const possible = references.filter(({ type }) => fits(type));
    return possible.length === 0 ? undefined : random.pick(possible);
  };
  const aggregated = (
    arg: Expr | undefined,
    type: TypeSpec,
    required: boolean,
    more: Partial<AggregateSpec> = {},
  ): Aggregated => ({
    column: { name, type, required },
    spec: { column: name, fn, arg, ...more },
  });
  const list = (arg: Expr | undefined, more: Partial<AggregateSpec>): Aggregated | undefined =>
    arg && aggregated(arg, { kind: 'list', element: arg.type, elementRequired: true }, true, more);
  switch (fn) {
    case 'COUNT': {
      const arg = random.chance(0.5) ? undefined : argument(isPlain);
      return aggregated(arg, scalar(random.pick(['Int', 'BigInt'])), true);
    }
    case 'COUNT_DISTINCT': {
      const arg = argument(isOrdered);
      return arg && aggregated(arg, scalar(random.pick(['Int', 'BigInt'])), true);
    }
    case 'SUM': {
      const arg = argument(isNumber);
      return arg && aggregated(arg, sumType(random, arg.type), !arg.nullable);
    }
    case 'AVG': {
      const arg = argument(isNumber);
      if (arg === undefined) return undefined;
      const type = scalarOf(arg.type) === 'Float' ? 'Float' : random.pick(['Decimal', 'Float'] as const);
      return aggregated(arg, scalar(type), !arg.nullable);
    }
    case 'MIN':
    case 'MAX': {
      const arg = argument(isOrdered);
      return arg && aggregated(arg, arg.type, !arg.nullable);
    }
    case 'FIRST':
    case 'LAST': {
      const arg = argument(isPlain);
      return arg && aggregated(arg, arg.type, !arg.nullable);
    }
    case 'COLLECT_LIST':
      return list(argument(isPlain), { n: random.pick([undefined, undefined, 2, 3]) });
    case 'COLLECT_SET':
      return list(argument(isOrdered), { n: random.pick([undefined, undefined, 2, 3]) });
    case 'TOP_K':
      return list(argument(isOrdered), {
        n: random.between(1, 3),
        by: random.chance(0.5) ? argument(isOrdered) : undefined,
      });
    case 'STDDEV':
    case 'VARIANCE': {
      const arg = argument(isNumber);
      return arg && aggregated(arg, scalar('Float'), false);
    }
  }
}

function sumType(random: Random, type: TypeSpec): TypeSpec {
  const kind = scalarOf(type);
  if (kind === 'Float' || kind === 'Decimal') return type;
  return scalar(random.pick(['BigInt', 'BigInt', 'Decimal', ...(kind === 'Int' ? (['Int'] as const) : [])]));
}

/** No list and no embedded object. */
function isPlain(type: TypeSpec): boolean {
  return type.kind === 'enum' || (type.kind === 'scalar' && type.scalar !== 'JSON');
}

function isOrdered(type: TypeSpec): boolean {
  return type.kind === 'enum' || (type.kind === 'scalar' && !['JSON', 'Bytes', 'Duration'].includes(type.scalar));
}

/** Of the source's, those whose columns are dimensions under their own names. */
function relationsOf(random: Random, source: AnyTable, dimensions: ReadonlyMap<string, Expr>): readonly RelationSpec[] {
  const same = (column: string): boolean => {
    const expr = dimensions.get(column);
    return expr?.kind === 'column' && expr.name === column;
  };
  return source.relations.filter((r) => !r.many && r.columns.every(same) && random.chance(0.7));
}
