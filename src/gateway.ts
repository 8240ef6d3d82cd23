import { buildCatalog } from './catalog/build.ts';
import type { Catalog } from './catalog/catalog.ts';
import type { Mistake, SetupError } from './common/errors.ts';
import { createWork } from './common/work.ts';
import type { Work } from './common/work.ts';
import type { IdentitySettings } from './config/identity-settings.ts';
import { defaultLiveLimits, defaultQueryLimits, defaultServerLimits } from './config/limits.ts';
import type { ServerLimits } from './config/limits.ts';
import type { SchemaFile } from './config/definitions.ts';
import { loadSchemaFiles } from './config/load.ts';
import { refuseUnsafe } from './config/refuse-unsafe.ts';
import type { TlsSettings } from './config/tls-settings.ts';
import { createIdentity } from './identity/create-identity.ts';
import { operatorsOf } from './identity/operators.ts';
import { startWriter } from './ingest/start-writer.ts';
import type { WriterHandle } from './ingest/start-writer.ts';
import type { SourceOptions, WriterOptions } from './ingest/writer.ts';
import type { Log } from './common/log.ts';
import { createHub } from './live/hub.ts';
import type { Hub, LiveLimits } from './live/live.ts';
import { createQueryEngine } from './query/engine.ts';
import type { Facts } from './query/facts.ts';
import type { Progress, QueryEngine, QueryLimits } from './query/query.ts';
import { limitRules } from './server/limits.ts';
import { createServer } from './server/server.ts';
import { consoleFolder } from './server/console.ts';
import { loadTrustedDocuments } from './server/trusted-documents.ts';
import { isFilled } from './store/is-filled.ts';
import { openStore } from './store/lmdb.ts';
import type { Store } from './store/store.ts';

/**
 * The whole gateway on one page:
 *
 *   decoding thread   source ──▶ decode ──┐ a batch ahead
 *   writer's thread                       └──▶ fold ──▶ one LMDB transaction ──▶ "committed"
 *                                                                                │ wakes; the version is read from LMDB
 *   serving thread    HTTP, graphql-ws, SSE ◀── server ◀── query, hub ◀── store snapshot
 */
export interface GatewayOptions {
  /** Files, folders or globs; default `schema/*.graphql`. */
  readonly schema: string | readonly string[];
  readonly source: SourceOptions;
  /** Where the store is. Default `.headgate`. */
  readonly data: string;
  /** Default 127.0.0.1. Another than loopback is refused unless callers are identified, or `allowAnonymous`. */
  readonly host: string;
  /** 0 takes any free port. Default 4000. */
  readonly port: number;
  readonly allowAnonymous: boolean;
  /** Tables to be emptied and read again from their topics' start. */
  readonly rebuild: readonly string[];
  /** Rows that a commit may move before it is logged and counted as large. Default 200,000. */
  readonly maxCommitRows: number;
  /** Serve GraphiQL to browsers that open the URL; a text is the document that it opens with. Default false. */
  readonly graphiql: boolean | string;
  /** Serve the console, a page about this gateway, at `/`; operators are told what it shows. Default false. */
  readonly console: boolean;
  /** Where callers are identified: the roles of operators. Default none. */
  readonly consoleRoles: readonly string[];
  /** Tell clients the schema (`__schema`, `__type`). Default: where GraphiQL is served, which needs it. */
  readonly introspection?: boolean | undefined;
  /**
   * JSON file of the only documents that are answered, by id: as `persistedDocuments` of @graphql-codegen/client-preset writes it,
   * Relay's compiler, or Apollo's manifest. Clients send the id (`documentId`, or Apollo's hash) or the text. Absent: every
   * document is answered.
   */
  readonly trustedDocuments?: string | undefined;
  /** Prometheus text on a port of its own; absent: none. */
  readonly metricsPort?: number | undefined;
  /** Web pages of these origins may connect (CORS, WebSockets), beside those that are served under the same name. */
  readonly allowedOrigins?: readonly string[] | undefined;
  /** So may those that this machine serves, on whatever port: for development. Default false. */
  readonly allowLoopbackOrigins: boolean;
  /** How callers are told apart. Absent: nobody is asked who they are. */
  readonly identity?: IdentitySettings | undefined;
  /** Lets an operator end sessions over HTTP, on the port of the metrics; 32 characters or more. Absent: nobody. */
  readonly adminKey?: string | undefined;
  /** PEM texts of the certificate and its key, for https and wss. Absent: http and ws, for a proxy in front. */
  readonly tls?: TlsSettings | undefined;
  /** Proxies in front whose `X-Forwarded-For` is believed. Default 0: the address is that of the connection. */
  readonly trustProxy: number;
  readonly limits: Partial<QueryLimits & LiveLimits & ServerLimits>;
  readonly log: Log;
}

export interface Gateway {
  readonly url: string;
  readonly port: number;
  readonly catalog: Catalog;
  readonly engine: QueryEngine;
  readonly hub: Hub;
  /** Reads only. */
  readonly store: Store;
  /** Of the serving thread. */
  readonly work: Work;
  progress(): Progress;
  /** Resolves once every table has been caught up once; rejects where the gateway is closed before. */
  filled(): Promise<void>;
  /** What is wrong with the schema's files by now, for `_meta`; none: nothing is. For whoever watches them. */
  tellSchemaMistakes(mistakes: readonly Mistake[]): void;
  /**
   * Refuses, from now on, every identity that was issued until now and has this claim (as a path; a list that holds the value counts),
   * and ends the sessions that are open under one. Forgotten when the process ends. How many sessions there were.
   */
  dropSessions(those: { readonly claim: string; readonly value: string | number | boolean }): number;
  /** Resolves with the reason when the writer's thread has failed for good: the process should end. */
  readonly failed: Promise<SetupError>;
  /** Refuses new work, ends subscriptions with a code that clients retry on, finishes requests, closes. */
  close(): Promise<void>;
}

