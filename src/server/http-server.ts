import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server as HttpServer,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import type { Log } from '../common/log.ts';
import { internalMessage } from '../common/errors.ts';
import type { ServerLimits } from '../config/limits.ts';
import type { Refusals } from './refusals.ts';
import type { RequestHandler } from './requests.ts';
import { refuse, responseText } from './responses.ts';

/** PEM texts. */
export interface Tls {
  readonly cert: string;
  readonly key: string;
}

export interface HttpServerOptions {
  readonly handle: RequestHandler;
  readonly tls: Tls | undefined;
  readonly limits: ServerLimits;
  readonly refusals: Refusals;
  readonly log: Log;
}

/** Between two looks at connections that have sent no whole request for too long, ms. */
const checkMs = 1_000;
/** Longer than load balancers keep a connection (60 s): one that they are about to use is not closed under them. ms */
const keepAliveMs = 65_000;
/**
 * A connection on which nothing moves for so long beyond the time that a request may wait is closed, ms: its client does not read.
 * Node looks twice before it does.
 */
const stalledMs = 10_000;

/** node's server, with what it does by itself bounded: time, headers, connections, and what it says to those that send no HTTP. */
export function createBoundedServer({ handle, tls, limits, refusals, log }: HttpServerOptions): HttpServer {
  const options = {
    requestTimeout: limits.requestTimeoutMs,
    headersTimeout: limits.requestTimeoutMs,
    connectionsCheckingInterval: checkMs,
    keepAliveTimeout: keepAliveMs,
    maxHeaderSize: limits.maxHeaderBytes,
    // Of two Host or Authorization headers node takes the first, and a proxy in front maybe the last: joined, they are no good.
    joinDuplicateHeaders: true,
  };
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    handle(request, response).catch((error: unknown) => {
      if (!request.destroyed) log.error('a request failed', { error });
      if (response.headersSent) response.destroy();
      else refuse(response, 500, 'INTERNAL', internalMessage);
    });
  };
  const server =
    tls === undefined
      ? createHttpServer(options, onRequest)
      : createHttpsServer(
          { ...options, ...tls, minVersion: 'TLSv1.2', handshakeTimeout: limits.requestTimeoutMs },
          onRequest,
        );
  // Twice what it may need, once for what waits for its answer; the rest is dropped before a byte of it is read.
  server.maxConnections = 2 * (limits.maxSockets + limits.maxConcurrentRequests);
  server.on('drop', () => refusals.count('maxSockets'));
  server.timeout = limits.requestTimeoutMs + stalledMs;
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'HPE_HEADER_OVERFLOW') refusals.count('maxHeaderBytes');
    answerBroken(error, socket, limits);
  });
  return server;
}

/** What is no request of HTTP, or never becomes one. */
function answerBroken({ code = '' }: NodeJS.ErrnoException, socket: Duplex, limits: ServerLimits): void {
  const problem = problemOf(code, limits);
  // An answer of which a part has been sent is not to be continued with this one; `_httpMessage` is where node looks as well.
  const under = '_httpMessage' in socket ? (socket._httpMessage as ServerResponse | null) : null;
  if (problem === undefined || !socket.writable || under?.headersSent === true) return void socket.destroy();
  const [status, errorCode, message] = problem;
  socket.once('finish', () => socket.destroy());
  socket.end(responseText(status, errorCode, message));
}

function problemOf(
  code: string,
  { maxHeaderBytes, requestTimeoutMs }: ServerLimits,
): readonly [status: number, code: 'LIMIT_EXCEEDED' | 'TIMEOUT' | 'BAD_USER_INPUT', message: string] | undefined {
  if (code === 'HPE_HEADER_OVERFLOW')
    return [
      431,
      'LIMIT_EXCEEDED',
      `The request's headers are longer than ${maxHeaderBytes} bytes (setting maxHeaderBytes).`,
    ];
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return [408, 'TIMEOUT', `The request was not there within ${requestTimeoutMs} ms (setting requestTimeoutMs).`];
  // Of the parser; anything else is a connection that broke, or a handshake that failed.
  return code.startsWith('HPE_') ? [400, 'BAD_USER_INPUT', 'This is no request of HTTP/1.1.'] : undefined;
}
