import { expect, test } from 'vitest';
import { defaultServerLimits } from '../../../src/config/limits.ts';
import { nobody, type Caller } from '../../../src/model/caller.ts';
import { createCallerLimits } from '../../../src/server/caller-limits.ts';
import { createRefusals } from '../../../src/server/refusals.ts';
import { TokenBucket } from '../../../src/server/token-bucket.ts';

const caller = (id: string): Caller => ({ ...nobody, id });

function createLimits(limits: Partial<typeof defaultServerLimits> = {}) {
  return createCallerLimits({ ...defaultServerLimits, ...limits }, createRefusals());
}

test('a bucket gives its burst at once, then so many a second, and says when there is more', () => {
  const bucket = new TokenBucket(2, 4, 1_000);
  expect([1, 2, 3, 4].map(() => bucket.take(1_000))).toEqual([0, 0, 0, 0]);
  expect(bucket.take(1_000)).toBe(500);
  expect(bucket.take(1_499)).toBe(1);
  expect(bucket.take(1_500)).toBe(0);
  expect(bucket.take(1_500)).toBe(500);
  expect(bucket.isFull(3_000)).toBe(false);
  expect(bucket.isFull(60_000)).toBe(true);
  // Not more than the burst, however long the pause was.
  expect([1, 2, 3, 4, 5].map(() => bucket.take(60_000))).toEqual([0, 0, 0, 0, 500]);
});

test('a clock that is set back gives nothing, and does not stop the bucket', () => {
  const bucket = new TokenBucket(1, 1, 10_000);
  expect(bucket.take(10_000)).toBe(0);
  expect(bucket.take(5_000)).toBe(1_000);
  expect(bucket.take(6_000)).toBe(0);
});

test('callers are forgotten when they have nothing open and have been quiet', () => {
  const limits = createLimits({ maxRequestsPerSecond: 1 });
  for (let n = 0; n < 1_000; n += 1) limits.request(caller(String(n)), 0);
  limits.connection(caller('connected'));
  limits.subscription(caller('subscribed'));
  limits.sweep(500);
  expect(limits.size).toBe(1_002);
  limits.sweep(2_000);
  expect(limits.size).toBe(2);
  limits.disconnected(caller('connected'));
  limits.ended(caller('subscribed'));
  limits.sweep(2_000);
  expect(limits.size).toBe(0);
});

test('ids that are made up cost bounded memory, and those that have something open are not forgotten for them', () => {
  const limits = createLimits({ maxSocketsPerCaller: 1 });
  for (let n = 0; n < 10; n += 1) limits.connection(caller(`open ${n}`));
  for (let n = 0; n < 250_000; n += 1) limits.request(caller(String(n)), 0);
  expect(limits.size).toBeLessThanOrEqual(100_000);
  for (let n = 0; n < 10; n += 1) expect(limits.connection(caller(`open ${n}`))).toBeDefined();
});

test('more open callers than are remembered are all counted', () => {
  const limits = createLimits({ maxSocketsPerCaller: 1 });
  for (let n = 0; n < 100_010; n += 1) limits.connection(caller(String(n)));
  expect(limits.size).toBe(100_010);
  expect(limits.connection(caller('0'))).toBeDefined();
});

test('who asks too often is told where the limit stands', () => {
  const limits = createLimits({ maxRequestsPerSecond: 1 });
  const messageFor = (asking: Caller): string | undefined => {
    for (let n = 0; n < 4; n += 1) limits.request(asking, 0);
    return limits.request(asking, 0)?.message;
  };
  expect(messageFor(caller('a'))).toMatch(/more than 1 operations a second.*\(setting maxRequestsPerSecond\)/);
  expect(messageFor({ ...caller('b'), requestsPerSecond: 2 })).toMatch(/\(requestsPerSecond of your key or session\)/);
});
