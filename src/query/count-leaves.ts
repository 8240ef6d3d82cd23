import { defaultFieldResolver, getNamedType, isIntrospectionType, isLeafType, isObjectType } from 'graphql';
import type { GraphQLObjectType, GraphQLSchema } from 'graphql';
import type { Execution } from './execution.ts';

/**
 * Has every field of the schema whose values are leaves count them as they are resolved (`Reading.deliver`): graphql holds all
 * values of an answer before the first is written. Introspection is graphql's own, and counted before it runs.
 */
export function countLeaves(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || isIntrospectionType(type)) continue;
    for (const field of Object.values((type as GraphQLObjectType<unknown, Execution>).getFields())) {
      if (!isLeafType(getNamedType(field.type))) continue;
      const resolve = field.resolve ?? defaultFieldResolver;
      field.resolve = (source, args, execution, info) =>
        execution.reading.deliver(resolve(source, args, execution, info));
    }
  }
}
