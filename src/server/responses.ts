import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ErrorCode, GatewayError } from '../common/errors.ts';
import { headersOf, statusOf } from './http-errors.ts';

/** A URL has an answer for each caller: no cache in between is to give one what was another's. */
export const notStored = { 'cache-control': 'no-store' } as const;

/** Headers to which others are to come; names and values in turn. */
export function setHeaders(response: ServerResponse, headers: readonly string[]): void {
  for (let i = 0; i + 1 < headers.length; i += 2) response.setHeader(headers[i] ?? '', headers[i + 1] ?? '');
}

/** Responses without GraphQL's machinery. */
export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': json, ...notStored });
  response.end(JSON.stringify(body));
}

export function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...notStored });
  response.end(text);
}

/** In the form that GraphQL clients understand. */
export function refuse(response: ServerResponse, status: number, code: ErrorCode, message: string): void {
  sendJson(response, status, errorBody(code, message));
}

/** With the status of the error's code if none is given, and the headers that go with it. */
export function refuseWith(
  response: ServerResponse,
  { code, message, details }: GatewayError,
  status = statusOf(code),
): void {
  for (const [name, value] of Object.entries(headersOf(code, details))) response.setHeader(name, value);
  sendJson(response, status, errorBody(code, message, details));
}

/** In place of an upgrade: the socket is node's no more, so the response is written out here. It is closed, read or not. */
export function refuseUpgrade(
  socket: Duplex,
  status: number,
  code: ErrorCode,
  message: string,
  details: Readonly<Record<string, unknown>> = {},
): void {
  socket.once('finish', () => socket.destroy());
  socket.end(responseText(status, code, message, details));
}

/** A whole response as it goes over the wire; the connection is closed after it. */
export function responseText(
  status: number,
  code: ErrorCode,
  message: string,
  details: Readonly<Record<string, unknown>> = {},
): string {
  const body = JSON.stringify(errorBody(code, message, details));
  const headers = {
    connection: 'close',
    'content-type': json,
    'content-length': String(Buffer.byteLength(body)),
    ...headersOf(code, details),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...lines, '', body].join('\r\n');
}

const json = 'application/json; charset=utf-8';

function errorBody(code: ErrorCode, message: string, details: Readonly<Record<string, unknown>> = {}): unknown {
  return { errors: [{ message, extensions: { code, ...details } }] };
}

export function pathOf({ url = '/' }: IncomingMessage): string {
  const end = url.indexOf('?');
  return end === -1 ? url : url.slice(0, end);
}
