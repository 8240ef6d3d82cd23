import { createPublicKey } from 'node:crypto';
import { createLocalJWKSet, errors, jwtVerify } from 'jose';
import type { CryptoKey, JSONWebKeySet, JWTPayload, JWTVerifyGetKey, JWTVerifyOptions, KeyObject } from 'jose';
import { GatewayError } from '../common/errors.ts';
import { defaultClockToleranceMs } from '../config/identity-settings.ts';
import type { JwtSettings } from '../config/identity-settings.ts';
import { acceptedAlgorithms } from '../config/jwt-settings.ts';
import { publishedKeys } from './published-keys.ts';
import { outdated, refused, unavailable } from './refused.ts';

/** Keys that are tried for a token that does not say with which it is signed. */
const maxTried = 10;

export interface TokenVerifier {
  /** The token's claims, if it is genuine and in force. Rejects with GatewayError: UNAUTHENTICATED, or OVERLOADED without keys. */
  verify(token: string): Promise<JWTPayload>;
}

export interface TokenVerifierOptions {
  /** Without mistakes (`jwtMistakes`). */
  readonly settings: JwtSettings;
  readonly now: () => number;
  readonly onKeysUnavailable: (reason: string) => void;
}

/** The keys cannot be had: says nothing about the token. */
class KeysUnavailable extends Error {}

type Keys = JWTVerifyGetKey | KeyObject | Uint8Array;

export function createTokenVerifier({ settings, now, onKeysUnavailable }: TokenVerifierOptions): TokenVerifier {
  const { issuer, audience, clockToleranceMs = defaultClockToleranceMs } = settings;
  const keys = keysOf(settings, now, onKeysUnavailable);
  const fixed = {
    algorithms: [...acceptedAlgorithms(settings)],
    requiredClaims: ['exp'],
    clockTolerance: clockToleranceMs / 1_000,
    ...(issuer === undefined ? {} : { issuer }),
    ...(audience === undefined ? {} : { audience: [...audience] }),
  };

  async function verify(token: string): Promise<JWTPayload> {
    const nowMs = now();
    const options: JWTVerifyOptions = { ...fixed, currentDate: new Date(nowMs) };
    try {
      const payload = await verifyWith(keys, token, options);
      // The tolerance is for clocks that run ahead. What has expired has expired: sessions end at the same moment.
      if ((payload.exp ?? 0) * 1_000 <= nowMs) throw outdated(expired);
      return payload;
    } catch (error) {
      throw failure(error);
    }
  }
  return { verify };
}

function keysOf(settings: JwtSettings, now: () => number, onFailure: (reason: string) => void): Keys {
  const { jwksUrl, jwks, publicKey, secret } = settings;
  if (jwksUrl !== undefined) return marked(publishedKeys({ url: jwksUrl, now, onFailure }));
  if (jwks !== undefined) return createLocalJWKSet(structuredClone(jwks) as unknown as JSONWebKeySet);
  if (publicKey !== undefined) return createPublicKey(publicKey);
  return new TextEncoder().encode(secret);
}

/** Tells errors of fetching from those about a token. */
function marked(get: JWTVerifyGetKey): JWTVerifyGetKey {
  return async (header, token) => {
    try {
      return await get(header, token);
    } catch (error) {
      if (aboutTheKey.some((kind) => error instanceof kind)) throw error;
      throw new KeysUnavailable();
    }
  };
}

const aboutTheKey = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported];

async function verifyWith(keys: Keys, token: string, options: JWTVerifyOptions): Promise<JWTPayload> {
  try {
    return (await jwtVerify(token, keys, options)).payload;
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    return tryEach(error, token, options);
  }
}

/** The token does not say which of several keys it is signed with. */
async function tryEach(keys: AsyncIterable<CryptoKey>, token: string, options: JWTVerifyOptions): Promise<JWTPayload> {
  let tried = 0;
  for await (const key of keys) {
    if (++tried > maxTried) break;
    try {
      return (await jwtVerify(token, key, options)).payload;
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
    }
  }
  throw new errors.JWSSignatureVerificationFailed();
}

const expired = 'The token has expired. Get a new one and try again.';

/** Why each claim is refused; none of the texts has anything of the token. */
const claimFailures: Readonly<Record<string, string>> = {
  exp: 'The token does not say when it expires (exp), and tokens that do not are not accepted.',
  iss: 'The token is of another issuer (iss) than the one that is accepted here.',
  aud: 'The token is meant for another audience (aud).',
  nbf: 'The token is not valid yet (nbf). Try again later, or check the clocks.',
};

/** What the client learns of it. */
function failure(error: unknown): GatewayError {
  if (error instanceof KeysUnavailable) {
    return unavailable('The keys that tokens are verified with cannot be had at the moment. Try again shortly.');
  }
  if (error instanceof errors.JWTExpired) return outdated(expired);
  if (error instanceof errors.JWTClaimValidationFailed) {
    return refused(claimFailures[error.claim] ?? 'The token has a claim that is not valid.');
  }
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported) {
    return refused('The token is signed with an algorithm that is not accepted here.');
  }
  if (error instanceof errors.JWKSNoMatchingKey) {
    return outdated('The token is signed with a key that is not known here. Get a new one and try again.');
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) return refused("The token's signature is wrong.");
  return error instanceof GatewayError
    ? error
    : refused('The token is not a signed JSON Web Token (JWT) that is accepted here.');
}
