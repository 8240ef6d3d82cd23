import type { IncomingMessage } from 'node:http';

/** Why a request to GraphQL's path is not even read. */
export interface Problem {
  readonly status: number;
  readonly message: string;
}

/** Before anything of the request is looked at: what it says of itself. `accepted` is what `acceptedTypes` tells. */
export function problemOf(request: IncomingMessage, accepted: readonly string[]): Problem | undefined {
  if (!hasGoodHost(request)) return noHost;
  if (request.method === 'POST' && !isJson(request.headers['content-type'])) return unknownContent;
  if (!accepted.some((type) => answerTypes.has(type))) return unknownAccept;
  return undefined;
}

/** A name or an address, and a port. Repeated headers are joined, so there is one. */
export function hasGoodHost({ headers: { host } }: IncomingMessage): boolean {
  if (host === undefined || host === lastGoodHost) return true;
  if (!/^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i.test(host) || !URL.canParse(`http://${host}`)) return false;
  lastGoodHost = host;
  return true;
}

/** Nearly all requests have the same, and reading one takes longer than all the rest that is looked at. */
let lastGoodHost: string | undefined;

export const noHost: Problem = {
  status: 400,
  message: 'The Host header is none: send the name and the port of this server, such as localhost:4000.',
};

export const otherOrigin =
  'Pages of this origin may not connect: name it in allowedOrigins, or serve the page under the name that it connects to.';

/** For servers that are there for this machine alone, and ask nobody who they are. */
export const otherName: Problem = {
  status: 403,
  message:
    'This server is for programs of its own machine, which call it localhost or 127.0.0.1. Behind a proxy with another name, add its origin (https://…) to allowedOrigins.',
};

/**
 * A page of any origin can make a browser send a request that is simple, and the browser asks nobody; these it asks about first
 * (origins.ts). So a plain GET carries one of them. A POST is never simple: its content type is not.
 */
export function isPreflighted({ headers }: IncomingMessage): boolean {
  return (
    headers['x-headgate-preflight'] !== undefined ||
    headers['apollo-require-preflight'] !== undefined ||
    isJson(headers['content-type'])
  );
}

export const notPreflighted: Problem = {
  status: 400,
  message:
    'A query by GET needs a header that no web page can send unasked: x-headgate-preflight: 1 (or apollo-require-preflight). Or POST it, as JSON.',
};

/** The media types that the client accepts, without their parameters. */
export function acceptedTypes({ headers: { accept = '*/*' } }: IncomingMessage): readonly string[] {
  if (accept !== lastAccept) {
    lastAccept = accept;
    lastAccepted = accept.split(',').map((type) => (type.split(';')[0] ?? '').trim().toLowerCase());
  }
  return lastAccepted;
}

/** Nearly all clients of a server send the same. */
let lastAccept: string | undefined;
let lastAccepted: readonly string[] = [];

export function takesJson(accepted: readonly string[]): boolean {
  return accepted.some((type) => type === '*/*' || type === 'application/*' || type.includes('json'));
}

/** Somebody who opens the address, rather than a program that asks: no query, or nothing but a page would do. */
export function isBrowser({ method, url = '' }: IncomingMessage, accepted: readonly string[]): boolean {
  if (!['GET', 'HEAD'].includes(method ?? '') || !accepted.includes('text/html')) return false;
  const start = url.indexOf('?');
  const asks = start !== -1 && new URLSearchParams(url.slice(start)).has('query');
  return !asks || !accepted.some((type) => type !== 'text/html' && answerTypes.has(type));
}

/** In UTF-8, the only encoding that JSON has. */
function isJson(contentType: string | undefined): boolean {
  // What nearly everybody sends.
  if (contentType === 'application/json') return true;
  const [type = '', ...parameters] = (contentType ?? '').toLowerCase().split(';');
  if (!['application/json', 'application/graphql+json'].includes(type.trim())) return false;
  return parameters.every((parameter) => {
    const [name = '', value = ''] = parameter.split('=', 2);
    return name.trim() !== 'charset' || /^"?utf-?8"?$/.test(value.trim());
  });
}

const unknownContent: Problem = {
  status: 415,
  message: 'A body of this type is not understood: send JSON in UTF-8, with content-type: application/json.',
};

/** `text/html` is GraphiQL's business. */
const answerTypes: ReadonlySet<string> = new Set([
  '*/*',
  'application/*',
  'application/json',
  'application/graphql-response+json',
  'text/event-stream',
  'text/html',
]);
const unknownAccept: Problem = {
  status: 406,
  message:
    'Nothing of the types accepted can be answered: send accept: application/graphql-response+json, application/json or text/event-stream.',
};
