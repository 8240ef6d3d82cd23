import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { JWTPayload } from 'jose';
import { createTokenVerifier } from '../../../src/identity/tokens.ts';
import {
  createJwksServer,
  createSigningKey,
  signWith,
  type JwksServer,
  type SigningKey,
} from '../../support/jwks-server.ts';

let first: SigningKey;
let second: SigningKey;
let unknown: SigningKey;
beforeAll(async () => {
  [first, second, unknown] = await Promise.all([
    createSigningKey('first'),
    createSigningKey('second'),
    createSigningKey('unknown'),
  ]);
});

/** The ages of keys go by the system's clock, which stands still until a test moves it. */
const startMs = Date.UTC(2030, 0, 1);
let nowMs = startMs;
function moveOn(ms: number): void {
  nowMs += ms;
  vi.setSystemTime(nowMs);
}
afterEach(() => void vi.useRealTimers());

interface Issuer extends JwksServer {
  readonly failures: readonly string[];
  verify(token: string): Promise<JWTPayload>;
}

async function issuerOf(...keys: readonly SigningKey[]): Promise<Issuer> {
  const issuer = await createJwksServer(...keys);
  nowMs = startMs;
  vi.useFakeTimers({ toFake: ['Date'], now: nowMs });
  const failures: string[] = [];
  const verifier = createTokenVerifier({
    settings: { jwksUrl: issuer.url },
    now: () => nowMs,
    onKeysUnavailable: (reason) => failures.push(reason),
  });
  return Object.assign(issuer, { failures, verify: verifier.verify });
}

const keysUnavailable = expect.objectContaining({ code: 'OVERLOADED', details: { retryable: true } }) as unknown;
const keyUnknown = expect.objectContaining({
  code: 'UNAUTHENTICATED',
  message: expect.stringContaining('key that is not known') as string,
}) as unknown;

describe('published keys', () => {
  test('are fetched once for many tokens, and when the first comes', async () => {
    const issuer = await issuerOf(first);
    expect(issuer.asked).toBe(0);
    const tokens = await Promise.all(['a', 'b', 'c', 'd'].map((sub) => signWith(first, { sub }, nowMs)));
    expect(await Promise.all(tokens.map((token) => issuer.verify(token)))).toHaveLength(4);
    expect(issuer.asked).toBe(1);
  });

  test('are fetched again for a key that is not among them', async () => {
    const issuer = await issuerOf(first);
    await issuer.verify(await signWith(first, {}, nowMs));
    issuer.publish(first, second);
    moveOn(11_000);
    expect(await issuer.verify(await signWith(second, { sub: 'u1' }, nowMs))).toMatchObject({ sub: 'u1' });
    expect(issuer.asked).toBe(2);
  });

  test('are accepted no longer than ten minutes after they were withdrawn', async () => {
    const issuer = await issuerOf(first);
    const token = await signWith(first, {}, nowMs);
    await issuer.verify(token);
    issuer.publish(second);
    moveOn(599_000);
    await issuer.verify(token);
    moveOn(2_000);
    await expect(issuer.verify(token)).rejects.toEqual(keyUnknown);
    expect(issuer.asked).toBe(2);
  });

  test('are not asked for by a flood of made-up keys more than once in ten seconds', async () => {
    const issuer = await issuerOf(first);
    await issuer.verify(await signWith(first, {}, nowMs));
    moveOn(11_000);
    const flood = async (): Promise<void> => {
      const tokens = await Promise.all(
        Array.from({ length: 50 }, (_, i) => signWith({ ...unknown, kid: `made-up-${i}` }, {}, nowMs)),
      );
      for (const token of tokens) await expect(issuer.verify(token)).rejects.toEqual(keyUnknown);
    };
    await flood();
    expect(issuer.asked).toBe(2);
    moveOn(9_000);
    await flood();
    expect(issuer.asked).toBe(2);
    moveOn(2_000);
    await flood();
    expect(issuer.asked).toBe(3);
  });
});

