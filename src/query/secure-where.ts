import type { Catalog, Table } from '../catalog/catalog.ts';
import type { Column, Relation } from '../catalog/column.ts';
import { must, unreachable } from '../common/errors.ts';
import { allOf, never } from '../model/predicate.ts';
import type { Predicate } from '../model/predicate.ts';
import type { Grants } from './grants.ts';

/**
 * A caller's filter as it may see the data: a column that it may not read is null, a related row that it may not see is missing. Rules
 * themselves are not changed: they see everything. Throws FORBIDDEN or UNAUTHENTICATED where the filter names what the caller may
 * read nowhere.
 */
export function secureWhere(catalog: Catalog, grants: Grants, table: Table, predicate: Predicate): Predicate {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return { ...predicate, parts: predicate.parts.map((part) => secureWhere(catalog, grants, table, part)) };
    case 'not':
      return { kind: 'not', part: secureWhere(catalog, grants, table, predicate.part) };
    case 'compare': {
      const mask = grants.of(table).columns.get(predicate.column);
      if (mask === never) throw grants.refused(`${table.name}.${predicate.column.name}`);
      return mask === undefined ? predicate : { ...predicate, mask };
    }
    case 'related': {
      const { relation } = predicate;
      if (grants.of(table).relations.get(relation) === never) throw grants.refused(`${table.name}.${relation.name}`);
      const target = must(catalog.tablesByName.get(relation.target), 'a relation has its target');
      const part = secureWhere(catalog, grants, target, predicate.part);
      const mask = relationMask(grants, table, relation);
      const only = visibleRelated(grants, target, relation);
      return { ...predicate, part, ...(mask && { mask }), ...(only && { only }) };
    }
    default:
      return unreachable(predicate);
  }
}

/** From which rows of its owner a relation leads anywhere; undefined: from all. A column that is null for the caller does not. */
export function relationMask(grants: Grants, owner: Table, relation: Relation): Predicate | undefined {
  const { columns, relations } = grants.of(owner);
  return allOf(relations.get(relation), ...masksOf(owner, relation.columns, columns));
}

/** To which rows of its target a relation leads; undefined: to all. */
export function visibleRelated(grants: Grants, target: Table, relation: Relation): Predicate | undefined {
  const { rows, columns } = grants.of(target);
  return allOf(rows, ...masksOf(target, relation.references, columns));
}

function masksOf(
  table: Table,
  names: readonly string[],
  masks: ReadonlyMap<Column, Predicate>,
): readonly (Predicate | undefined)[] {
  return names.map((name) => masks.get(must(table.columnsByName.get(name), `no column ${table.name}.${name}`)));
}
