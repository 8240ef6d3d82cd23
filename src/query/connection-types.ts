import { GraphQLBoolean, GraphQLInt, GraphQLNonNull, GraphQLObjectType, GraphQLString } from 'graphql';
import type { Table } from '../catalog/catalog.ts';
import type { Row } from '../model/row.ts';
import type { Connection } from './connection.ts';
import type { Execution } from './execution.ts';
import { listOf } from './row-types.ts';
import type { RowTypes } from './row-types.ts';

interface Edge {
  readonly row: Row;
  readonly connection: Connection;
}

/** `SongConnection` and `SongEdge`. */
export function createConnectionTypes(rows: RowTypes): (table: Table) => GraphQLObjectType<Connection, Execution> {
  return (table) => {
    const edge = new GraphQLObjectType<Edge, Execution>({
      name: `${table.name}Edge`,
      fields: {
        cursor: {
          type: new GraphQLNonNull(GraphQLString),
          description: 'The place of the row in this order; for `after` and `before`.',
          resolve: ({ row, connection }) => connection.cursor(row),
        },
        node: { type: new GraphQLNonNull(rows.row(table)), resolve: ({ row }) => row },
      },
    });
    return new GraphQLObjectType<Connection, Execution>({
      name: `${table.name}Connection`,
      fields: {
        edges: {
          type: listOf(edge),
          resolve: (connection) => connection.rows().map((row): Edge => ({ row, connection })),
        },
        nodes: { type: listOf(rows.row(table)), resolve: (connection) => connection.rows() },
        pageInfo: { type: new GraphQLNonNull(pageInfo), resolve: (connection) => connection },
        totalCount: {
          type: new GraphQLNonNull(GraphQLInt),
          description: 'Number of rows on all pages.',
          resolve: (connection) => connection.totalCount(),
        },
      },
    });
  };
}

const pageInfo = new GraphQLObjectType<Connection, Execution>({
  name: 'PageInfo',
  fields: {
    hasNextPage: { type: new GraphQLNonNull(GraphQLBoolean), resolve: (connection) => connection.hasNextPage() },
    hasPreviousPage: {
      type: new GraphQLNonNull(GraphQLBoolean),
      resolve: (connection) => connection.hasPreviousPage(),
    },
    startCursor: { type: GraphQLString, resolve: (connection) => cursorOf(connection, connection.rows()[0]) },
    endCursor: { type: GraphQLString, resolve: (connection) => cursorOf(connection, connection.rows().at(-1)) },
  },
});

function cursorOf(connection: Connection, row: Row | undefined): string | null {
  return row === undefined ? null : connection.cursor(row);
}
