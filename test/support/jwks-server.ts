import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, type CryptoKey, type JWK, type JWTPayload } from 'jose';
import { onTestFinished } from 'vitest';

/** A pair of keys, and what is published of it. */
export interface SigningKey {
  readonly alg: string;
  readonly kid: string;
  readonly jwk: JWK;
  readonly pem: string;
  readonly privateKey: CryptoKey;
}

export async function createSigningKey(kid: string, alg = 'ES256'): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' };
  return { alg, kid, jwk, pem: await exportSPKI(publicKey), privateKey };
}

/** A token of now: valid for an hour unless the claims say otherwise. */
export function signWith(
  { alg, kid, privateKey }: SigningKey,
  claims: JWTPayload,
  nowMs = Date.now(),
): Promise<string> {
  return new SignJWT({ iat: Math.floor(nowMs / 1_000), exp: Math.floor(nowMs / 1_000) + 3_600, ...claims })
    .setProtectedHeader({ alg, kid })
    .sign(privateKey);
}

export const testSecret = 'a secret of at least thirty-two bytes';

/** The same with a shared secret. */
export function signWithSecret(
  claims: JWTPayload,
  nowMs = Date.now(),
  secret = testSecret,
  alg = 'HS256',
): Promise<string> {
  return new SignJWT({ iat: Math.floor(nowMs / 1_000), exp: Math.floor(nowMs / 1_000) + 3_600, ...claims })
    .setProtectedHeader({ alg })
    .sign(new TextEncoder().encode(secret));
}

/** An issuer that publishes keys on a port of its own, until the test ends. */
export interface JwksServer {
  readonly url: string;
  /** How often it was asked. */
  readonly asked: number;
  /** What it answers from now on. */
  publish(...keys: readonly SigningKey[]): void;
  answer(how: (response: ServerResponse) => void): void;
}

export async function createJwksServer(...keys: readonly SigningKey[]): Promise<JwksServer> {
  let asked = 0;
  let answer: (response: ServerResponse) => void;
  const publish = (...published: readonly SigningKey[]): void => {
    answer = (response) => response.end(JSON.stringify({ keys: published.map(({ jwk }) => jwk) }));
  };
  publish(...keys);
  const server = createServer((request, response) => {
    asked += 1;
    answer(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`,
    get asked() {
      return asked;
    },
    publish,
    answer: (how) => (answer = how),
  };
}
