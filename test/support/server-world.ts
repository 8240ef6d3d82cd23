import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type Client, type ClientOptions } from 'graphql-ws';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { must } from '../../src/common/errors.ts';
import { defaultQueryLimits, defaultServerLimits, type ServerLimits } from '../../src/config/limits.ts';
import { createIdentity } from '../../src/identity/create-identity.ts';
import { createHub } from '../../src/live/hub.ts';
import type { Hub, LiveLimits } from '../../src/live/live.ts';
import { createQueryEngine } from '../../src/query/engine.ts';
import type { Progress, QueryEngine, QueryLimits } from '../../src/query/query.ts';
import { limitRules } from '../../src/server/limits.ts';
import { createServer, type Server, type ServerOptions } from '../../src/server/server.ts';
import { loadTrustedDocuments, type TrustedDocuments } from '../../src/server/trusted-documents.ts';
import { idle, liveLimits } from './live-world.ts';
import { createRowsWorld, type Rows, type RowsOptions, type RowsWorld } from './rows-world.ts';

/** A server on a port of its own, over a store of rows. */
export interface ServerWorld extends Omit<RowsWorld, 'commit'> {
  readonly hub: Hub;
  readonly server: Server;
  readonly url: string;
  readonly wsUrl: string;
  readonly origin: string;
  /** Commits and wakes the hub, as the gateway does. */
  commit(rows: Rows): number;
  post(body: unknown, headers?: Record<string, string>): Promise<Response>;
  query(query: string, variables?: Record<string, unknown>): Promise<GraphqlResult>;
  client(options?: Partial<ClientOptions>): Client;
  /** A WebSocket that has spoken `connection_init`, with this payload. */
  socket(connectionParams?: Record<string, unknown>): Promise<WebSocket>;
}

export interface GraphqlResult {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { readonly message: string; readonly extensions: Record<string, unknown> }[];
  readonly extensions?: { readonly position: string };
}

export interface ServerWorldOptions
  extends
    RowsOptions,
    Partial<
      Pick<
        ServerOptions,
        | 'graphiql'
        | 'metricsPort'
        | 'allowedOrigins'
        | 'allowLoopbackOrigins'
        | 'identity'
        | 'adminKey'
        | 'tls'
        | 'trustProxy'
        | 'console'
        | 'isOperator'
        | 'log'
      >
    > {
  readonly limits?: Partial<QueryLimits & ServerLimits & LiveLimits>;
  readonly introspection?: boolean;
  /** Texts by id. */
  readonly trustedDocuments?: Readonly<Record<string, string>>;
  readonly progress?: () => Progress;
}

const silent = { info: () => {}, warn: () => {}, error: () => {} };

export async function createServerWorld(schema: string, options: ServerWorldOptions = {}): Promise<ServerWorld> {
  const clients: Client[] = [];
  const limits = { ...defaultQueryLimits, ...defaultServerLimits, ...liveLimits, ...options.limits };
  const rows = createRowsWorld(schema, {
    ...options,
    closing: async () => {
      for (const client of clients) await client.dispose();
      await server.close();
      hub.close();
    },
  });
  const { catalog, store, work } = rows;
  const progress = options.progress ?? (() => idle);
  const engine = createQueryEngine({
    catalog,
    work,
    limits,
    validationRules: limitRules(limits),
    introspection: options.introspection,
  });
  const hub = createHub({ store, engine, tables: catalog.tables, progress, limits });
  const server = createServer({
    allowLoopbackOrigins: options.allowLoopbackOrigins,
    identity: options.identity ?? createIdentity({ settings: {}, log: silent }),
    adminKey: options.adminKey,
    tls: options.tls,
    trustProxy: options.trustProxy,
    trustedDocuments: options.trustedDocuments && trusting(options.trustedDocuments, engine),
    engine,
    hub,
    store,
    catalog,
    progress,
    limits,
    graphiql: options.graphiql ?? false,
    console: options.console,
    introspection: options.introspection ?? true,
    isOperator: options.isOperator,
    metricsPort: options.metricsPort,
    allowedOrigins: options.allowedOrigins,
    log: options.log ?? silent,
  });
  const { url } = await server.listen('127.0.0.1', 0);
  const wsUrl = url.replace('http', 'ws');
  const post = (body: unknown, headers: Record<string, string> = {}) =>
    fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });

  return {
    ...rows,
    hub,
    server,
    url,
    wsUrl,
    origin: new URL(url).origin,
    commit(changes) {
      const version = rows.commit(changes);
      hub.wake();
      return version;
    },
    post,
    query: async (query, variables) => (await (await post({ query, variables })).json()) as GraphqlResult,
    client(given = {}) {
      const client = createClient({
        url: wsUrl,
        webSocketImpl: WebSocket,
        retryAttempts: 0,
        lazy: false,
        onNonLazyError: () => {},
        ...given,
      });
      clients.push(client);
      return client;
    },
    async socket(payload) {
      const socket = new WebSocket(wsUrl, 'graphql-transport-ws');
      onTestFinished(() => socket.terminate());
      await once(socket, 'open');
      socket.send(JSON.stringify({ type: 'connection_init', payload }));
      const refused = once(socket, 'close').then(([code, reason]) => {
        throw new Error(`the socket was closed before it was acknowledged: ${String(code)} ${String(reason)}`);
      });
      await Promise.race([once(socket, 'message'), refused]);
      refused.catch(() => {});
      return socket;
    },
  };
}

function trusting(documents: Readonly<Record<string, string>>, engine: QueryEngine): TrustedDocuments {
  const directory = mkdtempSync(join(tmpdir(), 'headgate-trusted-'));
  try {
    const file = join(directory, 'documents.json');
    writeFileSync(file, JSON.stringify(documents));
    return loadTrustedDocuments(file, engine);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The results of a subscription, to be waited for one by one. */
export interface Results {
  readonly all: GraphqlResult[];
  /** The result at this place, once it has come. */
  at(index: number): Promise<GraphqlResult>;
  /** Resolves when the operation has ended, with its error if it had one. */
  readonly ended: Promise<unknown>;
  stop(): void;
}

export function subscribe(
  client: Client,
  query: string,
  variables?: Record<string, unknown>,
  extensions?: Record<string, unknown>,
): Results {
  const all: GraphqlResult[] = [];
  let waiting: (() => void)[] = [];
  let finish: (value: unknown) => void = () => {};
  const ended = new Promise<unknown>((resolve) => (finish = resolve));
  const wake = () => {
    const woken = waiting;
    waiting = [];
    for (const resume of woken) resume();
  };
  const stop = client.subscribe<Record<string, unknown>, { position: string }>(
    { query, ...(variables && { variables }), ...(extensions && { extensions }) },
    {
      next: (result) => {
        all.push(result as GraphqlResult);
        wake();
      },
      error: (error) => finish(error),
      complete: () => finish(undefined),
    },
  );
  return {
    all,
    async at(index) {
      while (all.length <= index) await new Promise<void>((resolve) => waiting.push(resolve));
      return must(all[index], 'a result');
    },
    ended,
    stop,
  };
}
