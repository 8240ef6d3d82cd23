import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { GraphQLError, Kind, OperationTypeNode, parse, print, stripIgnoredCharacters } from 'graphql';
import type { DefinitionNode } from 'graphql';
import { GatewayError, SetupError, reasonOf } from '../common/errors.ts';
import type { Mistake } from '../common/errors.ts';
import { toGraphQLError } from '../live/frame.ts';
import type { OperationRequest, QueryEngine } from '../query/query.ts';
import { documentIdOf } from './document-id.ts';
import { readManifest } from './manifest.ts';

/** The only documents that are answered: those of a list, and the live versions of its queries. */
export interface TrustedDocuments {
  /** The text of a document by the id that the list gives it, or by the SHA-256 of its text. */
  byId(id: string): string | undefined;
  /** The live version of the query that is so called. */
  liveById(id: string): string | undefined;
  /** The text of the list that differs from this one in blanks, commas and comments at most. */
  byText(text: string): string | undefined;
}

/**
 * Reads the list: a JSON file as @graphql-codegen/client-preset (`persistedDocuments`) and Relay's compiler write it, ids and texts;
 * or as Apollo's @apollo/generate-persisted-query-manifest does. Throws SetupError with every mistake: of the file, and of each
 * document that is no valid one of this API, or passes a limit.
 */
export function loadTrustedDocuments(file: string, engine: Pick<QueryEngine, 'check'>): TrustedDocuments {
  const documents = readManifest(file, readText(file));
  const mistakes = [...documents].flatMap(([id, text]): Mistake[] => {
    const [error] = engine.check(text);
    return error === undefined ? [] : [{ file, message: `document "${id}": ${error.message}${placeOf(error)}` }];
  });
  if (mistakes.length > 0) throw new SetupError(mistakes);
  const textsById = new Map<string, string>();
  const textsByTokens = new Map<string, string>();
  const liveTexts = new Map<string, string>();
  const texts = new Set<string>();
  let longest = 0;
  for (const text of documents.values()) {
    textsById.set(createHash('sha256').update(text).digest('hex'), text);
    const live = liveText(text);
    if (live !== undefined && engine.check(live).length === 0) liveTexts.set(text, live);
    for (const each of [text, liveTexts.get(text) ?? text]) {
      texts.add(each);
      textsByTokens.set(stripIgnoredCharacters(each), each);
      longest = Math.max(longest, each.length);
    }
  }
  // The list has the last word.
  for (const [id, text] of documents) textsById.set(plain(id), text);
  return {
    byId: (id) => textsById.get(plain(id)),
    liveById: (id) => liveTexts.get(textsById.get(plain(id)) ?? ''),
    byText(text) {
      if (texts.has(text)) return text;
      // One that is much longer is another one, and need not be read to know that.
      return text.length > longest * maxBlanks ? undefined : textsByTokens.get(tokensOf(text));
    },
  };
}

/** The same with `subscription` for `query`; undefined where there is none of the two. */
function liveText(text: string): string | undefined {
  const document = parse(text);
  const isQuery = (node: DefinitionNode) => node.kind === Kind.OPERATION_DEFINITION && node.operation === 'query';
  if (!document.definitions.some(isQuery)) return undefined;
  const definitions = document.definitions.map((node) =>
    isQuery(node) ? { ...node, operation: OperationTypeNode.SUBSCRIPTION } : node,
  );
  return print({ ...document, definitions });
}

/** How much longer a document may be for being laid out. */
const maxBlanks = 20;

/**
 * The request with its document, or why it has none: every transport asks here. Without a list every text is good, and a document
 * that is only named is not known: Apollo's client is told so in its own words, upon which it sends the text. With a list a text that
 * is not in it may have a name beside it: a library has changed the text of a document, as Apollo does for its cache.
 */
export function resolveDocument(
  request: OperationRequest,
  trusted: TrustedDocuments | undefined,
): OperationRequest | GraphQLError {
  const { query } = request;
  const hasText = typeof query === 'string' && /\S/.test(query);
  const found = documentIdOf(request);
  // Apollo's hash beside a text is that of the text: another one is a mistake.
  const named = hasText && found?.automatic === true ? undefined : found;
  if (trusted === undefined) {
    return hasText || named === undefined
      ? request
      : toGraphQLError(named.automatic ? notSupported : notKnown(named.id));
  }
  // Neither text nor name: the engine says what is wrong.
  if (!hasText && named === undefined) return request;
  const isLive = request.extensions?.['live'] === true;
  const byId = isLive ? trusted.liveById : trusted.byId;
  const text = (hasText ? trusted.byText(query) : undefined) ?? (named && byId(named.id));
  return text === undefined ? toGraphQLError(notTrusted(named?.id)) : { ...request, query: text };
}

function notTrusted(id: string | undefined): GatewayError {
  const which = id === undefined ? 'this document' : `document ${quoted(id)}`;
  return new GatewayError(
    'FORBIDDEN',
    `Only the documents of a list are answered here (setting trustedDocuments), and ${which} is not among them. Add it to the list, and start Headgate with that.`,
    { setting: 'trustedDocuments' },
  );
}

function notKnown(id: string): GatewayError {
  return new GatewayError(
    'BAD_USER_INPUT',
    `The request names document ${quoted(id)} and has no text, and Headgate has no list of documents (setting trustedDocuments). Send the text as "query".`,
  );
}

/** The message is what Apollo's and urql's clients look at: they send texts from then on, and no hashes. */
const notSupported = new GatewayError('BAD_USER_INPUT', 'PersistedQueryNotSupported', {
  help: 'Documents are not remembered by their hashes: send the text as "query". A list of documents can be given with the setting trustedDocuments.',
});

function quoted(id: string): string {
  return JSON.stringify(id.length > 100 ? `${id.slice(0, 100)}…` : id);
}

/** An id may or may not say which hash it is. */
function plain(id: string): string {
  return id.startsWith('sha256:') ? id.slice('sha256:'.length) : id;
}

function tokensOf(text: string): string {
  try {
    return stripIgnoredCharacters(text);
  } catch (error) {
    if (error instanceof GraphQLError) return text;
    throw error;
  }
}

function placeOf({ locations }: GraphQLError): string {
  const [place] = locations ?? [];
  return place === undefined ? '' : ` (line ${place.line}, column ${place.column} of the document)`;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const reason = reasonOf(error);
    throw new SetupError([{ file, message: `The list of trusted documents cannot be read: ${reason}` }]);
  }
}
