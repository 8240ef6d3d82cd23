import type { Catalog, Table } from '../catalog/catalog.ts';
import { unreachable } from '../common/errors.ts';
import type { Snapshot } from '../store/store.ts';
import type { Access, RangePath, ThroughPath } from './access.ts';
import { isPointLookup } from './access.ts';
import type { FieldPlan } from './execution.ts';
import { explainDerivation } from './explain-derivation.ts';
import { printOrder } from './order.ts';
import type { PreparedOperation } from './prepared.ts';
import type { ExplainedField, QueryLimits } from './query.ts';
import { printIndex } from './unindexed-scan.ts';

/** One line per field that reads rows, in the order of the document. */
export function explainOperation(
  { paths }: PreparedOperation,
  catalog: Catalog,
  snapshot: Snapshot,
  limits: QueryLimits,
): readonly ExplainedField[] {
  const told = new Set<string>();
  return paths.flatMap(({ path, plan }): readonly ExplainedField[] => {
    const lines = plan.tables.flatMap((table) => explainDerivation(catalog, table, snapshot));
    const fresh = lines.filter((line) => !told.has(line) && told.add(line));
    const access = explainFound(plan, snapshot, limits);
    const live = explainLive(plan);
    if (access === undefined || live === undefined) return [];
    return [{ path, access, live, ...(fresh.length === 0 ? {} : { derived: fresh }) }];
  });
}

/** How a change finds the live version of a field, or the change stream; undefined where it reads no rows. */
export function explainLive({ lookup, changes, tables }: FieldPlan): string | undefined {
  if (changes !== undefined) {
    const { table } = changes;
    const others = reachedTables(tables)
      .filter((name) => name !== table.name)
      .map((name) => ` and of ${name}`);
    return `every change of ${table.name}${others.join('')}`;
  }
  switch (lookup?.kind) {
    case undefined:
      return undefined;
    case 'key':
      return 'by key';
    case 'access':
      return [
        explainRouting(lookup.access),
        ...reachedTables(tables).map((name) => `the rows of ${name} that where reaches`),
      ].join(', and ');
  }
}

function explainFound({ lookup, changes }: FieldPlan, snapshot: Snapshot, limits: QueryLimits): string | undefined {
  if (changes !== undefined) {
    return `the change feed of ${changes.table.name}${changes.where === undefined ? '' : ', filtered by where'}`;
  }
  switch (lookup?.kind) {
    case undefined:
      return undefined;
    case 'key':
      return `one row of ${lookup.table.name} by key`;
    case 'access':
      return explainAccess(lookup.access, snapshot, limits);
  }
}

function explainAccess(access: Access, snapshot: Snapshot, limits: QueryLimits): string {
  const { table, path, predicate, order, missingIndex } = access;
  if (path.kind === 'through') return `${table.name} ${explainPart(path)}, sorted in memory`;
  if (path.kind === 'union') {
    const each = path.parts.map(explainPart).join('; ');
    return `${path.parts.length} ranges of ${table.name}, one for each part of "or": ${each}, sorted in memory`;
  }
  const parts: string[] = [];
  parts.push(`${table.name} ${explainRange(path)}`);
  if (isPointLookup(path)) return parts.join(', ');
  switch (path.ordering.kind) {
    case 'exact':
    case 'ties':
      parts.push('in order');
      break;
    case 'grouped':
      parts.push(
        `in order of ${path.columns
          .slice(0, path.ordering.columns)
          .map(({ name }) => name)
          .join(', ')}, the rest sorted in memory`,
      );
      break;
    case 'sort':
      parts.push(`sorted in memory by ${printOrder(order)}`);
      break;
    default:
      unreachable(path.ordering);
  }
  if (predicate !== undefined && !path.bounded) parts.push('tested row by row');
  const scans = !path.bounded && (predicate !== undefined || path.ordering.kind === 'sort');
  if (scans) {
    const remedy =
      missingIndex === undefined ? '' : `; ${printIndex(missingIndex)} on type ${table.name} would serve it`;
    parts.push(`${explainRows(snapshot.count(table), limits.scanLimit)}${remedy}`);
  }
  return parts.join(', ');
}

function explainRows(rows: number, scanLimit: number): string {
  return rows <= scanLimit
    ? `all ${rows} rows (scanLimit ${scanLimit})`
    : `up to ${scanLimit} of ${rows} rows (scanLimit)`;
}

function explainPart(path: RangePath | ThroughPath): string {
  if (path.kind === 'range') return explainRange(path);
  const { path: own, target } = path;
  const from = target.path.kind === 'union' ? 'by several ranges' : explainPart(target.path);
  return `${explainRange(own)} for rows of ${target.table.name} ${from}`;
}

function explainRange(path: RangePath): string {
  const { index, columns, equal, range } = path;
  const by = index === undefined ? 'key' : `${index.covering ? 'covering ' : ''}index "${index.name}"`;
  if (isPointLookup(path)) return `by ${by}`;
  const conditions = equal.map((values, i) => {
    const name = columns[i]?.name ?? '';
    return (values?.length ?? 1) > 1 ? `${name} in ${values?.length} values` : `${name} = …`;
  });
  if (range !== undefined) conditions.push(`${columns[equal.length]?.name ?? ''} in a range`);
  return conditions.length === 0
    ? `by a scan of the whole ${index === undefined ? 'table' : by}`
    : `by ${by} where ${conditions.join(' and ')}`;
}

function explainRouting({ table, path }: Access): string {
  const byKey = (part: RangePath | ThroughPath): boolean => part.kind === 'range' && isPointLookup(part);
  if (path.kind !== 'range') return path.kind === 'union' && path.parts.every(byKey) ? 'by key' : 'by index range';
  if (isPointLookup(path)) return 'by key';
  if (!path.bounded && path.ordering.kind !== 'exact') return `every change of ${table.name}`;
  return path.index === undefined ? 'by key range' : 'by index range';
}

/** The first of a field's tables is its own; those behind it its `where` reaches through relations, the own one perhaps again. */
function reachedTables([, ...reached]: readonly Table[]): readonly string[] {
  return [...new Set(reached)].map(({ name }) => name);
}
