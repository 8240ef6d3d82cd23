import type { Credentials } from '../config/authenticate.ts';
import { refused } from './refused.ts';

/** What a client shows of the kinds that Headgate knows. */
export type Presented =
  | { readonly kind: 'none' }
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'apiKey'; readonly apiKey: string }
  /** An `authorization` that is no bearer token: `Basic …`, say, of a proxy in between. */
  | { readonly kind: 'other' };

/** Longer ones are no tokens that anybody issues, and are not looked at. */
const maxLength = 16_384;

const tooMany =
  'There are several credentials, and they may be those of different callers. Send one token or one API key.';

/**
 * The token or API key that a client shows. Over a WebSocket `connectionParams` comes first: browsers cannot set headers there, and
 * send what cookies and proxies put into them. Nothing is ever read from a URL, which ends up in logs and histories. Throws
 * UNAUTHENTICATED for several at once, and for what is no text.
 */
export function presentedBy({ headers, connectionParams }: Credentials): Presented {
  const inParams = connectionParams === undefined ? undefined : ofParams(connectionParams);
  return inParams === undefined || inParams.kind === 'none'
    ? one([authorization(textOf(headers.authorization))], [textOf(headers['x-api-key'])])
    : inParams;
}

function ofParams(params: Readonly<Record<string, unknown>>): Presented {
  const headers = lowerCase(own(params, 'headers'));
  return one(
    [
      authorization(textOf(own(params, 'authorization'))),
      authorization(textOf(own(params, 'Authorization'))),
      authorization(textOf(headers.get('authorization'))),
      bare(textOf(own(params, 'token'))),
    ],
    [textOf(own(params, 'apiKey')), textOf(headers.get('x-api-key'))],
  );
}

/** The only one there is, though it may be in several places. */
function one(tokens: readonly (Presented | undefined)[], apiKeys: readonly (string | undefined)[]): Presented {
  const found = [
    ...tokens,
    ...apiKeys.map((apiKey) => (apiKey === undefined ? undefined : ({ kind: 'apiKey', apiKey } as const))),
  ].filter((each) => each !== undefined);
  const [first, ...others] = found;
  if (first === undefined) return { kind: 'none' };
  if (others.some((each) => !same(first, each))) throw refused(tooMany);
  return first;
}

function same(a: Presented, b: Presented): boolean {
  if (a.kind === 'token' && b.kind === 'token') return a.token === b.token;
  return a.kind === 'apiKey' && b.kind === 'apiKey' && a.apiKey === b.apiKey;
}

function authorization(header: string | undefined): Presented | undefined {
  if (header === undefined) return undefined;
  const scheme = /^bearer(?:\s+|$)/i.exec(header);
  return scheme === null ? { kind: 'other' } : { kind: 'token', token: header.slice(scheme[0].length).trim() };
}

/** A token with or without its scheme. */
function bare(text: string | undefined): Presented | undefined {
  if (text === undefined) return undefined;
  return /^bearer\s/i.test(text) ? authorization(text) : { kind: 'token', token: text };
}

/** Null and an empty text are how clients say that nobody has signed in. */
function textOf(given: unknown): string | undefined {
  if (given === undefined || given === null) return undefined;
  if (typeof given !== 'string') throw refused('Credentials are texts, and there is something else in their place.');
  const text = given.trim();
  if (text.length > maxLength) throw refused(`Credentials are at most ${maxLength} characters long.`);
  return text === '' ? undefined : text;
}

function own(record: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** Headers as clients write them. Two of one name in different case are as good as one: the last. */
function lowerCase(headers: unknown): ReadonlyMap<string, unknown> {
  if (typeof headers !== 'object' || headers === null) return new Map();
  return new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
