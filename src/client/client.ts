import type { ClientOptions } from 'graphql-ws/client';
import { retryWaitMs } from './retries.ts';

/**
 * `headgate/client`: what a frontend needs beside its GraphQL client.
 *
 * ```ts
 * const connection = createLiveClient({ url: 'wss://example.com/graphql', token: () => session.token() });
 * const client = new ApolloClient({ link: new GraphQLWsLink(connection), cache: new InMemoryCache(), ...apolloDefaults });
 * connection.status.subscribe(() => show(describeStatus(connection.status.get())));
 * ```
 *
 * What is for one library only is in `headgate/client/apollo`, `/urql`, `/relay` and `/react`.
 */
export { createLiveClient } from './live-client.ts';
export type { LiveClient, LiveClientOptions, LivePayload } from './live-client.ts';
export { describeStatus } from './status.ts';
export type { ConnectionStatus, StatusStore } from './status.ts';
export { createPositions, fetchAtLeast } from './positions.ts';
export type { Positions } from './positions.ts';
export { foldChanges } from './fold-changes.ts';
export type { ChangesMessage, FoldOptions } from './fold-changes.ts';
export { live } from './live-document.ts';

/** Longest wait between two attempts to connect, ms. */
const maxRetryWaitMs = 30_000;
/** Between the client's own pings, ms. */
const keepAliveMs = 10_000;

/**
 * Options for graphql-ws' own `createClient` under which a connection survives restarts of the gateway: it never gives up (its
 * defaults do, at the first refused connection), waits a little longer each time, with jitter so that a thousand clients do not
 * return in one instant. Pass your own options to override any of them. `createLiveClient` does more.
 */
export function liveClientOptions<P extends Record<string, unknown> | undefined = undefined>(
  options: ClientOptions<P>,
): ClientOptions<P> {
  return {
    retryAttempts: Infinity,
    shouldRetry: () => true,
    keepAlive: keepAliveMs,
    retryWait: (retries) => new Promise((resolve) => setTimeout(resolve, retryWaitMs(retries, maxRetryWaitMs))),
    ...options,
  };
}

/**
 * For `new ApolloClient({ … })`. Apollo merges subscriptions with the same document and variables and does not repeat the
 * last result to whoever joins, so a component that mounts later would wait for the next change to see any row. Unmerged,
 * each gets its first frame at once; the gateway evaluates and serializes them once all the same.
 */
export const apolloDefaults = { queryDeduplication: false } as const;
