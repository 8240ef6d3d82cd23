import type { DocumentNode } from 'graphql';

const documents = new WeakMap<DocumentNode, DocumentNode>();

/**
 * The same query as a subscription: its live version, of the same type of data and variables. The same document for the same
 * query, as hooks need. Works with what `gql` and client-preset (`TypedDocumentNode`) give.
 */
export function live<D extends DocumentNode>(query: D): D {
  let document = documents.get(query);
  if (document === undefined) {
    // Without the source text that it may carry (urql would send that), and without the id of a persisted document.
    document = {
      kind: query.kind,
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
