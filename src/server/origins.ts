import type { IncomingMessage, ServerResponse } from 'node:http';
import { isLoopback } from '../common/loopback.ts';

/**
 * Which web pages may talk to Headgate. Browsers alone send an Origin, and they alone are bound by the answer: other programs are
 * held to their credentials. No page of another origin may, unless it is named; and none of those may use cookies.
 */
export interface Origins {
  /** For CORS: lets the page read the response that follows, whatever it is. */
  allowReading(request: IncomingMessage, response: ServerResponse): void;
  /** Answers the question that browsers ask before a request that is not simple. */
  answerPreflight(request: IncomingMessage, response: ServerResponse): void;
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

  function isAllowed(origin: string): boolean {
    return allowed.has(origin) || (allowLoopbackOrigins && isLoopback(urlOf(origin)?.hostname ?? ''));
  }

  return {
    allowReading({ headers: { origin } }, response) {
      if (closed) return;
      // A cache must not give one page the answer to another.
      response.setHeader('vary', 'origin');
      if (origin === undefined || !isAllowed(origin)) return;
      response.setHeader('access-control-allow-origin', origin);
      response.setHeader('access-control-expose-headers', 'retry-after');
    },
    answerPreflight(request, response) {
      if (response.hasHeader('access-control-allow-origin')) {
        response.setHeader('access-control-allow-methods', 'GET, POST');
        response.setHeader('access-control-allow-headers', requestHeaders);
        response.setHeader('access-control-max-age', maxAgeSeconds);
      }
      response.writeHead(204, { allow: 'GET, POST, OPTIONS', 'content-length': 0 }).end();
    },
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

function urlOf(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
