import type { IncomingMessage, ServerResponse } from 'node:http';

/** What a page of ours may load, beside talking to this server: sources by directive, such as `script-src 'self'`. */
export type PageSources = readonly string[];

/** The Host header has been looked at: it is a name. */
export function setPageHeaders(
  { headers: { host = '' } }: IncomingMessage,
  response: ServerResponse,
  sources: PageSources,
): void {
  const policy = [
    "default-src 'none'",
    ...sources,
    `connect-src 'self' ws://${host} wss://${host}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ];
  response.setHeader('content-security-policy', policy.join('; '));
  response.setHeader('referrer-policy', 'no-referrer');
}
