import type { Catalog, Table } from '../catalog/catalog.ts';
import type { Relation } from '../catalog/column.ts';
import { allOf } from '../model/predicate.ts';
import type { Predicate } from '../model/predicate.ts';
import type { Row } from '../model/row.ts';
import { planAccess } from './access.ts';
import type { Access } from './access.ts';
import { relatedTables } from './arguments.ts';
import type { Grants, TableGrant } from './grants.ts';
import type { OrderTerm } from './order.ts';
import type { Reading } from './reading.ts';
import type { RelationAccess } from './relation-access.ts';
import { holds, masked } from './scan.ts';
import { secureWhere, visibleRelated } from './secure-where.ts';

/** What accesses are planned with. */
export interface AccessOptions {
  readonly catalog: Catalog;
  readonly relations: ReadonlyMap<Relation, RelationAccess>;
}

/** How a caller's rows of a table are found: those of its filter that its rules grant, as it may see them. */
export function grantedAccess(
  { catalog, relations: links }: AccessOptions,
  grants: Grants,
  table: Table,
  where: Predicate | undefined,
  order: readonly OrderTerm[],
): Access {
  const { rows, columns: masks } = grants.of(table);
  const own = where && secureWhere(catalog, grants, table, where);
  return planAccess({ table, predicate: allOf(rows, own), order, masks, links });
}

/** The same of the rows that a relation leads to. */
export function grantedRelation(
  { catalog, relations: links }: AccessOptions,
  grants: Grants,
  { access, references, relation, target }: RelationAccess,
  where: Predicate | undefined,
  order: readonly OrderTerm[] = access.order,
): Access {
  const rows = visibleRelated(grants, target, relation);
  const { columns: masks } = grants.of(target);
  const own = where && secureWhere(catalog, grants, target, where);
  if (rows === undefined && own === undefined && masks.size === 0 && order === access.order) return access;
  return planAccess({ table: target, predicate: allOf(rows, own), order, fixed: references, masks, links });
}

/** The row that a key leads to, as a caller may see it; undefined where it may not, as where there is none. */
export function grantedRow(reading: Reading, { rows, columns }: TableGrant, row: Row | undefined): Row | undefined {
  if (row === undefined || (rows !== undefined && !holds(reading, rows, row))) return undefined;
  return masked(reading, columns, row);
}

/** Every table that such an access reads: its own first, then those that filters, rules and masks lead to. */
export function tablesOf(
  catalog: Catalog,
  { table, predicate, masks }: Pick<Access, 'table' | 'predicate' | 'masks'>,
): readonly Table[] {
  if (predicate === undefined && masks.size === 0) return [table];
  return [table, ...[predicate, ...masks.values()].flatMap((each) => relatedTables(catalog, each))];
}

/** The tables that rules look at to decide what the caller may read of this one. */
export function decidingTables(catalog: Catalog, { rows, columns, relations }: TableGrant): readonly Table[] {
  return [rows, ...columns.values(), ...relations.values()].flatMap((rule) => relatedTables(catalog, rule));
}
