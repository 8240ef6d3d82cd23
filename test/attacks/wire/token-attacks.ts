import { createHmac, createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';

/** Credentials that are none, as a client shows them over HTTP; over a WebSocket the same are in `connection_init`. */
export interface TokenAttack {
  readonly name: string;
  readonly authorization?: string;
  readonly apiKey?: string;
  /** What a WebSocket is closed with: 4403 where new credentials are all that it takes. Default 4401. */
  readonly close?: 4401 | 4403;
}

/** Who issues tokens, and what else is known. */
export interface Issuer {
  readonly issuer: string;
  readonly audience: string;
  readonly privateKey: KeyObject;
  /** PEM: published, so that anybody has it. */
  readonly publicKey: string;
  readonly apiKey: string;
  /** Where somebody else publishes keys. */
  readonly elsewhere: string;
}

type Json = Readonly<Record<string, unknown>>;

const part = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

function sign(header: Json, claims: unknown, privateKey: KeyObject): string {
  const input = `${part(header)}.${part(claims)}`;
  const signature = createSign('sha256').update(input).sign({ key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

function hmac(header: Json, claims: Json, secret: string): string {
  const input = `${part(header)}.${part(claims)}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

/** A token that is good. */
export function goodToken({ issuer, audience, privateKey }: Issuer, more: Json = {}): string {
  const now = Math.floor(Date.now() / 1_000);
  return sign({ alg: 'ES256' }, { iss: issuer, aud: audience, sub: 'u1', exp: now + 3_600, ...more }, privateKey);
}

export function tokenAttacks(known: Issuer): readonly TokenAttack[] {
  const { issuer, audience, privateKey, publicKey, apiKey, elsewhere } = known;
  const now = Math.floor(Date.now() / 1_000);
  const claims = { iss: issuer, aud: audience, sub: 'u1', exp: now + 3_600 };
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const good = goodToken(known);
  const [goodHead = '', goodClaims = '', goodSignature = ''] = good.split('.');
  const jwk = other.publicKey.export({ format: 'jwk' });

  const tokens: Readonly<Record<string, string>> = {
    'that is not signed': `${part({ alg: 'none' })}.${part(claims)}.`,
    'that is not signed, in capitals': `${part({ alg: 'NONE' })}.${part(claims)}.`,
    'that is not signed, with a signature': `${part({ alg: 'none' })}.${goodClaims}.${goodSignature}`,
    'without its signature': `${goodHead}.${goodClaims}.`,
    'without the part of its signature': `${goodHead}.${goodClaims}`,
    'with the signature of another': `${goodHead}.${part({ ...claims, sub: 'u2' })}.${goodSignature}`,
    'with a signature of zeros': `${goodHead}.${goodClaims}.${Buffer.alloc(64).toString('base64url')}`,
    'signed with the public key as a secret': hmac({ alg: 'HS256' }, claims, publicKey),
    'signed with the public key as a secret, without its last line break': hmac(
      { alg: 'HS256' },
      claims,
      publicKey.trim(),
    ),
    'signed with an empty secret': hmac({ alg: 'HS256' }, claims, ''),
    'signed by somebody else': sign({ alg: 'ES256' }, claims, other.privateKey),
    'that brings its own key': sign({ alg: 'ES256', jwk }, claims, other.privateKey),
    'that says where its key is (jku)': sign({ alg: 'ES256', jku: elsewhere, kid: 'evil' }, claims, other.privateKey),
    'that says where its certificate is (x5u)': sign({ alg: 'ES256', x5u: elsewhere }, claims, other.privateKey),
    'that brings a certificate (x5c)': sign({ alg: 'ES256', x5c: ['MIIB'] }, claims, other.privateKey),
    'whose key is a file': sign({ alg: 'ES256', kid: '../../../../dev/null' }, claims, other.privateKey),
    'whose key is SQL': sign({ alg: 'ES256', kid: "' UNION SELECT 'key' --" }, claims, other.privateKey),
    'whose key is in the prototype': sign({ alg: 'ES256', kid: '__proto__' }, claims, other.privateKey),
    'with an extension that must be understood': sign({ alg: 'ES256', crit: ['b64'], b64: false }, claims, privateKey),
    'with an extension of nobody': sign({ alg: 'ES256', crit: ['exploit'], exploit: 1 }, claims, privateKey),
    'of an algorithm of nobody': sign({ alg: 'ES257' }, claims, privateKey),
    'of an algorithm that is a list': sign({ alg: ['ES256'] }, claims, privateKey),
    'without algorithm': sign({}, claims, privateKey),
    'of another issuer': goodToken(known, { iss: 'https://evil.test' }),
    'of two issuers': goodToken(known, { iss: [issuer, 'https://evil.test'] }),
    'for somebody else': goodToken(known, { aud: 'billing' }),
    'for nobody': goodToken(known, { aud: [] }),
    'that does not expire': goodToken(known, { exp: undefined }),
    'that expires at a text': goodToken(known, { exp: 'tomorrow' }),
    'that expires at null': goodToken(known, { exp: null }),
    'that is not valid yet': goodToken(known, { nbf: now + 3_600 }),
    'whose claims are a list': sign({ alg: 'ES256' }, [claims], privateKey),
    'whose claims are a text': sign({ alg: 'ES256' }, '"u1"', privateKey),
    'whose claims are no JSON': sign({ alg: 'ES256' }, '{"sub":', privateKey),
    'in two': `${good}, Bearer ${good}`,
    'of five parts': `${good}.${goodClaims}.${goodSignature}`,
    'that is encrypted': `${part({ alg: 'dir', enc: 'A256GCM' })}..AAAA.AAAA.AAAA`,
    'that is empty': '',
    'of dots': '...',
    'of other letters': `${goodHead}.${goodClaims}.${goodSignature.replaceAll(/[A-Z]/g, '+')}=`,
    'with a blank in it': `${goodHead}. ${goodClaims}.${goodSignature}`,
    'of 12,000 letters': 'a'.repeat(12_000),
  };

  return [
    ...Object.entries(tokens).map(([what, token]) => ({ name: `a token ${what}`, authorization: `Bearer ${token}` })),
    { name: 'a token that has expired', authorization: `Bearer ${goodToken(known, { exp: now - 1 })}`, close: 4403 },
    { name: 'a token that has expired long ago', authorization: `Bearer ${goodToken(known, { exp: 1 })}`, close: 4403 },
    { name: 'a token without its scheme', authorization: good },
    { name: 'a token in another scheme', authorization: `Token ${good}` },
    { name: 'a name and a password', authorization: `Basic ${Buffer.from('u1:x').toString('base64')}` },
    { name: 'a token and an API key', authorization: `Bearer ${good}`, apiKey },
    { name: 'an API key in place of a token', authorization: `Bearer ${apiKey}` },
    { name: 'a token in place of an API key', apiKey: good },
    { name: 'an API key without its end', apiKey: apiKey.slice(0, -1) },
    { name: 'an API key and more', apiKey: `${apiKey}x` },
    { name: 'an API key of one letter', apiKey: 'k' },
    { name: 'an API key in capitals', apiKey: apiKey.toUpperCase() },
    { name: 'an API key twice', apiKey: `${apiKey}, ${apiKey}` },
    { name: 'an API key of 12,000 letters', apiKey: 'k'.repeat(12_000) },
    { name: 'the hash of an API key', apiKey: '9a3f'.repeat(16) },
    { name: 'an API key in the prototype', apiKey: '__proto__' },
  ];
}
