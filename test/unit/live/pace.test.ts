import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Pace } from '../../../src/live/pace.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function open(restMs: number) {
  const run = vi.fn<() => void>();
  const pace = new Pace(restMs, run);
  return { pace, run };
}

test('what is due is done at once, and during the rest after it once at its end', () => {
  const { pace, run } = open(100);
  pace.due();
  expect(run).toHaveBeenCalledTimes(1);
  pace.due();
  pace.due();
  vi.advanceTimersByTime(99);
  expect(run).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(1);
  expect(run).toHaveBeenCalledTimes(2);
  vi.advanceTimersByTime(100);
  expect(run).toHaveBeenCalledTimes(2);
  pace.due();
  expect(run).toHaveBeenCalledTimes(3);
});

test('there is a timer only while it rests, and none that keeps the process', () => {
  const { pace } = open(100);
  expect(vi.getTimerCount()).toBe(0);
  const started = vi.spyOn(globalThis, 'setTimeout');
  pace.due();
  expect(vi.getTimerCount()).toBe(1);
  expect(started.mock.results.map(({ value }) => (value as NodeJS.Timeout).hasRef())).toEqual([false]);
  vi.advanceTimersByTime(100);
  expect(vi.getTimerCount()).toBe(0);
});

test('stopped, it forgets what was due', () => {
  const { pace, run } = open(100);
  pace.due();
  pace.due();
  pace.stop();
  expect(vi.getTimerCount()).toBe(0);
  vi.advanceTimersByTime(1_000);
  expect(run).toHaveBeenCalledTimes(1);
});

test('without a rest everything is done at once', () => {
  const { pace, run } = open(0);
  for (let i = 0; i < 3; i += 1) pace.due();
  expect(run).toHaveBeenCalledTimes(3);
  expect(vi.getTimerCount()).toBe(0);
});
