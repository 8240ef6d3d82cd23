import type { JWTPayload } from 'jose';
import { describe, expect, test } from 'vitest';
import { TokenCallers } from '../../../src/identity/token-callers.ts';
import { refused } from '../../../src/identity/refused.ts';
import type { Caller } from '../../../src/model/caller.ts';

/** Takes a token for its own claims, and counts how often it is asked. */
function world(rolesClaim = 'roles') {
  const verified: string[] = [];
  const withdrawn = new Set<string>();
  const clock = { nowMs: 1_000_000 };
  const callers = new TokenCallers({
    verifier: {
      async verify(token) {
        verified.push(token);
        if (withdrawn.has(token)) throw refused('withdrawn');
        return JSON.parse(token) as JWTPayload;
      },
    },
    rolesClaim,
    now: () => clock.nowMs,
  });
  return { callers, verified, withdrawn, clock };
}

const token = (claims: JWTPayload): string => JSON.stringify({ exp: 4_600, ...claims });

describe('a token', () => {
  test('is verified once, and is found from then on', async () => {
    const { callers, verified } = world();
    const found = callers.callerOf(token({ sub: 'u1' }));
    const again = callers.callerOf(token({ sub: 'u1' }));
    expect([found, again].map((each) => each instanceof Promise)).toEqual([true, true]);
    const caller = await found;
    expect(await again).toBe(caller);
    expect(callers.callerOf(token({ sub: 'u1' }))).toBe(caller);
    expect(verified).toHaveLength(1);
  });

  test('is verified again after a minute, and stands for the same caller', async () => {
    const { callers, verified, clock } = world();
    const caller = await callers.callerOf(token({ sub: 'u1' }));
    clock.nowMs += 59_999;
    expect(callers.callerOf(token({ sub: 'u1' }))).toBe(caller);
    clock.nowMs += 1;
    const again = callers.callerOf(token({ sub: 'u1' }));
    expect(again).toBeInstanceOf(Promise);
    expect(await again).toBe(caller);
    expect(verified).toHaveLength(2);
  });

  test('whose key was withdrawn is refused within a minute', async () => {
    const { callers, withdrawn, clock } = world();
    await callers.callerOf(token({ sub: 'u1' }));
    withdrawn.add(token({ sub: 'u1' }));
    clock.nowMs += 60_000;
    await expect(callers.callerOf(token({ sub: 'u1' }))).rejects.toThrow('withdrawn');
    await expect(callers.callerOf(token({ sub: 'u1' }))).rejects.toThrow('withdrawn');
  });

  test('is not remembered longer than it lives', async () => {
    const { callers, verified, clock } = world();
    await callers.callerOf(token({ exp: 1_001 }));
    clock.nowMs = 1_001_000;
    await callers.callerOf(token({ exp: 1_001 }));
    expect(verified).toHaveLength(2);
  });

  test('that is refused is not remembered', async () => {
    const { callers, verified } = world();
    await expect(callers.callerOf('no JSON')).rejects.toThrow();
    await expect(callers.callerOf('no JSON')).rejects.toThrow();
    expect(verified).toHaveLength(2);
  });

  test('is forgotten for ten thousand others that were used since', async () => {
    const { callers, verified } = world();
    const used = token({ sub: 'used' });
    const left = token({ sub: 'left' });
    const [caller] = [await callers.callerOf(used), await callers.callerOf(left)];
    for (let i = 0; i < 9_999; i += 1) {
      await callers.callerOf(token({ sub: `u${i}` }));
      expect(callers.callerOf(used)).toBe(caller);
    }
    expect(verified).toHaveLength(10_001);
    expect(callers.callerOf(left)).toBeInstanceOf(Promise);
  });
});

describe('its caller', () => {
  async function callerOf(claims: JWTPayload, rolesClaim?: string): Promise<Caller> {
    return world(rolesClaim).callers.callerOf(token(claims));
  }

  test('has its claims, and expires with it', async () => {
    expect(await callerOf({ iss: 'https://login.example', sub: 'u1', org: { tenant: 't1' } })).toEqual({
      identified: true,
      claims: { exp: 4_600, iss: 'https://login.example', sub: 'u1', org: { tenant: 't1' } },
      roles: new Set(),
      id: 'jwt:https://login.example:u1',
      expiresAtMs: 4_600_000,
    });
  });

  test('is told apart from others without a subject', async () => {
    const [one, other] = [await callerOf({ jti: '1' }), await callerOf({ jti: '2' })];
    expect(one.id).toMatch(/^jwt::#[\w-]{43}$/);
    expect(other.id).not.toBe(one.id);
  });

  test('has no limits of its own for being written in another way', async () => {
    const { callers } = world();
    const text = token({ jti: '1' });
    const [one, other] = [await callers.callerOf(text), await callers.callerOf(`${text} `)];
    expect(other.id).toBe(one.id);
  });

  test.each<[JWTPayload, string | undefined, readonly string[]]>([
    [{ roles: ['admin', 'support'] }, undefined, ['admin', 'support']],
    [{ roles: 'admin support' }, undefined, ['admin', 'support']],
    [{ scope: ' read:songs  openid ' }, 'scope', ['read:songs', 'openid']],
    [{ realm_access: { roles: ['admin'] } }, 'realm_access.roles', ['admin']],
    [{ 'https://example.com/roles': ['admin'] }, 'https://example\\.com/roles', ['admin']],
    [{ roles: ['admin', 5, null, ''] }, undefined, ['admin']],
    [{ roles: { admin: true } }, undefined, []],
    [{}, undefined, []],
    [{}, '__proto__.roles', []],
    [{}, 'constructor.name', []],
  ])('has roles: %j at %s', async (claims, path, roles) => {
    expect([...(await callerOf(claims, path)).roles]).toEqual(roles);
  });
});
