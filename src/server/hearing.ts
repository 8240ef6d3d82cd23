import type { IncomingMessage, ServerResponse } from 'node:http';
import { GatewayError } from '../common/errors.ts';
import type { Caller } from '../model/caller.ts';
import type { CallerLimits } from './caller-limits.ts';
import type { Callers } from './callers.ts';
import type { Origins } from './origins.ts';
import type { Refusals } from './refusals.ts';
import { declaresTooMuch, hasUnknownLength, readBody, tooLarge } from './request-body.ts';
import { isBrowser, otherOrigin, problemOf } from './request-checks.ts';
import { refuse, refuseWith, sendText } from './responses.ts';

/** What a request to GraphQL's path brings. */
export interface Heard {
  readonly caller: Caller;
  /** Where it had to be read. */
  readonly body: Buffer | undefined;
}

/** Says what a request is answered whatever it asks: that it is refused, most often. */
export type AnswerAtOnce = (response: ServerResponse) => void;

/** Everything that is known of a request before anything is said to it. Promises only where something has to be waited for. */
export interface Hearing {
  /** `mayStream`: it may be a subscription, over SSE. Nothing of a body is read before it is known who sends it. */
  hear(
    request: IncomingMessage,
    accepted: readonly string[],
    mayStream: boolean,
  ): Heard | AnswerAtOnce | Promise<Heard | AnswerAtOnce>;
  /** Who asks; counts the request. */
  callerOf(transport: 'http' | 'sse', request: IncomingMessage): Caller | AnswerAtOnce | Promise<Caller | AnswerAtOnce>;
}

export interface HearingOptions {
  readonly callers: Callers;
  readonly callerLimits: CallerLimits;
  readonly origins: Origins;
  readonly refusals: Refusals;
  readonly maxBodyBytes: number;
  /** Whether bodies are read here, or by yoga where their length is known. */
  readonly readsBodies: boolean;
  readonly graphiql: boolean;
  /** ms since 1970. */
  readonly now: () => number;
}

export function createHearing(options: HearingOptions): Hearing {
  const { callers, callerLimits, origins, refusals, maxBodyBytes, now } = options;

  /** What it says of itself; undefined where there is nothing to say about that. */
  function answerUnheard(
    request: IncomingMessage,
    accepted: readonly string[],
    mayStream: boolean,
  ): AnswerAtOnce | undefined {
    if (request.method === 'OPTIONS') return (response) => origins.answerPreflight(request, response);
    const problem = problemOf(request, accepted);
    if (problem !== undefined) return (response) => refuse(response, problem.status, 'BAD_USER_INPUT', problem.message);
    if (!options.graphiql && isBrowser(request, accepted)) return (response) => sendText(response, 406, noGraphiql);
    if (declaresTooMuch(request, maxBodyBytes)) return (response) => refuseBody(request, response);
    // EventSource asks for a stream without asking whether it may; all that it tells is where it is from.
    if (mayStream && request.method === 'GET' && !origins.mayConnect(request))
      return (response) => refuse(response, 403, 'FORBIDDEN', otherOrigin);
    return undefined;
  }

  function readFrom(
    request: IncomingMessage,
    caller: Caller | AnswerAtOnce,
    mayStream: boolean,
  ): Heard | AnswerAtOnce | Promise<Heard | AnswerAtOnce> {
    if (typeof caller === 'function') return caller;
    if (request.method !== 'POST' || !(options.readsBodies || mayStream || hasUnknownLength(request)))
      return { caller, body: undefined };
    return readBody(request, maxBodyBytes).then((body) =>
      body === tooLarge ? (response) => refuseBody(request, response) : { caller, body },
    );
  }

  function refuseBody(request: IncomingMessage, response: ServerResponse): void {
    refusals.count('maxBodyBytes');
    // The rest of the body is not read: the connection cannot be used again.
    response.setHeader('connection', 'close');
    const message = `The request's body is longer than ${maxBodyBytes} bytes (setting maxBodyBytes).`;
    refuse(response, 413, 'LIMIT_EXCEEDED', message);
    response.once('finish', () => request.destroy());
  }

  function callerOf(
    transport: 'http' | 'sse',
    request: IncomingMessage,
  ): Caller | AnswerAtOnce | Promise<Caller | AnswerAtOnce> {
    const refused = (error: unknown): AnswerAtOnce => {
      if (!(error instanceof GatewayError)) throw error;
      return (response) => refuseWith(response, error);
    };
    const counted = (caller: Caller): Caller | AnswerAtOnce => {
      const tooOften = callerLimits.request(caller, now());
      return tooOften === undefined ? caller : (response) => refuseWith(response, tooOften, 429);
    };
    try {
      const caller = callers.ofRequest(transport, request);
      return caller instanceof Promise ? caller.then(counted, refused) : counted(caller);
    } catch (error) {
      return refused(error);
    }
  }

  return {
    hear(request, accepted, mayStream) {
      const unheard = answerUnheard(request, accepted, mayStream);
      if (unheard !== undefined) return unheard;
      const caller = callerOf(mayStream ? 'sse' : 'http', request);
      return caller instanceof Promise
        ? caller.then((found) => readFrom(request, found, mayStream))
        : readFrom(request, caller, mayStream);
    },
    callerOf,
  };
}

const noGraphiql = `This is the GraphQL endpoint of Headgate. GraphiQL is off: the page to write queries in is not served here.

To have it, start Headgate with: headgate dev
or with: headgate serve --graphiql

Programs POST a query as JSON, with content-type: application/json: {"query":"{ __typename }"}
`;
