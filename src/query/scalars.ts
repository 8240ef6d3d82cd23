import {
  GraphQLBoolean,
  GraphQLError,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  GraphQLScalarType,
  GraphQLString,
  Kind,
} from 'graphql';
import type { ValueNode } from 'graphql';
import { unreachable } from '../common/errors.ts';
import { coerceInput, CoercionError } from '../model/coerce.ts';
import { formatDateTime } from '../model/time.ts';
import { JsonText } from '../model/value.ts';
import type { ScalarName, Value } from '../model/value.ts';

/**
 * The scalars of the API. Input becomes the in-memory Value of `model/value.ts` (and a Value is taken as it is, because
 * coerced variables are coerced again when an operation runs); output is written from it.
 */
export const scalarTypes: Readonly<Record<ScalarName, GraphQLScalarType>> = {
  ID: GraphQLID,
  String: GraphQLString,
  Int: GraphQLInt,
  Float: GraphQLFloat,
  Boolean: GraphQLBoolean,
  BigInt: makeScalar(
    'BigInt',
    'A whole number, exact. A string of digits in results, because JavaScript numbers end at 2^53; input takes strings or numbers.',
  ),
  Decimal: makeScalar(
    'Decimal',
    'A decimal number, exact and as it was written. A string in results; input takes strings or numbers.',
  ),
  DateTime: makeScalar(
    'DateTime',
    'An instant, exact to the microsecond. ISO 8601 in UTC in results; input takes ISO 8601 with an offset, or whole milliseconds since 1970.',
    'https://scalars.graphql.org/andimarek/date-time.html',
  ),
  Date: makeScalar(
    'Date',
    'A calendar day, like `2026-11-21`.',
    'https://scalars.graphql.org/andimarek/local-date.html',
  ),
  UUID: makeScalar('UUID', 'A UUID in lower case.', 'https://tools.ietf.org/html/rfc4122'),
  Duration: makeScalar('Duration', 'A length of time in ISO 8601, like `PT1H30M`.'),
  Bytes: makeScalar('Bytes', 'Bytes as base64 text.'),
  JSON: makeScalar('JSON', 'Any JSON value, its digits untouched.'),
};

function makeScalar(name: ScalarName, description: string, specifiedByURL?: string): GraphQLScalarType {
  const parse = (input: unknown): Value => {
    try {
      return coerceInput({ kind: 'scalar', scalar: name }, input);
    } catch (error) {
      if (error instanceof CoercionError) throw new GraphQLError(error.message);
      throw error;
    }
  };
  return new GraphQLScalarType({
    name,
    description,
    ...(specifiedByURL === undefined ? {} : { specifiedByURL }),
    serialize: name === 'DateTime' ? (value) => formatDateTime(value as bigint) : name === 'BigInt' ? String : asItIs,
    parseValue: parse,
    parseLiteral: (node, variables) => parse(literalInput(name, node, variables ?? {})),
  });
}

function asItIs(value: unknown): unknown {
  return value;
}

/** What a client wrote in the document, as it would have come in a variable, but with every digit. */
function literalInput(name: ScalarName, node: ValueNode, variables: Readonly<Record<string, unknown>>): unknown {
  if (name === 'JSON') return new JsonText(literalJson(node, variables));
  switch (node.kind) {
    case Kind.STRING:
    case Kind.BOOLEAN:
      return node.value;
    case Kind.INT:
      return name === 'BigInt' || name === 'Decimal' ? node.value : Number(node.value);
    case Kind.FLOAT:
      return name === 'Decimal' ? node.value : Number(node.value);
    default:
      throw new GraphQLError(`Expected a ${name}.`, { nodes: node });
  }
}

function literalJson(node: ValueNode, variables: Readonly<Record<string, unknown>>): string {
  switch (node.kind) {
    case Kind.NULL:
      return 'null';
    case Kind.STRING:
    case Kind.ENUM:
      return JSON.stringify(node.value);
    case Kind.BOOLEAN:
      return String(node.value);
    case Kind.INT:
    case Kind.FLOAT:
      return node.value;
    case Kind.LIST:
      return `[${node.values.map((element) => literalJson(element, variables)).join(',')}]`;
    case Kind.OBJECT:
      return `{${node.fields.map((field) => `${JSON.stringify(field.name.value)}:${literalJson(field.value, variables)}`).join(',')}}`;
    case Kind.VARIABLE: {
      const value = variables[node.name.value];
      return value instanceof JsonText ? value.text : (JSON.stringify(value) ?? 'null');
    }
    default:
      return unreachable(node);
  }
}
