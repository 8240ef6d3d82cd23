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
}

export const defaultServerLimits: ServerLimits = {
  maxBodyBytes: 102_400,
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
};
