import { createHmac } from 'node:crypto';
import { base64url, SignJWT, UnsecuredJWT, type JWTPayload } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import type { JwtSettings } from '../../../src/config/identity-settings.ts';
import { createTokenVerifier } from '../../../src/identity/tokens.ts';
import { createSigningKey, signWith, signWithSecret, testSecret, type SigningKey } from '../../support/jwks-server.ts';

const nowMs = Date.UTC(2030, 0, 1);
const nowS = nowMs / 1_000;

let ec: SigningKey;
let rsa: SigningKey;
let other: SigningKey;
beforeAll(async () => {
  [ec, rsa, other] = await Promise.all([
    createSigningKey('ec'),
    createSigningKey('rsa', 'RS256'),
    createSigningKey('other', 'RS256'),
  ]);
});

function verify(settings: JwtSettings, token: string): Promise<JWTPayload> {
  return createTokenVerifier({ settings, now: () => nowMs, onKeysUnavailable: () => {} }).verify(token);
}

function withSecret(claims: JWTPayload, settings: JwtSettings = {}): Promise<JWTPayload> {
  return signWithSecret(claims, nowMs).then((token) => verify({ secret: testSecret, ...settings }, token));
}

function refusal(message: string): unknown {
  return expect.objectContaining({ code: 'UNAUTHENTICATED', message: expect.stringContaining(message) });
}

describe('a token is accepted', () => {
  test('with a shared secret', async () => {
    expect(await withSecret({ sub: 'u1', org: { tenant: 't1' } })).toMatchObject({ sub: 'u1', org: { tenant: 't1' } });
  });

  test.each(['RS256', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA'])('with a public key: %s', async (alg) => {
    const key = await createSigningKey('k', alg);
    const token = await signWith(key, { sub: 'u1' }, nowMs);
    expect(await verify({ publicKey: key.pem }, token)).toMatchObject({ sub: 'u1' });
    expect(await verify({ jwks: { keys: [{ ...key.jwk }] } }, token)).toMatchObject({ sub: 'u1' });
  });

  test('with the key of a set that it names, or any where it names none', async () => {
    const settings = { jwks: { keys: [{ ...other.jwk }, { ...rsa.jwk }, { ...ec.jwk }] } };
    expect(await verify(settings, await signWith(ec, { sub: 'u1' }, nowMs))).toMatchObject({ sub: 'u1' });
    const anonymous = await new SignJWT({ sub: 'u1', exp: nowS + 60 })
      .setProtectedHeader({ alg: 'RS256' })
      .sign(rsa.privateKey);
    expect(await verify(settings, anonymous)).toMatchObject({ sub: 'u1' });
    const unknown = await new SignJWT({ sub: 'u1', exp: nowS + 60 })
      .setProtectedHeader({ alg: 'RS256' })
      .sign((await createSigningKey('x', 'RS256')).privateKey);
    await expect(verify(settings, unknown)).rejects.toEqual(refusal('signature is wrong'));
  });

  test('of the issuer and for one of the audiences', async () => {
    const settings = { issuer: 'https://login.example', audience: ['headgate', 'charts'] };
    const claims = { iss: 'https://login.example', aud: ['shop', 'charts'] };
    expect(await withSecret(claims, settings)).toMatchObject(claims);
  });

  test('a little before it is valid, where the clock of the issuer is ahead', async () => {
    expect(await withSecret({ nbf: nowS + 5 })).toMatchObject({ nbf: nowS + 5 });
    await expect(withSecret({ nbf: nowS + 6 })).rejects.toEqual(refusal('not valid yet (nbf)'));
    await expect(withSecret({ nbf: nowS + 1 }, { clockToleranceMs: 0 })).rejects.toEqual(
      refusal('not valid yet (nbf)'),
    );
  });

  test('until it expires, to the second, and then a new one is asked for', async () => {
    expect(await withSecret({ exp: nowS + 1 })).toMatchObject({ exp: nowS + 1 });
    await expect(withSecret({ exp: nowS })).rejects.toEqual(refusal('has expired'));
    await expect(withSecret({ exp: nowS - 1 }, { clockToleranceMs: 60_000 })).rejects.toEqual(refusal('has expired'));
    await expect(withSecret({ exp: nowS - 1 })).rejects.toMatchObject({ details: { retryable: true } });
    await expect(withSecret({ iss: 'x' }, { issuer: 'y' })).rejects.toMatchObject({ details: {} });
  });
});

