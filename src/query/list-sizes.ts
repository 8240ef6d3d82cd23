import { isEnumType, isInputObjectType, isInterfaceType, isObjectType, isUnionType } from 'graphql';
import type { GraphQLSchema } from 'graphql';
import type { Catalog } from '../catalog/catalog.ts';
import { badRecordCodes } from '../store/store.ts';
import { visibleColumns, visibleTables } from './visible.ts';

/**
 * How many members lists have that no row is read for, by `Type.field`: those of introspection on average, so that a list in a
 * list comes to what there is of both.
 */
export function listSizes(catalog: Catalog, schema: GraphQLSchema): ReadonlyMap<string, number> {
  const types = Object.values(schema.getTypeMap());
  const composite = types.filter((type) => isObjectType(type) || isInterfaceType(type));
  const fields = composite.flatMap((type) => Object.values(type.getFields()));
  const directives = schema.getDirectives();
  const tables = visibleTables(catalog);
  const topics = new Set(tables.flatMap((table) => table.bases.map(({ topic }) => topic)));
  const perType = (count: number): number => count / types.length;
  const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
  return new Map([
    ['_Meta.tables', tables.length],
    ['_Meta.topics', topics.size],
    ['_TableMeta.columns', sum(tables.map((table) => visibleColumns(table).length)) / Math.max(1, tables.length)],
    ['_TableMeta.bad', badRecordCodes.length],
    ['__Schema.types', types.length],
    ['__Schema.directives', directives.length],
    ['__Type.fields', perType(fields.length)],
    ['__Type.interfaces', perType(sum(composite.map((type) => type.getInterfaces().length)))],
    ['__Type.possibleTypes', perType(sum(types.map((type) => possibleTypes(schema, type))))],
    ['__Type.enumValues', perType(sum(types.map((type) => (isEnumType(type) ? type.getValues().length : 0))))],
    [
      '__Type.inputFields',
      perType(sum(types.map((type) => (isInputObjectType(type) ? Object.keys(type.getFields()).length : 0)))),
    ],
    ['__Field.args', sum(fields.map(({ args }) => args.length)) / fields.length],
    ['__Directive.args', sum(directives.map(({ args }) => args.length)) / directives.length],
  ]);
}

function possibleTypes(schema: GraphQLSchema, type: ReturnType<GraphQLSchema['getType']>): number {
  return isInterfaceType(type) || isUnionType(type) ? schema.getPossibleTypes(type).length : 0;
}
