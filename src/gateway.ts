import { buildCatalog } from './catalog/build.ts';
import type { Catalog } from './catalog/catalog.ts';
import { SetupError } from './common/errors.ts';
import { isLoopback } from './common/loopback.ts';
import { createWork } from './common/work.ts';
import type { Work } from './common/work.ts';
import { isIdentityConfigured } from './config/identity-settings.ts';
import type { IdentitySettings } from './config/identity-settings.ts';
import { defaultLiveLimits, defaultQueryLimits, defaultServerLimits } from './config/limits.ts';
import type { ServerLimits } from './config/limits.ts';
import type { SchemaFile } from './config/definitions.ts';
import { loadSchemaFiles } from './config/load.ts';
import { adminKeyLength } from './config/security-table.ts';
import type { TlsSettings } from './config/tls-settings.ts';
import { createIdentity } from './identity/create-identity.ts';
import { startWriter } from './ingest/start-writer.ts';
import type { WriterHandle } from './ingest/start-writer.ts';
import type { SourceOptions, WriterOptions } from './ingest/writer.ts';
import type { Log } from './common/log.ts';
import { createHub } from './live/hub.ts';
import type { Hub, LiveLimits } from './live/live.ts';
import { createQueryEngine } from './query/engine.ts';
import type { Caller } from './model/caller.ts';
import type { Facts } from './query/facts.ts';
import type { Progress, QueryEngine, QueryLimits } from './query/query.ts';
import { limitRules } from './server/limits.ts';
import { createServer } from './server/server.ts';
import { consoleFolder } from './server/console.ts';
import { loadTrustedDocuments } from './server/trusted-documents.ts';
import { openStore } from './store/lmdb.ts';
import type { Store } from './store/store.ts';

/**
 * The whole gateway on one page:
 *
 *   writer's thread   source ──▶ decode ──▶ fold ──▶ one LMDB transaction ──▶ "committed"
 *                                                                               │ wakes; the version is read from LMDB
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
  refuseOpenHost(options);
  refuseShortKey(options);
  const { identity: identitySettings = {}, log } = options;
  const identity = createIdentity({ settings: identitySettings, log });
  const catalog = buildCatalog(schema, { rulesRequired: identity.configured });
  const limits = { ...defaultQueryLimits, ...defaultLiveLimits, ...defaultServerLimits, ...options.limits };
  const onBug = (reason: unknown): void => log.error('this is a bug in Headgate; a client saw INTERNAL', { reason });
  const work = createWork();
  const facts: Facts = {
    now: Date.now,
    startedAtMs: performance.timeOrigin,
    source: options.source.kind,
    isOperator: operatorsOf(options, identity.configured),
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
  writer.onProgress = (next) => {
    progress = next;
    hub?.wake();
  };
  await writer.opened;

  const store = openStore({ directory, catalog, writable: false, work, now: Date.now });
  hub = createHub({ store, engine, tables: catalog.tables, progress: () => progress, limits, onFailure: onBug });
  const server = createServer({
    engine,
    hub,
    store,
    catalog,
    progress: () => progress,
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
    filled: () => writer.filled(() => isFilled(store, catalog)),
    dropSessions: ({ claim, value }) => server.dropSessions(claim, value),
    revoke: (claim, value, atMs) => server.dropSessions(claim, value, atMs),
    metrics: () => server.metrics(),
    failed: writer.failed,
    close: () => (closed ??= closeAll()),
    leave: () => (closed ??= closeAll(true)),
  };
}

/** Who is told what others ask: whoever reaches the console, where nobody is asked who they are; else who has one of its roles. */
function operatorsOf(
  { console: served, consoleRoles }: GatewayOptions,
  identityConfigured: boolean,
): (caller: Caller) => boolean {
  if (!served) return () => false;
  if (!identityConfigured) return () => true;
  return ({ identified, roles }) => identified && consoleRoles.some((role) => roles.has(role));
}

/** Whether every table has been caught up once. */
export function isFilled(store: Store, catalog: Catalog): boolean {
  const snapshot = store.snapshot();
  try {
    return catalog.tables.every((table) => snapshot.state(table).phase !== 'filling');
  } finally {
    snapshot.release();
  }
}

function refuseShortKey({ adminKey }: GatewayOptions): void {
  if (adminKey === undefined || adminKey.length >= adminKeyLength) return;
  throw new SetupError([
    { message: `adminKey has ${adminKey.length} characters. Use ${adminKeyLength} random ones at least.` },
  ]);
}

function refuseOpenHost({ host, allowAnonymous, identity }: GatewayOptions): void {
  if (isLoopback(host) || allowAnonymous || isIdentityConfigured(identity)) return;
  throw new SetupError([
    {
      message:
        `host ${host} is reachable from other machines, and whoever reaches it may read every table. Say how callers are ` +
        'identified (jwt, apiKeysFile or authenticate), use 127.0.0.1 behind a proxy that does, or pass --allow-anonymous if ' +
        'that is what you want.',
    },
  ]);
}
