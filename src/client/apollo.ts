import type {
  ApolloCache,
  ApolloLink,
  Cache,
  ObservableQuery,
  OperationVariables,
  TypedDocumentNode,
} from '@apollo/client';
import { tap } from 'rxjs';
import { foldChanges, type ChangesMessage, type CachedFoldOptions } from './fold-changes.ts';
import { live, type PersistedDocument } from './live-document.ts';
import { withAtLeast, type Positions } from './positions.ts';

/**
 * `headgate/client/apollo`: what Apollo Client 4 needs to show live rows.
 *
 * `new ApolloLink(positionsLink(positions))` before the link of a transport: no answer is older than an earlier one.
 */
export function positionsLink(positions: Positions): ApolloLink.RequestHandler {
  return (operation, forward) => {
    extend(operation, withAtLeast(positions, operation.extensions));
    return forward(operation).pipe(
      tap(({ extensions }) => positions.see((extensions as { position?: unknown } | undefined)?.position)),
    );
  };
}

/**
 * `new ApolloLink(documentIds)` before the link of a transport: sends along which document of `headgate codegen --persisted-documents`
 * this is. Apollo adds `__typename` to the text, which then is not the one of the list that `--trusted-documents` has.
 */
export const documentIds: ApolloLink.RequestHandler = (operation, forward) => {
  const { hash, liveHash } = (operation.query as PersistedDocument).__meta__ ?? {};
  if (hash !== undefined) extend(operation, { documentId: hash });
  if (liveHash !== undefined) extend(operation, { documentId: liveHash, live: true });
  return forward(operation);
};

function extend(operation: ApolloLink.Operation, extensions: Record<string, unknown> | undefined): void {
  operation.extensions = { ...operation.extensions, ...extensions };
  const { http } = operation.getContext();
  operation.setContext({ http: { ...http, includeExtensions: true } });
}

/**
 * Keeps the result of a query live: `useEffect(() => subscribeToMore(liveUpdates(SONGS, variables)), [subscribeToMore, …])`. Without it
 * a subscription would change the rows of a list and not which rows it has.
 */
export function liveUpdates<TData, TVariables extends OperationVariables>(
  query: TypedDocumentNode<TData, TVariables>,
  ...[variables]: Record<string, never> extends TVariables ? [variables?: TVariables] : [variables: TVariables]
): ObservableQuery.SubscribeToMoreOptions<TData, TVariables, TData, TVariables> {
  return {
    document: live(query),
    variables: variables as TVariables,
    updateQuery: (_previous, { subscriptionData }) => subscriptionData.data,
  } as ObservableQuery.SubscribeToMoreOptions<TData, TVariables, TData, TVariables>;
}

/**
 * Folds a message of a change stream into a list that a query has in the cache, whose field is named. Rows that other queries show
 * are up to date already: Apollo wrote `node` into the cache by its type and id.
 */
export function foldIntoQuery<TData, TVariables extends OperationVariables, Field extends keyof TData & string>(
  cache: ApolloCache,
  query: { readonly query: TypedDocumentNode<TData, TVariables>; readonly variables?: TVariables },
  field: Field,
  message: ChangesMessage<RowOf<TData[Field]>>,
  options: CachedFoldOptions<RowOf<TData[Field]>> = {},
): void {
  cache.updateQuery<TData, TVariables>(query as Cache.UpdateQueryOptions<TData, TVariables>, (data) => {
    if (data === null && options.startEmpty !== true) return undefined;
    const rows = ((data as TData | null)?.[field] ?? []) as readonly RowOf<TData[Field]>[];
    return { ...(data as TData | null), [field]: foldChanges(rows, message, options) } as never;
  });
}

type RowOf<List> = List extends readonly (infer Row extends object)[] ? Row : never;

/** Takes the rows that a message deletes out of the cache, and so out of every list that shows them. */
export function evictDeleted(
  cache: ApolloCache,
  typename: string,
  { deletedIds = [] }: { readonly deletedIds?: readonly (string | number)[] },
): void {
  for (const id of deletedIds) {
    const entity = cache.identify({ __typename: typename, id });
    if (entity !== undefined) cache.evict({ id: entity });
  }
  if (deletedIds.length > 0) cache.gc();
}
