import { expect, test } from 'vitest';
import { seedFromEnvironment } from './random.ts';

const commit = () => 'c0ffee11d4e5f60718293a4b5c6d7e8f90a1b2c3';

test('the seed is the one given', () => {
  expect(seedFromEnvironment({ HEADGATE_SEED: '7', CI: 'true' }, commit)).toBe(7);
  expect(() => seedFromEnvironment({ HEADGATE_SEED: '7x' }, commit)).toThrow('not "7x"');
});

test("in CI it is the commit's, where there is one", () => {
  expect(seedFromEnvironment({ CI: 'true' }, commit)).toBe(0xc0ffee11);
  const seeds = [0, 1, 2, 3].map(() => seedFromEnvironment({ CI: 'true' }, () => undefined));
  expect(new Set(seeds).size).toBeGreaterThan(1);
});

test('elsewhere it is another one every time', () => {
  const seeds = [0, 1, 2, 3].map(() => seedFromEnvironment({}, commit));
  expect(new Set(seeds).size).toBeGreaterThan(1);
});
