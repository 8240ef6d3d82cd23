import type { IncomingHttpHeaders } from 'node:http';

/** What a client shows of itself, whatever the transport. Nothing of it is ever logged or put into an error's message. */
export interface Credentials {
  readonly transport: 'http' | 'sse' | 'websocket';
  /** Of the request, or of the upgrade to a WebSocket. */
  readonly headers: IncomingHttpHeaders;
  /** The payload of graphql-ws's `connection_init`. */
  readonly connectionParams?: Readonly<Record<string, unknown>> | undefined;
  /** Of the client, with trusted proxies taken off. */
  readonly address: string;
}

/** Whom a project's own hook takes a client for. */
export interface AuthenticatedCaller {
  /** Tells callers apart for limits. Default: the claim `sub`, else the address. */
  readonly id?: string | undefined;
  /**
   * JSON values, for the rules of `@auth`: `{ sub: "u1" }` is `$jwt.sub` there. With `iat`, when the session began (s since 1970), who
   * signs in anew after a revocation (`dropSessions`) is let in; without, it is refused for a day.
   */
  readonly claims?: Readonly<Record<string, unknown>> | undefined;
  /** Default: those in the claims, where `jwt.rolesClaim` says (`roles`). */
  readonly roles?: readonly string[] | undefined;
  /** From then on nothing is sent to it any more; a Date, or ms since 1970. Default: the claim `exp` (seconds), which ends it in any case; else never. */
  readonly expiresAt?: Date | number | undefined;
}

/**
 * The setting `authenticate`, of `headgate.config` and of the library: identifies what no other setting does (session cookies,
 * opaque tokens, client certificates that a proxy has checked). Is asked about clients without a JWT or an API key of Headgate's
 * own. Undefined or null: not mine, so a client that shows no other credentials is anonymous, and another is refused. Throwing, or
 * answering with what says nothing of a caller, refuses it (UNAUTHENTICATED); why is in the log, and not told to the client.
 */
export type Authenticate = (
  credentials: Credentials,
) => AuthenticatedCaller | undefined | null | Promise<AuthenticatedCaller | undefined | null>;
