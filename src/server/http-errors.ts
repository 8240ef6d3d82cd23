import { GraphQLError } from 'graphql';
import { errorCodes, type ErrorCode } from '../common/errors.ts';
import { isRecord } from '../common/is-record.ts';

/** The status of a response that has no data, where the client accepts application/graphql-response+json. */
const statusByCode: Record<ErrorCode, number> = {
  GRAPHQL_PARSE_FAILED: 400,
  GRAPHQL_VALIDATION_FAILED: 400,
  BAD_USER_INPUT: 400,
  UNINDEXED_SCAN: 400,
  LIMIT_EXCEEDED: 400,
  POSITION_EXPIRED: 400,
  SNAPSHOT_TOO_LARGE: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  INTERNAL: 500,
  TABLE_UNAVAILABLE: 503,
  TOPIC_RECREATED: 503,
  OVERLOADED: 503,
  POSITION_NOT_REACHED: 504,
  TIMEOUT: 504,
};

/** The status of an error where nothing says otherwise. */
export function statusOf(code: ErrorCode): number {
  return statusByCode[code];
}

/** Headers that go with an error: what kind of credentials is wanted, or when to come back. */
export function headersOf(
  code: ErrorCode,
  { retryAfterMs }: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, string>> {
  if (code === 'UNAUTHENTICATED') return { 'www-authenticate': 'Bearer' };
  if (code !== 'OVERLOADED') return {};
  return { 'retry-after': String(typeof retryAfterMs === 'number' ? Math.ceil(retryAfterMs / 1_000) : 1) };
}

/**
 * An error as yoga needs it to find the status: `spec` marks those that answer 200 to a client of plain
 * application/json, as GraphQL over HTTP asks for.
 */
export function withStatus(error: GraphQLError): GraphQLError {
  const code = codeOf(error);
  const given = error.extensions['http'];
  const known: Readonly<Record<string, unknown>> = isRecord(given)
    ? given
    : { spec: true, status: statusByCode[code], headers: headersOf(code, error.extensions) };
  // What is no GraphQL request at all is 400 to every client.
  const http =
    error.extensions['code'] === notGraphql ? { ...known, spec: false, status: known['status'] ?? 400 } : known;
  return new GraphQLError(error.message, {
    nodes: error.nodes ?? null,
    source: error.source ?? null,
    positions: error.positions ?? null,
    path: error.path ?? null,
    extensions: { ...withoutInternals(error.extensions), code, http },
  });
}

/** Yoga's code for a request that is not GraphQL. */
const notGraphql = 'BAD_REQUEST';

function withoutInternals(extensions: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { originalError: _cause, unexpected: _unexpected, ...rest } = extensions;
  return rest;
}

/** Codes from the closed list; yoga has some of its own for requests that are not GraphQL at all. */
function codeOf({ extensions }: GraphQLError): ErrorCode {
  const code = errorCodes.find((known) => known === extensions['code']);
  if (code !== undefined) return code;
  return extensions['code'] === notGraphql ? 'BAD_USER_INPUT' : 'INTERNAL';
}
