import { defaultLiveLimits, defaultQueryLimits, defaultServerLimits } from './limits.ts';
import { byteSize, flag, listOf, milliseconds, oneOf, text, textOf, wholeNumber } from './option-kinds.ts';
import { option, optional } from './option-spec.ts';
import type { OptionSpec } from './option-spec.ts';
import { securityTable } from './security-table.ts';

const count = wholeNumber(1);
const {
  scanLimit,
  maxDocumentLength,
  maxTokens,
  maxOffset,
  maxRowsRead,
  maxConditions,
  maxCost,
  maxResponseBytes,
  queryTimeoutMs,
} = defaultQueryLimits;

/** The limits of an operation, a live query and a connection; the error that one raises names it. */
export const limitTable = {
  scanLimit: option(count, scanLimit, 'Rows that one field may look at without an index.'),
  maxDocumentLength: option(count, maxDocumentLength, 'Characters of a GraphQL document.'),
  maxTokens: option(count, maxTokens, 'Tokens of a GraphQL document.'),
  maxOffset: option(wholeNumber(0), maxOffset, 'Greatest offset of a list.'),
  maxRowsRead: option(count, maxRowsRead, 'Rows that one operation may read, relations included.'),
  maxConditions: option(count, maxConditions, 'Conditions of the filters and orders of one operation.'),
  maxCost: option(count, maxCost, 'Fields that one operation may ask for, times the rows of their lists.'),
  maxResponseBytes: option(byteSize, maxResponseBytes, 'Bytes of an answer.'),
  queryTimeoutMs: option(milliseconds, queryTimeoutMs, 'Time that executing one operation may take.'),
  snapshotLimit: option(count, defaultLiveLimits.snapshotLimit, "Rows of a change stream's snapshot."),
  maxChangesPerMessage: option(
    count,
    defaultLiveLimits.maxChangesPerMessage,
    'Changes in one message; a larger commit arrives in parts.',
  ),
  maxShapes: option(count, defaultLiveLimits.maxShapes, 'Distinct live queries and change streams.'),
  maxHistoryRows: option(
    count,
    defaultLiveLimits.maxHistoryRows,
    'Rows of history that a resumed change stream with relations may hold.',
  ),
  maxWaitMs: option(milliseconds, defaultLiveLimits.maxWaitMs, 'Longest timeoutMs of @atLeast.'),
  maxWaiting: option(count, defaultLiveLimits.maxWaiting, 'Operations that wait for a position at once.'),
  maxBodyBytes: option(byteSize, defaultServerLimits.maxBodyBytes, "Bytes of an HTTP request's body."),
  maxFields: option(count, defaultServerLimits.maxFields, 'Fields selected in one operation, fragments followed.'),
  maxDepth: option(count, defaultServerLimits.maxDepth, 'Nesting of a selection.'),
  maxAliases: option(wholeNumber(0), defaultServerLimits.maxAliases, 'Aliases in one operation.'),
  maxRootFields: option(count, defaultServerLimits.maxRootFields, 'Root fields of one operation.'),
  maxDirectives: option(wholeNumber(0), defaultServerLimits.maxDirectives, 'Directives in one operation.'),
  maxMessageBytes: option(byteSize, defaultServerLimits.maxMessageBytes, 'Bytes of a message over a WebSocket.'),
  maxSubscriptionsPerSocket: option(
    count,
    defaultServerLimits.maxSubscriptionsPerSocket,
    'Subscriptions over one WebSocket.',
  ),
  maxSockets: option(count, defaultServerLimits.maxSockets, 'Open WebSockets.'),
  initTimeoutMs: option(
    milliseconds,
    defaultServerLimits.initTimeoutMs,
    'Time for connection_init after a WebSocket opens.',
  ),
  pingMs: option(milliseconds, defaultServerLimits.pingMs, 'Time between WebSocket pings.'),
  progressMs: option(milliseconds, defaultServerLimits.progressMs, 'Time between progress messages.'),
  requestTimeoutMs: option(milliseconds, defaultServerLimits.requestTimeoutMs, 'Time for an HTTP request.'),
  maxConcurrentRequests: option(
    count,
    defaultServerLimits.maxConcurrentRequests,
    'HTTP requests being answered at once.',
  ),
  maxHeaderBytes: option(byteSize, defaultServerLimits.maxHeaderBytes, "Bytes of a request's headers."),
  maxAcceptsPerSecond: option(count, defaultServerLimits.maxAcceptsPerSecond, 'New WebSockets a second.'),
  maxMessagesPerSecond: option(
    count,
    defaultServerLimits.maxMessagesPerSecond,
    'Messages a second over one WebSocket.',
  ),
  maxSocketsPerCaller: option(
    count,
    defaultServerLimits.maxSocketsPerCaller,
    'WebSockets and SSE responses of one caller.',
  ),
  maxSubscriptionsPerCaller: option(
    count,
    defaultServerLimits.maxSubscriptionsPerCaller,
    'Subscriptions of one caller.',
  ),
  maxRequestsPerSecond: option(
    count,
    defaultServerLimits.maxRequestsPerSecond,
    'Requests and subscriptions a second of one caller.',
  ),
} as const;

