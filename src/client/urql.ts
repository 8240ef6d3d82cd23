import { makeOperation, mapExchange } from '@urql/core';
import type { Exchange, SubscriptionForwarder } from '@urql/core';
import type { Cache, UpdateResolver } from '@urql/exchange-graphcache';
import { foldChanges, type ChangesMessage, type CachedFoldOptions } from './fold-changes.ts';
import type { LiveClient } from './live-client.ts';
import { withAtLeast, type Positions } from './positions.ts';

/**
 * `headgate/client/urql`: what urql and its Graphcache need to show live rows.
 *
 * Behind the cache's exchange: no answer is older than an earlier one.
 */
export function positionsExchange(positions: Positions): Exchange {
  return mapExchange({
    onOperation: (operation) =>
      operation.kind === 'teardown'
        ? operation
        : makeOperation(
            operation.kind,
            { ...operation, extensions: withAtLeast(positions, operation.extensions) },
            operation.context,
          ),
    onResult: ({ extensions }) => positions.see(extensions?.['position']),
  });
}

/** `subscriptionExchange({ forwardSubscription: liveSubscriptions(connection) })`. */
export function liveSubscriptions(connection: LiveClient): SubscriptionForwarder {
  return ({ query = '', variables, extensions }) => ({
    subscribe: (sink) => ({
      unsubscribe: connection.subscribe(
        { query, variables: variables ?? null, extensions: extensions ?? null },
        {
          ...sink,
          next: (result) => sink.next(result as Parameters<typeof sink.next>[0]),
        },
      ),
    }),
  });
}

type Updaters = Record<string, UpdateResolver>;

/**
 * For `cacheExchange({ updates: { Subscription: liveUpdates(liveFields, changeStreams) } })`, with what `headgate codegen` writes: a live
 * query gives the query of the same name and arguments its rows, a change stream takes the rows that it deletes out of the cache.
 *
 * `fields`: names of lists and rows that are live. `changes`: types of rows by the names of their change streams. `folds`: what else is
 * done with the messages of change streams, such as `foldIntoQuery`; before, since a list that shows a row which is gone is asked for anew.
 */
export function liveUpdates(
  fields: readonly string[],
  changes: Readonly<Record<string, string>> = {},
  folds: Readonly<Updaters> = {},
): Updaters {
  const updaters: Updaters = {};
  for (const field of fields) {
    updaters[field] = (result, args, cache) => cache.link('Query', field, args, result[field] as never);
  }
  for (const [field, typename] of Object.entries(changes)) {
    updaters[field] = (result, args, cache, info) => {
      folds[field]?.(result, args, cache, info);
      const { deletedIds = [] } = (result[field] ?? {}) as { deletedIds?: string[] };
      for (const id of deletedIds) cache.invalidate({ __typename: typename, id });
    };
  }
  return updaters;
}

/** In one of the `folds`: folds its message into a list that a query has in the cache, whose field is named. */
export function foldIntoQuery<Row extends { __typename?: string }>(
  cache: Cache,
  query: Parameters<Cache['updateQuery']>[0],
  field: string,
  message: ChangesMessage<Row>,
  options: CachedFoldOptions<Row> = {},
): void {
  cache.updateQuery(query, (data) => {
    if (data === null && options.startEmpty !== true) return null;
    const rows = ((data as Record<string, unknown> | null)?.[field] ?? []) as readonly Row[];
    return { ...(data as object | null), [field]: foldChanges(rows, message, options) } as never;
  });
}
