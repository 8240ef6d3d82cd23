import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApolloClient, InMemoryCache, gql } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { createClient } from 'graphql-ws';
import { filter, firstValueFrom, from } from 'rxjs';
import type { Observable } from 'rxjs';
import { WebSocket } from 'ws';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { apolloDefaults, liveClientOptions } from '../../src/client/client.ts';
import { appendToLog } from '../../src/source/log-writer.ts';
import { startGatewayProcess } from '../support/gateway-process.ts';
import type { GatewayProcess } from '../support/gateway-process.ts';

/** A real Apollo Client 4 over graphql-ws, against the command line as users run it. */
const directory = mkdtempSync(join(tmpdir(), 'headgate-apollo-'));
const log = join(directory, 'log');
const args = ['serve', '--schema', 'schema.graphql', '--log', log, '--data', join(directory, 'data')];
let gateway: GatewayProcess;
let apollo: ApolloClient;
let dispose: () => void | Promise<void>;
let port: string;

/** A live list is replaced whole, never merged. */
const typePolicies = {
  Query: { fields: { songs: { merge: false } } },
  Subscription: { fields: { songs: { merge: false } } },
};

const produce = (records: readonly { key: string; value: { title: string } | null }[]) =>
  appendToLog(log, 'songs', records);

beforeAll(async () => {
  writeFileSync(
    join(directory, 'schema.graphql'),
    'type Song @table(topic: "songs") { id: ID! title: String! @index }',
  );
  produce([
    { key: 'a', value: { title: 'A' } },
    { key: 'b', value: { title: 'B' } },
  ]);
  gateway = await startGatewayProcess(args, { cwd: directory });
  port = new URL(gateway.url).port;
  const client = createClient(
    liveClientOptions({
      url: gateway.wsUrl,
      webSocketImpl: WebSocket,
      retryWait: () => new Promise((r) => setTimeout(r, 50)),
    }),
  );
  dispose = () => client.dispose();
  apollo = new ApolloClient({
    link: new GraphQLWsLink(client),
    cache: new InMemoryCache({ typePolicies }),
    ...apolloDefaults,
  });
});

afterAll(async () => {
  await dispose();
  apollo.stop();
  await gateway.stop();
  rmSync(directory, { recursive: true, force: true });
});

const listDocument = gql`
  query Songs {
    songs(orderBy: [{ title: ASC }]) {
      id
      title
    }
  }
`;
const liveDocument = gql`
  subscription SongsLive {
    songs(orderBy: [{ title: ASC }]) {
      id
      title
    }
  }
`;
const changesDocument = gql`
  subscription SongChanges {
    songChanges {
      changes {
        operation
        rowId
        node {
          id
          title
        }
      }
      deletedIds
      position
    }
  }
`;

interface Songs {
  songs: { id: string; title: string }[];
}

const shown = (songs: Songs | undefined) => songs?.songs.map(({ id, title }) => `${id}:${title}`).join(' ');

/** Resolves when a result for which the condition holds arrives. */
function until<T>(observable: Observable<T>, condition: (value: T) => boolean): Promise<T> {
  return firstValueFrom(observable.pipe(filter(condition)));
}

test('a live list in the cache follows inserts, updates, deletes and a restart', async () => {
  const query = apollo.watchQuery<Songs>({ query: listDocument });
  // What a mounted component is: without it Apollo tears the query down between two looks.
  const mounted = query.subscribe(() => {});
  query.subscribeToMore<Songs>({
    document: liveDocument,
    updateQuery: (_previous, { subscriptionData }) => subscriptionData.data as never,
  });
  const seen = (expected: string) => until(from(query), ({ data }) => shown(data as Songs | undefined) === expected);
  await seen('a:A b:B');
  const inserted = seen('a:A b:B c:C');
  produce([{ key: 'c', value: { title: 'C' } }]);
  await inserted;
  const updated = seen('b:B c:C a:Z');
  produce([{ key: 'a', value: { title: 'Z' } }]);
  await updated;
  const deleted = seen('c:C a:Z');
  produce([{ key: 'b', value: null }]);
  await deleted;

  const afterRestart = seen('c:C d:D a:Z');
  await gateway.kill9();
  produce([{ key: 'd', value: { title: 'D' } }]);
  gateway = await startGatewayProcess([...args, '--port', port], { cwd: directory });
  await afterRestart;
  expect(shown(apollo.readQuery<Songs>({ query: listDocument }) ?? undefined)).toBe('c:C d:D a:Z');
  mounted.unsubscribe();
});

test('a component that mounts the same live query later sees the rows at once', async () => {
  const first = apollo.subscribe<Songs>({ query: liveDocument });
  const held = first.subscribe({ next: () => {} });
  await until(first, ({ data }) => shown(data ?? undefined) !== undefined);
  const second = await until(apollo.subscribe<Songs>({ query: liveDocument }), () => true);
  expect(shown(second.data ?? undefined)).toBe('c:C d:D a:Z');
  held.unsubscribe();
});

test('a change stream keeps the normalized cache true', async () => {
  await apollo.query<Songs>({ query: listDocument, fetchPolicy: 'network-only' });
  const operations: string[] = [];
  interface Changes {
    songChanges: { changes: { operation: string; rowId: string }[]; deletedIds: string[] };
  }
  const stream = apollo.subscribe<Changes>({ query: changesDocument });
  const done = until(stream, ({ data }) => {
    for (const { operation, rowId } of data?.songChanges.changes ?? []) operations.push(`${operation} ${rowId}`);
    for (const id of data?.songChanges.deletedIds ?? []) {
      apollo.cache.evict({ id: apollo.cache.identify({ __typename: 'Song', id }) as string });
    }
    if (operations.length === 0) {
      produce([
        { key: 'c', value: { title: 'C2' } },
        { key: 'd', value: null },
      ]);
    }
    return operations.length >= 2;
  });
  await done;
  expect(operations).toEqual(['UPDATE c', 'DELETE d']);
  expect(shown(apollo.readQuery<Songs>({ query: listDocument }) ?? undefined)).toBe('c:C2 a:Z');
});
