import type { IncomingMessage, ServerResponse } from 'node:http';
import { isIPv4 } from 'node:net';
import { isLoopback } from '../common/loopback.ts';
import { hasGoodHost } from './request-checks.ts';

/**
 * Which web pages may talk to Headgate. Browsers alone send an Origin, and they alone are bound by the answer: other programs are
 * held to their credentials. No page of another origin may, unless it is named; and none of those may use cookies.
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
}

export function createOrigins({ allowedOrigins = [], allowLoopbackOrigins = false }: OriginOptions): Origins {
  const allowed = new Set(allowedOrigins);
  const closed = allowed.size === 0 && !allowLoopbackOrigins;

  const names = new Set(allowedOrigins.map((origin) => urlOf(origin)?.hostname));
  /** Nearly all requests have the same. */
  let lastOwnHost: string | undefined;

  function isOwnName(request: IncomingMessage): boolean {
    const { host } = request.headers;
    // No browser sends what is no name; whoever does is told so elsewhere.
    if (host === undefined || host === lastOwnHost || !hasGoodHost(request)) return true;
    const name = urlOf(`http://${host}`)?.hostname ?? '';
    if (!isAddress(name) && name !== 'localhost' && !name.endsWith('.localhost') && !names.has(name)) return false;
    lastOwnHost = host;
    return true;
  }

  function isAllowed(origin: string): boolean {
    return allowed.has(origin) || (allowLoopbackOrigins && isLoopback(urlOf(origin)?.hostname ?? ''));
  }

  return {
    readingHeaders({ headers: { origin } }) {
      if (closed) return [];
      // A cache must not give one page the answer to another.
      if (origin === undefined || !isAllowed(origin)) return ['vary', 'origin'];
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
    mayConnect: ({ headers: { origin, host } }) => origin === undefined || isAllowed(origin) || isSame(origin, host),
  };
}

const requestHeaders = 'authorization, x-api-key, content-type, apollo-require-preflight, x-headgate-preflight';
const maxAgeSeconds = 600;

/** Behind a proxy that ends TLS the scheme is not known: the host tells enough. */
function isSame(origin: string, host: string | undefined): boolean {
  const page = urlOf(origin);
  return page !== undefined && host !== undefined && page.host === urlOf(`${page.protocol}//${host}`)?.host;
}

/** IPv6 has brackets in a URL. */
function isAddress(hostname: string): boolean {
  return hostname.startsWith('[') || isIPv4(hostname);
}

function urlOf(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