describe('a token is refused', () => {
  test.each<[string, JWTPayload, JwtSettings, string]>([
    ['without an expiry', { exp: undefined as unknown as number }, {}, 'does not say when it expires'],
    ['with an expiry that is no number', { exp: 'tomorrow' as unknown as number }, {}, 'does not say when it expires'],
    ['of another issuer', { iss: 'https://evil.example' }, { issuer: 'https://login.example' }, 'another issuer'],
    ['without an issuer', {}, { issuer: 'https://login.example' }, 'another issuer'],
    ['for another audience', { aud: 'shop' }, { audience: ['headgate'] }, 'another audience'],
    ['without an audience', {}, { audience: ['headgate'] }, 'another audience'],
  ])('%s', async (_, claims, settings, message) => {
    await expect(withSecret(claims, settings)).rejects.toEqual(refusal(message));
  });

  test('with a signature of another key', async () => {
    const token = await signWith({ ...other, kid: 'rsa' }, {}, nowMs);
    await expect(verify({ jwks: { keys: [{ ...rsa.jwk }] } }, token)).rejects.toEqual(refusal('signature is wrong'));
    await expect(verify({ publicKey: rsa.pem }, token)).rejects.toEqual(refusal('signature is wrong'));
    const forged = await signWithSecret({}, nowMs, `${testSecret}!`);
    await expect(verify({ secret: testSecret }, forged)).rejects.toEqual(refusal('signature is wrong'));
  });

  test('with a key that is not in the set', async () => {
    const token = await signWith(ec, {}, nowMs);
    await expect(verify({ jwks: { keys: [{ ...rsa.jwk }] } }, token)).rejects.toEqual(
      refusal('key that is not known here'),
    );
  });

  test('with no signature at all', async () => {
    const token = new UnsecuredJWT({ sub: 'u1', exp: nowS + 60 }).encode();
    for (const settings of [{ secret: testSecret }, { publicKey: rsa.pem }, { jwks: { keys: [{ ...rsa.jwk }] } }]) {
      await expect(verify(settings, token)).rejects.toEqual(refusal('algorithm that is not accepted'));
    }
  });

  test('whose signature takes the public key for a secret', async () => {
    const head = base64url.encode(JSON.stringify({ alg: 'HS256', kid: 'rsa' }));
    const body = base64url.encode(JSON.stringify({ sub: 'admin', exp: nowS + 60 }));
    const signature = createHmac('sha256', rsa.pem).update(`${head}.${body}`).digest('base64url');
    const token = `${head}.${body}.${signature}`;
    for (const settings of [{ publicKey: rsa.pem }, { jwks: { keys: [{ ...rsa.jwk }] } }]) {
      await expect(verify(settings, token)).rejects.toEqual(refusal('algorithm that is not accepted'));
    }
  });

  test('with an algorithm that is not among those of the settings', async () => {
    const settings = { publicKey: rsa.pem, algorithms: ['PS256'] };
    await expect(verify(settings, await signWith(rsa, {}, nowMs))).rejects.toEqual(
      refusal('algorithm that is not accepted'),
    );
    const longer = await signWithSecret({}, nowMs, testSecret.repeat(2), 'HS512');
    await expect(verify({ secret: testSecret.repeat(2) }, longer)).rejects.toEqual(
      refusal('algorithm that is not accepted'),
    );
  });

  test('that brings a key of its own', async () => {
    const token = await new SignJWT({ sub: 'admin', exp: nowS + 60 })
      .setProtectedHeader({ alg: 'RS256', kid: 'rsa', jwk: other.jwk, jku: 'https://evil.example/jwks.json' })
      .sign(other.privateKey);
    await expect(verify({ jwks: { keys: [{ ...rsa.jwk }] } }, token)).rejects.toEqual(refusal('signature is wrong'));
  });

  test.each(['', 'x', 'a.b.c', '..', 'e30.e30.', `${'a'.repeat(5_000)}.b.c`])('that is none: %j', async (token) => {
    await expect(verify({ secret: testSecret }, token)).rejects.toEqual(
      expect.objectContaining({ code: 'UNAUTHENTICATED' }),
    );
  });

  test('that is changed in any place', async () => {
    const token = await signWithSecret({ sub: 'u1' }, nowMs);
    for (let index = 0; index < token.length - 1; index += 1) {
      const letter = token[index] === 'A' ? 'B' : 'A';
      const changed = `${token.slice(0, index)}${letter}${token.slice(index + 1)}`;
      await expect(verify({ secret: testSecret }, changed)).rejects.toEqual(
        expect.objectContaining({ code: 'UNAUTHENTICATED' }),
      );
    }
  });
});
