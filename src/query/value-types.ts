import { GraphQLEnumType, GraphQLList, GraphQLNonNull, GraphQLObjectType } from 'graphql';
import type { GraphQLOutputType, GraphQLScalarType } from 'graphql';
import type { Catalog, EnumType, ObjectType } from '../catalog/catalog.ts';
import type { Column } from '../catalog/column.ts';
import { must, unreachable } from '../common/errors.ts';
import { memberOf } from '../model/value.ts';
import type { ColumnType, Value } from '../model/value.ts';
import type { Execution } from './execution.ts';
import { scalarTypes } from './scalars.ts';

/** The API's types for values of columns: scalars, the schema's enums, embedded objects, lists. */
export interface ValueTypes {
  output(type: ColumnType, required: boolean): GraphQLOutputType;
  /** Of a column's field: nullable where a caller may not be allowed to read it. */
  column(column: Column): GraphQLOutputType;
  /** For comparing with a value: scalars and enums have one. */
  leaf(type: ColumnType): GraphQLScalarType | GraphQLEnumType;
}

export function createValueTypes(catalog: Catalog): ValueTypes {
  const enums = new Map(catalog.enums.map((declared) => [declared.name, enumType(declared)]));
  const objects = new Map(catalog.objects.map((declared) => [declared.name, objectType(declared)]));

  function objectType(declared: ObjectType): GraphQLObjectType<Value, Execution> {
    return new GraphQLObjectType<Value, Execution>({
      name: declared.name,
      description: declared.description,
      fields: () =>
        Object.fromEntries(
          declared.type.fields.map((field) => [
            field.name,
            {
              type: output(field.type, field.required),
              description: field.description,
              deprecationReason: field.deprecationReason,
              resolve: (object) => memberOf(object, field.name),
            },
          ]),
        ),
    });
  }

  function output(type: ColumnType, required: boolean): GraphQLOutputType {
    const nullable = nullableOutput(type);
    return required ? new GraphQLNonNull(nullable) : nullable;
  }

  function column({ type, required, auth }: Column): GraphQLOutputType {
    return output(type, required && auth === undefined);
  }

  function nullableOutput(type: ColumnType) {
    switch (type.kind) {
      case 'scalar':
      case 'enum':
        return leaf(type);
      case 'object':
        return must(objects.get(type.name), `no embedded type ${type.name}`);
      case 'list':
        return new GraphQLList(output(type.element, type.elementRequired));
      default:
        return unreachable(type);
    }
  }

  function leaf(type: ColumnType): GraphQLScalarType | GraphQLEnumType {
    if (type.kind === 'scalar') return scalarTypes[type.scalar];
    return must(type.kind === 'enum' ? enums.get(type.name) : undefined, `a ${type.kind} is no leaf`);
  }

  return { output, column, leaf };
}

function enumType(declared: EnumType): GraphQLEnumType {
  return new GraphQLEnumType({
    name: declared.name,
    description: declared.description,
    values: Object.fromEntries(
      declared.values.map(({ name, description, deprecationReason }) => [
        name,
        { value: name, description, deprecationReason },
      ]),
    ),
  });
}
