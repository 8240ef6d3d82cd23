import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ErrorCode } from '../common/errors.ts';
import type { Readiness } from './health.ts';
import type { Operations } from './operation.ts';
import { declaresTooMuch, hasUnknownLength, readBody, tooLarge } from './request-body.ts';
import { acceptedTypes, type EventStreams, parseRequest } from './sse.ts';

/** The path of GraphQL, over every transport. */
export const graphqlPath = '/graphql';

export interface RequestOptions {
  readonly operations: Operations;
  readonly eventStreams: EventStreams;
  readonly answerHttp: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  readonly readiness: () => Readiness;
  readonly draining: () => boolean;
  readonly maxBodyBytes: number;
  readonly maxEventStreams: number;
  readonly allowedOrigins: readonly string[] | undefined;
  readonly graphiql: boolean | string;
}

/** Answers a request, or rejects where something is wrong with us. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export function createRequestHandler(options: RequestOptions): RequestHandler {
  const { operations, eventStreams, maxBodyBytes } = options;

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    switch (pathOf(request)) {
      case '/healthz':
        sendJson(response, 200, { status: 'ok' });
        return;
      case '/readyz': {
        const readiness = options.readiness();
        sendJson(response, readiness.ready ? 200 : 503, readiness);
        return;
      }
      case graphqlPath:
        await answerGraphql(request, response);
        return;
      default:
        refuse(response, 404, 'BAD_USER_INPUT', `Nothing is served here. GraphQL is at ${graphqlPath}.`);
    }
  }

  async function answerGraphql(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (options.draining()) response.setHeader('connection', 'close');
    const accepted = acceptedTypes(request);
    // Yoga makes a URL of it, and would answer with a stack trace.
    if (!URL.canParse(`http://${request.headers.host ?? 'localhost'}`))
      return void refuse(response, 400, 'BAD_USER_INPUT', noHost);
    if (!isContentKnown(request)) return void refuse(response, 415, 'BAD_USER_INPUT', unknownContent);
    if (!accepted.some((type) => answerTypes.has(type)))
      return void refuse(response, 406, 'BAD_USER_INPUT', unknownAccept);
    if (options.graphiql === false && isBrowser(request, accepted)) return void sendText(response, 406, noGraphiql);
    const mayStream = accepted.includes('text/event-stream') && ['GET', 'POST'].includes(request.method ?? '');
    let body: Buffer | undefined;
    if (declaresTooMuch(request, maxBodyBytes)) return refuseBody(request, response);
    if (request.method === 'POST' && (mayStream || hasUnknownLength(request))) {
      const read = await readBody(request, maxBodyBytes);
      if (read === tooLarge) return refuseBody(request, response);
      body = read;
      // Where yoga's adapter looks for a body that somebody has read already.
      Object.assign(request, { body });
    }
    if (mayStream && answerStream(request, response, body, accepted)) return;
    await options.answerHttp(request, response);
  }

  /** False where the request is to be answered as any other. */
  function answerStream(
    request: IncomingMessage,
    response: ServerResponse,
    body: Buffer | undefined,
    accepted: readonly string[],
  ): boolean {
    const parsed = parseRequest(request, body);
    if (parsed === undefined) return false;
    const prepared = operations.prepare(parsed);
    const isSubscription = 'kind' in prepared && prepared.kind !== 'query';
    // Clients that take either way are streamed only what goes on.
    const takesJson = accepted.some((type) => type === '*/*' || type === 'application/*' || type.includes('json'));
    if (!isSubscription && takesJson) return false;
    if (options.draining() || eventStreams.size >= options.maxEventStreams) {
      refuse(
        response,
        503,
        'OVERLOADED',
        'Headgate takes no further streams now (setting maxSockets, or it is shutting down).',
      );
      return true;
    }
    const { origin } = request.headers;
    if (origin !== undefined && options.allowedOrigins?.includes(origin) === true) {
      response.setHeader('access-control-allow-origin', origin);
      response.setHeader('vary', 'origin');
    }
    eventStreams.open(request, response, prepared);
    return true;
  }

  function refuseBody(request: IncomingMessage, response: ServerResponse): void {
    // The rest of the body is not read: the connection cannot be used again.
    response.setHeader('connection', 'close');
    const message = `The request's body is longer than ${maxBodyBytes} bytes (setting maxBodyBytes).`;
    refuse(response, 413, 'LIMIT_EXCEEDED', message);
    response.once('finish', () => request.destroy());
  }

  return route;
}

const noHost = 'The Host header is none: send the name and the port of this server, such as localhost:4000.';

/** Of a body, as yoga reads them. */
const contentTypes: ReadonlySet<string> = new Set([
  'application/json',
  'application/graphql+json',
  'application/graphql',
  'application/x-www-form-urlencoded',
]);
const unknownContent = 'A body of this type is not understood: send JSON, with content-type: application/json.';

/** `text/html` is GraphiQL's business. */
const answerTypes: ReadonlySet<string> = new Set([
  '*/*',
  'application/*',
  'application/json',
  'application/graphql-response+json',
  'text/event-stream',
  'text/html',
]);
const unknownAccept =
  'Nothing of the types accepted can be answered: send accept: application/graphql-response+json, application/json or text/event-stream.';

const noGraphiql = `This is the GraphQL endpoint of Headgate. GraphiQL is off: the page to write queries in is not served here.

To have it, start Headgate with: headgate dev
or with: headgate serve --graphiql

Programs POST a query as JSON, with content-type: application/json: {"query":"{ __typename }"}
`;

/** Somebody who opens the address, rather than a program that asks: no query, or nothing but a page would do. */
function isBrowser({ method, url = '' }: IncomingMessage, accepted: readonly string[]): boolean {
  if (!['GET', 'HEAD'].includes(method ?? '') || !accepted.includes('text/html')) return false;
  const start = url.indexOf('?');
  const asks = start !== -1 && new URLSearchParams(url.slice(start)).has('query');
  return !asks || !accepted.some((type) => type !== 'text/html' && answerTypes.has(type));
}

function isContentKnown({ method, headers }: IncomingMessage): boolean {
  if (method !== 'POST') return true;
  return contentTypes.has((headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '');
}

export function pathOf({ url = '/' }: IncomingMessage): string {
  const end = url.indexOf('?');
  return end === -1 ? url : url.slice(0, end);
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}

function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
  response.end(text);
}

/** A response without GraphQL's machinery, in the form that GraphQL clients understand all the same. */
export function refuse(response: ServerResponse, status: number, code: ErrorCode, message: string): void {
  sendJson(response, status, { errors: [{ message, extensions: { code } }] });
}
