import { createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Mistake } from '../common/errors.ts';
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

/**
 * Every mistake in the settings of tokens, which `called` names: `jwt` in a configuration. The command line and the library both go
 * through it, so it may be given whatever there is.
 */
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
    ...(given === 1 ? algorithmMistakes(settings, algorithms) : []),
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

/** Whether a host is this machine alone. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  return name === 'localhost' || name === '::1' || /^127(?:\.\d{1,3}){3}$/.test(name);
}

function jwksMistakes({ keys }: NonNullable<JwtSettings['jwks']>): readonly string[] {
  if (!Array.isArray(keys) || keys.length === 0)
    return ['jwt.jwksFile holds no keys: it is JSON like { "keys": [ … ] }.'];
  return keys.flatMap((key, index) => {
    if (key['kty'] === 'oct') return [`jwt.jwksFile: key ${index + 1} is a secret. Set it as jwt.secret.`];
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

function algorithmMistakes(settings: JwtSettings, given: readonly string[] | undefined): readonly string[] {
  const { secret, publicKey } = settings;
  const key = publicKey === undefined ? undefined : fitting(publicKeyOf(publicKey));
  // What is wrong with the key has been said.
  if (publicKey !== undefined && key === undefined) return [];
  const possible = secret === undefined ? (key ?? withKeyPair) : withSecret;
  const what =
    secret === undefined
      ? key === undefined
        ? 'Published keys verify'
        : 'The key of jwt.publicKeyFile verifies'
      : 'A secret verifies';
  const unfit = (given ?? []).filter((each) => !possible.includes(each));
  const bytes = secret === undefined ? undefined : Buffer.byteLength(secret);
  const longest = Math.max(...(given ?? ['HS256']).map((each) => secretBytes[each] ?? 0), 32);
  return [
    ...(given?.length === 0
      ? ['jwt.algorithms is empty, so no token would be accepted. Leave it out for those that fit the keys.']
      : []),
    ...unfit.map((each) => `jwt.algorithms: ${what} ${possible.join(', ')}, not ${each}.`),
    ...(bytes !== undefined && bytes < longest
      ? [`jwt.secret has ${bytes} bytes, and whoever guesses it can be anybody. Use ${longest} random bytes at least.`]
      : []),
  ];
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
