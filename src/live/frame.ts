import { GraphQLError } from 'graphql';
import { GatewayError, internalMessage } from '../common/errors.ts';

const beginning = '{"data":';

/** The text of an execution result; `data` and `errors` are JSON already. */
export function frameText(data: string, errors: string | undefined, position: string | undefined): string {
  const list = errors === undefined ? '' : `,"errors":${errors}`;
  // A position is base64url: it needs no escaping.
  const extensions = position === undefined ? '' : `,"extensions":{"position":"${position}"}`;
  return `${beginning}${data}${list}${extensions}}`;
}

/** The `data` of such a text again, of so many characters: a part of the text, which takes no memory of its own. */
export function dataOf(frame: string, length: number): string {
  return frame.slice(beginning.length, beginning.length + length);
}

/** The result of an operation that was not executed, or cannot go on. */
export function errorFrame(...errors: readonly GraphQLError[]): string {
  return JSON.stringify({ errors: errors.map((error) => error.toJSON()) });
}

export function toGraphQLError(error: GatewayError): GraphQLError {
  return new GraphQLError(error.message, { extensions: { code: error.code, ...error.details } });
}

/** What a client may know of a failure: an expected one as it is, any other masked. */
export function maskError(error: unknown): GraphQLError {
  return toGraphQLError(error instanceof GatewayError ? error : new GatewayError('INTERNAL', internalMessage));
}
