import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Authenticate, AuthenticatedCaller, Credentials } from '../../../src/config/authenticate.ts';
import { createHook } from '../../../src/identity/hook.ts';
import type { Caller } from '../../../src/model/caller.ts';

const nowMs = 1_000_000;
const token = 'opaque-token-of-the-session';
const credentials: Credentials = {
  transport: 'websocket',
  headers: { cookie: 'session=s3cr3t-cookie; theme=dark', authorization: `Bearer ${token}` },
  connectionParams: { nested: { password: 'correct horse battery' } },
  address: '192.0.2.1',
};

afterEach(() => void vi.useRealTimers());

async function ask(authenticate: Authenticate) {
  const logged: string[] = [];
  const write = (message: string, facts?: object): void =>
    void logged.push(`${message} ${JSON.stringify(facts ?? {})}`);
  const log = { info: write, warn: write, error: write };
  const hook = createHook({ authenticate, rolesClaim: 'groups', now: () => nowMs, log });
  let outcome: Caller | undefined;
  let error: unknown;
  try {
    outcome = await hook(credentials);
  } catch (thrown) {
    error = thrown;
  }
  return { caller: outcome, error, logged };
}

const refusedWith = (message: string): unknown => expect.objectContaining({ code: 'UNAUTHENTICATED', message });
const notAccepted = refusedWith('The credentials are not accepted here.');

describe("the project's own hook", () => {
  test('is shown the credentials, and says who it is', async () => {
    const { caller } = await ask(({ headers }) => ({
      id: 'user-1',
      claims: { sub: 'u1', cookie: headers.cookie ?? '' },
      roles: ['admin'],
      expiresAt: new Date(nowMs + 60_000),
    }));
    expect(caller).toEqual({
      identified: true,
      claims: { sub: 'u1', cookie: credentials.headers.cookie },
      roles: new Set(['admin']),
      id: 'own:user-1',
      expiresAtMs: nowMs + 60_000,
    });
  });

  test.each<[AuthenticatedCaller, string]>([
    [{}, 'own:192.0.2.1'],
    [{ claims: { sub: 'u1' } }, 'own:u1'],
    [{ claims: { sub: 7 } }, 'own:7'],
    [{ id: 'x', claims: { sub: 'u1' } }, 'own:x'],
  ])('tells callers apart: %j', async (answer, id) => {
    expect((await ask(() => answer)).caller?.id).toBe(id);
  });

  test.each<[AuthenticatedCaller, number | undefined]>([
    [{ claims: { exp: nowMs / 1_000 + 60 } }, nowMs + 60_000],
    [{ claims: { exp: nowMs / 1_000 + 60 }, expiresAt: nowMs + 5_000 }, nowMs + 5_000],
    [{ claims: { exp: nowMs / 1_000 + 60 }, expiresAt: nowMs + 90_000 }, nowMs + 60_000],
    [{ claims: { exp: 'never' } }, undefined],
  ])('says of nobody that it outlives its token: %j', async (answer, expiresAtMs) => {
    expect((await ask(() => answer)).caller?.expiresAtMs).toBe(expiresAtMs);
  });

  test('may leave the roles to the claims', async () => {
    expect((await ask(() => ({ claims: { groups: ['a', 'b'] } }))).caller?.roles).toEqual(new Set(['a', 'b']));
  });

  test('may answer later, or not at all', async () => {
    expect((await ask(async () => ({ id: 'later' }))).caller?.id).toBe('own:later');
    for (const answer of [undefined, null, Promise.resolve(undefined)]) {
      expect(await ask(() => answer)).toEqual({ caller: undefined, error: undefined, logged: [] });
    }
  });

  test('cannot change afterwards what it said', async () => {
    const claims = { sub: 'u1', at: new Date(nowMs) };
    const { caller } = await ask(() => ({ claims }));
    claims.sub = 'u2';
    expect(caller?.claims).toEqual({ sub: 'u1', at: '1970-01-01T00:16:40.000Z' });
  });

  test('that takes too long is not waited for', async () => {
    vi.useFakeTimers();
    const asked = ask(() => new Promise(() => {}));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await asked).toMatchObject({
      error: { code: 'OVERLOADED', details: { retryable: true } },
      logged: [expect.stringContaining('took longer than 10000 ms')],
    });
  });
});

describe('a client is refused', () => {
  test.each<[string, Authenticate]>([
    [
      'throws',
      () => {
        throw new Error(`no session for ${token}, cookie s3cr3t-cookie: correct horse battery`);
      },
    ],
    ['rejects', () => Promise.reject(new Error(`bad "${token}"`))],
    [
      'throws no error',
      () => {
        throw token;
      },
    ],
  ])('where the hook %s, which is logged without the credentials', async (_, authenticate) => {
    const { error, logged } = await ask(authenticate);
    expect(error).toEqual(notAccepted);
    expect(logged).toHaveLength(1);
    expect(logged[0]).toContain('authenticate failed');
    for (const secret of [token, 's3cr3t-cookie', 'correct horse battery']) expect(logged[0]).not.toContain(secret);
  });

  test.each<[string, unknown]>([
    ['something that is no object', 'u1'],
    ['something that has none of id, claims, roles, expiresAt', []],
    ['something that has none of id, claims, roles, expiresAt', new Error('no session')],
    ['something that has none of id, claims, roles, expiresAt', { error: 'no session' }],
    ['something that has none of id, claims, roles, expiresAt', { id: undefined, claims: undefined }],
    ['an id that is no text', { id: 5 }],
    ['an id that is no text', { id: '' }],
    ['claims that are no JSON object', { claims: ['u1'] }],
    ['claims that are no JSON object', { claims: { big: 5n } }],
    ['claims that are no JSON object', { claims: null }],
    ['roles that are no list of texts', { roles: 'admin' }],
    ['roles that are no list of texts', { roles: [1] }],
    ['an expiresAt that is neither a Date nor ms since 1970', { expiresAt: '2030-01-01' }],
    ['an expiresAt that is neither a Date nor ms since 1970', { expiresAt: new Date('never') }],
  ])('where the hook answers with %s', async (what, answer) => {
    const { error, logged } = await ask(() => answer as AuthenticatedCaller);
    expect(error).toEqual(notAccepted);
    expect(logged[0]).toContain(what);
  });

  test('whose identity has expired already', async () => {
    expect((await ask(() => ({ id: 'u1', expiresAt: nowMs }))).error).toEqual(
      refusedWith('The credentials have expired. Sign in again.'),
    );
  });
});
