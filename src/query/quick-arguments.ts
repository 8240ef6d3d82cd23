import { getNamedType, isInputObjectType, isLeafType, isNonNullType, Kind } from 'graphql';
import type {
  FieldNode,
  GraphQLField,
  GraphQLInputType,
  GraphQLSchema,
  OperationDefinitionNode,
  TypeNode,
  ValueNode,
} from 'graphql';
import type { Variables } from './graphql-values.ts';

/**
 * Coercion of what most requests send: leaves as variables, in their places in arguments. Each function here gives what graphql's own
 * coercion gives, or undefined where that has to be asked.
 */
type Values = Readonly<Record<string, unknown>>;

/** Undefined: the variables are not leaves alone. */
export function quickVariables(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
): ((inputs: Values) => Variables | undefined) | undefined {
  const parts: { readonly name: string; readonly required: boolean; readonly parse: (input: unknown) => unknown }[] =
    [];
  for (const { variable, type, defaultValue } of variableDefinitions) {
    const leaf = schema.getType(leafName(type) ?? '');
    // Coerced variables are a plain object here, which has names of its own.
    if (!isLeafType(leaf) || defaultValue !== undefined || variable.name.value in Object.prototype) return undefined;
    parts.push({
      name: variable.name.value,
      required: type.kind === Kind.NON_NULL_TYPE,
      parse: (input) => leaf.parseValue(input),
    });
  }
  return (inputs) => {
    const coerced: Record<string, unknown> = {};
    for (const { name, required, parse } of parts) {
      const input = Object.hasOwn(inputs, name) ? inputs[name] : undefined;
      if (input === undefined || input === null) {
        if (required || (input === undefined && Object.hasOwn(inputs, name))) return undefined;
        if (input === null) coerced[name] = null;
        continue;
      }
      const value = parse(input);
      if (value === undefined) return undefined;
      coerced[name] = value;
    }
    return { coerced, native: coerced };
  };
}

function leafName(type: TypeNode): string | undefined {
  if (type.kind === Kind.NON_NULL_TYPE) return leafName(type.type);
  return type.kind === Kind.NAMED_TYPE ? type.name.value : undefined;
}

/** Of a field whose arguments were coerced before, with other variables: what depends on none stays. */
export function quickArguments(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  before: Values,
): (variables: Values) => Values | undefined {
  const parts = (node.arguments ?? []).map(({ name: { value: name }, value }) => {
    const type = field.args.find((arg) => arg.name === name)?.type;
    return { name, put: type === undefined ? notQuick : quickValue(type, value, before[name]) };
  });
  const given = new Set(parts.map(({ name }) => name));
  const defaults = Object.entries(before).filter(([name]) => !given.has(name));
  const hasDefaults = field.args.some(({ name, defaultValue }) => given.has(name) && defaultValue !== undefined);
  return (variables) => {
    const args: Record<string, unknown> = Object.fromEntries(defaults);
    for (const { name, put } of parts) {
      const value = put(variables);
      // Left out: its default, if it has one.
      if (value === absent && hasDefaults) return undefined;
      if (value === unknown) return undefined;
      if (value !== absent) args[name] = value;
    }
    return args;
  };
}

const unknown = Symbol('graphql has to be asked');
const absent = Symbol('a variable that was not given');
type QuickValue = (variables: Values) => unknown;
const notQuick: QuickValue = () => unknown;

function quickValue(type: GraphQLInputType, node: ValueNode, before: unknown): QuickValue {
  if (!hasVariable(node)) return () => before;
  if (node.kind === Kind.VARIABLE) {
    const name = node.name.value;
    const required = isNonNullType(type);
    return (variables) => {
      const value = variables[name];
      if (value !== undefined && (value !== null || !required)) return value;
      return required ? unknown : absent;
    };
  }
  const objectType = getNamedType(type);
  const plain = isNonNullType(type) ? type.ofType : type;
  if (node.kind !== Kind.OBJECT || plain !== objectType || !isInputObjectType(objectType) || objectType.isOneOf) {
    return notQuick;
  }
  const fields = objectType.getFields();
  if (Object.values(fields).some(({ defaultValue }) => defaultValue !== undefined)) return notQuick;
  const members = node.fields.map(({ name: { value: name }, value }) => {
    const fieldType = fields[name]?.type;
    const inner = (before as Values | undefined)?.[name];
    return { name, put: fieldType === undefined ? notQuick : quickValue(fieldType, value, inner) };
  });
  // In the order of the type, as graphql has them: the order in which conditions are met.
  const places = Object.keys(fields);
  members.sort((a, b) => places.indexOf(a.name) - places.indexOf(b.name));
  return (variables) => {
    const object: Record<string, unknown> = {};
    for (const { name, put } of members) {
      const value = put(variables);
      if (value === unknown) return unknown;
      if (value !== absent) object[name] = value;
    }
    return object;
  };
}

export function hasVariable(node: ValueNode): boolean {
  switch (node.kind) {
    case Kind.VARIABLE:
      return true;
    case Kind.LIST:
      return node.values.some(hasVariable);
    case Kind.OBJECT:
      return node.fields.some(({ value }) => hasVariable(value));
    default:
      return false;
  }
}
