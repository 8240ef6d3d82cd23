import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Caller } from '../model/caller.ts';
import type { OperationRequest } from '../query/query.ts';
import type { Operations } from './operation.ts';
import { notStored } from './responses.ts';

/**
 * Answers what most requests are, a query by POST whose document is known, past yoga and its layers; byte for byte as yoga would.
 * False: it is to be answered the long way, as whatever has an error is.
 */
export type ShortWay = (
  request: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
  caller: Caller,
) => boolean | Promise<true>;

export function createShortWay(operations: Operations): ShortWay {
  return (request, response, body, caller) => {
    const type = answerTypeOf(request.headers.accept);
    const asked = type === undefined ? undefined : readParameters(body);
    const text = asked === undefined ? undefined : operations.answerAtOnce(asked, caller);
    if (text === undefined || type === undefined) return false;
    const bytes = Buffer.byteLength(text);
    response.writeHead(200, { ...notStored, 'content-type': type, 'content-length': bytes });
    // Most texts are ASCII, which goes out as it is.
    response.end(text, bytes === text.length ? 'latin1' : 'utf8');
    return response.writableLength === 0 ? true : sent(response);
  };
}

/** Who reads slowly is still being answered. */
async function sent(response: ServerResponse): Promise<true> {
  if (!response.closed) await once(response, 'close');
  return true;
}

/** As yoga reads a body; undefined where it says that something is wrong, or might. */
function readParameters(body: Buffer): OperationRequest | undefined {
  let parameters: unknown;
  try {
    parameters = JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
  if (!isRecord(parameters)) return undefined;
  for (const name in parameters) if (!knownParameters.has(name)) return undefined;
  const { query, variables, operationName, extensions } = parameters;
  if (typeof query !== 'string' || !isOptionalRecord(variables) || !isOptionalRecord(extensions)) return undefined;
  if (operationName !== undefined && operationName !== null && typeof operationName !== 'string') return undefined;
  return { query, variables, operationName, extensions };
}

const knownParameters: ReadonlySet<string> = new Set(['query', 'variables', 'operationName', 'extensions']);

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

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isOptionalRecord(value: unknown): value is Readonly<Record<string, unknown>> | null | undefined {
  return value === undefined || value === null || isRecord(value);
}
