import type { DocumentNode } from 'graphql';

/** What client-preset gives a document that is persisted, and `live()` its live version: caches that transform documents keep it. */
export interface PersistedDocument extends DocumentNode {
  readonly __meta__?: { readonly hash?: string; readonly liveHash?: string };
}

const documents = new WeakMap<DocumentNode, DocumentNode>();

/**
 * The same query as a subscription: its live version, of the same type of data and variables. The same document for the same
 * query, as hooks need. Works with what `gql` and client-preset (`TypedDocumentNode`) give. Throws for a query of several fields, of
 * which a subscription has one only.
 */
export function live<D extends DocumentNode>(query: D): D {
  let document = documents.get(query);
  if (document === undefined) {
    const { hash } = (query as PersistedDocument).__meta__ ?? {};
    // Without the source text that it may carry (urql would send that). Its hash is that of the query, and so is called otherwise.
    document = {
      kind: query.kind,
      ...(hash && { __meta__: { liveHash: hash } }),
      definitions: query.definitions.map((definition) => {
        if (definition.kind !== 'OperationDefinition') return definition;
        const fields = definition.selectionSet.selections.map((each) =>
          each.kind === 'Field' ? (each.alias ?? each.name).value : '...',
        );
        const names = [...new Set(fields)];
        if (names.length > 1) throw new Error(`A subscription has one field: split the query of ${names.join(', ')}.`);
        return { ...definition, operation: 'subscription' as typeof definition.operation };
      }),
    };
    documents.set(query, document);
  }
  return document as D;
}
