import { GraphQLBoolean, GraphQLEnumType, GraphQLID, GraphQLNonNull, GraphQLObjectType, GraphQLString } from 'graphql';
import type { Table } from '../catalog/catalog.ts';
import type { Row } from '../model/row.ts';
import type { Execution } from './execution.ts';
import type { ChangeMessage, SeenChange } from './query.ts';
import { nodeId, rowId } from './row-id.ts';
import { columnFields, listOf } from './row-types.ts';
import type { RowTypes } from './row-types.ts';
import { scalarTypes } from './scalars.ts';
import type { ValueTypes } from './value-types.ts';
import { visibleColumns } from './visible.ts';

export const changeOperation = new GraphQLEnumType({
  name: 'ChangeOperation',
  description:
    "Relative to the subscriber's own set: a row that starts to match is an INSERT, one that stops a DELETE.",
  values: { INSERT: { value: 'INSERT' }, UPDATE: { value: 'UPDATE' }, DELETE: { value: 'DELETE' } },
});

const operations = { insert: 'INSERT', update: 'UPDATE', delete: 'DELETE' } as const;

/** `SongChanges`, `SongChange` and `SongPrevious`. None has a field `id`: normalized caches would take it for a row. */
export function createChangeTypes(
  values: ValueTypes,
  rows: RowTypes,
): (table: Table) => GraphQLObjectType<ChangeMessage, Execution> {
  return (table) =>
    new GraphQLObjectType<ChangeMessage, Execution>({
      name: `${table.name}Changes`,
      description: `What one commit did to the subscriber's rows of ${table.name}: at most one change a row.`,
      fields: {
        changes: { type: listOf(changeType(table)), resolve: ({ changes }) => changes },
        deletedIds: {
          type: listOfIds,
          description: 'The ids of rows that left the set.',
          resolve: ({ changes }) => deleted(changes).map(({ key }) => rowId(table, key)),
        },
        deletedNodeIds: {
          type: listOfIds,
          description: "The same as nodeIds: for Relay's @deleteRecord.",
          resolve: ({ changes }) => deleted(changes).map(({ key }) => nodeId(table, key)),
        },
        position: {
          type: new GraphQLNonNull(GraphQLString),
          description:
            'What the rows are as of, once this message is applied. Pass it as `after` to resume without a gap.',
          resolve: ({ position }) => position,
        },
        live: {
          type: new GraphQLNonNull(GraphQLBoolean),
          description:
            'False while more of what there was before follows: further parts of a snapshot, or of what was missed.',
          resolve: ({ live }) => live,
        },
        reset: {
          type: new GraphQLNonNull(GraphQLBoolean),
          description:
            'True where `after` could not be resumed: forget the rows you have, this message brings them anew.',
          resolve: ({ reset }) => reset,
        },
        complete: {
          type: new GraphQLNonNull(GraphQLBoolean),
          description: 'False in all parts of a large commit but the last.',
          resolve: ({ complete }) => complete,
        },
      },
    });

  function changeType(table: Table): GraphQLObjectType<SeenChange, Execution> {
    const columns = visibleColumns(table);
    const previous = previousType(table);
    return new GraphQLObjectType<SeenChange, Execution>({
      name: `${table.name}Change`,
      fields: {
        operation: { type: new GraphQLNonNull(changeOperation), resolve: ({ kind }) => operations[kind] },
        rowId: {
          type: new GraphQLNonNull(GraphQLID),
          description: "The row's `id`.",
          resolve: ({ key }) => rowId(table, key),
        },
        node: {
          type: rows.row(table),
          description: 'The row after the change; null in a DELETE.',
          resolve: ({ after }) => after ?? null,
        },
        ...(previous === undefined
          ? {}
          : {
              previous: {
                type: previous,
                description: 'The values before the change; null in an INSERT.',
                resolve: ({ before }: SeenChange) => before ?? null,
              },
            }),
        changedFields: {
          type: listOfStrings,
          description: 'The columns that an UPDATE gave another value; empty otherwise.',
          resolve: ({ before, after }) =>
            before === undefined || after === undefined
              ? []
              : columns.filter((column) => before.json(column) !== after.json(column)).map(({ name }) => name),
        },
        timestamp: {
          type: new GraphQLNonNull(scalarTypes.DateTime),
          description:
            'Of the record that caused it. Where rules say what the caller may read: of the commit, for a DELETE and for what other rows caused.',
          resolve: ({ timestampMs }) => BigInt(Math.trunc(timestampMs)) * 1_000n,
        },
      },
    });
  }

  /** Columns only, and no `id`: undefined where that leaves nothing. */
  function previousType(table: Table): GraphQLObjectType<Row, Execution> | undefined {
    const { id: _id, ...fields } = columnFields(table, values);
    if (Object.keys(fields).length === 0) return undefined;
    return new GraphQLObjectType<Row, Execution>({
      name: `${table.name}Previous`,
      description: `The columns of ${table.name} before a change.`,
      fields,
    });
  }
}

const listOfIds = listOf(GraphQLID);
const listOfStrings = listOf(GraphQLString);

function deleted(changes: readonly SeenChange[]): readonly SeenChange[] {
  return changes.filter(({ kind }) => kind === 'delete');
}
