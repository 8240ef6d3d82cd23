import { ApolloClient, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { ApolloProvider } from '@apollo/client/react';
import { apolloDefaults, createLiveClient } from 'headgate/client';
import type { ConnectionStatus, LiveClientOptions, StatusStore } from 'headgate/client';
import { createContext, useContext, useSyncExternalStore } from 'react';
import type { ReactNode } from 'react';

/** Longest wait between two attempts to connect, ms: somebody is looking at the page. */
const maxRetryWaitMs = 2_000;

/** Apollo Client over one WebSocket to the gateway that serves the page, and what is known of that. */
export interface PageClient {
  readonly apollo: ApolloClient;
  readonly status: StatusStore;
}

/** Connects with its first operation. `connectionParams` are asked for before every connection. */
export function createPageClient(connectionParams?: LiveClientOptions['connectionParams']): PageClient {
  const socket = createLiveClient({
    url: new URL('/graphql', location.href.replace(/^http/, 'ws')).href,
    maxRetryWaitMs,
    ...(connectionParams === undefined ? {} : { connectionParams }),
  });
  const apollo = new ApolloClient({ link: new GraphQLWsLink(socket), cache: new InMemoryCache(), ...apolloDefaults });
  return { apollo, status: socket.status };
}

const StatusContext = createContext<StatusStore | undefined>(undefined);

/** The client, for everything below. */
export function LiveClient({ client, children }: { readonly client: PageClient; readonly children: ReactNode }) {
  return (
    <ApolloProvider client={client.apollo}>
      <StatusContext value={client.status}>{children}</StatusContext>
    </ApolloProvider>
  );
}

/** What is known of the connection. Renders again about once a second. */
export function useConnection(): ConnectionStatus {
  const status = useStatus();
  return useSyncExternalStore(status.subscribe, status.get);
}

/** The same in a word; renders again only when it changes. */
export function useConnectionKind(): ConnectionStatus['kind'] {
  const status = useStatus();
  return useSyncExternalStore(status.subscribe, () => status.get().kind);
}

function useStatus(): StatusStore {
  const status = useContext(StatusContext);
  if (status === undefined) throw new Error('there is no LiveClient around this');
  return status;
}
