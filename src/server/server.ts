import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Catalog } from '../catalog/catalog.ts';
import { internalMessage } from '../common/errors.ts';
import type { ServerLimits } from '../config/limits.ts';
import type { Hub } from '../live/live.ts';
import type { Progress, QueryEngine } from '../query/query.ts';
import type { Store } from '../store/store.ts';
import { readiness } from './health.ts';
import { createHttpHandler } from './http.ts';
import { closeServer, listenOn } from './listen.ts';
import type { Log } from '../common/log.ts';
import { createMetrics, createMetricsServer } from './metrics.ts';
import { createOperations } from './operation.ts';
import { createRequestHandler, graphqlPath, pathOf, refuse } from './requests.ts';
import { createSockets } from './sockets.ts';
import { createEventStreams } from './sse.ts';
import { answerWithoutUpgrade } from './without-upgrade.ts';

export interface ServerOptions {
  readonly engine: QueryEngine;
  readonly hub: Hub;
  readonly store: Store;
  readonly catalog: Catalog;
  readonly progress: () => Progress;
  readonly limits: ServerLimits;
  /** Serve GraphiQL to browsers that open /graphql; a text is the document that it opens with. */
  readonly graphiql: boolean | string;
  /** Prometheus text on a port of its own; absent: none. 0 takes any free port. */
  readonly metricsPort?: number | undefined;
  /** Web pages of these origins may connect (CORS, WebSocket upgrades); absent: CORS is off, upgrades are not checked. */
  readonly allowedOrigins?: readonly string[] | undefined;
  readonly log: Log;
}

export interface Server {
  /** Rejects where the port is taken. `url` is that of /graphql. */
  listen(host: string, port: number): Promise<{ readonly url: string; readonly port: number }>;
  /** Of the metrics, once listening; undefined where there are none. */
  metricsPort(): number | undefined;
  /**
   * Shuts down in order: not ready, no new connections, subscriptions ended so that clients come back elsewhere, answers
   * under way finished, whoever is left cut off. Resolves once everything is closed.
   */
  drain(): Promise<void>;
  /** Cuts everybody off. */
  close(): Promise<void>;
}

/** How long a drain waits for answers under way and for clients to say goodbye, ms. */
const drainMs = 5_000;
const idleMs = 50;
const watchMs = 1_000;

/** /graphql over HTTP, SSE and WebSockets; /healthz and /readyz; metrics on another port. */
export function createServer(options: ServerOptions): Server {
  const { engine, hub, store, catalog, progress, limits, log } = options;
  const operations = createOperations({
    engine,
    hub,
    store,
    progress,
    requestTimeoutMs: limits.requestTimeoutMs,
    log,
  });
  const answerHttp = createHttpHandler({
    operations,
    schema: engine.schema,
    path: graphqlPath,
    graphiql: options.graphiql,
    allowedOrigins: options.allowedOrigins,
    log,
  });
  const sockets = createSockets({ operations, hub, schema: engine.schema, limits, log });
  const eventStreams = createEventStreams(hub, operations);
  let draining = false;

  const handle = createRequestHandler({
    operations,
    eventStreams,
    answerHttp,
    readiness: () => {
      const snapshot = store.snapshot();
      try {
        return readiness(catalog, snapshot, progress(), draining);
      } finally {
        snapshot.release();
      }
    },
    draining: () => draining,
    maxBodyBytes: limits.maxBodyBytes,
    maxEventStreams: limits.maxSockets,
    allowedOrigins: options.allowedOrigins,
    graphiql: options.graphiql,
  });
  const timeouts = {
    requestTimeout: limits.requestTimeoutMs,
    headersTimeout: limits.requestTimeoutMs,
    connectionsCheckingInterval: watchMs,
  };
  const server = createHttpServer(timeouts, (request, response) => {
    handle(request, response).catch((error: unknown) => {
      if (!request.destroyed) log.error('a request failed', { error });
      if (response.headersSent) response.destroy();
      else refuse(response, 500, 'INTERNAL', internalMessage);
    });
  });
  server.on('upgrade', (request, socket, head) => {
    // A reset before the handshake is nobody's problem.
    socket.on('error', () => {});
    if (request.headers.upgrade?.toLowerCase() !== 'websocket')
      return answerWithoutUpgrade(server, request, socket, head);
    if (pathOf(request) !== graphqlPath) return void socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n');
    if (draining) return void socket.end('HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n\r\n');
    if (!isAllowedOrigin(request)) return void socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n');
    sockets.upgrade(request, socket, head);
  });
  const metricsServer =
    options.metricsPort === undefined
      ? undefined
      : createMetricsServer(
          createMetrics({
            catalog,
            store,
            hub,
            progress,
            sockets: () => sockets.size,
            eventStreams: () => eventStreams.size,
          }),
        );
  const watching = setInterval(() => sockets.watch(Date.now()), watchMs);
  const telling = setInterval(() => {
    sockets.progress();
    eventStreams.progress(Date.now());
  }, limits.progressMs);

  function isAllowedOrigin({ headers }: IncomingMessage): boolean {
    return (
      options.allowedOrigins === undefined ||
      headers.origin === undefined ||
      options.allowedOrigins.includes(headers.origin)
    );
  }

  function stopTimers(): void {
    clearInterval(watching);
    clearInterval(telling);
  }

  async function closeServers(): Promise<void> {
    await Promise.all([server, metricsServer].map((each) => each !== undefined && closeServer(each)));
  }

  return {
    async listen(host, port) {
      const bound = await listenOn(server, host, port);
      if (metricsServer !== undefined) await listenOn(metricsServer, host, options.metricsPort ?? 0);
      const name = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
      return { url: `http://${name}:${bound}${graphqlPath}`, port: bound };
    },
    metricsPort: () => (metricsServer?.address() as AddressInfo | null | undefined)?.port,
    async drain() {
      draining = true;
      const closed = closeServers();
      sockets.restart();
      eventStreams.complete();
      // Connections that are kept alive become idle as their answers go out.
      const idle = setInterval(() => server.closeIdleConnections(), idleMs);
      await Promise.race([closed, delay(drainMs, undefined, { ref: false })]);
      clearInterval(idle);
      sockets.terminate();
      server.closeAllConnections();
      stopTimers();
      await closed;
    },
    async close() {
      draining = true;
      stopTimers();
      sockets.terminate();
      const closed = closeServers();
      server.closeAllConnections();
      await closed;
    },
  };
}
