import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { printSchema } from 'graphql';
import type { Catalog } from '../catalog/catalog.ts';
import type { Work } from '../common/work.ts';
import { isLoopback } from '../common/loopback.ts';
import type { ServerLimits } from '../config/limits.ts';
import type { Identity } from '../identity/identity.ts';
import type { Hub } from '../live/live.ts';
import type { Caller } from '../model/caller.ts';
import type { Progress, QueryEngine } from '../query/query.ts';
import type { Store } from '../store/store.ts';
import type { ClaimValue } from './admin.ts';
import { createCallerLimits, noCallerLimits } from './caller-limits.ts';
import { createCallers } from './callers.ts';
import { publicReadiness, readiness } from './health.ts';
import { createHttpHandler } from './http.ts';
import { createConsole } from './console.ts';
import { createBoundedServer, type Tls } from './http-server.ts';
import { generalDocument, openingDocument } from './graphiql.ts';
import { closeServer, listenOn, stopListening, takeWaiting } from './listen.ts';
import type { Log } from '../common/log.ts';
import { createMetrics, metricsText } from './metrics.ts';
import { createOperations } from './operation.ts';
import { createOperatorsServer } from './operators-server.ts';
import { createOrigins } from './origins.ts';
import { createRefusals } from './refusals.ts';
import { createRequestHandler, graphqlPath } from './requests.ts';
import { RequestsUnderWay } from './requests-under-way.ts';
import { createSessions } from './sessions.ts';
import { createShortWay } from './short-way.ts';
import { createSockets } from './sockets.ts';
import { createEventStreams } from './sse.ts';
import type { TrustedDocuments } from './trusted-documents.ts';
import { takeUpgrades } from './upgrades.ts';

export interface ServerOptions {
  readonly engine: QueryEngine;
  readonly hub: Hub;
  readonly store: Store;
  readonly catalog: Catalog;
  readonly progress: () => Progress;
  /** What the writing wing did, for the metrics; absent where another process has it. */
  readonly writerWork?: Readonly<Work> | undefined;
  readonly limits: ServerLimits;
  /** Tells who asks. */
  readonly identity: Identity;
  /** Lets an operator drop sessions, on the port of the metrics; absent: nobody. */
  readonly adminKey?: string | undefined;
  /** Serve HTTPS. Absent: HTTP, for a proxy in front. */
  readonly tls?: Tls | undefined;
  /** Proxies in front whose `x-forwarded-for` is believed. Default 0. */
  readonly trustProxy?: number | undefined;
  /** The only documents that are answered, over every transport; absent: every one is. */
  readonly trustedDocuments?: TrustedDocuments | undefined;
  /** Serve GraphiQL to browsers that open /graphql; a text is the document that it opens with. */
  readonly graphiql: boolean | string;
  /** The folder of the console's page; absent: there is no console. */
  readonly console?: string | undefined;
  /** Whether callers may be told the schema; operators are in any case. Default false. */
  readonly introspection?: boolean | undefined;
  readonly isOperator?: ((caller: Caller) => boolean) | undefined;
  /** Whether most queries are answered past yoga. Default true. */
  readonly shortWay?: boolean | undefined;
  /** Prometheus text on a port of its own; absent: none. 0 takes any free port. */
  readonly metricsPort?: number | undefined;
  /** Web pages of these origins may connect (CORS, WebSockets), beside those that are served under the same name. */
  readonly allowedOrigins?: readonly string[] | undefined;
  /** So may those that this machine serves, on whatever port. Default false. */
  readonly allowLoopbackOrigins?: boolean | undefined;
  readonly log: Log;
}

export interface Server {
  /** Rejects where the port is taken. `url` is that of /graphql. */
  listen(host: string, port: number): Promise<{ readonly url: string; readonly port: number }>;
  /** Of the metrics, once listening; undefined where there are none. */
  metricsPort(): number | undefined;
  /**
   * Refuses, from now on, every identity issued until now (or `atMs`) that has this claim, and ends the sessions that are open under
   * one. How many sessions there were.
   */
  dropSessions(claim: string, value: ClaimValue, atMs?: number): number;
  /** What the metrics say, for `mergeMetrics`. */
  metrics(): Promise<string>;
  /**
   * Shuts down in order: not ready, no new connections, subscriptions ended so that clients come back elsewhere, answers
   * under way finished, whoever is left cut off. Resolves once everything is closed. `relieved`: another process takes new
   * connections, so those that are kept alive are answered on until they have been told to end, or have long been quiet.
   */
  drain(relieved?: boolean): Promise<void>;
  /** Cuts everybody off. */
  close(): Promise<void>;
}

/** How long a drain waits for answers under way and for clients to say goodbye, ms. */
const drainMs = 5_000;
const idleMs = 50;
/** How long a connection that is kept alive has for its next request, which may be on its way, ms. */
const lingerMs = 1_000;
const watchMs = 1_000;

