import { createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Mistake } from '../common/errors.ts';
import { isLoopback } from '../common/loopback.ts';
import { pathNames } from '../model/claims.ts';
import type { JwtSettings } from './identity-settings.ts';

const rsa = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
const edwards = ['EdDSA', 'Ed25519'];
const curves: Readonly<Record<string, string>> = { prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' };

/** Bytes of a secret: as many as the hash has, RFC 7518 section 3.2. */
const secretBytes: Readonly<Record<string, number>> = { HS256: 32, HS384: 48, HS512: 64 };

const withSecret = Object.keys(secretBytes);
const withKeyPair = [...rsa, ...Object.values(curves), ...edwards];

/** All that `jwt.algorithms` may name. `none` is none of them. */
export const jwtAlgorithms: readonly string[] = [...withSecret, ...withKeyPair];

/** What the keys of the settings can verify: never both kinds, so that a public key is never taken for a secret. */
export function acceptedAlgorithms(settings: JwtSettings): readonly string[] {
  if (settings.algorithms !== undefined) return settings.algorithms;
  if (settings.secret !== undefined) return ['HS256'];
  return settings.publicKey === undefined ? withKeyPair : (fitting(publicKeyOf(settings.publicKey)) ?? []);
}

/** Every mistake in the settings of tokens, called as they are in a configuration. For the command line and for the library. */
export function jwtMistakes(settings: JwtSettings): readonly Mistake[] {
  const { jwksUrl, jwks, publicKey, secret, algorithms, rolesClaim } = settings;
  const given = [jwksUrl, jwks, publicKey, secret].filter((each) => each !== undefined).length;
  const messages = [
    ...(given === 1
      ? []
      : [
          `${given === 0 ? 'Tokens (jwt) cannot be verified without keys' : 'Tokens (jwt) are verified with one kind of keys'}: ` +
            'set one of jwt.jwksUrl, jwt.jwksFile, jwt.publicKeyFile and jwt.secret.',
        ]),
    ...(jwksUrl === undefined ? [] : urlMistakes(jwksUrl)),
    ...(jwks === undefined ? [] : jwksMistakes(jwks)),
    ...(publicKey === undefined ? [] : publicKeyMistakes(publicKey)),
    ...(secret === undefined ? [] : secretMistakes(secret, algorithms)),
    ...(given === 1 ? algorithmMistakes(settings) : []),
    ...(rolesClaim !== undefined && pathNames(rolesClaim).includes('')
      ? [
          `jwt.rolesClaim is a path, such as roles or realm_access.roles, not "${rolesClaim}". A dot inside a name is written \\.`,
        ]
      : []),
  ];
  return messages.map((message) => ({ message }));
}

function urlMistakes(given: string): readonly string[] {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    return [`jwt.jwksUrl is a URL, such as https://login.example.com/.well-known/jwks.json, not "${given}".`];
  }
  if (url.username !== '' || url.password !== '') {
    return ['jwt.jwksUrl holds a password, and keys are published for everybody. Leave user and password out.'];
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    return [
      `jwt.jwksUrl ${given} is not encrypted: whoever is on the way can put keys of their own there, and be anybody. Use https.`,
    ];
  }
  return [];
}

function jwksMistakes({ keys }: NonNullable<JwtSettings['jwks']>): readonly string[] {
  if (!Array.isArray(keys) || keys.length === 0)
    return ['jwt.jwksFile holds no keys: it is JSON like { "keys": [ … ] }.'];
  return keys.flatMap((key: unknown, index) => {
    if (typeof key !== 'object' || key === null) return [`jwt.jwksFile: key ${index + 1} is no JSON object.`];
    if ('kty' in key && key.kty === 'oct') return [`jwt.jwksFile: key ${index + 1} is a secret. Set it as jwt.secret.`];
    if ('d' in key) {
      return [
        `jwt.jwksFile: key ${index + 1} is a private key, which only the issuer may have. Leave its private parts out.`,
      ];
    }
    return [];
  });
}

function publicKeyMistakes(pem: string): readonly string[] {
  if (pem.includes('PRIVATE KEY')) {
    return ['jwt.publicKeyFile holds a private key, which only the issuer may have. Put the public key there.'];
  }
  const key = publicKeyOf(pem);
  if (key === undefined) return ['jwt.publicKeyFile holds no public key in PEM (-----BEGIN PUBLIC KEY-----).'];
  if (fitting(key) === undefined) {
    return [
      'jwt.publicKeyFile holds a key that tokens cannot be signed with. Use RSA (2,048 bits or more), P-256, P-384, P-521 or Ed25519.',
    ];
  }
  return [];
}

function secretMistakes(secret: string, algorithms: readonly string[] = ['HS256']): readonly string[] {
  const bytes = Buffer.byteLength(secret);
  const needed = Math.max(32, ...algorithms.map((each) => secretBytes[each] ?? 0));
  if (bytes >= needed) return [];
  return [`jwt.secret has ${bytes} bytes, and whoever guesses it can be anybody. Use ${needed} random bytes at least.`];
}

function algorithmMistakes({ secret, publicKey, algorithms }: JwtSettings): readonly string[] {
  if (algorithms === undefined) return [];
  if (algorithms.length === 0) {
    return ['jwt.algorithms is empty, so no token would be accepted. Leave it out for those that fit the keys.'];
  }
  const [what, possible] = withPossible(secret, publicKey);
  const unfit = algorithms.filter((each) => possible?.includes(each) === false);
  return unfit.map((each) => `jwt.algorithms: ${what} verifies ${possible?.join(', ')}, not ${each}.`);
}

/** What keys are called, and what they verify; undefined for a public key that is wrong, which is said elsewhere. */
function withPossible(
  secret: string | undefined,
  publicKey: string | undefined,
): readonly [string, readonly string[] | undefined] {
  if (secret !== undefined) return ['a secret', withSecret];
  if (publicKey !== undefined) return ['the key of jwt.publicKeyFile', fitting(publicKeyOf(publicKey))];
  return ['a public key', withKeyPair];
}

function publicKeyOf(pem: string): KeyObject | undefined {
  try {
    return createPublicKey(pem);
  } catch {
    return undefined;
  }
}

/** The algorithms that a public key verifies; undefined for a key that none goes with. */
function fitting(key: KeyObject | undefined): readonly string[] | undefined {
  if (key?.asymmetricKeyType === 'rsa')
    return (key.asymmetricKeyDetails?.modulusLength ?? 0) >= 2_048 ? rsa : undefined;
  if (key?.asymmetricKeyType === 'ed25519') return edwards;
  const algorithm = curves[key?.asymmetricKeyDetails?.namedCurve ?? ''];
  return algorithm === undefined ? undefined : [algorithm];
}
