import type { IncomingMessage, ServerResponse } from 'node:http';
import { GatewayError } from '../common/errors.ts';
import type { ServerLimits } from '../config/limits.ts';
import type { Caller } from '../model/caller.ts';
import type { CallerLimits } from './caller-limits.ts';
import type { Callers } from './callers.ts';
import type { Console } from './console.ts';
import { asksForPage, graphiqlSources } from './graphiql.ts';
import type { PublicReadiness, Readiness } from './health.ts';
import type { HttpHandler } from './http.ts';
import type { Operations } from './operation.ts';
import type { Origins } from './origins.ts';
import { setPageHeaders } from './page-headers.ts';
import type { Refusals } from './refusals.ts';
import { declaresTooMuch, hasUnknownLength, readBody, tooLarge } from './request-body.ts';
import {
  acceptedTypes,
  isBrowser,
  isPreflighted,
  notPreflighted,
  otherName,
  otherOrigin,
  problemOf,
  takesJson,
} from './request-checks.ts';
import type { RequestsUnderWay } from './requests-under-way.ts';
import type { ShortWay } from './short-way.ts';
import { pathOf, refuse, refuseWith, sendJson, sendText } from './responses.ts';
import { type EventStreams, parseRequest } from './sse.ts';

/** The path of GraphQL, over every transport. */
export const graphqlPath = '/graphql';
/** The path of the generated schema as text. */
const schemaPath = '/schema.graphql';

export interface RequestOptions {
  readonly operations: Operations;
  readonly callers: Callers;
  readonly callerLimits: CallerLimits;
  readonly underWay: RequestsUnderWay;
  readonly eventStreams: EventStreams;
  /** Absent: every request is answered the long way. */
  readonly shortWay: ShortWay | undefined;
  readonly answerHttp: HttpHandler;
  readonly readiness: () => Readiness | PublicReadiness;
  readonly draining: () => boolean;
  readonly limits: ServerLimits;
  readonly origins: Origins;
  /** Whether the name that the client calls us by is one of ours. */
  readonly isForUs: (request: IncomingMessage) => boolean;
  readonly refusals: Refusals;
  readonly graphiql: boolean | string;
  /** At `/`; undefined: nothing is there. */
  readonly console: Console | undefined;
  /** The generated schema for this caller; undefined where it is not told the schema. */
  readonly schemaText: (caller: Caller) => string | undefined;
  /** ms since 1970. */
  readonly now: () => number;
}

/** Answers a request, or rejects where something is wrong with us. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/**
 *   request ─▶ what it says of itself ─▶ who asks ─▶ how often ─▶ an SSE response, the short way, or yoga
 *
 * Nothing of a body is read before it is known who sends it.
 */
