import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createApiKeyCallers } from '../../../src/identity/api-keys.ts';

const sha256 = (key: string): string => createHash('sha256').update(key).digest('hex');

const callers = createApiKeyCallers(
  [
    {
      name: 'billing',
      sha256: sha256('the key of billing'),
      roles: ['support'],
      claims: { tenant: 't1' },
      requestsPerSecond: 5,
    },
    { name: 'charts', sha256: sha256('the key of charts').toUpperCase(), claims: { sub: 'charts-2', groups: 'a b' } },
  ],
  'groups',
);

describe('an API key', () => {
  test('stands for a caller with the claims and roles of its entry', () => {
    expect(callers.callerOf('the key of billing')).toEqual({
      identified: true,
      claims: { sub: 'billing', tenant: 't1' },
      roles: new Set(['support']),
      id: 'key:billing',
      requestsPerSecond: 5,
    });
  });

  test('has the roles of its claims where its entry has none, and its own sub where it has one', () => {
    const caller = callers.callerOf('the key of charts');
    expect([caller?.claims['sub'], caller?.roles, caller?.id]).toEqual(['charts-2', new Set(['a', 'b']), 'key:charts']);
  });

  test('stands for the same caller every time', () => {
    expect(callers.callerOf('the key of billing')).toBe(callers.callerOf('the key of billing'));
  });

  test.each(['', 'the key of nobody', 'the key of billing ', sha256('the key of billing')])('is not %j', (key) => {
    expect(callers.callerOf(key)).toBeUndefined();
  });
});
