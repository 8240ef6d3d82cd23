import { describe, expect, test } from 'vitest';
import { Revocations } from '../../../src/identity/revocations.ts';
import type { Caller } from '../../../src/model/caller.ts';

const nowMs = 1_000_000_500;
const dayMs = 86_400_000;

function callerWith(claims: Caller['claims'], expiresAtMs?: number): Caller {
  return { identified: true, claims, roles: new Set(), id: '', expiresAtMs };
}

function revocations(onDropped: () => void = () => {}): Revocations {
  return new Revocations(onDropped);
}

describe('a revocation', () => {
  test.each<[string, string | number | boolean, Caller['claims'], boolean]>([
    ['sub', 'u1', { sub: 'u1' }, true],
    ['sub', 'u1', { sub: 'u2' }, false],
    ['sub', 'u1', {}, false],
    ['org.tenant', 't1', { org: { tenant: 't1' } }, true],
    ['groups', 'g1', { groups: ['g0', 'g1'] }, true],
    ['level', 5, { level: 5 }, true],
    ['level', '5', { level: 5 }, true],
    ['beta', true, { beta: true }, true],
    ['constructor.name', 'Object', {}, false],
  ])('of %s %j refuses %j: %s', (claim, value, claims, refuses) => {
    const all = revocations();
    const concerns = all.add(claim, value, nowMs);
    expect(concerns(callerWith(claims))).toBe(refuses);
    expect(all.isRevoked(callerWith(claims), nowMs)).toBe(refuses);
  });

  test('refuses what was issued until then, and not what is issued afterwards', () => {
    const all = revocations();
    const concerns = all.add('sub', 'u1', nowMs);
    // The second of the revocation counts as before: 1,000,000 s is when it began.
    for (const [iat, refuses] of [
      [999_999, true],
      [1_000_000, true],
      [1_000_001, false],
    ] as const) {
      expect(concerns(callerWith({ sub: 'u1', iat }))).toBe(refuses);
      expect(all.isRevoked(callerWith({ sub: 'u1', iat }), nowMs + 5_000)).toBe(refuses);
    }
  });

  test.each<[string, unknown, string | undefined]>([
    ['an earlier second', 999_999, 'older'],
    ['that very second', 1_000_000, 'perhaps newer'],
    ['a part of that second that was before', 1_000_000.25, 'older'],
    ['a part of that second that was after', 1_000_000.75, undefined],
    ['the next second', 1_000_001, undefined],
    ['nobody knows when', undefined, 'older'],
  ])('knows of what was issued in %s whether it may be newer', (_, iat, refusal) => {
    const all = revocations();
    all.add('sub', 'u1', nowMs);
    expect(all.refusal(callerWith({ sub: 'u1', iat }), nowMs)).toBe(refusal);
  });

  test('of two that refuse an identity, the one that it is surely older than counts', () => {
    for (const order of [
      [nowMs, nowMs + 10_000],
      [nowMs + 10_000, nowMs],
    ]) {
      const all = revocations();
      for (const [n, atMs] of order.entries()) all.add(`claim${n}`, 'x', atMs);
      expect(all.refusal(callerWith({ claim0: 'x', claim1: 'x', iat: 1_000_000 }), nowMs + 20_000)).toBe('older');
    }
  });

  test('refuses what does not say when it was issued', () => {
    const all = revocations();
    all.add('sub', 'u1', nowMs);
    expect(all.isRevoked(callerWith({ sub: 'u1', iat: 'yesterday' }), nowMs)).toBe(true);
  });

  test('may be made again', () => {
    const all = revocations();
    all.add('sub', 'u1', nowMs);
    all.add('sub', 'u1', nowMs + 10_000);
    expect(all.isRevoked(callerWith({ sub: 'u1', iat: 1_000_005 }), nowMs + 10_000)).toBe(true);
  });

  test('is kept for a day', () => {
    const all = revocations();
    all.add('sub', 'u1', nowMs);
    expect(all.isRevoked(callerWith({ sub: 'u1' }), nowMs + dayMs - 1)).toBe(true);
    expect(all.isRevoked(callerWith({ sub: 'u1' }), nowMs + dayMs)).toBe(false);
  });

  test('is kept for as long as tokens live', () => {
    const all = revocations();
    all.saw(callerWith({ sub: 'u1', iat: 1_000_000 }, 1_000_000_000 + 30 * dayMs), nowMs);
    all.add('sub', 'u1', nowMs);
    all.add('sub', 'u2', nowMs + 10 * dayMs);
    expect(all.isRevoked(callerWith({ sub: 'u1' }), nowMs + 29 * dayMs)).toBe(true);
    expect(all.isRevoked(callerWith({ sub: 'u1' }), nowMs + 31 * dayMs)).toBe(false);
  });

  test('refuses a token that lives for longer than any that was seen, and comes for the first time after days', () => {
    const all = revocations();
    all.add('sub', 'u1', nowMs);
    all.add('sub', 'u2', nowMs + 10 * dayMs);
    for (const expiresAtMs of [nowMs + 90 * dayMs, undefined]) {
      const comes = (iat: number) => all.isRevoked(callerWith({ sub: 'u1', iat }, expiresAtMs), nowMs + 60 * dayMs);
      expect([comes(999_999), comes(1_000_001)]).toEqual([true, false]);
    }
  });
});

test('of more than ten thousand revocations the oldest is dropped, which is told', () => {
  let dropped = 0;
  const all = revocations(() => (dropped += 1));
  for (let i = 0; i <= 10_000; i += 1) all.add('sub', `u${i}`, nowMs);
  expect(dropped).toBe(1);
  expect([0, 1, 10_000].map((i) => all.isRevoked(callerWith({ sub: `u${i}` }), nowMs))).toEqual([false, true, true]);
  // Those that have had their day make room without a word.
  all.add('sub', 'late', nowMs + dayMs);
  expect(dropped).toBe(1);
});
