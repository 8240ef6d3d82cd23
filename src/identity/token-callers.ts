import { hash } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { RecentlyUsed } from '../common/recently-used.ts';
import type { Caller } from '../model/caller.ts';
import type { Claims } from '../model/claims.ts';
import { rolesAt, subjectOf } from './callers.ts';
import type { TokenVerifier } from './tokens.ts';

/** Tokens that are remembered; of more, those that were used least recently are verified again. */
const maxRemembered = 10_000;
/** A remembered token is verified again when it was so long ago, ms: its key may have been withdrawn. */
const recheckMs = 60_000;

interface Remembered {
  readonly caller: Caller;
  readonly expiresAtMs: number;
  verifiedAtMs: number;
}

export interface TokenCallersOptions {
  readonly verifier: TokenVerifier;
  /** Where roles are, as a path of claims. */
  readonly rolesClaim: string;
  readonly now: () => number;
}

/**
 * The callers that tokens stand for. Requests of one client carry the same token over and over: verifying it costs much more than
 * finding it. Tokens are remembered by their SHA-256, so that a dump of the memory holds none.
 */
export class TokenCallers {
  readonly #verifier: TokenVerifier;
  readonly #rolesClaim: string;
  readonly #now: () => number;
  readonly #remembered = new RecentlyUsed<Remembered>(maxRemembered, Infinity);
  readonly #pending = new Map<string, Promise<Caller>>();

  constructor({ verifier, rolesClaim, now }: TokenCallersOptions) {
    this.#verifier = verifier;
    this.#rolesClaim = rolesClaim;
    this.#now = now;
  }

  /** Synchronous for a token that was verified a moment ago. Rejects with what `TokenVerifier` does. */
  callerOf(token: string): Caller | Promise<Caller> {
    const hash = sha256(token);
    const known = this.#remembered.get(hash);
    const now = this.#now();
    if (known !== undefined && now < known.expiresAtMs && now - known.verifiedAtMs < recheckMs) {
      return known.caller;
    }
    const before = this.#pending.get(hash);
    if (before !== undefined) return before;
    const pending = this.#verify(token, hash, known).finally(() => this.#pending.delete(hash));
    this.#pending.set(hash, pending);
    return pending;
  }

  async #verify(token: string, hash: string, known: Remembered | undefined): Promise<Caller> {
    this.#remembered.delete(hash);
    const verifiedAtMs = this.#now();
    const claims = await this.#verifier.verify(token);
    // The same token has the same claims: sessions that share it go on sharing their caller.
    const caller = known?.caller ?? this.#make(claims);
    const expiresAtMs = (claims.exp ?? 0) * 1_000;
    this.#remembered.set(hash, { caller, expiresAtMs, verifiedAtMs });
    return caller;
  }

  #make(payload: JWTPayload): Caller {
    const claims: Claims = payload;
    // Tokens without a subject are told apart by what they say, lest all of them share one limit. Not by their text: a signature can be
    // written in many ways, and each would have limits of its own.
    const id = `jwt:${payload.iss ?? ''}:${subjectOf(claims) ?? `#${sha256(JSON.stringify(claims))}`}`;
    return {
      identified: true,
      claims,
      roles: rolesAt(claims, this.#rolesClaim),
      id,
      expiresAtMs: (payload.exp ?? 0) * 1_000,
    };
  }
}

function sha256(text: string): string {
  return hash('sha256', text, 'base64url');
}
