import type { Caller } from '../model/caller.ts';
import { claimAt, pathNames } from '../model/claims.ts';

export type ClaimValue = string | number | boolean;

/** Revocations that are kept; of more, the oldest are dropped. */
const maxRevocations = 10_000;
/** How long a revocation refuses what does not say when it was issued, at least, ms. */
const keptMs = 24 * 3_600_000;

/** Why an identity is refused: it is older than a revocation, or of the very second of one. */
export type Refusal = 'older' | 'perhaps newer';

interface Revocation {
  readonly claim: string;
  readonly value: string;
  readonly atMs: number;
}

/**
 * Identities that are refused although they have not expired: those that have a claim, and were issued before it was revoked. What does
 * not say when it was issued may be new: it is refused for a day, or for as long as the longest-lived token that was seen.
 */
export class Revocations {
  /** The oldest first. */
  readonly #all = new Map<string, Revocation>();
  /** When each value was revoked, by claim. */
  readonly #byClaim = new Map<string, { readonly path: readonly string[]; readonly times: Map<string, number> }>();
  readonly #onDropped: () => void;
  #longestMs = keptMs;

  /** `onDropped` is called for each revocation that is dropped while identities that it refuses may still be in force. */
  constructor(onDropped: () => void) {
    this.#onDropped = onDropped;
  }

  /** Told of every caller that is let in: what it may be refused by is in force until it has expired. */
  saw({ claims, expiresAtMs }: Caller, nowMs: number): void {
    if (expiresAtMs !== undefined)
      this.#longestMs = Math.max(this.#longestMs, expiresAtMs - (issuedAtMs(claims) ?? nowMs));
  }

  /** The result tells which callers it concerns. */
  add(claim: string, value: ClaimValue, nowMs: number): (caller: Caller) => boolean {
    const text = String(value);
    const key = JSON.stringify([claim, text]);
    const path = pathNames(claim);
    this.#all.delete(key);
    this.#all.set(key, { claim, value: text, atMs: nowMs });
    const ofClaim = this.#byClaim.get(claim) ?? { path, times: new Map<string, number>() };
    ofClaim.times.set(text, nowMs);
    this.#byClaim.set(claim, ofClaim);
    this.#trim(nowMs);
    return ({ claims }) => valuesAt(claims, path).includes(text) && isBefore(claims, nowMs);
  }

  isRevoked(caller: Caller, nowMs: number): boolean {
    return this.refusal(caller, nowMs) !== undefined;
  }

  /** Undefined where it is not refused. */
  refusal({ claims }: Caller, nowMs: number): Refusal | undefined {
    const inForceMs = issuedAtMs(claims) === undefined ? this.#longestMs : Infinity;
    let refusal: Refusal | undefined;
    for (const { path, times } of this.#byClaim.values()) {
      for (const value of valuesAt(claims, path)) {
        const atMs = times.get(value);
        if (atMs === undefined || nowMs - atMs >= inForceMs || !isBefore(claims, atMs)) continue;
        if (!isOfSecond(claims, atMs)) return 'older';
        refusal = 'perhaps newer';
      }
    }
    return refusal;
  }

  #trim(nowMs: number): void {
    for (const [key, { claim, value, atMs }] of this.#all) {
      if (this.#all.size <= maxRevocations) return;
      const isNeeded = nowMs - atMs < this.#longestMs;
      this.#all.delete(key);
      const times = this.#byClaim.get(claim)?.times;
      times?.delete(value);
      if (times?.size === 0) this.#byClaim.delete(claim);
      if (isNeeded) this.#onDropped();
    }
  }
}

/** As texts, as which rules compare ids: 7 is "7". A list that holds a value counts as the value. */
function valuesAt(claims: Caller['claims'], path: readonly string[]): readonly string[] {
  const found: unknown = claimAt(claims, path);
  const values: readonly unknown[] = Array.isArray(found) ? found : [found];
  return values.flatMap((value) => (['string', 'number', 'boolean'].includes(typeof value) ? [String(value)] : []));
}

/**
 * Whether an identity is as old as that. `iat` counts in seconds: of one that was issued in the very second of the revocation nobody
 * can tell which came first, so it counts as issued before. One that does not say when it was issued does, too.
 */
function isBefore(claims: Caller['claims'], atMs: number): boolean {
  return (issuedAtMs(claims) ?? -Infinity) <= atMs;
}

/** Whether it says that it was issued in the very second. What says it more exactly than to the second is before it, or is not. */
function isOfSecond(claims: Caller['claims'], atMs: number): boolean {
  return claimAt(claims, ['iat']) === Math.floor(atMs / 1_000);
}

function issuedAtMs(claims: Caller['claims']): number | undefined {
  const issued = claimAt(claims, ['iat']);
  return typeof issued === 'number' ? issued * 1_000 : undefined;
}
