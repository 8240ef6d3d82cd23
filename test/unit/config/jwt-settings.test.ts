import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { JwtSettings } from '../../../src/config/identity-settings.ts';
import { acceptedAlgorithms, jwtMistakes } from '../../../src/config/jwt-settings.ts';

const secret = 'a secret of at least thirty-two bytes';
const spki = { type: 'spki', format: 'pem' } as const;
const pkcs8 = { type: 'pkcs8', format: 'pem' } as const;

function rsa(modulusLength: number) {
  return generateKeyPairSync('rsa', { modulusLength, publicKeyEncoding: spki, privateKeyEncoding: pkcs8 });
}

function ec(namedCurve: string): string {
  return generateKeyPairSync('ec', { namedCurve, publicKeyEncoding: spki, privateKeyEncoding: pkcs8 }).publicKey;
}

const { publicKey, privateKey } = rsa(2_048);
const jwk = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' };

describe('settings of tokens are without mistakes', () => {
  test.each<JwtSettings>([
    { secret },
    { secret, algorithms: ['HS256'] },
    { secret: secret.repeat(2), algorithms: ['HS512', 'HS256'] },
    { publicKey },
    { publicKey, algorithms: ['RS256', 'PS512'] },
    { publicKey: ec('P-256'), algorithms: ['ES256'] },
    { jwks: { keys: [jwk] }, issuer: 'i', audience: ['a'], rolesClaim: 'https://example\\.com/roles' },
    { jwksUrl: 'https://login.example/jwks.json', algorithms: ['RS256', 'EdDSA'] },
    { jwksUrl: 'http://localhost:8080/jwks.json' },
    { jwksUrl: 'http://[::1]:8080/jwks.json' },
  ])('%j', (settings) => {
    expect(jwtMistakes(settings)).toEqual([]);
  });
});

describe('settings of tokens have a mistake', () => {
  test.each<[string, JwtSettings, string]>([
    ['no keys', { issuer: 'i' }, 'Tokens (jwt) cannot be verified without keys: set one of jwt.jwksUrl, jwt.jwksFile'],
    ['two kinds of keys', { secret, publicKey }, 'Tokens (jwt) are verified with one kind of keys: set one of'],
    ['a short secret', { secret: 'secret' }, 'jwt.secret has 6 bytes, and whoever guesses it can be anybody. Use 32 '],
    ['a secret that is short for its hash', { secret, algorithms: ['HS512'] }, 'Use 64 random bytes at least.'],
    [
      'a secret for public keys',
      { secret, algorithms: ['RS256'] },
      'a secret verifies HS256, HS384, HS512, not RS256.',
    ],
    [
      'a public key for secrets',
      { publicKey, algorithms: ['RS256', 'HS256'] },
      'RS256, RS384, RS512, PS256, PS384, PS512, not HS256.',
    ],
    ['another kind of key', { publicKey, algorithms: ['ES256'] }, 'the key of jwt.publicKeyFile verifies RS256'],
    ['another curve', { publicKey: ec('P-384'), algorithms: ['ES256'] }, 'verifies ES384, not ES256.'],
    [
      'secrets among published keys',
      { jwksUrl: 'https://a.example', algorithms: ['HS256'] },
      'a public key verifies RS256',
    ],
    ['no algorithm', { secret, algorithms: [] }, 'jwt.algorithms is empty'],
    ['a private key', { publicKey: privateKey }, 'jwt.publicKeyFile holds a private key'],
    ['no key', { publicKey: 'PEM' }, 'jwt.publicKeyFile holds no public key in PEM'],
    ['a weak key', { publicKey: rsa(1_024).publicKey }, 'Use RSA (2,048 bits or more)'],
    ['a curve that tokens do not use', { publicKey: ec('secp256k1') }, 'a key that tokens cannot be signed with'],
    ['keys in the clear', { jwksUrl: 'http://login.example/jwks.json' }, 'is not encrypted: whoever is on the way'],
    ['another protocol', { jwksUrl: 'file:///etc/jwks.json' }, 'jwt.jwksUrl is a URL, such as https://'],
    ['no URL', { jwksUrl: 'login.example' }, 'jwt.jwksUrl is a URL, such as https://'],
    ['an empty set', { jwks: { keys: [] } }, 'jwt.jwksFile holds no keys'],
    ['no set', { jwks: { keys: 'none' } } as unknown as JwtSettings, 'jwt.jwksFile holds no keys'],
    [
      'no keys in a set',
      { jwks: { keys: [null] } } as unknown as JwtSettings,
      'jwt.jwksFile: key 1 is no JSON object.',
    ],
    ['a secret in a set', { jwks: { keys: [jwk, { kty: 'oct', k: 'AA' }] } }, 'jwt.jwksFile: key 2 is a secret.'],
    ['a private key in a set', { jwks: { keys: [{ ...jwk, d: 'd' }] } }, 'jwt.jwksFile: key 1 is a private key'],
    ['a path with an empty name', { secret, rolesClaim: 'realm_access..roles' }, 'jwt.rolesClaim is a path'],
  ])('%s', (_, settings, message) => {
    expect(jwtMistakes(settings)).toEqual([{ message: expect.stringContaining(message) as string }]);
  });

  test('and a URL with a password in it is not printed', () => {
    const [mistake] = jwtMistakes({ jwksUrl: 'https://user:hunter2@login.example/jwks.json' });
    expect(mistake?.message).toContain('holds a password');
    expect(mistake?.message).not.toContain('hunter2');
  });
});

test('all mistakes are told at once', () => {
  expect(jwtMistakes({ secret: 'short', jwksUrl: 'http://a.example', rolesClaim: '.' })).toHaveLength(4);
});

describe('accepted are', () => {
  const published = [
    'RS256',
    'RS384',
    'RS512',
    'PS256',
    'PS384',
    'PS512',
    'ES256',
    'ES384',
    'ES512',
    'EdDSA',
    'Ed25519',
  ];
  test.each<[JwtSettings, readonly string[]]>([
    [{ secret }, ['HS256']],
    [{ publicKey }, published.slice(0, 6)],
    [{ publicKey: ec('P-521') }, ['ES512']],
    [{ jwksUrl: 'https://a.example' }, published],
    [{ jwks: { keys: [jwk] }, algorithms: ['ES256'] }, ['ES256']],
  ])('of %j', (settings, algorithms) => {
    expect(acceptedAlgorithms(settings)).toEqual(algorithms);
  });
});
