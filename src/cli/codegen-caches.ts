import { getNamedType, getNullableType, isInterfaceType, isListType, isObjectType } from 'graphql';
import type { GraphQLField, GraphQLNamedType, GraphQLObjectType, GraphQLSchema, GraphQLType } from 'graphql';

const note = '// Written by headgate codegen. Do not edit.\n';
const connection = /Connection$/;
/** What Graphcache knows by itself to have no key. */
const keyless = /^__|PageInfo|(Connection|Edge)$/;
/** Standard scalars keep their names; a cache need not tell the others apart. */
const anyScalar = 'Any';

/** `possibleTypes` and `typePolicies` for `new InMemoryCache({ … })`. */
export function apolloText(schema: GraphQLSchema): string {
  const fields: Record<string, string[]> = {};
  for (const type of objectTypes(schema)) {
    if (!hasId(type) && !isRoot(type, schema)) continue;
    const lines = Object.values(type.getFields()).flatMap((field) => {
      const policy = fieldPolicy(type, field, schema);
      return policy === undefined ? [] : [`      ${field.name}: ${policy},`];
    });
    if (lines.length > 0) fields[type.name] = lines;
  }
  const hasConnections = Object.values(fields)
    .flat()
    .some((line) => line.includes('relayStylePagination'));
  const policies = Object.entries(fields).map(
    ([name, lines]) => `  ${name}: {\n    fields: {\n${lines.join('\n')}\n    },\n  },\n`,
  );
  return `${note}import type { TypePolicies } from '@apollo/client';
${hasConnections ? "import { relayStylePagination } from '@apollo/client/utilities';\n" : ''}
export const possibleTypes: Record<string, string[]> = ${json(possibleTypes(schema))};

/** A list is replaced whole, never merged; pages of a connection are joined. */
export const typePolicies: TypePolicies = {
${policies.join('')}};
`;
}

function fieldPolicy(type: GraphQLObjectType, field: GraphQLField<unknown, unknown>, schema: GraphQLSchema) {
  const inner = getNullableType(field.type);
  if (isListType(inner)) return isObjectType(getNamedType(inner)) ? '{ merge: false }' : undefined;
  if (!isObjectType(inner)) return undefined;
  if (hasId(inner)) return undefined;
  if (type !== schema.getQueryType()) return '{ merge: false }';
  return connection.test(inner.name) ? "relayStylePagination(['where', 'orderBy'])" : '{ merge: true }';
}

/** `schema`, `keys`, and the names for `liveUpdates`, for `cacheExchange({ … })`. */
export function graphcacheText(schema: GraphQLSchema): string {
  const keys = objectTypes(schema)
    .filter((type) => !hasId(type) && !keyless.test(type.name) && !isRoot(type, schema))
    .map(({ name }) => `  ${name}: () => null,\n`);
  const queries = schema.getQueryType()?.getFields() ?? {};
  const live: string[] = [];
  const changes: Record<string, string> = {};
  for (const { name, type } of Object.values(schema.getSubscriptionType()?.getFields() ?? {})) {
    const named = getNamedType(type);
    if (!(name in queries) && isObjectType(named)) changes[name] = named.name.replace(/Changes$/, '');
    else if (isObjectType(named) && hasId(named)) live.push(name);
  }
  return `${note}
/** For \`liveUpdates(liveFields, changeStreams)\` of headgate/client/urql. */
export const liveFields: readonly string[] = ${json(live)};
export const changeStreams: Readonly<Record<string, string>> = ${json(changes)};

/** Types that are no rows. */
export const keys: Record<string, () => null> = {
${keys.join('')}};

/** What Graphcache needs of the API to know its types and which fields may be null. */
export const schema = ${JSON.stringify({ __schema: introspection(schema) })};
`;
}

/** For relay-compiler, which takes paths (`schemaFile`: of the SDL) from where it is run: the project's folder. */
export function relayText(schemaFile: string): string {
  const text = 'string';
  return `${json({
    src: 'src',
    schema: schemaFile,
    language: 'typescript',
    eagerEsModules: true,
    schemaConfig: { nodeInterfaceIdField: 'nodeId', nodeInterfaceIdVariableName: 'nodeId' },
    customScalarTypes: {
      BigInt: text,
      Bytes: text,
      Date: text,
      DateTime: text,
      Decimal: text,
      Duration: text,
      JSON: 'unknown',
      UUID: text,
    },
  })}\n`;
}

function objectTypes(schema: GraphQLSchema): readonly GraphQLObjectType[] {
  return Object.values(schema.getTypeMap()).filter(
    (type) => isObjectType(type) && !type.name.startsWith('__'),
  ) as GraphQLObjectType[];
}

function isRoot(type: GraphQLObjectType, schema: GraphQLSchema): boolean {
  return type === schema.getQueryType() || type === schema.getSubscriptionType();
}

/** Caches tell rows apart by it. */
function hasId(type: GraphQLObjectType): boolean {
  return 'id' in type.getFields();
}

function possibleTypes(schema: GraphQLSchema): Record<string, string[]> {
  const abstract = Object.values(schema.getTypeMap()).filter(isInterfaceType);
  return Object.fromEntries(abstract.map((type) => [type.name, schema.getPossibleTypes(type).map(({ name }) => name)]));
}

/** As Graphcache reads it, without descriptions, inputs and the names of scalars: they would go into the page. */
function introspection(schema: GraphQLSchema): object {
  const types = Object.values(schema.getTypeMap()).flatMap((type) => {
    if (type.name.startsWith('__')) return [];
    if (isObjectType(type)) {
      const interfaces = type.getInterfaces().map(({ name }) => ({ kind: 'INTERFACE', name }));
      return [{ kind: 'OBJECT', name: type.name, fields: fieldsOf(type), interfaces }];
    }
    if (!isInterfaceType(type)) return [];
    const possible = schema.getPossibleTypes(type).map(({ name }) => ({ kind: 'OBJECT', name }));
    return [{ kind: 'INTERFACE', name: type.name, fields: fieldsOf(type), interfaces: [], possibleTypes: possible }];
  });
  const subscription = schema.getSubscriptionType();
  return {
    queryType: { name: schema.getQueryType()?.name ?? 'Query' },
    mutationType: null,
    subscriptionType: subscription ? { name: subscription.name } : null,
    types: [...types, { kind: 'SCALAR', name: anyScalar }],
  };
}

function fieldsOf(type: GraphQLNamedType & { getFields(): Record<string, GraphQLField<unknown, unknown>> }): object[] {
  return Object.values(type.getFields()).map((field) => ({ name: field.name, type: typeOf(field.type), args: [] }));
}

function typeOf(type: GraphQLType): object {
  const nullable = getNullableType(type);
  if (nullable !== type) return { kind: 'NON_NULL', ofType: typeOf(nullable) };
  if (isListType(nullable)) return { kind: 'LIST', ofType: typeOf(nullable.ofType) };
  if (isObjectType(nullable)) return { kind: 'OBJECT', name: nullable.name };
  if (isInterfaceType(nullable)) return { kind: 'INTERFACE', name: nullable.name };
  return { kind: 'SCALAR', name: anyScalar };
}

function json(value: unknown): string {
  return JSON.stringify(value, undefined, 2);
}
