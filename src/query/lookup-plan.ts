import type { Catalog, Index, Table } from '../catalog/catalog.ts';
import type { Column } from '../catalog/column.ts';
import { GatewayError } from '../common/errors.ts';
import { coerceInput, CoercionError } from '../model/coerce.ts';
import type { Predicate } from '../model/predicate.ts';
import type { Row } from '../model/row.ts';
import type { Value } from '../model/value.ts';
import { encodeKey, KeyTooLong } from '../store/keys.ts';
import { planAccess } from './access.ts';
import type { FieldPlan, PlanField } from './execution.ts';
import { completeOrder } from './order.ts';
import type { RelationAccess } from './relation-access.ts';
import { decodeNodeId } from './row-id.ts';
import { relatedRows, scan } from './scan.ts';
import { isVisible } from './visible.ts';

/** `song(id)`: one argument per key column. One that may be null is null where it is left out. */
export function planByKey(table: Table): PlanField {
  return (args) => lookUp(table, encodeKeyIfStorable(table, valuesOf(table.key, args)));
}

/**
 * `songByIsrc(isrc)`: one argument per column of a unique index. Topics do not enforce uniqueness: of several rows with the
 * value it gives the first by key.
 */
export function planByIndex(table: Table, index: Index): PlanField {
  return (args) => {
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
    const access = planAccess(table, predicate, completeOrder(table, []));
    return {
      tables: [table],
      lookup: { kind: 'access', access },
      resolve: (_source, { reading }) => {
        for (const row of scan(reading, access)) return row;
        return null;
      },
    };
  };
}

/** `song.artist` */
export function planRelatedOne(link: RelationAccess): PlanField {
  return () => ({
    tables: [link.target],
    lookup: { kind: 'access', access: link.access },
    resolve: (source, { reading }) => {
      for (const row of relatedRows(reading, source as Row, link.relation)) {
        reading.spend(1);
        return row;
      }
      return null;
    },
  });
}

/** `node(nodeId)`; null for an id that names no row of a table that queries may read. */
export function planNode(catalog: Catalog): PlanField {
  return (args) => {
    const id = decodeNodeId(catalog, args['nodeId'] as string);
    if (id === undefined || !isVisible(id.table) || !id.table.expose.query) return { tables: [], resolve: () => null };
    const { table } = id;
    const plan = lookUp(table, encodeKeyIfStorable(table, id.key));
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

function lookUp(table: Table, key: Uint8Array | undefined): FieldPlan {
  return {
    tables: [table],
    lookup: { kind: 'key', table },
    resolve: (_source, { reading }) => (key === undefined ? null : (reading.get(table, key) ?? null)),
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
