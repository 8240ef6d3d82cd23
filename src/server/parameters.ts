import type { IncomingMessage } from 'node:http';
import { isRecord } from '../common/is-record.ts';
import type { OperationRequest } from '../query/query.ts';
import { withDocumentId } from './document-id.ts';

type Parameters = Readonly<Record<string, unknown>>;

/** The parameters of a GraphQL request by GET or, where there is a body, by a POST of JSON; undefined where it is neither. */
export function parseRequest(request: IncomingMessage, body: Buffer | undefined): OperationRequest | undefined {
  const given = readParameters(request, body);
  return given && toRequest(withDocumentId(given, body === undefined ? request.url : undefined));
}

/** The same as yoga reads it; undefined where yoga says that something is wrong, or might. */
export function parseAsYoga(request: IncomingMessage, body: Buffer | undefined): OperationRequest | undefined {
  const given = readParameters(request, body);
  if (given === undefined) return undefined;
  if (typeof given['query'] === 'string' && isKnown(given)) return toRequest(given);
  const named = withDocumentId(given, body === undefined ? request.url : undefined);
  return isKnown(named) ? toRequest(named) : undefined;
}

function readParameters({ url = '' }: IncomingMessage, body: Buffer | undefined): Parameters | undefined {
  try {
    const given: unknown = body === undefined ? inUrl(url) : JSON.parse(body.toString('utf8'));
    return isRecord(given) ? given : undefined;
  } catch {
    return undefined;
  }
}

function inUrl(url: string): Parameters {
  const parameters = new URLSearchParams(url.slice(url.indexOf('?') + 1));
  const json = (name: string): unknown => {
    const text = parameters.get(name);
    return text === null || text === '' ? undefined : JSON.parse(text);
  };
  return {
    query: parameters.get('query') ?? undefined,
    operationName: parameters.get('operationName'),
    variables: json('variables'),
    extensions: json('extensions'),
  };
}

function toRequest({ query, variables, operationName, extensions }: Parameters): OperationRequest | undefined {
  if (typeof query !== 'string' || !isOptionalRecord(variables) || !isOptionalRecord(extensions)) return undefined;
  if (operationName !== undefined && operationName !== null && typeof operationName !== 'string') return undefined;
  return { query, variables, operationName, extensions };
}

function isKnown(parameters: Parameters): boolean {
  for (const name in parameters) if (!knownParameters.has(name)) return false;
  return true;
}

const knownParameters: ReadonlySet<string> = new Set(['query', 'variables', 'operationName', 'extensions']);

function isOptionalRecord(value: unknown): value is Parameters | null | undefined {
  return value === undefined || value === null || isRecord(value);
}
