import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ExecutionResult, GraphQLError, type GraphQLSchema } from 'graphql';
import { createYoga, type GraphQLParams, type Plugin } from 'graphql-yoga';
import type { Log } from '../common/log.ts';
import { must } from '../common/errors.ts';
import { maskError } from '../live/frame.ts';
import type { Caller } from '../model/caller.ts';
import type { OperationRequest } from '../query/query.ts';
import { graphiqlOptions, renderGraphiQL } from './graphiql.ts';
import { withDocumentId } from './document-id.ts';
import { withStatus } from './http-errors.ts';
import type { Operations } from './operation.ts';
import { notStored } from './responses.ts';

export interface HttpOptions {
  readonly operations: Operations;
  readonly schema: GraphQLSchema;
  readonly path: string;
  /** The document that GraphiQL opens with; false: it is not served. */
  readonly graphiql: false | string;
  readonly log: Log;
}

/** Where a request carries its caller through yoga. */
const callerOf = Symbol('caller');

/** What yoga's adapter of node:http hands on with each request. */
interface ServerContext {
  readonly req: IncomingMessage & { readonly [callerOf]?: Caller };
  readonly res: ServerResponse;
}

/** Answers a request of this caller. Rejects where something is wrong with us. */
export type HttpHandler = (request: IncomingMessage, response: ServerResponse, caller: Caller) => Promise<void>;

/**
 * GraphQL over HTTP: yoga reads requests and negotiates media types and statuses; what is between them is ours.
 * What a request says of itself and the size of its body have been seen to when it comes here (`requests.ts`): yoga's own limit of
 * a body costs half a request.
 */
export function createHttpHandler({ operations, schema, path, graphiql, log }: HttpOptions): HttpHandler {
  const answering: Plugin<object, ServerContext> = {
    onParams({ params: given, request: { method, url }, setParams, setParamsHandler, context }) {
      setParams(withDocumentId(given, method === 'GET' && given.query === undefined ? url : undefined));
      const caller = must(context.req[callerOf], 'the caller of a request');
      // Yoga calls it once its own checks of the parameters are through.
      setParamsHandler(({ params, request }) => answer(operations, params, request.method, caller));
    },
  };
  const yoga = createYoga<ServerContext>({
    schema,
    graphqlEndpoint: path,
    plugins: [answering, codes],
    maskedErrors: { maskError: (error) => masked(error, log), errorMessage: '' },
    cors: false,
    graphiql: graphiql === false ? false : graphiqlOptions(graphiql),
    ...(graphiql === false ? {} : { renderGraphiQL: (given) => renderGraphiQL(given, log) }),
    // Matches every URL that ends like it; this one cannot occur in a request.
    healthCheckEndpoint: '/#',
    landingPage: false,
    batching: false,
    multipart: false,
    maxRequestBodySize: false,
    parserAndValidationCache: false,
    logging: false,
  });
  return (request, response, caller) => {
    Object.assign(request, { [callerOf]: caller });
    for (const [name, value] of Object.entries(notStored)) response.setHeader(name, value);
    return Promise.resolve(yoga(request, response));
  };
}

async function answer(
  operations: Operations,
  params: GraphQLParams,
  method: string,
  caller: Caller,
): Promise<ExecutionResult> {
  if (params.operationName !== undefined && params.operationName !== null && typeof params.operationName !== 'string') {
    return failure([noOperationName]);
  }
  const prepared = operations.prepare(params as OperationRequest, caller);
  if (!('kind' in prepared)) return failure(prepared.map(method === 'GET' ? refusedOverGet : withStatus));
  if (prepared.kind !== 'query') return failure([notOverPlainHttp]);
  const text = await operations.answer(prepared, caller);
  if (text instanceof GraphQLError) return failure([withStatus(text)]);
  // Only `stringify` is looked at: the text is the response, digit for digit.
  return { data: {}, stringify: () => text } as ExecutionResult;
}

function failure(errors: readonly GraphQLError[]): ExecutionResult {
  return { errors };
}

/** A mutation fails validation (there are none); over GET the specification wants a status that says more. */
function refusedOverGet(error: GraphQLError): GraphQLError {
  const isMutation = error.nodes?.some((node) => node.kind === 'OperationDefinition' && node.operation === 'mutation');
  if (isMutation !== true) return withStatus(error);
  const http = { status: 405, headers: { Allow: 'POST' } };
  return withStatus(
    new GraphQLError(error.message, { nodes: error.nodes ?? null, extensions: { ...error.extensions, http } }),
  );
}

const noOperationName = new GraphQLError('`operationName` must be a string.', {
  extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } },
});

const notOverPlainHttp = new GraphQLError(
  'A subscription needs a connection that stays: use a WebSocket (graphql-transport-ws), or ask with Accept: text/event-stream.',
  { extensions: { code: 'BAD_USER_INPUT', http: { status: 406, spec: true } } },
);

/** What yoga throws while it reads a request: its own errors say what is wrong, all others are told to the log alone. */
function masked(error: unknown, log: Log): GraphQLError {
  if (error instanceof GraphQLError && !(error.originalError instanceof Error)) return error;
  // Of a body of JSON it says so itself; the parameters of a URL or a form it just parses.
  if (error instanceof SyntaxError) return notJson;
  log.error('a request could not be read', { error });
  return maskError(error);
}

const notJson = new GraphQLError('`variables` and `extensions` must be JSON texts, such as variables={"id":"1"}.', {
  extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } },
});

/** Errors that yoga raises itself (no query, not JSON) get codes of our list. */
const codes: Plugin = {
  onResultProcess({ result, setResult }) {
    if (Array.isArray(result) || !('errors' in result) || result.errors === undefined) return;
    setResult({ ...result, errors: result.errors.map(withStatus) });
  },
};