/** Every setting there is. Help, flags, environment variables and configuration keys are all read from here. */
export const optionTable = {
  config: optional(
    textOf('FILE'),
    'Configuration file. Default: headgate.config.ts, .mts, .js, .mjs or .json, if there.',
  ),
  schema: option(
    listOf('GLOB', 'files, folders or globs'),
    ['schema/*.graphql'] as readonly string[],
    'Schema files, folders or globs.',
  ),
  'kafka.brokers': optional(
    listOf('HOST:PORT,…', 'HOST:PORT of one or more brokers, such as localhost:9092', isAddress),
    'Brokers of the Kafka cluster to read from.',
    { flag: 'kafka', env: 'HEADGATE_KAFKA' },
  ),
  'kafka.ssl': optional(flag, 'Connect to Kafka with TLS.'),
  'kafka.sslCaFile': optional(textOf('FILE'), "PEM file of the authorities that signed the brokers' certificates."),
  'kafka.sslCertFile': optional(textOf('FILE'), "PEM file of the client's certificate."),
  'kafka.sslKeyFile': optional(textOf('FILE'), "PEM file of the client's key."),
  'kafka.saslMechanism': optional(oneOf('plain', 'scram-sha-256', 'scram-sha-512'), 'SASL mechanism.', {
    secret: true,
  }),
  'kafka.saslUsername': optional(text, 'SASL user name.', { secret: true }),
  'kafka.saslPassword': optional(text, 'SASL password.', { secret: true }),
  log: optional(
    textOf('DIR'),
    'Folder of the embedded log, instead of Kafka: <topic>.ndjson files. Default without Kafka: log.',
  ),
  data: option(textOf('DIR'), '.headgate', 'Folder of the store.'),
  host: option(textOf('HOST'), '127.0.0.1', 'Address to listen on.'),
  port: option(wholeNumber(0, 65_535), 4_000, 'Port to listen on; 0 takes any that is free.'),
  workers: option(
    wholeNumber(1, 64),
    1,
    'Processes that serve, beside one thread that writes; 1 serves in the process itself.',
  ),
  metricsPort: optional(wholeNumber(0, 65_535), 'Port for Prometheus metrics. Default: none.'),
  graphiql: option(flag, false, 'Serve GraphiQL to browsers at /graphql.'),
  console: optional(flag, 'Serve the console, a page about tables, topics and live queries, at /. Default: dev alone.'),
  ...securityTable,
  rebuild: option(
    listOf('TABLE,…', 'names of tables'),
    [] as readonly string[],
    "Empty these tables and read them again from their topics' start.",
  ),
  maxCommitRows: option(count, 200_000, 'Rows that a commit may move before it is logged and counted as large.'),
  logLevel: option(oneOf('debug', 'info', 'warn', 'error', 'silent'), 'info', 'What is logged.'),
  ...limitTable,
} as const;

export type OptionName = keyof typeof optionTable;

export const optionNames = Object.keys(optionTable) as readonly OptionName[];

/** How brokers are reached, of those that may be flags. */
export const brokerOptions = [
  'kafka.brokers',
  'kafka.ssl',
  'kafka.sslCaFile',
  'kafka.sslCertFile',
  'kafka.sslKeyFile',
] as const satisfies readonly OptionName[];

/** The spec without the type of its value. */
export function optionSpec(name: OptionName): OptionSpec<unknown> {
  return optionTable[name] as OptionSpec<unknown>;
}

/** `max-body-bytes`, without the dashes. Undefined for what must not or cannot be on a command line. */
export function flagOf(name: OptionName): string | undefined {
  const { flag: given, secret, configOnly } = optionSpec(name);
  return secret === true || configOnly === true ? undefined : (given ?? words(name).join('-').toLowerCase());
}

/** `HEADGATE_MAX_BODY_BYTES`. Undefined for what no text can say. */
export function envOf(name: OptionName): string | undefined {
  const { env, configOnly } = optionSpec(name);
  return configOnly === true ? undefined : (env ?? `HEADGATE_${words(name).join('_').toUpperCase()}`);
}

/** `HEADGATE_ADMIN_KEY_FILE`: names the file that holds a secret. Undefined for what is none. */
export function fileEnvOf(name: OptionName): string | undefined {
  return optionSpec(name).secret === true ? `${envOf(name)}_FILE` : undefined;
}

/** Receives a setting as it was given. `label` says where, for messages; `file` is that of a configuration file. */
export type Take = (name: OptionName, given: unknown, label: string, file: string | undefined) => void;

function words(name: string): readonly string[] {
  return name.split(/\.|(?=[A-Z])/);
}

/** A host (IPv6 in brackets) and a port. */
function isAddress(given: string): boolean {
  const port = /^(?:\[[0-9a-fA-F:.]+\]|[^\s:,[\]/]+):(\d{1,5})$/.exec(given)?.[1];
  return port !== undefined && Number(port) >= 1 && Number(port) <= 65_535;
}
