import { GraphQLError } from 'graphql';
import type { ASTNode } from 'graphql';
import { errorCodes, GatewayError, internalMessage } from '../common/errors.ts';
import type { ErrorCode } from '../common/errors.ts';

/** A message may repeat what a client sent, which is as long as a request may be. Characters. */
const maxMessage = 2_000;

/** Every error that leaves the gateway has `extensions.code` of the closed list. */
export function withCode(error: GraphQLError, code: ErrorCode): GraphQLError {
  const given = errorCodes.find((known) => known === error.extensions['code']);
  return new GraphQLError(shortened(error.message), {
    nodes: error.nodes ?? null,
    source: error.source ?? null,
    positions: error.positions ?? null,
    path: error.path ?? null,
    extensions: { ...error.extensions, code: given ?? code },
  });
}

export function toGraphQLError(error: GatewayError, nodes?: ASTNode): GraphQLError {
  return new GraphQLError(shortened(error.message), {
    nodes: nodes ?? null,
    extensions: { ...error.details, code: error.code },
  });
}

/** What was thrown while an argument was read or a field resolved. Bugs of ours are told to `onError` alone. */
export function toClientError(
  error: unknown,
  place: { readonly nodes?: ASTNode | undefined },
  onError: (error: unknown) => void,
): GraphQLError {
  if (error instanceof GatewayError) return toGraphQLError(error, place.nodes);
  if (error instanceof GraphQLError) {
    const { originalError } = error;
    if (originalError instanceof GatewayError) {
      return new GraphQLError(shortened(error.message), {
        nodes: error.nodes ?? null,
        path: error.path ?? null,
        extensions: { ...originalError.details, code: originalError.code },
      });
    }
    // Of graphql itself: a variable that is null where an argument must not be, and the like.
    if (originalError === undefined) return withCode(error, 'BAD_USER_INPUT');
  }
  const cause = error instanceof GraphQLError ? error.originalError : error;
  if (isTooDeep(cause)) return toGraphQLError(tooDeep, place.nodes);
  onError(cause);
  const { nodes, path } = error instanceof GraphQLError ? error : { nodes: place.nodes, path: undefined };
  return new GraphQLError(internalMessage, {
    nodes: nodes ?? null,
    path: path ?? null,
    extensions: { code: 'INTERNAL' },
  });
}

/** Where limits are set so high that the stack ends first. */
function isTooDeep(error: unknown): boolean {
  return error instanceof RangeError && error.message.startsWith('Maximum call stack size');
}

const tooDeep = new GatewayError(
  'LIMIT_EXCEEDED',
  'The operation is nested deeper than Headgate can follow (settings maxDepth, maxFields and maxTokens). Nest its selections and values less.',
  { setting: 'maxDepth' },
);

function shortened(message: string): string {
  return message.length <= maxMessage ? message : `${message.slice(0, maxMessage)}…`;
}
