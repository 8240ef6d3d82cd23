import '../../support/fast-check-seed.ts';
import { createHash, generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { GatewayError, SetupError } from '../../../src/common/errors.ts';
import type { Credentials } from '../../../src/config/authenticate.ts';
import type { IdentitySettings } from '../../../src/config/identity-settings.ts';
import { createIdentity } from '../../../src/identity/create-identity.ts';
import type { Identity } from '../../../src/identity/identity.ts';
import type { Caller } from '../../../src/model/caller.ts';
import { signWithSecret, testSecret } from '../../support/jwks-server.ts';

const startMs = Date.UTC(2030, 0, 1);
const address = '192.0.2.1';
const apiKey = 'the key of the billing service';
const apiKeys = [{ name: 'billing', sha256: createHash('sha256').update(apiKey).digest('hex'), roles: ['support'] }];
const jwt = { secret: testSecret };

let token = '';
beforeAll(async () => {
  token = await signWithSecret({ sub: 'u1', roles: ['admin'] }, startMs);
});

interface World extends Identity {
  readonly logged: string[];
  readonly clock: { nowMs: number };
}

function world(settings: IdentitySettings): World {
  const logged: string[] = [];
  const clock = { nowMs: startMs };
  const write = (message: string, facts?: object): void =>
    void logged.push(`${message} ${JSON.stringify(facts ?? {})}`);
  const log = { info: write, warn: write, error: write };
  return { ...createIdentity({ settings, log, now: () => clock.nowMs }), logged, clock };
}

function http(headers: Credentials['headers'] = {}): Credentials {
  return { transport: 'http', headers, address };
}

const bearer = (text: string): Credentials => http({ authorization: `Bearer ${text}` });
const withKey = (text: string): Credentials => http({ 'x-api-key': text });
const anonymous = { identified: false, claims: {}, roles: new Set(), id: `address:${address}` };

async function refusalOf(identity: Identity, credentials: Credentials): Promise<string> {
  try {
    return `identified as ${(await identity.identify(credentials)).id}`;
  } catch (error) {
    expect(error).toMatchObject({ name: 'GatewayError', code: 'UNAUTHENTICATED' });
    return (error as GatewayError).message;
  }
}

describe('without identity', () => {
  test('everybody is anonymous, whatever they send', () => {
    const identity = world({});
    expect(identity.configured).toBe(false);
    for (const credentials of [
      http(),
      bearer(token),
      withKey('x'),
      http({ authorization: 'Basic x', 'x-api-key': 'y' }),
    ]) {
      expect(identity.identify(credentials)).toEqual(anonymous);
    }
  });

  test('everybody has the claims of `as`, in development', () => {
    const identity = world({ as: { sub: 'u1', roles: ['admin'] } });
    expect(identity.configured).toBe(false);
    const caller = {
      identified: true,
      claims: { sub: 'u1', roles: ['admin'] },
      roles: new Set(['admin']),
      id: 'as:u1',
    };
    expect(identity.identify(http())).toEqual(caller);
    expect(identity.identify(bearer(token))).toEqual(caller);
  });
});

describe('with identity', () => {
  test('whoever shows no credentials is anonymous', () => {
    expect(world({ jwt }).configured).toBe(true);
    expect(world({ jwt, apiKeys }).identify(http({ cookie: 'a=b' }))).toEqual(anonymous);
    expect(world({ jwt, authenticate: () => undefined }).identify(http())).toEqual(anonymous);
  });

  test('whoever shows no credentials has the claims of `as`, and others their own', async () => {
    const identity = world({ jwt: { ...jwt, rolesClaim: 'groups' }, as: { sub: 'dev', groups: 'a' } });
    expect(identity.identify(http())).toMatchObject({ claims: { sub: 'dev' }, roles: new Set(['a']) });
    expect(await identity.identify(bearer(token))).toMatchObject({ claims: { sub: 'u1' } });
    expect(await refusalOf(identity, bearer('x'))).toContain('not a signed JSON Web Token');
  });

  test('a token stands for one caller, at once from the second time on', async () => {
    const identity = world({ jwt });
    const caller = await identity.identify(bearer(token));
    expect(caller).toMatchObject({ identified: true, claims: { sub: 'u1' }, roles: new Set(['admin']), id: 'jwt::u1' });
    expect(identity.identify(bearer(token))).toBe(caller);
    const socket = { transport: 'websocket', headers: {}, connectionParams: { token }, address } as const;
    expect(identity.identify(socket)).toBe(caller);
  });

  test('an API key stands for its caller', () => {
    expect(world({ jwt, apiKeys }).identify(withKey(apiKey))).toMatchObject({ id: 'key:billing' });
  });

  test('a token and an API key at once are refused, good as they may be', async () => {
    const identity = world({ jwt, apiKeys });
    const both = http({ authorization: `Bearer ${token}`, 'x-api-key': apiKey });
    expect(await refusalOf(identity, both)).toContain('Send one token or one API key.');
  });

  test.each<[string, IdentitySettings, Credentials, string]>([
    ['an unknown API key', { apiKeys }, withKey('x'), 'The API key is not known here.'],
    ['an API key where there are none', { jwt }, withKey(apiKey), 'The API key is not known here.'],
    ['a token where there are only API keys', { apiKeys }, bearer('x.y.z'), 'The token is not known here.'],
    ['a password', { jwt }, http({ authorization: 'Basic dTpw' }), 'Only bearer tokens are understood here'],
    ['an empty token', { jwt }, bearer(''), 'The token is not a signed JSON Web Token'],
  ])('%s is refused', async (_, settings, credentials, message) => {
    expect(await refusalOf(world(settings), credentials)).toContain(message);
  });

  test('the hook is asked for whatever Headgate does not recognise', async () => {
    const seen: Credentials[] = [];
    const identity = world({
      jwt,
      apiKeys,
      authenticate(credentials) {
        seen.push(credentials);
        return credentials.headers.cookie === 'session=1' || seen.length < 4 ? { id: `${seen.length}` } : undefined;
      },
    });
    const own = [
      bearer('opaque'),
      withKey('other'),
      http({ authorization: 'Basic dTpw' }),
      http({ cookie: 'session=1' }),
    ];
    for (const [index, credentials] of own.entries()) {
      expect(identity.identify(credentials)).toMatchObject({ id: `own:${index + 1}` });
    }
    expect(seen).toEqual(own);
    expect(await refusalOf(identity, bearer('opaque'))).toBe('The token is not known here.');
    // A token that is meant for Headgate gets no second chance.
    expect(await refusalOf(identity, bearer(`${token}x`))).toContain('signature is wrong');
    expect(await identity.identify(bearer(token))).toMatchObject({ id: 'jwt::u1' });
    expect(seen).toHaveLength(5);
  });
});

test('tokens that the issuer made for others are warned of', () => {
  const publicKey = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString();
  expect(world({ jwt: { publicKey } }).logged).toEqual([expect.stringContaining('jwt.audience is not set')]);
  expect(world({ jwt: { publicKey, audience: ['headgate'] } }).logged).toEqual([]);
  expect(world({ jwt }).logged).toEqual([]);
});

test('settings with mistakes are refused with all of them', () => {
  const make = (): Identity => world({ jwt: { secret: 'short', jwksUrl: 'http://login.example/keys' } });
  expect(make).toThrow(SetupError);
  expect(make).toThrow(/one kind of keys[^]*not encrypted[^]*5 bytes/);
});

describe('an identity', () => {
  test('is good until it expires', async () => {
    const identity = world({ jwt });
    const caller = await identity.identify(bearer(token));
    const expiresAtMs = startMs + 3_600_000;
    expect(caller.expiresAtMs).toBe(expiresAtMs);
    expect([expiresAtMs - 1, expiresAtMs].map((nowMs) => identity.isGood(caller, nowMs))).toEqual([true, false]);
    identity.clock.nowMs = expiresAtMs;
    expect(await refusalOf(identity, bearer(token))).toContain('The token has expired.');
  });

  test('that is revoked is refused, and so is whoever comes with it again', async () => {
    const identity = world({ jwt, apiKeys });
    const [caller, program] = [await identity.identify(bearer(token)), await identity.identify(withKey(apiKey))];
    identity.clock.nowMs += 10_000;
    const concerns = identity.revoke('sub', 'u1', identity.clock.nowMs);
    expect([caller, program].map(concerns)).toEqual([true, false]);
    // Rules compare ids as texts, and so does this.
    const numbered = { ...caller, claims: { sub: 7, teams: [8, 'x'] } };
    expect(identity.revoke('sub', '7', identity.clock.nowMs)(numbered)).toBe(true);
    expect(identity.revoke('teams', 8, identity.clock.nowMs)({ ...caller, claims: { teams: '8' } })).toBe(true);
    expect([caller, program].map((each) => identity.isGood(each, identity.clock.nowMs))).toEqual([false, true]);
    expect(await refusalOf(identity, bearer(token))).toBe('This identity is not accepted any more. Sign in again.');
    identity.revoke('sub', 'billing', identity.clock.nowMs);
    expect(await refusalOf(identity, withKey(apiKey))).toContain('not accepted any more');
    // Signed in again, a second later.
    const renewed = await signWithSecret({ sub: 'u1' }, identity.clock.nowMs + 1_000);
    expect(await identity.identify(bearer(renewed))).toMatchObject({ claims: { sub: 'u1' } });
  });
});

describe('whatever a client sends', () => {
  const text = fc.oneof(
    fc.string({ maxLength: 60 }),
    fc.constantFrom('Bearer', 'Bearer ', 'Basic dTpw', 'x.y.z', '..', 'null', 'undefined'),
    fc.stringMatching(/^[\w-]{6,30}\.[\w-]{6,30}\.[\w-]{6,30}$/),
    fc.stringMatching(/^[\w-]{20,60}$/).map((part) => `Bearer ${part}`),
    fc.nat().map((at) => `Bearer ${token.slice(0, at % token.length)}`),
    fc.nat().map((at) => `Bearer ${token.slice(at % token.length)}`),
    fc.constant(0).map(() => `Bearer ${token}`),
  );
  const anything = fc.oneof(text, fc.anything({ maxDepth: 2 }));
  const names = fc.constantFrom('authorization', 'Authorization', 'token', 'apiKey', 'headers', 'x-api-key', 'other');
  const params = fc.option(
    fc.dictionary(names, fc.oneof(anything, fc.dictionary(names, anything)), { maxKeys: 3, noNullPrototype: false }),
    { nil: undefined },
  );
  const headers = fc.dictionary(fc.constantFrom('authorization', 'x-api-key', 'cookie'), text, {
    noNullPrototype: false,
  });

  test('gives a caller or an error, and no error or log quotes it', async () => {
    const identity = world({
      jwt,
      apiKeys,
      authenticate({ connectionParams, headers: { cookie } }) {
        if (cookie === 'session') return { id: 'own' };
        if (connectionParams?.['other'] !== undefined)
          throw new Error(`cannot read ${JSON.stringify(connectionParams)}`);
        return undefined;
      },
    });
    await fc.assert(
      fc.asyncProperty(headers, params, async (given, connectionParams) => {
        const credentials = { transport: 'websocket', headers: given, connectionParams, address } as const;
        let outcome: Caller | GatewayError;
        try {
          outcome = await identity.identify(credentials);
        } catch (error) {
          expect(error).toBeInstanceOf(GatewayError);
          outcome = error as GatewayError;
        }
        if (!(outcome instanceof GatewayError)) return;
        expect(['UNAUTHENTICATED', 'OVERLOADED']).toContain(outcome.code);
        expect(outcome.cause).toBeUndefined();
        const said = `${outcome.message}${JSON.stringify(outcome.details)}`;
        const told = `${said}${identity.logged.splice(0).join()}`;
        for (const secret of secretsIn([given, connectionParams])) expect(told).not.toContain(secret);
      }),
      { numRuns: 1_000 },
    );
  });

  /** Every text, and each part of what looks like a token; short ones are words that a message may well have. */
  function secretsIn(value: unknown, seen = new Set<unknown>()): readonly string[] {
    if (typeof value === 'string') return value.split(/[ .]/).filter((part) => part.length >= 12);
    if (typeof value !== 'object' || value === null || seen.has(value)) return [];
    seen.add(value);
    return Object.values(value).flatMap((each) => secretsIn(each, seen));
  }
});
