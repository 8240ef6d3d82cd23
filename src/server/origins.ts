import type { IncomingMessage, ServerResponse } from 'node:http';
import { isIPv4 } from 'node:net';
import type { Log } from '../common/log.ts';
import { isLoopback } from '../common/loopback.ts';
import { hasGoodHost, otherName, otherOrigin } from './request-checks.ts';

/**
 * Which web pages may talk to Headgate. Browsers alone send an Origin, and they alone are bound by the answer: other programs are
 * held to their credentials. No page of another origin may, unless it is named; and none of those may use cookies. Its browser does not
 * tell such a page why, so the log does, once for each origin.
 */
export interface Origins {
  /** For CORS: the headers, names and values in turn, that let the page read the response, whatever it is. */
  readingHeaders(request: IncomingMessage): readonly string[];
  /** Answers the question that browsers ask before a request that is not simple. */
  answerPreflight(request: IncomingMessage, response: ServerResponse): void;
  /**
   * Whether the client means this machine: by an address, as localhost, or by the host of an allowed origin. A page whose own name
   * leads here all of a sudden (DNS rebinding) is of the same origin to its browser, and has only its name to be told by.
   */
  isOwnName(request: IncomingMessage): boolean;
  /** For a WebSocket, which CORS does not cover: no page at all, one of this very origin, or one that is allowed. */
  mayConnect(request: IncomingMessage): boolean;
}

export interface OriginOptions {
  /** As browsers write them: `https://shop.example`. Absent: none. */
  readonly allowedOrigins?: readonly string[] | undefined;
  /** Pages that are served by this machine itself, on whatever port: for development. */
  readonly allowLoopbackOrigins?: boolean | undefined;
  readonly log: Log;
}

/** Origins that the log is told of; of more it is not, lest somebody fill it with names. */
const maxTold = 100;
/** No origin is longer than a scheme, a name and a port. */
const maxOriginLength = 300;

export function createOrigins({ allowedOrigins = [], allowLoopbackOrigins = false, log }: OriginOptions): Origins {
  const allowed = new Set(allowedOrigins);
  const closed = allowed.size === 0 && !allowLoopbackOrigins;

  const names = new Set(allowedOrigins.map((origin) => urlOf(origin)?.hostname));
  const told = new Set<string>();

  function tell(origin: string | undefined, reason: string): void {
    const shown = origin?.slice(0, maxOriginLength);
    if (shown === undefined || told.has(shown) || told.size >= maxTold) return;
    told.add(shown);
    log.warn('a web page was not let in', { origin: shown, reason });
  }

  /** Nearly all requests have the same. */
  let lastOwnHost: string | undefined;

  function isOwnName(request: IncomingMessage): boolean {
    const { host } = request.headers;
    // No browser sends what is no name; whoever does is told so elsewhere.
    if (host === undefined || host === lastOwnHost || !hasGoodHost(request)) return true;
    const name = urlOf(`http://${host}`)?.hostname ?? '';
    if (!isAddress(name) && name !== 'localhost' && !name.endsWith('.localhost') && !names.has(name)) {
      tell(request.headers.origin, otherName.message);
      return false;
    }
    lastOwnHost = host;
    return true;
  }

  function isAllowed(origin: string): boolean {
    return allowed.has(origin) || (allowLoopbackOrigins && isLoopback(urlOf(origin)?.hostname ?? ''));
  }

  function mayConnect({ headers: { origin, host } }: IncomingMessage): boolean {
    const may = origin === undefined || isAllowed(origin) || isSame(origin, host);
    if (!may) tell(origin, otherOrigin);
    return may;
  }

  return {
    readingHeaders(request) {
      const { origin } = request.headers;
      const may = mayConnect(request);
      if (closed) return [];
      // A cache must not give one page the answer to another.
      if (!may || origin === undefined || !isAllowed(origin)) return ['vary', 'origin'];
      const readable = ['access-control-allow-origin', origin, 'access-control-expose-headers', 'retry-after'];
      return ['vary', 'origin', ...readable];
    },
    answerPreflight(request, response) {
      if (response.hasHeader('access-control-allow-origin')) {
        response.setHeader('access-control-allow-methods', 'GET, POST');
        response.setHeader('access-control-allow-headers', requestHeaders);
        response.setHeader('access-control-max-age', maxAgeSeconds);
      }
      response.writeHead(204, { allow: 'GET, POST, OPTIONS', 'content-length': 0 }).end();
    },
    isOwnName,
    mayConnect,
  };
}

const requestHeaders = 'authorization, x-api-key, content-type, apollo-require-preflight, x-headgate-preflight';
const maxAgeSeconds = 600;

/** Behind a proxy that ends TLS the scheme is not known: the host tells enough. */
function isSame(origin: string, host: string | undefined): boolean {
  if (origin === lastSame.origin && host === lastSame.host) return true;
  const page = urlOf(origin);
  if (page === undefined || host === undefined || page.host !== urlOf(`${page.protocol}//${host}`)?.host) return false;
  lastSame = { origin, host };
  return true;
}

/** A page sends the same with all its requests. */
let lastSame = { origin: '', host: '' };

/** IPv6 has brackets in a URL. */
function isAddress(hostname: string): boolean {
  return hostname.startsWith('[') || isIPv4(hostname);
}

function urlOf(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
