import { ApolloClient, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { ApolloProvider } from '@apollo/client/react';
import { apolloDefaults, createLiveClient } from 'headgate/client';
import type { ConnectionStatus } from 'headgate/client';
import { useSyncExternalStore } from 'react';
import type { ReactNode } from 'react';

/** Longest wait between two attempts to connect, ms: somebody is looking at the page. */
const maxRetryWaitMs = 2_000;

const socket = createLiveClient({
  url: new URL('/graphql', location.href.replace(/^http/, 'ws')).href,
  maxRetryWaitMs,
});

const { status } = socket;

const apollo = new ApolloClient({ link: new GraphQLWsLink(socket), cache: new InMemoryCache(), ...apolloDefaults });

/** Apollo Client over one WebSocket to the gateway, for everything below. */
export function LiveClient({ children }: { readonly children: ReactNode }) {
  return <ApolloProvider client={apollo}>{children}</ApolloProvider>;
}

/** What is known of the connection. Renders again about once a second. */
export function useConnection(): ConnectionStatus {
  return useSyncExternalStore(status.subscribe, status.get);
}

/** The same in a word; renders again only when it changes. */
export function useConnectionKind(): ConnectionStatus['kind'] {
  return useSyncExternalStore(status.subscribe, () => status.get().kind);
}
