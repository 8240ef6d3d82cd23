import type { DocumentNode } from 'graphql';

/** What client-preset gives a document that is persisted, and `live()` its live version: caches that transform documents keep it. */
export interface PersistedDocument extends DocumentNode {
  readonly __meta__?: { readonly hash?: string; readonly liveHash?: string };
}

const documents = new WeakMap<DocumentNode, DocumentNode>();

/**
 * The same query as a subscription: its live version, of the same type of data and variables. The same document for the same
 * query, as hooks need. Works with what `gql` and client-preset (`TypedDocumentNode`) give.
 */
export function live<D extends DocumentNode>(query: D): D {
  let document = documents.get(query);
  if (document === undefined) {
    const { hash } = (query as PersistedDocument).__meta__ ?? {};
    // Without the source text that it may carry (urql would send that). Its hash is that of the query, and so is called otherwise.
    document = {
      kind: query.kind,
      ...(hash && { __meta__: { liveHash: hash } }),
      definitions: query.definitions.map((definition) =>
        definition.kind === 'OperationDefinition'
          ? { ...definition, operation: 'subscription' as typeof definition.operation }
          : definition,
      ),
    };
    documents.set(query, document);
  }
  return document as D;
}
