import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { History, rateMs, spanMs } from '../../../src/console/history.ts';

const one = (value: number): ReadonlyMap<string, number> => new Map([['n', value]]);

function historyOf(...samples: readonly (readonly [at: number, value: number])[]): History {
  const history = new History();
  for (const [at, value] of samples) history.add(at, one(value));
  return history;
}

describe('what was true', () => {
  test('is what the last frame before said', () => {
    const history = historyOf([1_000, 5], [4_000, 9]);
    expect([999, 1_000, 3_999, 4_000, 9_000].map((at) => history.value('n', at))).toEqual([undefined, 5, 5, 9, 9]);
    expect(history.value('other', 4_000)).toBeUndefined();
  });

  test('a frame of a moment that is known takes its place', () => {
    expect(historyOf([1_000, 5], [2_000, 6], [1_500, 7]).value('n', 2_000)).toBe(7);
  });

  test('is forgotten once it is older than plots and rates go back, but for what was true when those begin', () => {
    const history = historyOf([0, 1], [1_000, 2], [spanMs + rateMs + 1_500, 3]);
    expect(history.value('n', 500)).toBeUndefined();
    expect(history.value('n', 1_500)).toBe(2);
  });
});

describe('a rate', () => {
  test('is the difference of two frames over the time between, and falls to nothing while none comes', () => {
    const history = historyOf([0, 0], [10_000, 100], [20_000, 300]);
    expect(history.rate('n', 20_000)).toBe(20);
    expect(history.rate('n', 25_000)).toBe(20);
    expect(history.rate('n', 30_000)).toBe(0);
  });

  test('is not told of less than a second', () => {
    const history = historyOf([0, 0], [900, 100]);
    expect(history.rate('n', 900)).toBeUndefined();
    expect(history.rate('n', 1_000)).toBe(100);
  });

  test('of a counter in any frames is what it grew within the time, divided by it', () => {
    const steps = fc.array(fc.record({ waitMs: fc.integer({ min: 1, max: 5_000 }), more: fc.nat(50) }), {
      minLength: 1,
    });
    fc.assert(
      fc.property(steps, fc.nat(20_000), (all, laterMs) => {
        const history = new History();
        history.add(0, one(0));
        const known: { at: number; value: number }[] = [{ at: 0, value: 0 }];
        for (const { waitMs, more } of all) {
          const { at, value } = known.at(-1) ?? { at: 0, value: 0 };
          known.push({ at: at + waitMs, value: value + more });
          history.add(at + waitMs, one(value + more));
        }
        const now = (known.at(-1)?.at ?? 0) + laterMs;
        const truth = (at: number) => known.findLast((each) => each.at <= at)?.value ?? 0;
        const since = Math.max(0, now - rateMs);
        fc.pre(now < spanMs && now - since >= 1_000);
        expect(history.rate('n', now)).toBeCloseTo(((truth(now) - truth(since)) * 1_000) / (now - since), 9);
      }),
    );
  });
});

test('a series ends with now, and is unknown where nothing was watched', () => {
  const history = historyOf([spanMs - 1_000, 7]);
  const series = history.series(4, spanMs, (at) => history.value('n', at));
  expect(series).toEqual([undefined, undefined, undefined, 7]);
});