export function createRequestHandler(options: RequestOptions): RequestHandler {
  const { operations, callers, callerLimits, underWay, eventStreams, origins, refusals, shortWay } = options;
  const { maxBodyBytes, maxConcurrentRequests, maxSockets } = options.limits;

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Browsers take a response for what it says it is, and for nothing else.
    response.setHeader('x-content-type-options', 'nosniff');
    const path = pathOf(request);
    if (path !== '/healthz' && !options.isForUs(request))
      return refuse(response, otherName.status, 'FORBIDDEN', otherName.message);
    switch (path) {
      case '/healthz':
        return sendJson(response, 200, { status: 'ok' });
      case '/readyz': {
        const readiness = options.readiness();
        return sendJson(response, readiness.ready ? 200 : 503, readiness);
      }
      case graphqlPath:
        origins.allowReading(request, response);
        if (!underWay.begin(response)) return shed(response);
        try {
          return await answerGraphql(request, response);
        } finally {
          underWay.end(response);
        }
      case schemaPath:
        return await answerSchema(request, response);
      default:
        if (options.console?.answer(request, response, path) === true) return;
        refuse(response, 404, 'BAD_USER_INPUT', `Nothing is served here. GraphQL is at ${graphqlPath}.`);
    }
  }

  async function answerGraphql(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (options.draining()) response.setHeader('connection', 'close');
    const accepted = acceptedTypes(request);
    if (request.method === 'OPTIONS') return origins.answerPreflight(request, response);
    const problem = problemOf(request, accepted);
    if (problem !== undefined) return refuse(response, problem.status, 'BAD_USER_INPUT', problem.message);
    if (options.graphiql === false && isBrowser(request, accepted)) return sendText(response, 406, noGraphiql);
    if (declaresTooMuch(request, maxBodyBytes)) return refuseBody(request, response);
    const mayStream = accepted.includes('text/event-stream') && ['GET', 'POST'].includes(request.method ?? '');

    // EventSource asks for a stream without asking whether it may; all that it tells is where it is from.
    if (mayStream && request.method === 'GET' && !origins.mayConnect(request))
      return refuse(response, 403, 'FORBIDDEN', otherOrigin);

    const asking = callerOf(mayStream ? 'sse' : 'http', request, response);
    const caller = asking instanceof Promise ? await asking : asking;
    if (caller === undefined) return;

    let body: Buffer | undefined;
    if (request.method === 'POST' && (mayStream || shortWay !== undefined || hasUnknownLength(request))) {
      const read = await readBody(request, maxBodyBytes);
      if (read === tooLarge) return refuseBody(request, response);
      body = read;
    }
    if (mayStream && answerStream(request, response, body, accepted, caller)) return;
    if (!mayStream && body !== undefined && shortWay !== undefined) {
      const answered = shortWay(request, response, body, caller);
      if (answered !== false) return void (await answered);
    }
    // Where yoga's adapter looks for a body that somebody has read already.
    if (body !== undefined) Object.assign(request, { body });
    if (options.graphiql !== false && asksForPage(request, accepted))
      setPageHeaders(request, response, graphiqlSources);
    else if (request.method === 'GET' && !isPreflighted(request))
      return refuse(response, notPreflighted.status, 'BAD_USER_INPUT', notPreflighted.message);
    await options.answerHttp(request, response, caller);
  }

  async function answerSchema(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      return refuse(response, 405, 'BAD_USER_INPUT', 'The schema is a text: GET it.');
    }
    const caller = await callerOf('http', request, response);
    if (caller === undefined) return;
    const text = options.schemaText(caller);
    if (text === undefined) return refuse(response, 403, 'FORBIDDEN', schemaIsUntold);
    sendText(response, 200, text);
  }

  /** Undefined where the request has been refused. A promise only where keys have to be fetched first. */
  function callerOf(
    transport: 'http' | 'sse',
    request: IncomingMessage,
    response: ServerResponse,
  ): Caller | undefined | Promise<Caller | undefined> {
    const refused = (error: unknown): undefined => {
      if (!(error instanceof GatewayError)) throw error;
      refuseWith(response, error);
      return undefined;
    };
    const counted = (caller: Caller): Caller | undefined => {
      const tooOften = callerLimits.request(caller, options.now());
      if (tooOften === undefined) return caller;
      refuseWith(response, tooOften, 429);
      return undefined;
    };
    try {
      const caller = callers.ofRequest(transport, request);
      return caller instanceof Promise ? caller.then(counted, refused) : counted(caller);
    } catch (error) {
      return refused(error);
    }
  }

  /** False where the request is to be answered as any other. */
  function answerStream(
    request: IncomingMessage,
    response: ServerResponse,
    body: Buffer | undefined,
    accepted: readonly string[],
    caller: Caller,
  ): boolean {
    const parsed = parseRequest(request, body);
    if (parsed === undefined) return false;
    const prepared = operations.prepare(parsed, caller);
    const isSubscription = 'kind' in prepared && prepared.kind !== 'query';
    // Clients that take either way are streamed only what goes on.
    if (!isSubscription && takesJson(accepted)) return false;
    if (options.draining()) refuseWith(response, shuttingDown);
    else if (eventStreams.size >= maxSockets) {
      refusals.count('maxSockets');
      refuseWith(response, tooManyStreams);
    } else {
      const refused = eventStreams.open(request, response, prepared, caller);
      if (refused !== undefined) refuseWith(response, refused, 429);
    }
    return true;
  }

  function shed(response: ServerResponse): void {
    refusals.count('maxConcurrentRequests');
    refuseWith(response, tooManyRequests);
  }

  function refuseBody(request: IncomingMessage, response: ServerResponse): void {
    refusals.count('maxBodyBytes');
    // The rest of the body is not read: the connection cannot be used again.
    response.setHeader('connection', 'close');
    const message = `The request's body is longer than ${maxBodyBytes} bytes (setting maxBodyBytes).`;
    refuse(response, 413, 'LIMIT_EXCEEDED', message);
    response.once('finish', () => request.destroy());
  }

  const tooManyRequests = overloaded(
    `${maxConcurrentRequests} requests are being answered, as many as are allowed at once (setting maxConcurrentRequests).`,
  );
  const tooManyStreams = overloaded(`${maxSockets} streams are open, as many as are allowed (setting maxSockets).`);
  const shuttingDown = overloaded('Headgate is shutting down.');

  return route;
}

function overloaded(why: string): GatewayError {
  return new GatewayError('OVERLOADED', `${why} Try again shortly.`, { retryable: true });
}

const schemaIsUntold =
  'Callers are not told the schema. To have it told, start Headgate with --introspection; `headgate print-schema` prints it.';

const noGraphiql = `This is the GraphQL endpoint of Headgate. GraphiQL is off: the page to write queries in is not served here.

To have it, start Headgate with: headgate dev
or with: headgate serve --graphiql

Programs POST a query as JSON, with content-type: application/json: {"query":"{ __typename }"}
`;
