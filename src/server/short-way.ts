import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Caller } from '../model/caller.ts';
import type { Operations } from './operation.ts';
import { parseAsYoga } from './parameters.ts';
import { notStored } from './responses.ts';

/** A request for JSON, by GET or by POST, whose response has not been begun. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Of a POST. */
  readonly body: Buffer | undefined;
  readonly caller: Caller;
  /** What every response here begins with: names and values in turn. */
  readonly headers: readonly string[];
}

/**
 * Answers what most requests are, a query whose document is known and that has nothing to wait for, past yoga and its layers; byte for
 * byte as yoga would. False: it is to be answered the long way, as whatever has an error is.
 */
export type ShortWay = (exchange: Exchange) => boolean | Promise<true>;

export function createShortWay(operations: Operations): ShortWay {
  return ({ request, response, body, caller, headers }) => {
    const type = answerTypeOf(request.headers.accept);
    const asked = type === undefined ? undefined : parseAsYoga(request, body);
    const text = asked === undefined ? undefined : operations.answerAtOnce(asked, caller);
    if (text === undefined || type === undefined) return false;
    const bytes = Buffer.byteLength(text);
    // All at once and as a list, which node writes out as it is: headers that are set one by one are gathered and merged first.
    response.writeHead(200, [...headers, ...notStoredHeaders, 'Content-Type', type, 'content-length', String(bytes)]);
    // Most texts are ASCII, which goes out as it is.
    response.end(text, bytes === text.length ? 'latin1' : 'utf8');
    return response.writableLength === 0 ? true : sent(response);
  };
}

const notStoredHeaders = Object.entries(notStored).flat();

/** Who reads slowly is still being answered. */
async function sent(response: ServerResponse): Promise<true> {
  if (!response.closed) await once(response, 'close');
  return true;
}

/**
 * The type of the answer: of those that a client accepts the first that it can be. Undefined for a header with parameters other than
 * weights, which yoga does not look at.
 */
function answerTypeOf(accept: string | undefined): string | undefined {
  if (accept !== lastAccept) {
    lastAccept = accept;
    lastType = findAnswerType(accept ?? '*/*');
  }
  return lastType;
}

/** Nearly all clients of a server send the same. */
let lastAccept: string | undefined = '';
let lastType: string | undefined;

function findAnswerType(accept: string): string | undefined {
  const parts = accept.toLowerCase().split(',');
  if (!parts.every((part) => /^ *[\w*+./-]+ *(?:; *q=[\d.]+ *)?$/.test(part))) return undefined;
  for (const part of parts) {
    const type = (part.split(';')[0] ?? '').trim();
    if (type === 'application/graphql-response+json') return `${type}; charset=utf-8`;
    if (type === 'application/json' || type === '*/*' || type === 'application/*') {
      return 'application/json; charset=utf-8';
    }
  }
  return undefined;
}
