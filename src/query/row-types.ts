import {
  GraphQLID,
  GraphQLInputObjectType,
  GraphQLInt,
  GraphQLInterfaceType,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
} from 'graphql';
import type { GraphQLFieldConfig, GraphQLFieldConfigArgumentMap, GraphQLScalarType } from 'graphql';
import type { Catalog, Table } from '../catalog/catalog.ts';
import type { Relation } from '../catalog/column.ts';
import { must } from '../common/errors.ts';
import type { Row } from '../model/row.ts';
import type { Rule } from '../model/rule.ts';
import { resolvePlanned } from './execution.ts';
import type { Execution } from './execution.ts';
import type { FilterTypes } from './filter-types.ts';
import { isSortable, orderDirection } from './order.ts';
import { nodeId, rowId } from './row-id.ts';
import type { ValueTypes } from './value-types.ts';
import { visibleColumns, visibleRelations } from './visible.ts';

/** The types of a table's rows, and the arguments that lists of them take. */
export interface RowTypes {
  readonly node: GraphQLInterfaceType;
  row(table: Table): GraphQLObjectType<Row, Execution>;
  /** where and orderBy. */
  filterArguments(table: Table): GraphQLFieldConfigArgumentMap;
  /** where, orderBy, limit and offset. */
  listArguments(table: Table): GraphQLFieldConfigArgumentMap;
}

export function createRowTypes(catalog: Catalog, values: ValueTypes, filters: FilterTypes): RowTypes {
  const rowTypes = new Map<Table, GraphQLObjectType<Row, Execution>>();
  const orderTypes = new Map<Table, GraphQLInputObjectType>();

  const node = new GraphQLInterfaceType({
    name: 'Node',
    description: 'A row of any table (Relay object identification).',
    fields: { nodeId: { type: new GraphQLNonNull(GraphQLID), description: 'Unique in the whole API.' } },
    resolveType: (row: Row, { tablesOfNodes }: Execution) => tablesOfNodes.get(row)?.name,
  });

  function row(table: Table): GraphQLObjectType<Row, Execution> {
    let type = rowTypes.get(table);
    if (type === undefined) {
      type = new GraphQLObjectType<Row, Execution>({
        name: table.name,
        description: table.description,
        interfaces: table.kept ? [node] : [],
        fields: () => rowFields(table),
      });
      rowTypes.set(table, type);
    }
    return type;
  }

  function rowFields(table: Table): Record<string, GraphQLFieldConfig<Row, Execution>> {
    const fields: Record<string, GraphQLFieldConfig<Row, Execution>> = {};
    // A row that is not kept cannot be asked for again.
    if (table.kept) {
      fields['nodeId'] = {
        type: new GraphQLNonNull(GraphQLID),
        description: 'Unique in the whole API; for `node(nodeId)`.',
        resolve: ({ key }) => nodeId(table, key),
      };
    }
    if (table.syntheticId) {
      fields['id'] = {
        type: new GraphQLNonNull(GraphQLID),
        description: `The key as one string: ${table.key.map(({ name }) => name).join(':')}.${table.key.every(({ required }) => required) ? '' : ' A null in it is %null.'}`,
        resolve: ({ key }) => rowId(table, key),
      };
    }
    Object.assign(fields, columnFields(table, values));
    for (const relation of visibleRelations(catalog, table)) fields[relation.name] = relationField(relation);
    return fields;
  }

  function relationField(relation: Relation): GraphQLFieldConfig<Row, Execution> {
    const target = must(catalog.tablesByName.get(relation.target), `no table ${relation.target}`);
    const { deprecationReason, many } = relation;
    const description = describeGuarded(relation.description, relation.auth);
    const common = { description, deprecationReason, resolve: resolvePlanned };
    if (!many) return { ...common, type: row(target) };
    return { ...common, type: listOf(row(target)), args: listArguments(target) };
  }

  function orderBy(table: Table): GraphQLInputObjectType | undefined {
    const columns = visibleColumns(table).filter(isSortable);
    if (columns.length === 0) return undefined;
    let type = orderTypes.get(table);
    if (type === undefined) {
      type = new GraphQLInputObjectType({
        name: `${table.name}OrderBy`,
        description:
          'One column; an order by several is a list of these. Rows that are equal in all of them come in the order of the key.',
        isOneOf: true,
        fields: Object.fromEntries(
          columns.map(({ name, description, deprecationReason }) => [
            name,
            { type: orderDirection, description, deprecationReason },
          ]),
        ),
      });
      orderTypes.set(table, type);
    }
    return type;
  }

  function filterArguments(table: Table): GraphQLFieldConfigArgumentMap {
    const order = orderBy(table);
    return {
      where: { type: filters.where(table) },
      ...(order === undefined ? {} : { orderBy: { type: new GraphQLList(new GraphQLNonNull(order)) } }),
    };
  }

  function listArguments(table: Table): GraphQLFieldConfigArgumentMap {
    return {
      ...filterArguments(table),
      limit: { type: GraphQLInt, defaultValue: table.limit.default, description: `At most ${table.limit.max}.` },
      offset: { type: GraphQLInt, defaultValue: 0 },
    };
  }

  return { node, row, filterArguments, listArguments };
}

/** The visible columns as fields whose source is a row. */
export function columnFields(table: Table, values: ValueTypes): Record<string, GraphQLFieldConfig<Row, Execution>> {
  return Object.fromEntries(
    visibleColumns(table).map((column) => [
      column.name,
      {
        type: values.column(column),
        description: describeGuarded(column.description, column.auth),
        deprecationReason: column.deprecationReason,
        resolve: (row: Row) => row.value(column),
      },
    ]),
  );
}

function describeGuarded(description: string | undefined, auth: readonly Rule[] | undefined): string | undefined {
  if (auth === undefined) return description;
  const guarded = 'For callers who may read it.';
  return description === undefined ? guarded : `${description}\n\n${guarded}`;
}

export function listOf<T extends GraphQLObjectType | GraphQLScalarType>(type: T) {
  return new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(type)));
}
