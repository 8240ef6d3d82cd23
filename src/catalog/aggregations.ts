import { must } from '../common/errors.ts';
import type { Applied } from '../config/arguments.ts';
import type { DeclaredColumn, DeclaredTable } from '../config/declared.ts';
import { typeText } from '../config/rules.ts';
import type { Expression } from '../model/expression.ts';
import { checkAggregate } from './aggregate-types.ts';
import type { Table } from './catalog.ts';
import { assignAt, compileFilter, compilePath, compileText } from './compile.ts';
import { leadsAway } from './dependencies.ts';
import type { Aggregate, AggregationDefinition, Window } from './derivation.ts';
import type { Building, DraftColumn, DraftTable } from './draft.ts';
import { compileColumn } from './views.ts';

/** Compiles an aggregation over its source; `inputs.ts` then puts a view between where it leads through relations. */
export function compileAggregation(
  building: Building,
  declared: DeclaredTable,
  draft: DraftTable,
  source: Table,
): void {
  const { origin } = declared;
  if (origin.kind !== 'aggregation') return;
  const aggregates: Aggregate[] = [];
  for (const [i, column] of declared.columns.entries()) {
    const made = must(draft.columns[i], 'a draft has the declared columns');
    if (column.role === 'dimension') {
      const expression = compileColumn(building, column, source);
      made.expression = expression && assignAt(building, expression, column);
    } else if (column.role === 'aggregate' && column.aggregate !== undefined) {
      const aggregate = compileAggregate(building, column, column.aggregate, made, source);
      if (aggregate !== undefined) aggregates.push(aggregate);
    }
  }
  const { where } = origin.directive.args;
  const roles = new Map(declared.columns.map((column, i) => [draft.columns[i], column.role]));
  draft.derivation = {
    kind: 'aggregation',
    source: source.name,
    where: where && compileFilter(building, source, where, '@aggregation(where:)', { relations: 'one' }),
    dimensions: draft.key.filter((column) => roles.get(column) === 'dimension'),
    aggregates,
    eventTime: compileEventTime(building, source, origin.directive),
    window: origin.window && windowOf(declared, draft, roles),
  } satisfies AggregationDefinition;
}

function windowOf(
  { origin }: DeclaredTable,
  draft: DraftTable,
  roles: ReadonlyMap<DraftColumn | undefined, DeclaredColumn['role']>,
): Window | undefined {
  if (origin.kind !== 'aggregation' || origin.window === undefined) return undefined;
  const of = (role: DeclaredColumn['role']) => draft.columns.find((column) => roles.get(column) === role);
  const timestamp = of('timestamp');
  const closed = of('closed');
  // Reported where it is declared.
  if (timestamp === undefined || closed === undefined) return undefined;
  return {
    columns: { timestamp, interval: of('interval'), closed, end: of('end') },
    intervals: origin.window.intervals,
    sessionGapMs: origin.window.sessionGapMs,
    graceMs: origin.directive.args.grace,
    clock: origin.directive.args.clock,
  };
}

function compileAggregate(
  building: Building,
  column: DeclaredColumn,
  directive: Applied<'aggregate'>,
  made: DraftColumn,
  source: Table,
): Aggregate | undefined {
  const { arg, by, fn, n } = directive.args;
  const compiled = {
    column: made,
    fn,
    arg: argument(building, source, directive, 'arg'),
    by: argument(building, source, directive, 'by'),
    n,
  };
  const wrong = (arg !== undefined && compiled.arg === undefined) || (by !== undefined && compiled.by === undefined);
  if (wrong) return undefined;
  checkAggregate(column, directive, compiled, building.report);
  return compiled;
}

function argument(
  building: Building,
  source: Table,
  directive: Applied<'aggregate'>,
  name: 'arg' | 'by',
): Expression | undefined {
  const text = directive.args[name];
  if (text === undefined) return undefined;
  const literal = { text, node: directive.at(name), what: `@aggregate(${name}:)` };
  return compileText(building, source, literal, { relations: true });
}

function compileEventTime(
  building: Building,
  source: Table,
  directive: Applied<'aggregation'>,
): Expression | undefined {
  const { timestamp } = directive.args;
  if (timestamp === undefined) return undefined;
  const node = directive.at('timestamp');
  const what = '@aggregation(timestamp:)';
  const expression = compilePath(building, source, { text: timestamp, node, what });
  if (expression === undefined) return undefined;
  const { nullable, type } = expression;
  // Where a related row is missing there is no time yet, and the row is in no bucket.
  const complete = !nullable || expression.reads.some(leadsAway);
  if (type.kind === 'scalar' && type.scalar === 'DateTime' && complete) return expression;
  building.report.add(
    node,
    `${what} names a column that is DateTime!, so that every row has its time; "${timestamp}" is ` +
      `${typeText(type)}${nullable ? ' and may be null' : ''}.`,
  );
  return undefined;
}
