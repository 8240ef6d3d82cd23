import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Caller } from '../../../src/model/caller.ts';
import { nobody } from '../../../src/model/caller.ts';
import { createSessions } from '../../../src/server/sessions.ts';

const dayMs = 24 * 3_600_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function callerUntil(expiresAtMs: number | undefined): Caller {
  return { ...nobody, expiresAtMs };
}

test('a session ends when the identity expires, and not before', () => {
  const sessions = createSessions(Date.now);
  const ends: string[] = [];
  sessions.open(callerUntil(Date.now() + 500), (ending) => ends.push(ending));
  vi.advanceTimersByTime(499);
  expect(ends).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(ends).toEqual(['expired']);
  expect(sessions.size).toBe(0);
});

test('a session of a year ends after a year, though a timer takes 24 days', () => {
  let looked = 0;
  const sessions = createSessions(() => {
    looked += 1;
    return Date.now();
  });
  const ends: string[] = [];
  sessions.open(callerUntil(Date.now() + 365 * dayMs), (ending) => ends.push(ending));
  vi.advanceTimersByTime(20);
  // A timer that was given more fires at once, again and again.
  expect(looked).toBe(1);
  vi.advanceTimersByTime(365 * dayMs - 21);
  expect(ends).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(ends).toEqual(['expired']);
});

test('a session whose timer does not come is overdue by the clock', () => {
  let nowMs = 999;
  const sessions = createSessions(() => nowMs);
  const session = sessions.open(callerUntil(500), () => {});
  expect(session.overdue).toBe(false);
  nowMs = 1_000;
  expect([session.overdue, sessions.size]).toEqual([true, 1]);
  expect(sessions.open(callerUntil(undefined), () => {}).overdue).toBe(false);
});

test('an identity that has expired already ends the session once whoever opens it is ready', () => {
  const sessions = createSessions(Date.now);
  const ends: string[] = [];
  sessions.open(callerUntil(Date.now() - 1), (ending) => ends.push(ending));
  expect(ends).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(ends).toEqual(['expired']);
});

test('a session that is closed, or has ended, does not end again', () => {
  const sessions = createSessions(Date.now);
  const ends: string[] = [];
  const closed = sessions.open(callerUntil(Date.now() + 500), (ending) => ends.push(ending));
  closed.close();
  const revoked = sessions.open(callerUntil(Date.now() + 500), (ending) => ends.push(ending));
  expect(sessions.revoke(() => true)).toBe(1);
  revoked.close();
  expect(sessions.revoke(() => true)).toBe(0);
  vi.advanceTimersByTime(1_000);
  expect(ends).toEqual(['revoked']);
  expect(vi.getTimerCount()).toBe(0);
});

test('a revocation ends the sessions of those it concerns', () => {
  const sessions = createSessions(Date.now);
  const ends: string[] = [];
  for (const id of ['a', 'b', 'a']) sessions.open({ ...nobody, id }, () => ends.push(id));
  expect(sessions.revoke(({ id }) => id === 'a')).toBe(2);
  expect(ends).toEqual(['a', 'a']);
  expect(sessions.size).toBe(1);
});
