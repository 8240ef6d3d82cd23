import type { IncomingMessage, ServerResponse } from 'node:http';
import { GatewayError } from '../common/errors.ts';
import type { ServerLimits } from '../config/limits.ts';
import type { Caller } from '../model/caller.ts';
import type { CallerLimits } from './caller-limits.ts';
import type { Callers } from './callers.ts';
import type { Console } from './console.ts';
import { asksForPage, graphiqlSources } from './graphiql.ts';
import type { PublicReadiness, Readiness } from './health.ts';
import { createHearing } from './hearing.ts';
import type { Heard } from './hearing.ts';
import type { HttpHandler } from './http.ts';
import type { Operations } from './operation.ts';
import type { Origins } from './origins.ts';
import { setPageHeaders } from './page-headers.ts';
import { parseRequest } from './parameters.ts';
import type { Refusals } from './refusals.ts';
import { acceptedTypes, isPreflighted, notPreflighted, otherName, takesJson } from './request-checks.ts';
import type { RequestsUnderWay } from './requests-under-way.ts';
import type { ShortWay } from './short-way.ts';
import { pathOf, refuse, refuseWith, sendJson, sendText, setHeaders } from './responses.ts';
import type { EventStreams } from './sse.ts';

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
 */
export function createRequestHandler(options: RequestOptions): RequestHandler {
  const { operations, underWay, eventStreams, origins, refusals, shortWay } = options;
  const { maxBodyBytes, maxConcurrentRequests, maxSockets } = options.limits;
  const hearing = createHearing({
    ...options,
    maxBodyBytes,
    readsBodies: shortWay !== undefined,
    graphiql: options.graphiql !== false,
  });

  function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = pathOf(request);
    return path === graphqlPath ? answerGraphql(request, response) : answerOther(request, response, path);
  }

  async function answerOther(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    setHeaders(response, asItSays);
    if (path !== '/healthz' && !options.isForUs(request)) return refuseName(response);
    switch (path) {
      case '/healthz':
        return sendJson(response, 200, { status: 'ok' });
      case '/readyz': {
        const readiness = options.readiness();
        return sendJson(response, readiness.ready ? 200 : 503, readiness);
      }
      case schemaPath:
        return await answerSchema(request, response);
      default:
        if (options.console?.answer(request, response, path) === true) return;
        refuse(response, 404, 'BAD_USER_INPUT', `Nothing is served here. GraphQL is at ${graphqlPath}.`);
    }
  }

  async function answerGraphql(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!options.isForUs(request)) {
      setHeaders(response, asItSays);
      return refuseName(response);
    }
    const headers = [...asItSays, ...origins.readingHeaders(request)];
    if (!underWay.begin(response)) {
      setHeaders(response, headers);
      return shed(response);
    }
    try {
      if (options.draining()) headers.push('connection', 'close');
      await answerUnderWay(request, response, headers);
    } catch (error) {
      if (!response.headersSent) setHeaders(response, headers);
      throw error;
    } finally {
      underWay.end(response);
    }
  }

  /** Nothing is said before all is heard: the short way says it in one go. */
  async function answerUnderWay(
    request: IncomingMessage,
    response: ServerResponse,
    headers: readonly string[],
  ): Promise<void> {
    const { method } = request;
    const accepted = acceptedTypes(request);
    const mayStream = accepted.includes('text/event-stream') && (method === 'GET' || method === 'POST');
    const hears = hearing.hear(request, accepted, mayStream);
    const heard = hears instanceof Promise ? await hears : hears;
    if (typeof heard === 'function') {
      setHeaders(response, headers);
      return heard(response);
    }
    const isPage = options.graphiql !== false && asksForPage(request, accepted);
    const isRefused = method === 'GET' && !isPage && !isPreflighted(request);
    const isPlain = !mayStream && !isPage && !isRefused && (method === 'GET' || heard.body !== undefined);
    if (shortWay !== undefined && isPlain) {
      const answered = shortWay({ request, response, headers, ...heard });
      if (answered !== false) return void (await answered);
    }
    setHeaders(response, headers);
    if (mayStream && answerStream(request, response, heard, accepted)) return;
    if (isRefused) return refuse(response, notPreflighted.status, 'BAD_USER_INPUT', notPreflighted.message);
    // Where yoga's adapter looks for a body that somebody has read already.
    if (heard.body !== undefined) Object.assign(request, { body: heard.body });
    if (isPage) setPageHeaders(request, response, graphiqlSources);
    await options.answerHttp(request, response, heard.caller);
  }

  async function answerSchema(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      return refuse(response, 405, 'BAD_USER_INPUT', 'The schema is a text: GET it.');
    }
    const caller = await hearing.callerOf('http', request);
    if (typeof caller === 'function') return caller(response);
    const text = options.schemaText(caller);
    if (text === undefined) return refuse(response, 403, 'FORBIDDEN', schemaIsUntold);
    sendText(response, 200, text);
  }

  /** False where the request is to be answered as any other. */
  function answerStream(
    request: IncomingMessage,
    response: ServerResponse,
    { body, caller }: Heard,
    accepted: readonly string[],
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

  const tooManyRequests = overloaded(
    `${maxConcurrentRequests} requests are being answered, as many as are allowed at once (setting maxConcurrentRequests).`,
  );
  const tooManyStreams = overloaded(`${maxSockets} streams are open, as many as are allowed (setting maxSockets).`);
  const shuttingDown = overloaded('Headgate is shutting down.');

  return route;
}

/** Browsers take a response for what it says it is, and for nothing else. */
const asItSays: readonly string[] = ['x-content-type-options', 'nosniff'];

function refuseName(response: ServerResponse): void {
  refuse(response, otherName.status, 'FORBIDDEN', otherName.message);
}

function overloaded(why: string): GatewayError {
  return new GatewayError('OVERLOADED', `${why} Try again shortly.`, { retryable: true });
}

const schemaIsUntold =
  'Callers are not told the schema. To have it told, start Headgate with --introspection; `headgate print-schema` prints it.';
