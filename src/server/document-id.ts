import { isRecord } from '../common/is-record.ts';
import type { OperationRequest } from '../query/query.ts';

type Parameters = Readonly<Record<string, unknown>>;

/** Parameters by which clients name a document: of the draft for GraphQL over HTTP, of Relay's examples. */
const idParameters = ['documentId', 'doc_id', 'id'] as const;

/** How a request names its document instead of sending it. */
export interface DocumentId {
  readonly id: string;
  /** Apollo's automatic persisted queries: the client sends the text if it is told to. */
  readonly automatic: boolean;
}

/**
 * The document that a request names: by a parameter, by `extensions.documentId`, or by Apollo's
 * `extensions.persistedQuery.sha256Hash`. Undefined where it names none.
 */
export function documentIdOf(request: OperationRequest): DocumentId | undefined {
  const parameters = request as unknown as Parameters;
  const { extensions } = parameters;
  const given = idParameters.map((name) => parameters[name]);
  const { documentId, persistedQuery } = isRecord(extensions) ? extensions : {};
  const id = [...given, documentId].find((each) => typeof each === 'string');
  if (typeof id === 'string') return { id, automatic: false };
  const hash = isRecord(persistedQuery) ? persistedQuery['sha256Hash'] : undefined;
  return typeof hash === 'string' ? { id: hash, automatic: true } : undefined;
}

/**
 * Parameters of a request as those readers take them that know `query` alone: a named document is in `extensions`, and an
 * absent text is an empty one. `url`: of a request by GET, whose parameters may have been read without those. Anything that names
 * no document stays as it is.
 */
export function withDocumentId<T extends object>(parameters: T, url?: string): T {
  const named: Parameters = { ...(url === undefined ? {} : idsInUrl(url)), ...parameters };
  const { extensions } = named;
  if (extensions !== undefined && extensions !== null && !isRecord(extensions)) return parameters;
  const found = documentIdOf(named as unknown as OperationRequest);
  if (found === undefined) return parameters;
  const rest = Object.fromEntries(Object.entries(named).filter(([name]) => !isIdParameter(name)));
  return {
    ...rest,
    query: named['query'] ?? '',
    extensions: found.automatic ? extensions : { ...extensions, documentId: found.id },
  } as unknown as T;
}

function idsInUrl(url: string): Parameters {
  const start = url.indexOf('?');
  const given = new URLSearchParams(start === -1 ? '' : url.slice(start));
  return Object.fromEntries(idParameters.flatMap((name) => (given.has(name) ? [[name, given.get(name)]] : [])));
}

function isIdParameter(name: string): boolean {
  return idParameters.some((each) => each === name);
}
