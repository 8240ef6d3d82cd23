import type { ClientOptions } from 'graphql-ws';

/**
 * `headgate/client`: what a frontend needs beside its GraphQL client. Imports nothing at run time.
 *
 * ```ts
 * const link = new GraphQLWsLink(createClient(liveClientOptions({ url: 'ws://localhost:4000/graphql' })));
 * const client = new ApolloClient({ link, cache: new InMemoryCache(), ...apolloDefaults });
 * ```
 */

/** Longest wait between two attempts to connect, ms. */
const maxRetryWaitMs = 30_000;
const firstRetryWaitMs = 500;
/** Between the client's own pings, ms; a connection that answers none is replaced. */
const keepAliveMs = 10_000;

/**
 * Options for graphql-ws' `createClient` under which a connection survives restarts of the gateway: it never gives up
 * (its defaults do, at the first refused connection), waits a little longer each time, with jitter so that a thousand
 * clients do not return in one instant. Pass your own options to override any of them.
 */
export function liveClientOptions<P extends Record<string, unknown> | undefined = undefined>(
  options: ClientOptions<P>,
): ClientOptions<P> {
  return {
    retryAttempts: Infinity,
    shouldRetry: () => true,
    keepAlive: keepAliveMs,
    retryWait: (retries) =>
      new Promise((resolve) => {
        const longest = Math.min(maxRetryWaitMs, firstRetryWaitMs * 2 ** retries);
        setTimeout(resolve, Math.random() * longest);
      }),
    ...options,
  };
}

/**
 * For `new ApolloClient({ … })`. Apollo merges subscriptions with the same document and variables and does not repeat the
 * last result to whoever joins, so a component that mounts later would wait for the next change to see any row. Unmerged,
 * each gets its first frame at once; the gateway evaluates and serializes them once all the same.
 */
export const apolloDefaults = { queryDeduplication: false } as const;
