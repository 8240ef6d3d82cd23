import type { Catalog, Index, Table } from '../catalog/catalog.ts';
import type { Column } from '../catalog/column.ts';
import { GatewayError } from '../common/errors.ts';
import { coerceInput, CoercionError } from '../model/coerce.ts';
import type { Predicate } from '../model/predicate.ts';
import type { Row } from '../model/row.ts';
import type { Value } from '../model/value.ts';
import { encodeKey, KeyTooLong } from '../store/keys.ts';
import { relatedTables } from './arguments.ts';
import type { FieldPlan, PlanField } from './execution.ts';
import { grantedAccess, grantedRelation, grantedRow, tablesOf } from './granted-access.ts';
import type { AccessOptions } from './granted-access.ts';
import type { Grants } from './grants.ts';
import { completeOrder } from './order.ts';
import type { RelationAccess } from './relation-access.ts';
import { decodeNodeId } from './row-id.ts';
import { holds, scan, valuesId } from './scan.ts';
import { isVisible } from './visible.ts';

/** `song(id)`: one argument per key column. One that may be null is null where it is left out. */
export function planByKey(catalog: Catalog, table: Table): PlanField {
  return (args, grants) => lookUp(catalog, grants, table, encodeKeyIfStorable(table, valuesOf(table.key, args)));
}

/**
 * `songByIsrc(isrc)`: one argument per column of a unique index. Topics do not enforce uniqueness: of several rows with the
 * value it gives the first by key.
 */
export function planByIndex(options: AccessOptions, table: Table, index: Index): PlanField {
  return (args, grants) => {
    const values = valuesOf(index.columns, args);
    const predicate: Predicate = {
      kind: 'and',
      parts: index.columns.map((column, i) => ({
        kind: 'compare',
        column,
        path: [],
        type: column.type,
        op: 'eq',
        operand: values[i] ?? null,
        insensitive: false,
      })),
    };
    const access = grantedAccess(options, grants, table, predicate, completeOrder(table, []));
    return {
      tables: tablesOf(options.catalog, access),
      lookup: { kind: 'access', access },
      resolve: (_source, { reading }) => {
        for (const row of scan(reading, access)) return row;
        return null;
      },
    };
  };
}

/** `song.artist` */
export function planRelatedOne(options: AccessOptions, link: RelationAccess): PlanField {
  const { columns, owner, relation } = link;
  return (_args, grants) => {
    const access = grantedRelation(options, grants, link, undefined);
    // `node` may ask for rows of a table that the caller may not read at all: it has none to follow this from.
    const mask = grants.find(owner)?.relations.get(relation);
    return {
      tables: [...tablesOf(options.catalog, access), ...relatedTables(options.catalog, mask)],
      lookup: { kind: 'access', access },
      resolve: (source, { reading }) => {
        const owned = source as Row;
        if (mask !== undefined && !holds(reading, mask, owned)) return null;
        const values = columns.map((column) => owned.value(column));
        if (values.includes(null)) return null;
        const rows = reading.remember(access, valuesId(values), () => reading.lazily(scan(reading, access, values)));
        for (const row of rows) {
          reading.spend(1);
          return row;
        }
        return null;
      },
    };
  };
}

/** `node(nodeId)`; null for an id that names no row of a table that the caller may query. */
export function planNode(catalog: Catalog): PlanField {
  return (args, grants) => {
    const id = decodeNodeId(catalog, args['nodeId'] as string);
    if (id === undefined || !isVisible(id.table) || !id.table.expose.query || grants.find(id.table) === undefined) {
      return { tables: [], resolve: () => null };
    }
    const { table } = id;
    const plan = lookUp(catalog, grants, table, encodeKeyIfStorable(table, id.key));
    return {
      ...plan,
      resolve: (source, execution) => {
        const row = plan.resolve(source, execution) as Row | null;
        if (row !== null) execution.tablesOfNodes.set(row, table);
        return row;
      },
    };
  };
}

function lookUp(catalog: Catalog, grants: Grants, table: Table, key: Uint8Array | undefined): FieldPlan {
  const grant = grants.of(table);
  return {
    tables: tablesOf(catalog, { table, predicate: grant.rows, masks: grant.columns }),
    lookup: { kind: 'key', table },
    resolve: (_source, { reading }) =>
      key === undefined ? null : (grantedRow(reading, grant, reading.get(table, key)) ?? null),
  };
}

function valuesOf(columns: readonly Column[], args: Readonly<Record<string, unknown>>): readonly Value[] {
  return columns.map(({ name, type }) => {
    try {
      return coerceInput(type, args[name]);
    } catch (error) {
      if (error instanceof CoercionError) throw new GatewayError('BAD_USER_INPUT', `${name}: ${error.message}`);
      throw error;
    }
  });
}

/** A key that is too long to be stored is the key of no row. */
function encodeKeyIfStorable(table: Table, values: readonly Value[]): Uint8Array | undefined {
  try {
    return encodeKey(table.key, values);
  } catch (error) {
    if (error instanceof KeyTooLong) return undefined;
    throw error;
  }
}
