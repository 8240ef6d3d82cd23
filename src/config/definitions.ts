import { GraphQLError, Source, parse } from 'graphql';
import type { DefinitionNode, EnumTypeDefinitionNode, ObjectTypeDefinitionNode } from 'graphql';
import { unreachable } from '../common/errors.ts';
import { language } from './language.ts';
import type { Report } from './report.ts';
import { placeText } from './report.ts';

/** A file of a schema. The name is what messages show: relative to where the user is. */
export interface SchemaFile {
  readonly file: string;
  readonly text: string;
}

export type TypeNode = ObjectTypeDefinitionNode | EnumTypeDefinitionNode;

export const columnScalars: ReadonlySet<string> = new Set([
  'ID',
  'String',
  'Int',
  'Float',
  'Boolean',
  'BigInt',
  'Decimal',
  'DateTime',
  'Date',
  'UUID',
  'Duration',
  'Bytes',
  'JSON',
]);

/** The definitions of all files; undefined where one is no GraphQL, which is reported for each such file. */
export function parseFiles(files: readonly SchemaFile[], report: Report): readonly DefinitionNode[] | undefined {
  const definitions: DefinitionNode[] = [];
  let wrong = false;
  for (const { file, text } of files) {
    // A file of comments alone is a schema without a type, but no document to `parse`.
    if (text.replace(/^\uFEFF/, '').replace(/#[^\r\n]*|[\s,]+/g, '') === '') continue;
    try {
      definitions.push(...parse(new Source(text, file)).definitions);
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      wrong = true;
      const message = `This is not GraphQL: ${error.message.replace(/^Syntax Error: /, '')}`;
      report.addMistake({ file, ...error.locations?.[0], message });
    }
  }
  return wrong ? undefined : definitions;
}

/** The object types and enums by name; reports everything else, and names that are there twice. */
export function collectTypes(definitions: readonly DefinitionNode[], report: Report): ReadonlyMap<string, TypeNode> {
  const types = new Map<string, TypeNode>();
  for (const definition of definitions) {
    if (definition.kind !== 'ObjectTypeDefinition' && definition.kind !== 'EnumTypeDefinition') {
      report.add(
        'name' in definition && definition.name !== undefined ? definition.name : definition,
        refuse(definition),
      );
      continue;
    }
    const name = definition.name.value;
    if (name === 'Query' || name === 'Mutation' || name === 'Subscription') {
      report.add(
        definition.name,
        name === 'Mutation'
          ? 'There are no mutations: tables change when records arrive. Remove this type.'
          : `${name} is generated from the tables. Remove this type.`,
      );
      continue;
    }
    const other = types.get(name);
    if (other === undefined) types.set(name, definition);
    else
      report.add(definition.name, `There is already a type ${name}, at ${placeText(other.name)}. Rename one of them.`);
  }
  return types;
}

function refuse(definition: Exclude<DefinitionNode, TypeNode>): string {
  switch (definition.kind) {
    case 'ScalarTypeDefinition':
      return columnScalars.has(definition.name.value)
        ? `${definition.name.value} is there without being declared. Remove this line.`
        : `Scalars of your own are not supported. Use one of ${[...columnScalars].join(', ')}.`;
    case 'InterfaceTypeDefinition':
    case 'UnionTypeDefinition':
      return 'Interfaces and unions are not supported. Give each table a type of its own, or use a JSON column.';
    case 'InputObjectTypeDefinition':
      return 'Input types are generated from the tables. For an object inside a column write "type" instead of "input".';
    case 'DirectiveDefinition':
      return language.directives.has(definition.name.value)
        ? `@${definition.name.value} is there without being declared. Remove this definition.`
        : 'Directives of your own are not supported. Remove this definition.';
    case 'SchemaDefinition':
    case 'SchemaExtension':
      return 'The schema definition is generated. Remove this.';
    case 'ObjectTypeExtension':
    case 'EnumTypeExtension':
    case 'ScalarTypeExtension':
    case 'InterfaceTypeExtension':
    case 'UnionTypeExtension':
    case 'InputObjectTypeExtension':
    case 'DirectiveExtension':
      return `"extend" is not supported. Write the fields into the definition of ${definition.name.value}.`;
    case 'OperationDefinition':
    case 'FragmentDefinition':
      return 'A schema holds types, not operations. Move this out of the schema files.';
    default:
      return unreachable(definition);
  }
}
