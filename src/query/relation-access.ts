import type { Catalog, Table } from '../catalog/catalog.ts';
import type { Column, Relation } from '../catalog/column.ts';
import { must } from '../common/errors.ts';
import { planAccess } from './access.ts';
import type { Access } from './access.ts';
import { completeOrder } from './order.ts';

/** A relation with its columns looked up, and how its rows are found where nothing else is asked. */
export interface RelationAccess {
  readonly relation: Relation;
  readonly owner: Table;
  readonly target: Table;
  /** Of the owner; their values are the fixed values of `access`. */
  readonly columns: readonly Column[];
  /** Of the target. */
  readonly references: readonly Column[];
  readonly access: Access;
}

export function linkRelations(catalog: Catalog): ReadonlyMap<Relation, RelationAccess> {
  const links = new Map<Relation, RelationAccess>();
  for (const owner of catalog.tables) {
    for (const relation of owner.relations) {
      const target = must(catalog.tablesByName.get(relation.target), `no table ${relation.target}`);
      const columns = relation.columns.map((name) => columnOf(owner, name));
      const references = relation.references.map((name) => columnOf(target, name));
      const access = planAccess({
        table: target,
        predicate: undefined,
        order: completeOrder(target, []),
        fixed: references,
      });
      links.set(relation, { relation, owner, target, columns, references, access });
    }
  }
  return links;
}

function columnOf(table: Table, name: string): Column {
  return must(table.columnsByName.get(name), `no column ${table.name}.${name}`);
}