/** /graphql over HTTP, SSE and WebSockets; the console at /; /schema.graphql; /healthz and /readyz; metrics and administration on another port. */
export function createServer(options: ServerOptions): Server {
  const { engine, hub, store, catalog, identity, progress, limits, log } = options;
  const now = Date.now;
  const refusals = createRefusals();
  const sessions = createSessions(now);
  const callers = createCallers(identity, options.trustProxy ?? 0, log);
  const callerLimits = identity.configured ? createCallerLimits(limits, refusals) : noCallerLimits;
  const origins = createOrigins(options);
  const { requestTimeoutMs } = limits;
  const { trustedDocuments } = options;
  const operations = createOperations({
    engine,
    hub,
    store,
    identity,
    progress,
    trustedDocuments,
    requestTimeoutMs,
    now,
    log,
  });
  const { schema } = engine;
  const { graphiql } = options;
  // Its page is served to whoever opens it.
  const toldToAll = options.introspection === true && !identity.configured;
  const shared = { operations, callers, callerLimits, sessions, hub, limits, refusals, now, log };
  const sockets = createSockets({ ...shared, schema });
  const eventStreams = createEventStreams(shared);
  let draining = false;
  /** Only the machine's own programs reach it, and nobody is asked who they are: so pages of others must not get in by its name. */
  let trustsItsMachine = false;
  const isForUs = (request: IncomingMessage): boolean => !trustsItsMachine || origins.isOwnName(request);

  function lookReady() {
    const snapshot = store.snapshot();
    try {
      const ready = readiness(catalog, snapshot, progress(), draining);
      return identity.configured ? publicReadiness(ready) : ready;
    } finally {
      snapshot.release();
    }
  }

  function dropSessions(claim: string, value: ClaimValue, atMs = now()): number {
    return sessions.revoke(identity.revoke(claim, value, atMs));
  }

  let schemaText: string | undefined;
  const printedSchema = (): string => (schemaText ??= printSchema(schema));
  const underWay = new RequestsUnderWay(limits.maxConcurrentRequests);
  const handle = createRequestHandler({
    ...shared,
    underWay,
    eventStreams,
    shortWay: options.shortWay === false ? undefined : createShortWay(operations),
    answerHttp: createHttpHandler({
      operations,
      schema,
      path: graphqlPath,
      graphiql: graphiql === true ? (toldToAll ? openingDocument(catalog, schema) : generalDocument) : graphiql,
      log,
    }),
    readiness: lookReady,
    draining: () => draining,
    origins,
    isForUs,
    graphiql,
    console: options.console === undefined ? undefined : createConsole(options.console),
    schemaText: (caller) =>
      options.introspection === true || options.isOperator?.(caller) === true ? printedSchema() : undefined,
  });
  const server = createBoundedServer({ handle, tls: options.tls, limits, refusals, log });
  takeUpgrades(server, { sockets, origins, isForUs, limits, refusals, draining: () => draining, now });
  let registry: ReturnType<typeof createMetrics> | undefined;
  const metrics = () =>
    (registry ??= createMetrics({
      catalog,
      store,
      hub,
      progress,
      sockets: () => sockets.size,
      eventStreams: () => eventStreams.size,
      sessions: () => sessions.size,
      requests: () => underWay.size,
      refusals,
      writerWork: options.writerWork,
    }));
  const metricsServer =
    options.metricsPort === undefined
      ? undefined
      : createOperatorsServer(metrics(), { adminKey: options.adminKey, dropSessions, log });
  const watching = setInterval(() => {
    const nowMs = now();
    sockets.watch(nowMs);
    callerLimits.sweep(nowMs);
    const cut = underWay.watch();
    if (cut > 0)
      log.warn('clients were cut off that do not read their answers, of which too many bytes were kept', { cut });
  }, watchMs);
  const telling = setInterval(() => {
    sockets.progress();
    eventStreams.progress(now());
  }, limits.progressMs);

  function stopTimers(): void {
    clearInterval(watching);
    clearInterval(telling);
  }

  async function closeServers(stop = closeServer): Promise<void> {
    await Promise.all([stop(server), metricsServer !== undefined && closeServer(metricsServer)]);
  }

  return {
    async listen(host, port) {
      trustsItsMachine = isLoopback(host) && !identity.configured;
      const bound = await listenOn(server, host, port, 'port');
      if (metricsServer !== undefined) await listenOn(metricsServer, host, options.metricsPort ?? 0, 'metricsPort');
      const name = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
      const scheme = options.tls === undefined ? 'http' : 'https';
      return { url: `${scheme}://${name}:${bound}${graphqlPath}`, port: bound };
    },
    metricsPort: () => (metricsServer?.address() as AddressInfo | null | undefined)?.port,
    dropSessions,
    metrics: () => metricsText(metrics()),
    async drain(relieved = false) {
      draining = true;
      await takeWaiting(server);
      const closed = closeServers(stopListening);
      sockets.restart();
      eventStreams.complete();
      const lingering = performance.now() + (relieved ? lingerMs : 0);
      // Connections that are kept alive become idle as their answers go out.
      const idle = setInterval(() => {
        // Once what has come meanwhile is read: a request that nobody has looked at yet would be cut off with its connection.
        if (performance.now() >= lingering) setImmediate(() => server.closeIdleConnections());
      }, idleMs);
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
