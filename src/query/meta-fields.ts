import { GraphQLBoolean, GraphQLInt, GraphQLNonNull, GraphQLString } from 'graphql';
import { GatewayError } from '../common/errors.ts';
import { scalarTypes } from './scalars.ts';

/** What the types of `_meta` share. */
export const required = {
  string: new GraphQLNonNull(GraphQLString),
  boolean: new GraphQLNonNull(GraphQLBoolean),
  int: new GraphQLNonNull(GraphQLInt),
  count: new GraphQLNonNull(scalarTypes.BigInt),
  time: new GraphQLNonNull(scalarTypes.DateTime),
};

/** ms since 1970 as the value of a DateTime. */
export function timeOf(ms: number): bigint {
  return BigInt(Math.floor(ms)) * 1_000n;
}

export function limitArgument(fallback: number, max: number) {
  return { limit: { type: GraphQLInt, defaultValue: fallback, description: `At most ${max}.` } };
}

/** How many, of a list that is no table's. */
export function readLimit(args: Readonly<Record<string, unknown>>, fallback: number, max: number): number {
  const limit = (args['limit'] ?? fallback) as number;
  if (limit < 0) throw new GatewayError('BAD_USER_INPUT', `limit must not be negative, got ${limit}.`);
  if (limit <= max) return limit;
  throw new GatewayError('LIMIT_EXCEEDED', `limit: ${limit} is more than ${max}. Ask for fewer.`, { limit: max });
}
