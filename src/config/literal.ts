import { print } from 'graphql';
import type { ObjectFieldNode, ValueNode } from 'graphql';
import { JsonText } from '../model/value.ts';
import type { ColumnType } from '../model/value.ts';

/** A literal of a column's type as the plain value that `coerceInput` takes. Digits survive. An enum value is its name. */
export function literalToInput(node: ValueNode, type: ColumnType): unknown {
  if (type.kind === 'scalar' && type.scalar === 'JSON') return new JsonText(literalToJson(node));
  switch (node.kind) {
    case 'IntValue':
    case 'FloatValue':
      // Text is exact, and what is no Decimal or BigInt is a number anyway.
      return isExact(type) ? node.value : Number(node.value);
    case 'ListValue': {
      const element = type.kind === 'list' ? type.element : type;
      return node.values.map((each) => literalToInput(each, element));
    }
    case 'ObjectValue':
      return Object.fromEntries(
        node.fields.map(({ name, value }) => [name.value, literalToInput(value, memberType(type, name.value))]),
      );
    case 'StringValue':
    case 'EnumValue':
    case 'BooleanValue':
      return node.value;
    default:
      return null;
  }
}

/** The types of a table's columns, and the same of the tables that its relations lead to. */
export interface TypesByName {
  column(name: string): ColumnType | undefined;
  related(name: string): TypesByName | undefined;
}

/** A filter on columns of these types as the plain value that `compileWhere` takes. */
export function whereToInput(node: ValueNode, types: TypesByName): unknown {
  if (node.kind === 'ListValue') return node.values.map((each) => whereToInput(each, types));
  if (node.kind !== 'ObjectValue') return literalToInput(node, text);
  return Object.fromEntries(
    node.fields.map(({ name, value }) => {
      const combines = name.value === 'and' || name.value === 'or' || name.value === 'not';
      const type = combines ? undefined : types.column(name.value);
      if (type !== undefined) return [name.value, operatorsToInput(value, type)];
      return [name.value, whereToInput(value, (combines ? undefined : types.related(name.value)) ?? types)];
    }),
  );
}

/** `{ gte: 5, in: [1, 2] }`, or `{ city: { eq: "x" } }` for an embedded object. */
function operatorsToInput(node: ValueNode, type: ColumnType): unknown {
  // JSON has only isNull, whose operand is not JSON.
  const operand = type.kind === 'scalar' && type.scalar === 'JSON' ? text : type;
  if (node.kind !== 'ObjectValue') return literalToInput(node, operand);
  return Object.fromEntries(
    node.fields.map(({ name, value }) => {
      const member = memberType(operand, name.value);
      return [name.value, member === operand ? literalToInput(value, member) : operatorsToInput(value, member)];
    }),
  );
}

/** The node that a path into a literal's value came from: the nearest that exists. A member is named by its field. */
export function literalAt(node: ValueNode, path: readonly (string | number)[]): ValueNode | ObjectFieldNode {
  let at: ValueNode | ObjectFieldNode = node;
  for (const step of path) {
    const value: ValueNode = at.kind === 'ObjectField' ? at.value : at;
    let next: ValueNode | ObjectFieldNode | undefined;
    if (value.kind === 'ListValue' && typeof step === 'number') next = value.values[step];
    if (value.kind === 'ObjectValue') next = value.fields.findLast((field) => field.name.value === step);
    if (next === undefined) return at;
    at = next;
  }
  return at;
}

/** A literal as written, short enough for a message. */
export function literalText(node: ValueNode): string {
  const text = print(node).replace(/\s+/g, ' ');
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

const text: ColumnType = { kind: 'scalar', scalar: 'String' };

function memberType(type: ColumnType, name: string): ColumnType {
  return (type.kind === 'object' ? type.fields.find((field) => field.name === name)?.type : undefined) ?? type;
}

function isExact(type: ColumnType): boolean {
  if (type.kind === 'list') return isExact(type.element);
  return type.kind === 'scalar' && (type.scalar === 'Decimal' || type.scalar === 'BigInt');
}

/** Numbers of GraphQL are numbers of JSON. */
function literalToJson(node: ValueNode): string {
  switch (node.kind) {
    case 'IntValue':
    case 'FloatValue':
      return node.value;
    case 'StringValue':
    case 'EnumValue':
    case 'BooleanValue':
      return JSON.stringify(node.value);
    case 'ListValue':
      return `[${node.values.map(literalToJson).join(',')}]`;
    case 'ObjectValue':
      return `{${node.fields.map(({ name, value }) => `${JSON.stringify(name.value)}:${literalToJson(value)}`).join(',')}}`;
    default:
      return 'null';
  }
}