const silent: Log = { info: () => {}, warn: () => {}, error: () => {} };

export const gatewayDefaults: GatewayOptions = {
  schema: 'schema/*.graphql',
  source: { kind: 'log', directory: 'log' },
  data: '.headgate',
  host: '127.0.0.1',
  port: 4000,
  allowAnonymous: false,
  rebuild: [],
  maxCommitRows: 200_000,
  graphiql: false,
  console: false,
  consoleRoles: [],
  allowLoopbackOrigins: false,
  trustProxy: 0,
  limits: {},
  log: silent,
};

/** Starts a gateway. Throws SetupError with every mistake found; nothing is left running then. */
export async function createGateway(given: Partial<GatewayOptions>): Promise<Gateway> {
  const options: GatewayOptions = { ...gatewayDefaults, ...given };
  return openGateway(options, await loadSchemaFiles(options.schema), startWriter);
}

/** A gateway as one of several processes. */
export interface ServingProcess extends Gateway {
  /** What its metrics say, for `mergeMetrics`. */
  metrics(): Promise<string>;
  /** As `dropSessions` at that time. */
  revoke(claim: string, value: string | number | boolean, atMs: number): number;
  /** As `close`, where another process is there for the same clients: no request that is on its way is lost. */
  leave(): Promise<void>;
}

/** The same with a write wing that `start` gives: another process may have it (`workers/`). */
export async function openGateway(
  options: GatewayOptions,
  schema: readonly SchemaFile[],
  start: (options: WriterOptions, log: Log) => WriterHandle,
): Promise<ServingProcess> {
  refuseUnsafe(options);
  const { identity: identitySettings = {}, log } = options;
  const identity = createIdentity({ settings: identitySettings, log });
  const catalog = buildCatalog(schema, { rulesRequired: identity.configured });
  const limits = { ...defaultQueryLimits, ...defaultLiveLimits, ...defaultServerLimits, ...options.limits };
  const onBug = (reason: unknown): void => log.error('this is a bug in Headgate; a client saw INTERNAL', { reason });
  const work = createWork();
  let schemaMistakes: readonly Mistake[] = [];
  const facts: Facts = {
    now: Date.now,
    startedAtMs: Date.now(),
    source: options.source.kind,
    schemaMistakes: () => schemaMistakes,
    isOperator: options.console ? operatorsOf(options.consoleRoles, identity.configured) : () => false,
    storeBytes: () => store.size(),
    openQueryCount: () => hub?.counts().shapes ?? 0,
    openQueries: (limit) => hub?.busiest(limit) ?? [],
  };
  const introspection = options.introspection ?? options.graphiql !== false;
  const engine = createQueryEngine({
    catalog,
    work,
    facts,
    limits,
    validationRules: limitRules(limits),
    introspection,
    onError: onBug,
  });
  const list = options.trustedDocuments;
  const trustedDocuments = list === undefined ? undefined : loadTrustedDocuments(list, engine);

  let hub: Hub | undefined;
  let progress: Progress = { connected: true, ends: new Map(), missingTopics: new Set(), records: new Map() };
  const { data: directory, source, rebuild, maxCommitRows } = options;
  const writer = start({ schema, directory, source, rebuild, maxCommitRows }, log);
  writer.onCommitted = () => hub?.wake();
  /** Another object is what `_meta` is told anew for. */
  const tellProgress = (next: Progress): void => {
    progress = next;
    hub?.wake();
  };
  writer.onProgress = tellProgress;
  await writer.opened;

  const store = openStore({ directory, catalog, writable: false, work, now: Date.now });
  hub = createHub({ store, engine, tables: catalog.tables, progress: () => progress, limits, onFailure: onBug });
  const server = createServer({
    engine,
    hub,
    store,
    catalog,
    progress: () => progress,
    writerWork: writer.work,
    limits,
    identity,
    adminKey: options.adminKey,
    tls: options.tls,
    trustProxy: options.trustProxy,
    trustedDocuments,
    graphiql: options.graphiql,
    console: options.console ? consoleFolder : undefined,
    introspection,
    isOperator: facts.isOperator,
    metricsPort: options.metricsPort,
    allowedOrigins: options.allowedOrigins,
    allowLoopbackOrigins: options.allowLoopbackOrigins,
    log,
  });
  const openHub = hub;

  async function closeAll(relieved = false): Promise<void> {
    await server.drain(relieved);
    openHub.close();
    writer.stopLooking();
    await store.close();
    await writer.close();
  }

  let address: { url: string; port: number };
  try {
    address = await server.listen(options.host, options.port);
  } catch (cause) {
    await closeAll();
    throw cause;
  }
  let closed: Promise<void> | undefined;
  return {
    ...address,
    catalog,
    engine,
    hub,
    store,
    work,
    progress: () => progress,
    tellSchemaMistakes(mistakes) {
      schemaMistakes = mistakes;
      tellProgress({ ...progress });
    },
    filled: () => writer.filled(() => isFilled(store, catalog)),
    dropSessions: ({ claim, value }) => server.dropSessions(claim, value),
    revoke: (claim, value, atMs) => server.dropSessions(claim, value, atMs),
    metrics: () => server.metrics(),
    failed: writer.failed,
    close: () => (closed ??= closeAll()),
    leave: () => (closed ??= closeAll(true)),
  };
}