describe('where an issuer', () => {
  test('is down, clients are told to come back, and it is asked at most every two seconds', async () => {
    const issuer = await issuerOf(first);
    issuer.answer((response) => response.destroy());
    const token = await signWith(first, {}, nowMs);
    for (let i = 0; i < 20; i += 1) await expect(issuer.verify(token)).rejects.toEqual(keysUnavailable);
    expect(issuer.asked).toBe(1);
    expect(issuer.failures).toHaveLength(1);
    moveOn(2_000);
    issuer.publish(first);
    expect(await issuer.verify(token)).toMatchObject({ iat: startMs / 1_000 });
  });

  test('goes down, its keys are still good for ten minutes', async () => {
    const issuer = await issuerOf(first);
    const token = await signWith(first, {}, nowMs);
    await issuer.verify(token);
    issuer.answer((response) => response.destroy());
    moveOn(599_000);
    await issuer.verify(token);
    moveOn(2_000);
    await expect(issuer.verify(token)).rejects.toEqual(keysUnavailable);
  });

  test('is down, made-up keys cost it one request in two seconds', async () => {
    const issuer = await issuerOf(first);
    await issuer.verify(await signWith(first, {}, nowMs));
    issuer.answer((response) => response.destroy());
    moveOn(11_000);
    for (let i = 0; i < 20; i += 1) {
      const token = await signWith({ ...unknown, kid: `made-up-${i}` }, {}, nowMs);
      await expect(issuer.verify(token)).rejects.toEqual(keysUnavailable);
    }
    expect(issuer.asked).toBe(2);
    await issuer.verify(await signWith(first, {}, nowMs));
  });

  test.each<
    [string, (body: (text: string, status?: number, headers?: Record<string, string>) => void) => void, string]
  >([
    ['answers with an error', (end) => end('{"keys":[]}', 500), 'the issuer answers 500'],
    ['redirects', (end) => end('', 302, { location: 'http://127.0.0.1:1/' }), 'the issuer answers 302'],
    ['sends no JSON', (end) => end('<html>'), 'the issuer sends no JSON'],
    ['sends other JSON', (end) => end('{"keys":"none"}'), 'the issuer sends JSON that is no set of keys'],
    ['sends keys that are none', (end) => end('{"keys":[null]}'), 'the issuer sends JSON that is no set of keys'],
    [
      'sends too much',
      (end) => end(`{"keys":[],"x":"${'x'.repeat(1_100_000)}"}`),
      'the issuer sends more than 1048576 bytes',
    ],
  ])('%s, its keys cannot be had', async (_, misbehave, reason) => {
    const issuer = await issuerOf(first);
    issuer.answer((response) =>
      misbehave((text, status = 200, headers = {}) => response.writeHead(status, headers).end(text)),
    );
    await expect(issuer.verify(await signWith(first, {}, nowMs))).rejects.toEqual(keysUnavailable);
    expect(issuer.failures).toEqual([reason]);
  });

  test('publishes private or weak keys, they are not used', async () => {
    const issuer = await issuerOf(first);
    issuer.answer((response) =>
      response.end(
        JSON.stringify({
          keys: [
            { ...first.jwk, d: first.jwk.x },
            { kty: 'oct', k: 'AAAA', kid: 'second' },
          ],
        }),
      ),
    );
    for (const key of [first, second]) {
      await expect(issuer.verify(await signWith(key, {}, nowMs))).rejects.toMatchObject({ name: 'GatewayError' });
    }
  });

  test('does not answer, clients are told to come back after five seconds', async () => {
    const issuer = await issuerOf(first);
    const abort = vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
      expect(ms).toBe(5_000);
      return AbortSignal.abort(new DOMException('', 'TimeoutError'));
    });
    issuer.answer(() => {});
    await expect(issuer.verify(await signWith(first, {}, nowMs))).rejects.toEqual(keysUnavailable);
    expect(issuer.failures).toEqual(['the issuer does not answer within 5000 ms']);
    abort.mockRestore();
  });
});
