/** Who asks, as far as is known. `identity` makes it of what a request carries; rules and limits go by it. */
export interface Caller {
  /** False: came without credentials. Such a caller may read what is public, and rules grant it nothing. */
  readonly identified: boolean;
  /** Verified: of a token what it holds, of an API key what its entry says. Empty where not identified. */
  readonly claims: Readonly<Record<string, unknown>>;
  readonly roles: ReadonlySet<string>;
  /** Tells callers apart for limits: `jwt:<issuer>:<subject>`, `key:<name>`, `address:<address>`. Not for logs. */
  readonly id: string;
  /** From then on nothing is sent to it any more; ms since 1970. Absent: its identity does not expire. */
  readonly expiresAtMs?: number | undefined;
  /** Requests and subscriptions a second, where it has a limit of its own; 0: none. Else the setting `maxRequestsPerSecond`. */
  readonly requestsPerSecond?: number | undefined;
}

/** A caller of which nothing is known, not even where it is. */
export const nobody: Caller = { identified: false, claims: {}, roles: new Set(), id: 'nobody' };
