import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Log } from '../common/log.ts';
import { readBody, tooLarge } from './request-body.ts';
import { refuse, sendJson } from './responses.ts';

/** A claim's value that sessions are dropped by. */
export type ClaimValue = string | number | boolean;

export interface AdminOptions {
  /** Absent: nothing is administered over HTTP. */
  readonly adminKey: string | undefined;
  readonly dropSessions: (claim: string, value: ClaimValue) => number | Promise<number>;
  readonly log: Log;
}

export const dropPath = '/admin/sessions/drop';

const maxBodyBytes = 10_000;

/**
 * `POST /admin/sessions/drop` with `{"claim": "sub", "value": "u1"}` and `authorization: Bearer <adminKey>`, on the port of the metrics:
 * refuses the identities issued until now that have the claim, and ends their sessions. Answers `{"dropped": n}`.
 */
export async function answerDrop(
  request: IncomingMessage,
  response: ServerResponse,
  { adminKey, dropSessions, log }: AdminOptions,
): Promise<void> {
  if (adminKey === undefined) return void response.writeHead(404).end();
  if (!isSame(request.headers.authorization ?? '', `Bearer ${adminKey}`)) {
    log.warn('sessions were not dropped: the key was wrong', { from: request.socket.remoteAddress });
    response.setHeader('www-authenticate', 'Bearer');
    return refuse(response, 401, 'UNAUTHENTICATED', 'The key is wrong: send authorization: Bearer <adminKey>.');
  }
  if (request.method !== 'POST') {
    response.setHeader('allow', 'POST');
    return refuse(response, 405, 'BAD_USER_INPUT', 'Sessions are dropped by POST.');
  }
  const body = await readBody(request, maxBodyBytes);
  const asked = body === tooLarge ? undefined : parse(body.toString('utf8'));
  if (asked === undefined) {
    const message = 'Send JSON: {"claim": "sub", "value": "u1"}. A value is a text, a number or a boolean.';
    return refuse(response, 400, 'BAD_USER_INPUT', message);
  }
  const dropped = await dropSessions(asked.claim, asked.value);
  // The value says who: that is for no log.
  log.info('sessions were dropped', { claim: asked.claim, dropped });
  sendJson(response, 200, { dropped });
}

/** Takes as long whatever differs, and wherever. */
function isSame(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

function parse(text: string): { readonly claim: string; readonly value: ClaimValue } | undefined {
  try {
    const { claim, value } = JSON.parse(text) as Record<string, unknown>;
    if (typeof claim !== 'string' || claim === '') return undefined;
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return undefined;
    return { claim, value };
  } catch {
    return undefined;
  }
}
