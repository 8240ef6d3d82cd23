import { GraphQLBoolean, GraphQLEnumType, GraphQLInputObjectType, GraphQLList, GraphQLNonNull } from 'graphql';
import type { GraphQLInputFieldConfig } from 'graphql';
import type { Catalog, Table } from '../catalog/catalog.ts';
import { filterHasMode, filterOps } from '../catalog/where.ts';
import { must, unreachable } from '../common/errors.ts';
import type { CompareOp } from '../model/predicate.ts';
import { elementOf } from '../model/value.ts';
import type { ColumnType } from '../model/value.ts';
import type { ValueTypes } from './value-types.ts';
import { visibleColumns, visibleRelations } from './visible.ts';

/** The inputs of the filter language: `SongWhere` per table, `IntFilter` and the like shared by all columns of a type. */
export interface FilterTypes {
  where(table: Table): GraphQLInputObjectType;
}

type Fields = Record<string, GraphQLInputFieldConfig>;

export function createFilterTypes(catalog: Catalog, values: ValueTypes): FilterTypes {
  const typesByName = new Map<string, GraphQLInputObjectType>();

  function once(name: string, make: () => GraphQLInputObjectType): GraphQLInputObjectType {
    const known = typesByName.get(name) ?? make();
    typesByName.set(name, known);
    return known;
  }

  function where(table: Table): GraphQLInputObjectType {
    const name = `${table.name}Where`;
    return once(
      name,
      () =>
        new GraphQLInputObjectType({
          name,
          description: `Which rows of ${table.name}. Several members must all hold; an absent member or operator is no constraint.`,
          fields: () => whereFields(table),
        }),
    );
  }

  function whereFields(table: Table): Fields {
    const some = new GraphQLList(new GraphQLNonNull(where(table)));
    const fields: Fields = {
      and: { type: some, description: 'All of these hold.' },
      or: { type: some, description: 'At least one of these holds; an empty list holds for no row.' },
      not: { type: where(table), description: `This is false, which a comparison with null is not. ${asInSql}` },
    };
    for (const { name, type, description, deprecationReason } of visibleColumns(table)) {
      fields[name] = { type: filter(type), description, deprecationReason };
    }
    for (const { name, target, many, description, deprecationReason } of visibleRelations(catalog, table)) {
      const other = must(catalog.tablesByName.get(target), `no table ${target}`);
      fields[name] = { type: many ? relatedFilter(other) : where(other), description, deprecationReason };
    }
    return fields;
  }

  function relatedFilter(table: Table): GraphQLInputObjectType {
    const name = `${table.name}ListFilter`;
    return once(
      name,
      () =>
        new GraphQLInputObjectType({
          name,
          fields: () => ({
            some: { type: where(table), description: `At least one related ${table.name} matches.` },
            every: {
              type: where(table),
              description: `Every related ${table.name} matches (also where there is none).`,
            },
            none: { type: where(table), description: `No related ${table.name} matches.` },
          }),
        }),
    );
  }

  function filter(type: ColumnType): GraphQLInputObjectType {
    const name = filterName(type);
    return once(name, () => new GraphQLInputObjectType({ name, fields: () => filterFields(type) }));
  }

  function filterFields(type: ColumnType): Fields {
    const fields: Fields = {};
    if (type.kind === 'object') {
      for (const field of type.fields) {
        const { description, deprecationReason } = field;
        fields[field.name] = { type: filter(field.type), description, deprecationReason };
      }
    }
    for (const op of filterOps(type)) {
      const description = op === 'neq' || op === 'notIn' ? asInSql : undefined;
      fields[op] = { type: operandType(type, op), description };
    }
    if (filterHasMode(type)) fields['mode'] = { type: matchMode, defaultValue: 'SENSITIVE' };
    return fields;
  }

  function operandType(type: ColumnType, op: CompareOp): GraphQLInputFieldConfig['type'] {
    switch (op) {
      case 'isNull':
      case 'isEmpty':
        return GraphQLBoolean;
      case 'in':
      case 'notIn':
        return new GraphQLList(new GraphQLNonNull(values.leaf(type)));
      case 'has':
        return values.leaf(elementOf(type));
      case 'hasSome':
      case 'hasEvery':
        return new GraphQLList(new GraphQLNonNull(values.leaf(elementOf(type))));
      default:
        return values.leaf(type);
    }
  }

  return { where };
}

/** Of what somebody new to it expects to hold for null. */
const asInSql =
  'As in SQL, a row whose column is null, or whose related row is missing, does not match: or: [{ column: { isNull: true } }, …] adds those.';

const matchMode = new GraphQLEnumType({
  name: 'StringMatchMode',
  values: {
    SENSITIVE: { value: 'SENSITIVE' },
    INSENSITIVE: { value: 'INSENSITIVE', description: 'Both sides in lower case. No index serves it.' },
  },
});

function filterName(type: ColumnType): string {
  switch (type.kind) {
    case 'scalar':
      return `${type.scalar}Filter`;
    case 'enum':
      return `${type.name}Filter`;
    case 'object':
      return `${type.name}Where`;
    case 'list':
      // Lists whose elements cannot be compared share one filter.
      return filterOps(type).includes('has') ? `${leafName(type.element)}ListFilter` : 'ListFilter';
    default:
      return unreachable(type);
  }
}

function leafName(type: ColumnType): string {
  if (type.kind === 'scalar') return type.scalar;
  return must(type.kind === 'enum' ? type.name : undefined, `a ${type.kind} is no leaf`);
}
