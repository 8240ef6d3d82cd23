/**
 * Every limit and its default. A limit's setting has the limit's name: `--scan-limit`, `HEADGATE_SCAN_LIMIT`, `scanLimit`
 * in `headgate.config`; the error that a limit raises names it.
 */
export const defaultQueryLimits = {
  scanLimit: 10_000,
  maxDocumentLength: 10_000,
  maxTokens: 1_000,
  maxOffset: 10_000,
  maxRowsRead: 200_000,
  maxConditions: 1_000,
  maxCost: 100_000,
  maxResponseBytes: 10_000_000,
  queryTimeoutMs: 5_000,
} as const;

export const defaultLiveLimits = {
  snapshotLimit: 10_000,
  maxChangesPerMessage: 1_000,
  maxShapes: 100_000,
  maxHistoryRows: 200_000,
  maxWaitMs: 10_000,
  maxWaiting: 1_000,
} as const;

export interface ServerLimits {
  /** Bytes of an HTTP request's body. */
  readonly maxBodyBytes: number;
  /** Fields of an operation, fragments followed; each fragment counts as one more. */
  readonly maxFields: number;
  /** Nesting of a selection, fragments followed. */
  readonly maxDepth: number;
  readonly maxAliases: number;
  readonly maxRootFields: number;
  readonly maxDirectives: number;
  /** Bytes of a message from a client over a WebSocket. */
  readonly maxMessageBytes: number;
  readonly maxSubscriptionsPerSocket: number;
  /** Open WebSockets in all; one more is closed with 1013 (try again later). */
  readonly maxSockets: number;
  /** Between the opening of a WebSocket and its `connection_init`. */
  readonly initTimeoutMs: number;
  /** Between WebSocket pings; a client that leaves one unanswered for as long again is gone. */
  readonly pingMs: number;
  /** Between progress messages: "your last frame is still exact". */
  readonly progressMs: number;
  /** For an HTTP request, waiting for a position included. */
  readonly requestTimeoutMs: number;
  /** HTTP requests that are being answered at once; one more is told to come back (503). */
  readonly maxConcurrentRequests: number;
  /** Header lines of a request, with the first line, in bytes. */
  readonly maxHeaderBytes: number;
  /** New WebSockets a second, all clients together; twice as many at once. */
  readonly maxAcceptsPerSecond: number;
  /** Messages a second over one WebSocket; five times as many at once. */
  readonly maxMessagesPerSecond: number;
  /** Of one caller (where identity is configured): WebSockets and SSE responses … */
  readonly maxSocketsPerCaller: number;
  /** … subscriptions over all of them … */
  readonly maxSubscriptionsPerCaller: number;
  /** … and requests and subscriptions begun a second; twice as many at once. */
  readonly maxRequestsPerSecond: number;
}

export const defaultServerLimits: ServerLimits = {
  maxBodyBytes: 102_400,
  maxFields: 1_000,
  maxDepth: 10,
  maxAliases: 30,
  maxRootFields: 20,
  maxDirectives: 50,
  maxMessageBytes: 65_536,
  maxSubscriptionsPerSocket: 100,
  maxSockets: 10_000,
  initTimeoutMs: 3_000,
  pingMs: 12_000,
  progressMs: 10_000,
  requestTimeoutMs: 10_000,
  maxConcurrentRequests: 1_000,
  maxHeaderBytes: 16_384,
  maxAcceptsPerSecond: 1_000,
  maxMessagesPerSecond: 100,
  maxSocketsPerCaller: 100,
  maxSubscriptionsPerCaller: 1_000,
  maxRequestsPerSecond: 500,
};
