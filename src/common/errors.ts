/** The closed list of codes that an operation's error may carry in `extensions.code`. README describes each. */
export const errorCodes = [
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
  'UNINDEXED_SCAN',
  'LIMIT_EXCEEDED',
  'POSITION_NOT_REACHED',
  'POSITION_EXPIRED',
  'SNAPSHOT_TOO_LARGE',
  'TABLE_UNAVAILABLE',
  'TOPIC_RECREATED',
  'OVERLOADED',
  'TIMEOUT',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'INTERNAL',
] as const;
export type ErrorCode = (typeof errorCodes)[number];

/**
 * An expected failure of an operation. Its message is written for the client: what happened, to what, what to do.
 * Anything else that is thrown while an operation runs is a bug of ours and reaches the client masked, as INTERNAL.
 */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  readonly code: ErrorCode;
  /** Further members of the GraphQL error's `extensions`: facts a client acts on, never internals. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, details: Readonly<Record<string, unknown>> = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.details = details;
  }
}

/** All that a client learns of a bug of ours, whatever the transport. */
export const internalMessage =
  "Something went wrong in Headgate. This is a bug in Headgate; the gateway's log has what happened.";

/** One mistake in a schema, a setting or the environment, found before anything is served. */
export interface Mistake {
  /** What is wrong and what to write instead. */
  readonly message: string;
  readonly file?: string | undefined;
  /** The stored table that no longer fits the schema: rebuilding it mends this mistake. */
  readonly misfit?: string | undefined;
  /** 1-based, as editors count. */
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

/** Ends a start. Carries every mistake found, not the first. */
export class SetupError extends Error {
  override readonly name = 'SetupError';
  readonly mistakes: readonly Mistake[];

  constructor(mistakes: readonly Mistake[]) {
    super(mistakes.map(printMistake).join('\n'));
    this.mistakes = mistakes;
  }
}

/** `file:line:column: message`, the form that editors and CI make clickable. */
export function printMistake(mistake: Mistake): string {
  const place = [mistake.file, mistake.line, mistake.column].filter((part) => part !== undefined).join(':');
  return place === '' ? mistake.message : `${place}: ${mistake.message}`;
}

/** What a log or a mistake says of something that was thrown, whatever that is. */
export function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/** For our bugs only: a state that the code around it rules out. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`bug in Headgate: ${message}`);
}

/** The value, where its absence would be our bug. */
export function must<T>(value: T | null | undefined, message: string): T {
  assert(value !== undefined && value !== null, message);
  return value;
}

/** Ends a `switch` over a closed union; a forgotten case does not compile. */
export function unreachable(value: never): never {
  throw new Error(`bug in Headgate: unexpected ${JSON.stringify(value)}`);
}

/** The mistakes of a SetupError; any other failure as one. Plain data, where an error would cross between threads. */
export function mistakesOf(cause: unknown): readonly Mistake[] {
  if (cause instanceof SetupError) return cause.mistakes;
  return [{ message: reasonOf(cause) }];
}
