import type { Credentials } from '../config/authenticate.ts';
import type { Caller } from '../model/caller.ts';

export type { Credentials } from '../config/authenticate.ts';

/**
 * Who a client is: one pipeline for HTTP, graphql-ws and SSE.
 *
 *   credentials ──▶ API key? ──▶ token (JWT)? ──▶ the project's own hook? ──▶ Caller, or UNAUTHENTICATED
 *
 * Nothing of credentials is ever logged or put into an error's message.
 */
export interface Identity {
  /**
   * False: there is no way to say who one is, so nobody is asked, credentials are not looked at, everybody is the same (anonymous, or
   * what the setting `as` says), and limits per caller do not apply.
   */
  readonly configured: boolean;
  /**
   * Synchronous where nothing has to be fetched. Throws (or rejects with) GatewayError: UNAUTHENTICATED for credentials that are no
   * good (`retryable: true` for those that are outdated, or may be: new ones are all it takes); OVERLOADED (`retryable: true`) where they cannot
   * be checked now. No credentials at all give an anonymous caller. The same token gives the same Caller object for as long as it is
   * remembered.
   */
  identify(credentials: Credentials): Caller | Promise<Caller>;
  /** Whether the caller's identity is still good: not expired, and not revoked since it was made. */
  isGood(caller: Caller, nowMs: number): boolean;
  /**
   * Refuses, from now on, every identity that was issued until now and has this claim (a list that holds the value counts too). The
   * result tells which callers it concerns, for whoever holds their sessions.
   */
  revoke(claim: string, value: string | number | boolean, nowMs: number): (caller: Caller) => boolean;
}
