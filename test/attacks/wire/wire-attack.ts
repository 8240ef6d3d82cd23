import type { ErrorCode } from '../../../src/common/errors.ts';

/** One request, whole or not, as it is written to a connection, and what it ends in. */
export interface RequestAttack {
  readonly name: string;
  /** Sent one after the other. */
  readonly pieces: readonly (string | Uint8Array)[];
  /** Of the response; `cut` where the connection is ended without one. */
  readonly status: number | 'cut';
  /** Of the error in the response; absent where its body is none of GraphQL's. */
  readonly code?: ErrorCode;
}

/** What is sent over an open WebSocket, and the code that it is closed with. */
export interface SocketAttack {
  readonly name: string;
  readonly pieces: readonly (string | Uint8Array)[];
  readonly close: number;
}

export const genres = '{ genres { id } }';
export const asJson = JSON.stringify({ query: genres });

type Headers = Readonly<Record<string, string>>;

/** The head of a request; a header that is an empty text is left out. */
export function head(method: string, target: string, headers: Headers = {}, version = 'HTTP/1.1'): string {
  const lines = Object.entries({ host: '127.0.0.1', ...headers }).flatMap(([name, value]) =>
    value === '' ? [] : [`${name}: ${value}`],
  );
  return `${[`${method} ${target} ${version}`, ...lines].join('\r\n')}\r\n\r\n`;
}

/** To be told by the status, too. */
const accept = 'application/graphql-response+json';

/** A POST with this body and its true length, unless the headers say otherwise. */
export function post(body: string | Uint8Array, headers: Headers = {}): readonly (string | Uint8Array)[] {
  const length = String(Buffer.byteLength(body));
  const own = { accept, 'content-type': 'application/json', 'content-length': length };
  return [head('POST', '/graphql', { ...own, ...headers }), body];
}

export function get(parameters: Headers, headers: Headers = {}): string {
  const target = `/graphql?${new URLSearchParams(parameters).toString()}`;
  return head('GET', target, { accept, 'x-headgate-preflight': '1', ...headers });
}
