import type { Authenticate } from './authenticate.ts';

/** How callers are told apart. Any of its members makes a gateway ask who its clients are, but `as`. */
export interface IdentitySettings {
  readonly jwt?: JwtSettings | undefined;
  readonly apiKeys?: readonly ApiKey[] | undefined;
  readonly authenticate?: Authenticate | undefined;
  /** For development: the claims of whoever comes without credentials. */
  readonly as?: Readonly<Record<string, unknown>> | undefined;
}

/** JSON Web Tokens: exactly one of the first four says with which keys they are verified. */
export interface JwtSettings {
  /** Where an issuer publishes its keys (a JSON Web Key Set); https, but for loopback. */
  readonly jwksUrl?: string | undefined;
  /** A JSON Web Key Set, of public keys. */
  readonly jwks?: { readonly keys: readonly Readonly<Record<string, unknown>>[] } | undefined;
  /** PEM (SPKI) of the issuer's public key. */
  readonly publicKey?: string | undefined;
  /** Shared with the issuer (HMAC); 32 bytes at least. */
  readonly secret?: string | undefined;
  /** The only `iss` accepted. Absent: any. */
  readonly issuer?: string | undefined;
  /** One of these is among `aud`. Absent: `aud` is not looked at. */
  readonly audience?: readonly string[] | undefined;
  /** The only ones accepted. Default: those that fit the keys, HS256 for a secret. */
  readonly algorithms?: readonly string[] | undefined;
  /** Path to the caller's roles: a list, or a text with spaces between them. Default `roles`. */
  readonly rolesClaim?: string | undefined;
  /** How far the issuer's clock may be ahead (`nbf`); `exp` is taken as it is. Default 5,000 ms. */
  readonly clockToleranceMs?: number | undefined;
}

/** A key for a program: sent as `x-api-key`, it says who is calling. */
export interface ApiKey {
  /** Unique. The claim `sub` of the caller, unless `claims` has one. */
  readonly name: string;
  /** SHA-256 of the key, 64 hexadecimal digits. */
  readonly sha256: string;
  readonly roles?: readonly string[] | undefined;
  readonly claims?: Readonly<Record<string, unknown>> | undefined;
  /** Instead of the setting `maxRequestsPerSecond`; 0: no limit. */
  readonly requestsPerSecond?: number | undefined;
}

export const defaultRolesClaim = 'roles';
export const defaultClockToleranceMs = 5_000;

/** Whether clients are asked who they are. */
export function isIdentityConfigured(settings: IdentitySettings | undefined): boolean {
  const { jwt, apiKeys, authenticate } = settings ?? {};
  return jwt !== undefined || apiKeys !== undefined || authenticate !== undefined;
}
