import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ExecutionResult, GraphQLError, type GraphQLSchema } from 'graphql';
import { createYoga, type GraphiQLOptions, type GraphQLParams, type Plugin } from 'graphql-yoga';
import type { Log } from '../common/log.ts';
import { maskError } from '../live/frame.ts';
import type { OperationRequest } from '../query/query.ts';
import { withStatus } from './http-errors.ts';
import type { Operations } from './operation.ts';

export interface HttpOptions {
  readonly operations: Operations;
  readonly schema: GraphQLSchema;
  readonly path: string;
  readonly graphiql: boolean | string;
  /** Pages that may read answers; none: no CORS. */
  readonly allowedOrigins: readonly string[] | undefined;
  readonly log: Log;
}

/**
 * GraphQL over HTTP: yoga reads requests and negotiates media types and statuses; what is between them is ours.
 * The body's size has been seen to when a request comes here (`request-body.ts`): yoga's own limit costs half a request.
 */
export function createHttpHandler({ operations, schema, path, graphiql, allowedOrigins, log }: HttpOptions) {
  const yoga = createYoga({
    schema,
    graphqlEndpoint: path,
    plugins: [answering(operations), codes],
    maskedErrors: { maskError: (error) => masked(error, log), errorMessage: '' },
    cors: allowedOrigins === undefined ? false : { origin: [...allowedOrigins], methods: ['GET', 'POST'] },
    graphiql: graphiql === false ? false : graphiqlOptions(graphiql === true ? welcome : graphiql),
    ...(graphiql === false ? {} : { renderGraphiQL }),
    // Matches every URL that ends like it; this one cannot occur in a request.
    healthCheckEndpoint: '/#',
    landingPage: false,
    batching: false,
    multipart: false,
    maxRequestBodySize: false,
    parserAndValidationCache: false,
    logging: false,
  });
  return (request: IncomingMessage, response: ServerResponse): Promise<void> =>
    Promise.resolve(yoga(request, response));
}

function answering(operations: Operations): Plugin {
  return {
    onParams({ setParamsHandler }) {
      // Yoga calls it once its own checks of the parameters are through.
      setParamsHandler(({ params, request }) => answer(operations, params, request.method));
    },
  };
}

async function answer(operations: Operations, params: GraphQLParams, method: string): Promise<ExecutionResult> {
  if (params.operationName !== undefined && params.operationName !== null && typeof params.operationName !== 'string') {
    return failure([noOperationName]);
  }
  const prepared = operations.prepare(params as OperationRequest);
  if (!('kind' in prepared)) return failure(prepared.map(method === 'GET' ? refusedOverGet : withStatus));
  if (prepared.kind !== 'query') return failure([notOverPlainHttp]);
  const text = await operations.answer(prepared);
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

/** Nine megabytes of page, loaded when somebody opens it. */
/** GraphiQL's own welcome speaks of itself under our title. */
const welcome = `# Ctrl-Enter, or the button, asks. A subscription with the same fields stays true for as long as it runs;
# Ctrl-Space says what can be asked for.

query {
  _meta {
    tables {
      name
      rows
      phase
    }
  }
}
`;

function graphiqlOptions(defaultQuery: string): GraphiQLOptions {
  return { subscriptionsProtocol: 'WS', title: 'Headgate', defaultQuery };
}

async function renderGraphiQL(options: GraphiQLOptions): Promise<string> {
  const page = await import('@graphql-yoga/render-graphiql');
  return page.renderGraphiQL(options);
}
